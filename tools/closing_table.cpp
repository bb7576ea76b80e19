// qfs_closing_table [--json OUT] [--markdown OUT] FILE...
// qfs_closing_table --check [--json OUT] [--markdown OUT]     whether these can be written
//
// The table that closes `./learn`. Each FILE is what a chapter wrote with --json; its "models"
// become rows, a table for each net and data, with a column for each size of batch that was timed.
// Accuracy comes with its 95 % Wilson interval, since a few thousand digits leave it uncertain, and
// with the flips: the images whose class is not the one that fp32 gives them.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "common/bytes.hpp"
#include "common/check.hpp"
#include "common/cli.hpp"
#include "common/cpu.hpp"
#include "common/measured_table.hpp"
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

// The models of one net, tested on the same data.
struct Group {
  std::string name;  // "784-100-100-10 on MNIST, bundled"; what a model does not say is left out
  std::vector<Json> models;  // in the order of the chapters
};

// A text of `object` that may be left out.
std::string text_of(const Json& object, const char* name) {
  return object.contains(name) ? object.at(name).get<std::string>() : "";
}

std::string group_name(const Json& model) {
  const std::string net = text_of(model, "net"), data = text_of(model, "data");
  return net + (net.empty() || data.empty() ? "" : " on ") + data;
}

// In the order of their first models.
std::vector<Group> groups_of(const Json& models) {
  std::vector<Group> groups;
  std::map<std::pair<std::string, std::string>, std::size_t> index;
  for (const Json& model : models) {
    const auto key = std::pair(text_of(model, "net"), text_of(model, "data"));
    const auto [found, is_new] = index.try_emplace(key, groups.size());
    if (is_new) groups.push_back({group_name(model), {}});
    groups[found->second].models.push_back(model);
  }
  return groups;
}

// The size of a batch, which is the name of its time: "64".
std::size_t batch_size(const std::string& name) {
  const bool is_plain = !name.empty() && name.size() <= 9 && name[0] != '0' &&
                        name.find_first_not_of("0123456789") == std::string::npos;
  qfs::require(is_plain, "a latency's name is no size of a batch", name, "1 to 999999999", kAgain);
  return std::stoul(name);
}

// A model's latencies in ms by the size of the batch.
std::map<std::size_t, double> latencies(const Json& model) {
  std::map<std::size_t, double> result;
  const Json& latency = model.at("latency_us");
  qfs::require(latency.is_object(), "a model's latency_us is no object", latency.type_name(),
               "an object from size of batch to time", kAgain);
  for (const auto& [name, _] : latency.items())
    result[batch_size(name)] = number(latency, name.c_str(), kMany) / 1000.0;
  return result;
}

// The sizes that occur among the models, in order.
std::vector<std::size_t> batches_of(const std::vector<Json>& models) {
  constexpr std::size_t kMostColumns = 16;
  std::map<std::size_t, double> all;
  for (const Json& model : models) {
    all.merge(latencies(model));
    qfs::require(all.size() <= kMostColumns, "there are too many sizes of batches for a table",
                 all.size(), "at most 16", "let every chapter time the same ones");
  }
  std::vector<std::size_t> sizes;
  for (const auto& [size, _] : all) sizes.push_back(size);
  return sizes;
}

// How many images have another class than fp32 gives them; "-" where the model does not say.
std::string flips_text(const Json& model, std::size_t images) {
  if (!model.contains("flips")) return "-";
  const std::size_t flips = count(model, "flips");
  qfs::require(flips <= images, "a model's flips are more than its images", flips,
               "at most " + std::to_string(images), kAgain);
  return std::to_string(flips);
}

std::vector<std::string> table_row(const Json& model, const std::vector<std::size_t>& batches) {
  const double accuracy = number(model, "accuracy", 1.0);
  const auto images = count(model, "images");
  qfs::require(images > 0, "a model's accuracy is of no images", images, "at least 1", kAgain);
  const auto interval = qfs::wilson_interval(
      static_cast<std::size_t>(std::llround(accuracy * static_cast<double>(images))), images);
  std::vector<std::string> row = {
      model.at("model").get<std::string>(), qfs::percent(accuracy),
      qfs::fixed(100.0 * interval.low, 2) + " to " + qfs::fixed(100.0 * interval.high, 2),
      flips_text(model, images), qfs::bytes_text(count(model, "bytes"))};
  const auto times = latencies(model);
  for (std::size_t batch : batches) {
    const auto time = times.find(batch);
    row.push_back(time == times.end() ? "-" : qfs::fixed(time->second, 3));
  }
  return row;
}

qfs::Table models_table(const std::vector<Json>& models) {
  const std::vector<std::size_t> batches = batches_of(models);
  std::vector<std::string> header = {"model", "accuracy", "95 % interval", "flips", "on disk"};
  for (std::size_t batch : batches)
    header.push_back((batch == batches.front() ? "ms, " : "") + std::to_string(batch) +
                     (batch == 1 ? " digit" : " digits"));
  qfs::Table table(header);
  for (const Json& model : models) table.row(table_row(model, batches));
  return table;
}

