#include "common/report.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

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
      csv_dir_(std::move(csv_dir)) {}

Report::~Report() = default;

void Report::figure(std::string_view name, double value) {
  content_->figures[std::string(name)] = value;
}

void Report::figure(std::string_view name, std::string_view value) {
  content_->figures[std::string(name)] = std::string(value);
}

void Report::model(const ModelRow& row) {
  content_->models.push_back(
      {{"model", row.model},
       {"accuracy", row.accuracy},
       {"bytes", row.bytes},
       {"latency_us",
        {{"1", row.latency_us_1}, {"64", row.latency_us_64}, {"1000", row.latency_us_1000}}},
       {"images", row.images}});
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

namespace {

constexpr std::string_view kElsewhere = "choose another place";

// The file that a rename may replace: where a symbolic link leads. A folder, a device or a pipe is
// an Error, since a rename would put a file in its place.
std::string replaceable(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return path;
  require(std::filesystem::is_regular_file(status), "cannot write " + path,
          "a folder, a device or a pipe", "a regular file, or a name that is free", kElsewhere);
  return std::filesystem::canonical(path).string();
}

}  // namespace

void write_file_atomically(const std::string& path, std::string_view text) {
  const std::string target = replaceable(path);
  const std::string partial = target + ".partial-" + std::to_string(::getpid());
  errno = 0;
  std::FILE* file = std::fopen(partial.c_str(), "wb");
  const bool opened = file != nullptr;
  bool written = opened && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (opened) written = std::fclose(file) == 0 && written;
  const std::string reason = std::strerror(errno);
  std::error_code error;
  if (written) std::filesystem::rename(partial, target, error);
  if (written && !error) return;
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);
  fail("cannot write " + path, error ? error.message() : reason,
       "a directory that exists, is writable and has room", kElsewhere);
}

}  // namespace qfs
