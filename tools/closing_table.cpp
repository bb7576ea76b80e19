// qfs_closing_table [--json OUT] [--markdown OUT] FILE...
//
// The table that closes `./learn`. Each FILE is what a chapter wrote with --json; its
// "models" become rows. Accuracy comes with its 95 % Wilson interval, since a few thousand
// digits leave it uncertain.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "common/bytes.hpp"
#include "common/check.hpp"
#include "common/cli.hpp"
#include "common/cpu.hpp"
#include "common/print.hpp"

namespace {

using Json = nlohmann::ordered_json;

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
  const auto interval = qfs::wilson_interval(
      static_cast<std::size_t>(std::lround(accuracy * images)), static_cast<std::size_t>(images));
  const Json& latency = model.at("latency_us");
  auto milliseconds = [&](const char* batch) {
    return qfs::fixed(latency.at(batch).get<double>() / 1000.0, 3);
  };
  return {model.at("model").get<std::string>(),
          qfs::fixed(100.0 * accuracy, 2) + " %",
          qfs::fixed(100.0 * interval.low, 2) + " to " + qfs::fixed(100.0 * interval.high, 2),
          qfs::bytes_text(model.at("bytes").get<std::size_t>()),
          milliseconds("1"),
          milliseconds("64"),
          milliseconds("1000")};
}

qfs::Table models_table(const Json& models) {
  qfs::Table table(
      {"model", "accuracy", "95 % interval", "on disk", "ms, 1 digit", "64 digits", "1000 digits"});
  for (const Json& model : models) table.row(table_row(model));
  return table;
}

constexpr const char* kUnit = "ms: the median time of one batch of 1, 64 or 1000 digits";

// "model: note" of every model that has one.
std::vector<std::string> notes(const Json& models) {
  std::vector<std::string> lines;
  for (const Json& model : models)
    if (model.contains("note"))
      lines.push_back(model.at("model").get<std::string>() + ": " +
                      model.at("note").get<std::string>());
  return lines;
}

void print_models(const Json& models) {
  std::printf("The models\n\n");
  models_table(models).print();
  std::printf("\n  %s\n", kUnit);
  for (const std::string& note : notes(models)) std::printf("  %s\n", note.c_str());
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  char date[16] = "";
  std::strftime(date, sizeof date, "%Y-%m-%d", std::gmtime(&now));
  return date;
}

// The table for the front page, with the machine it was measured on; nothing if `path` is empty.
void write_markdown(const Json& models, const std::string& path) {
  if (path.empty()) return;
  std::string text = models_table(models).markdown() + "\n" + kUnit + "; one thread. ";
  for (const std::string& note : notes(models)) text += note + ". ";
  qfs::write_file_atomically(path, text + qfs::cpu_text() + "; -O3; " + today() + ".\n");
}

// Writes {"models": [...]} to `json_file` unless its name is empty.
void write_models(const Json& models, const std::string& json_file) {
  if (json_file.empty()) return;
  qfs::write_file_atomically(json_file, Json({{"models", models}}).dump(2) + "\n");
}

int closing_table(const std::vector<std::string>& files, const std::string& json_file,
                  const std::string& markdown_file) {
  for (const std::string& place : {json_file, markdown_file})
    if (!place.empty()) qfs::require_file_place(place);
  Json models = Json::array();
  for (const std::string& path : files)
    for (const Json& model : read_models(path)) models.push_back(model);
  try {
    if (!models.empty()) print_models(models);
    write_markdown(models, markdown_file);
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
    std::string json_file, markdown_file;
    app.add_option("files", files, "one file per chapter")->required();
    app.add_option("--json", json_file, "write the same as one JSON object to this file");
    app.add_option("--markdown", markdown_file, "write the table for the front page to this file");
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? 0 : 2;
    }
    return closing_table(files, json_file, markdown_file);
  });
}
