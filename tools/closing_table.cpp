// qfs_closing_table [--json OUT] FILE...
//
// The table that closes `./learn`. Each FILE is what a chapter wrote with --json; its "models"
// become rows. Accuracy comes with its 95 % Wilson interval, since a few thousand digits leave it
// uncertain.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/check.hpp"
#include "common/cli.hpp"
#include "common/print.hpp"
#include "common/report.hpp"

namespace {

using Json = nlohmann::ordered_json;

struct Interval {
  double low = 0.0, high = 0.0;
};

// The 95 % Wilson interval of a proportion p seen in n trials (n > 0): the proportions that a test
// at 5 % would not reject. 1.959964 is the 97.5 % quantile of the normal distribution.
Interval wilson(double p, double n) {
  const double z = 1.959964;
  const double z2 = z * z;
  const double middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
  const double half = z * std::sqrt(p * (1.0 - p) / n + z2 / (4.0 * n * n)) / (1.0 + z2 / n);
  return {middle - half, middle + half};
}

// The models of one chapter. Throws Error when the file is missing or has another form.
Json read_models(const std::string& path) {
  std::ifstream file(path);
  qfs::require(file.is_open(), "cannot open " + path, "", "",
               "run the chapter with --json " + path + " first");
  const Json content = Json::parse(file, nullptr, false);
  qfs::require(content.is_object() && content.contains("models") && content["models"].is_array(),
               path + " is not what a chapter writes", content.is_discarded() ? "no JSON" : "JSON",
               "an object with the list \"models\"", "write it again with --json");
  return content["models"];
}

std::vector<std::string> table_row(const Json& model) {
  const double accuracy = model.at("accuracy").get<double>();
  const double images = model.at("images").get<double>();
  qfs::require(accuracy >= 0.0 && accuracy <= 1.0 && images > 0.0,
               "a model's accuracy is no fraction",
               qfs::general(accuracy, 6) + " of " + qfs::general(images, 6) + " images",
               "0 to 1, of at least one image", "write the chapter's file again with --json");
  const auto [low, high] = wilson(accuracy, images);
  const Json& latency = model.at("latency_us");
  auto milliseconds = [&](const char* batch) {
    return qfs::fixed(latency.at(batch).get<double>() / 1000.0, 3);
  };
  return {model.at("model").get<std::string>(),
          qfs::fixed(100.0 * accuracy, 2) + " %",
          qfs::fixed(100.0 * low, 2) + " to " + qfs::fixed(100.0 * high, 2),
          qfs::bytes_text(model.at("bytes").get<std::size_t>()),
          milliseconds("1"),
          milliseconds("64"),
          milliseconds("1000")};
}

void print_models(const Json& models) {
  std::printf("The models\n\n");
  qfs::Table table(
      {"model", "accuracy", "95 % interval", "on disk", "ms, 1 digit", "64 digits", "1000 digits"});
  for (const Json& model : models) table.row(table_row(model));
  table.print();
  std::printf("\n  ms: the median time of one batch of 1, 64 or 1000 digits\n");
}

// Writes {"models": [...]} to `json_file` unless its name is empty.
void write_models(const Json& models, const std::string& json_file) {
  if (json_file.empty()) return;
  qfs::write_file_atomically(json_file, Json({{"models", models}}).dump(2) + "\n");
}

int closing_table(const std::vector<std::string>& files, const std::string& json_file) {
  Json models = Json::array();
  for (const std::string& path : files)
    for (const Json& model : read_models(path)) models.push_back(model);
  try {
    if (!models.empty()) print_models(models);
  } catch (const nlohmann::json::exception& error) {
    qfs::fail("a model's entry is incomplete", error.what(),
              "model, accuracy, images, bytes, and latency_us at 1, 64 and 1000",
              "write the chapter's file again with --json");
  }
  write_models(models, json_file);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return qfs::run_guarded([&] {
    CLI::App app("Prints the table of models from what the chapters wrote with --json.");
    std::vector<std::string> files;
    std::string json_file;
    app.add_option("files", files, "one file per chapter")->required();
    app.add_option("--json", json_file, "write the same as one JSON object to this file");
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? 0 : 2;
    }
    return closing_table(files, json_file);
  });
}
