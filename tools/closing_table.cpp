// qfs_closing_table [--json OUT] [--markdown OUT] FILE...
//
// The table that closes `./learn`. Each FILE is what a chapter wrote with --json; its
// "models" become rows. Accuracy comes with its 95 % Wilson interval, since a few thousand
// digits leave it uncertain.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <ctime>
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

// What lies deeper than a model's latencies is left out: copying and writing JSON takes a call per
// level, and a file of brackets alone would take more than the stack holds.
bool is_shallow(int depth, Json::parse_event_t, const Json&) { return depth <= 8; }

// The models of one chapter. Throws Error when the file is missing or has another form.
Json read_models(const std::string& path) {
  constexpr std::size_t kMostBytes = 16 << 20;  // a chapter writes a few kilobytes
  const std::vector<std::byte> bytes = qfs::read_file(path, kMostBytes);
  const char* text = reinterpret_cast<const char*>(bytes.data());
  const Json content = Json::parse(text, text + bytes.size(), is_shallow, false);
  qfs::require(content.is_object() && content.contains("models") && content["models"].is_array(),
               path + " is not what a chapter writes", content.is_discarded() ? "no JSON" : "JSON",
               "an object with the list \"models\"", "write it again with --json");
  return content["models"];
}

constexpr const char* kAgain = "write the chapter's file again with --json";

// A number of `object` from 0 to `highest`. A missing name or another type is a Json::exception.
double number(const Json& object, const char* name, double highest) {
  const double value = object.at(name).get<double>();
  qfs::require(value >= 0.0 && value <= highest,
               std::string("a model's ") + name + " cannot be true", qfs::general(value, 6),
               "0 to " + qfs::general(highest, 6), kAgain);
  return value;
}

constexpr double kMany = 1e15;  // more images, bytes or microseconds than any run has

// A number of things.
std::size_t count(const Json& object, const char* name) {
  const double value = number(object, name, kMany);
  qfs::require(value == std::floor(value), std::string("a model's ") + name + " are no count",
               qfs::general(value, 6), "a whole number", kAgain);
  return static_cast<std::size_t>(value);
}

std::vector<std::string> table_row(const Json& model) {
  const double accuracy = number(model, "accuracy", 1.0);
  const auto images = count(model, "images");
  qfs::require(images > 0, "a model's accuracy is of no images", images, "at least 1", kAgain);
  const auto interval = qfs::wilson_interval(
      static_cast<std::size_t>(std::llround(accuracy * static_cast<double>(images))), images);
  const Json& latency = model.at("latency_us");
  auto milliseconds = [&](const char* batch) {
    return qfs::fixed(number(latency, batch, kMany) / 1000.0, 3);
  };
  return {model.at("model").get<std::string>(),
          qfs::fixed(100.0 * accuracy, 2) + " %",
          qfs::fixed(100.0 * interval.low, 2) + " to " + qfs::fixed(100.0 * interval.high, 2),
          qfs::bytes_text(count(model, "bytes")),
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

// Printed when all of it is made, so that a broken entry leaves no half of a table.
void print_models(const Json& models) {
  std::string text = "The models\n\n" + models_table(models).text() + "\n  " + kUnit + "\n";
  for (const std::string& note : notes(models)) text += "  " + note + "\n";
  std::fputs(text.c_str(), stdout);
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
              "model, accuracy, images, bytes, and latency_us at 1, 64 and 1000", kAgain);
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
      if (error.get_exit_code() == 0) return app.exit(error);  // --help
      qfs::fail("the options are not understood: " + std::string(error.what()), "", "",
                "qfs_closing_table --help lists them");
    }
    return closing_table(files, json_file, markdown_file);
  });
}
