// The command line every lesson understands, and its exit codes:
// 0 done, 1 a claim of the lesson is false, 2 bad usage or missing or broken data.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>

#include "common/check.hpp"
#include "common/report.hpp"

namespace qfs {

struct Options {
  std::string data_dir;     // --data: folder of four IDX files; empty means the bundled digits
  std::string weights_dir;  // --weights: .npy weights of an MLP; empty means datasets/pretrained
  std::uint64_t seed = 1;   // --seed
  int threads = 1;          // --threads, for BLAS
  bool trace = false;       // --trace: one number end to end
  bool quick = false;       // --quick: less work; the claims about accuracy are left out

  // Whether the claims that hold for the bundled digits and the default seed may be made.
  bool is_default_run() const {
    return data_dir.empty() && weights_dir.empty() && seed == 1 && !quick;
  }
};

// What the digits of a run are called: "MNIST, bundled", "Fashion-MNIST", or the folder of --data.
std::string data_name(const Options& options);

// What the body of a lesson works with.
struct Lesson {
  const Options& options;
  Claims& claims;
  Report& report;
};

class Program {
 public:
  // name: "01 Affine math"; goal: one sentence for --help.
  Program(std::string name, std::string goal);
  ~Program();

  // An option of this lesson alone, e.g. option("--tensor", path, "an .npy of your own"). Numbers
  // are decimal. A text may name what is read: nothing is written there.
  void option(const std::string& flag, std::string& value, const std::string& help);
  void option(const std::string& flag, int& value, const std::string& help, int low, int high);
  void option(const std::string& flag, double& value, const std::string& help, double low,
              double high);
  void flag(const std::string& flag, bool& value, const std::string& help);
  // The same for a place to write to; one that cannot be written is refused before the lesson.
  void output_file(const std::string& flag, std::string& value, const std::string& help);
  void output_dir(const std::string& flag, std::string& value, const std::string& help);

  // An option that would be ignored is refused: `flag` without `other`, or `flag` beside one of
  // `others`. All of them must be known already.
  void needs(const std::string& flag, const std::string& other);
  void excludes(const std::string& flag, std::initializer_list<const char*> others);

  // `prepare` runs when the options are known; what it returns stands beside the CPU on stderr.
  void before_lesson(std::function<std::string(const Options&)> prepare);

  // Parses, prints the title, runs the body, writes the report; returns the exit code of main.
  int run(int argc, char** argv, const std::function<void(Lesson&)>& body);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

// For tools without a lesson: runs `body` and turns an Error into a message on stderr and code 2.
int run_guarded(const std::function<int()>& body);

}  // namespace qfs