constexpr const char* kUnit =
    "flips: digits whose class is not fp32's; ms: the median time of one batch of so many digits";

// "model: note" of every model that has one.
std::vector<std::string> notes(const std::vector<Json>& models) {
  std::vector<std::string> lines;
  for (const Json& model : models)
    if (const std::string note = text_of(model, "note"); !note.empty())
      lines.push_back(model.at("model").get<std::string>() + ": " + note);
  return lines;
}

// What the terminal shows: "The models: net on data" and its table; or, where there are several
// nets, "The models", and each name above its table.
std::string plain_text(const std::vector<Group>& groups) {
  const bool is_one = groups.size() == 1;
  std::string text = "The models";
  if (is_one && !groups[0].name.empty()) text += ": " + groups[0].name;
  text += "\n\n";
  for (const Group& group : groups) {
    if (!is_one)
      text += "  " + (group.name.empty() ? "of a net without a name" : group.name) + "\n\n";
    text += models_table(group.models).text() + "\n";
    const std::vector<std::string> lines = notes(group.models);
    for (const std::string& note : lines) text += "  " + note + "\n";
    if (!lines.empty()) text += "\n";
  }
  return text + "  " + kUnit + "\n";
}

// The same for the front page, with the machine it was measured on.
std::string markdown(const std::vector<Group>& groups) {
  std::string text;
  for (const Group& group : groups) {
    if (!group.name.empty()) text += "**" + group.name + "**\n\n";
    text += models_table(group.models).markdown() + "\n";
    const std::vector<std::string> lines = notes(group.models);
    for (const std::string& note : lines) text += (note == lines.front() ? "" : " ") + note + ".";
    if (!lines.empty()) text += "\n\n";
  }
  return text + kUnit + "; one thread. " + qfs::cpu_text() + "; -O3; " + qfs::today() + ".\n";
}

// Writes {"models": [...]} to `json_file` unless its name is empty.
void write_models(const Json& models, const std::string& json_file) {
  if (json_file.empty()) return;
  qfs::write_file_atomically(json_file, Json({{"models", models}}).dump(2) + "\n");
}

struct Arguments {
  std::vector<std::string> files;
  std::string json_file{}, markdown_file{};  // empty: not asked for
  bool only_check = false;
};

// Both are made before anything is printed, so that a broken entry leaves no half of a table.
int closing_table(const Arguments& arguments) {
  for (const std::string& place : {arguments.json_file, arguments.markdown_file})
    if (!place.empty()) qfs::require_file_place(place);
  if (arguments.only_check) return 0;
  Json models = Json::array();
  for (const std::string& path : arguments.files)
    for (const Json& model : read_models(path)) models.push_back(model);
  std::string for_people, for_front_page;
  try {
    const std::vector<Group> groups = groups_of(models);
    if (!groups.empty()) for_people = plain_text(groups);
    for_front_page = markdown(groups);
  } catch (const nlohmann::json::exception& error) {
    qfs::fail("a model's entry is incomplete", error.what(),
              "model, accuracy, images, bytes and latency_us; net, data and note are texts",
              kAgain);
  }
  std::fputs(for_people.c_str(), stdout);
  if (!arguments.markdown_file.empty())
    qfs::write_file_atomically(arguments.markdown_file, for_front_page);
  write_models(models, arguments.json_file);
  return 0;
}

constexpr const char* kUsage =
    "usage: qfs_closing_table [--json OUT] [--markdown OUT] FILE...\n"
    "Prints the table of models from what the chapters wrote with --json: one FILE per chapter.\n"
    "  --json OUT      write the same as one JSON object to this file\n"
    "  --markdown OUT  write the table for the front page to this file\n"
    "  --check         only see whether these files can be written\n";

[[noreturn]] void not_understood(const std::string& problem) {
  qfs::fail("the options are not understood: " + problem, "", "",
            "qfs_closing_table --help lists them");
}

// The value of the option `words[i]`: behind its "=", or the next word, to which `i` goes on.
std::string value_of(const std::vector<std::string>& words, std::size_t& i) {
  const std::size_t equals = words[i].find('=');
  if (equals != std::string::npos) return words[i].substr(equals + 1);
  if (i + 1 == words.size()) not_understood(words[i] + " lacks its value");
  return words[++i];
}

Arguments parse(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string name = words[i].substr(0, words[i].find('='));
    if (!name.starts_with("-")) {
      arguments.files.push_back(words[i]);
      continue;
    }
    if (words[i] == "--check") {
      arguments.only_check = true;
      continue;
    }
    if (name != "--json" && name != "--markdown") not_understood("there is no " + words[i]);
    std::string& file = name == "--json" ? arguments.json_file : arguments.markdown_file;
    if (!file.empty()) not_understood(name + " is given twice");
    file = value_of(words, i);
    if (file.empty()) not_understood(name + ": the value is empty");
  }
  if (arguments.files.empty() && !arguments.only_check) not_understood("no file is named");
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  return qfs::run_guarded([&] {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (std::ranges::find(words, "--help") == words.end()) return closing_table(parse(words));
    std::fputs(kUsage, stdout);
    return 0;
  });
}
