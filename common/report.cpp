#include "common/report.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/bytes.hpp"
#include "common/check.hpp"
#include "common/print.hpp"

namespace qfs {

struct Report::Content {
  nlohmann::ordered_json figures = nlohmann::ordered_json::object();
  nlohmann::ordered_json models = nlohmann::ordered_json::array();
};

Report::Report(std::string json_file, std::string csv_dir)
    : content_(std::make_unique<Content>()),
      json_file_(std::move(json_file)),
      csv_dir_(std::move(csv_dir)) {
  if (!json_file_.empty()) require_file_place(json_file_);
  if (wants_csv()) require_directory_place(csv_dir_);
}

Report::~Report() = default;

void Report::figure(std::string_view name, double value) {
  content_->figures[std::string(name)] = value;
}

void Report::figure(std::string_view name, std::string_view value) {
  content_->figures[std::string(name)] = std::string(value);
}

void Report::model(const ModelRow& row) {
  nlohmann::ordered_json latency = nlohmann::ordered_json::object();
  for (const auto& [batch, microseconds] : row.latency_us)
    latency[std::to_string(batch)] = microseconds;
  nlohmann::ordered_json model = {{"model", row.model},   {"net", row.net},
                                  {"data", row.data},     {"accuracy", row.accuracy},
                                  {"bytes", row.bytes},   {"latency_us", latency},
                                  {"images", row.images}, {"flips", row.flips}};
  if (!row.note.empty()) model["note"] = row.note;
  content_->models.push_back(model);
}

void Report::csv(const std::string& name, const std::vector<std::string>& header,
                 const std::vector<std::vector<double>>& rows) const {
  if (!wants_csv()) return;
  std::error_code error;
  std::filesystem::create_directories(csv_dir_, error);
  std::string text;
  for (std::size_t c = 0; c < header.size(); ++c) text += (c > 0 ? "," : "") + header[c];
  text += "\n";
  for (const auto& cells : rows) {
    require(cells.size() == header.size(), "a CSV row has the wrong number of cells", cells.size(),
            header.size(), "give one number for every column of " + name);
    for (std::size_t c = 0; c < cells.size(); ++c)
      text += (c > 0 ? "," : "") + general(cells[c], 9);
    text += "\n";
  }
  write_file_atomically(csv_dir_ + "/" + name + ".csv", text);
}

void Report::write_json() const {
  if (json_file_.empty()) return;
  const nlohmann::ordered_json all = {{"models", content_->models}, {"figures", content_->figures}};
  write_file_atomically(json_file_, all.dump(2) + "\n");
}

}  // namespace qfs
