// What a lesson leaves for machines: figures in one JSON object, curves as CSV files.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace qfs {

// One row of the table that closes `./learn`.
struct ModelRow {
  std::string model;       // fp32, static_ptq, fused_ptq, dynamic, qat; with _avx2 or _vnni
  std::string net{};       // what was quantized: "784-100-100-10"
  std::string data{};      // the digits it was tested on: "MNIST (bundled)", or a folder
  double accuracy = 0.0;   // fraction of the test images
  std::size_t images = 0;  // how many test images
  std::size_t flips = 0;   // of these, how many have another class than fp32 gives them
  std::size_t bytes = 0;   // stat() of the files on disk
  std::map<std::size_t, double> latency_us{};  // batch size: median microseconds
  std::string note{};  // what one must know to compare it; printed below the table, may be empty
};

// Collects a lesson's figures. Nothing is written unless --json or --csv asked for it.
class Report {
 public:
  // Empty paths mean "not asked for". The directory of CSV files is created when first needed.
  // Throws Error at once where one of them cannot be written.
  Report(std::string json_file, std::string csv_dir);
  ~Report();

  void figure(std::string_view name, double value);
  void figure(std::string_view name, std::string_view value);
  void model(const ModelRow& row);

  bool wants_csv() const { return !csv_dir_.empty(); }
  // Writes csv_dir/name.csv with the given header and rows ("%.9g"); does nothing without --csv.
  void csv(const std::string& name, const std::vector<std::string>& header,
           const std::vector<std::vector<double>>& rows) const;
  // Writes the JSON file, atomically; throws Error when it cannot.
  void write_json() const;

 private:
  struct Content;
  std::unique_ptr<Content> content_;
  std::string json_file_, csv_dir_;
};

}  // namespace qfs
