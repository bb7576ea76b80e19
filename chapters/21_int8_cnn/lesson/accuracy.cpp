// Section 6: the test pictures and the bytes; and --full, which writes the table of all nets.
#include <cstdio>
#include <filesystem>

#include "04_mnist_mlp/mcnemar.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "21_int8_cnn/lesson/study.hpp"
#include "common/measured_table.hpp"
#include "common/print.hpp"

namespace qfs::ch21 {
namespace {

struct Variant {
  const char* name;
  int bits;
  WeightGranularity weights;
};
constexpr Variant kVariants[] = {{"int8 tensor", 8, WeightGranularity::per_tensor},
                                 {"int8 channel", 8, WeightGranularity::per_channel},
                                 {"7 bits tensor", 7, WeightGranularity::per_tensor},
                                 {"7 bits channel", 7, WeightGranularity::per_channel}};

Table empty_table() {
  return Table(
      {"net, scale per", "right", "accuracy", "95 % interval", "only float", "only this", "p"});
}

// Adds float and the four variants of one net; whether each lost no more than chance.
bool add_rows(Table& table, const TrainedNet& net, const Dataset& data, Report* report) {
  bool by_chance = true;
  add_compared(table, net.name + " float", net.by_float, nullptr, data.test.labels);
  for (const Variant& variant : kVariants) {
    const auto classes =
        classes_of(fused(net, ptq(variant.bits, variant.weights)), data.test.pixels);
    const PairedResult pair =
        add_compared(table, variant.name, classes, &net.by_float, data.test.labels);
    const bool chance = is_by_chance(pair, classes.size());
    by_chance = by_chance && chance;
    if (report != nullptr) report->figure(net.name + " " + variant.name + " p", pair.p);
  }
  return by_chance;
}

}  // namespace

void accuracy(const Study& study, Lesson& lesson) {
  section(6, "The test pictures: float against integers, and the bytes");
  Table table = empty_table();
  bool by_chance = true;
  for (const TrainedNet& net : study.nets)
    by_chance = add_rows(table, net, study.data, &lesson.report) && by_chance;
  table.print();
  if (lesson.options.is_default_run())
    lesson.claims.expect(by_chance,
                         "each against float: chance (p > 0.05), at most 0.5 points lost");
  bool small_enough = true;
  for (const TrainedNet& net : study.nets) {
    const std::size_t whole = bytes_of_floats(net.folded);
    const QuantizedNet per_channel = fused(net, ptq(8, WeightGranularity::per_channel));
    std::size_t parameters = 0;
    for (const Weights& weights : per_channel.weights)
      parameters +=
          weights.weight.q.size() + 4 * weights.weight.scale.size() + 4 * weights.bias.size();
    std::printf("  %-16s  float %zu bytes; integers per channel %zu (%s); model file %zu\n",
                net.name.c_str(), whole, parameters, percent(parameters, whole).c_str(),
                bytes_on_disk(per_channel));
    if (net.name != "small_mnist") small_enough = small_enough && 1000 * parameters <= 265 * whole;
    lesson.report.figure(net.name + " parameter_share",
                         static_cast<double>(parameters) / static_cast<double>(whole));
  }
  lesson.claims.expect(small_enough, "the residual net's parameters: at most 26.5 % of float");
}

void all_nets(const Options& options, const std::string& tables) {
  Table table = empty_table();
  const Dataset mnist = load_dataset(options.data_dir == kFashionDir ? "" : options.data_dir);
  for (const char* name : {"small_mnist", "residual_mnist"})
    add_rows(table, make_net(name, mnist), mnist, nullptr);
  if (std::filesystem::exists(kFashionDir)) {
    const Dataset fashion = load_dataset(kFashionDir);
    add_rows(table, make_net("residual_fashion", fashion), fashion, nullptr);
  } else {
    std::fprintf(stderr, "no Fashion-MNIST here: apt-get install dataset-fashion-mnist\n");
  }
  std::printf("\n");
  table.print();
  write_measured_table(
      tables, "accuracy", table,
      "Chapter 20's committed nets, calibrated on the first 1000 training pictures "
      "by min-max, on all test pictures of their data; p is McNemar's, against "
      "float.");
}

}  // namespace qfs::ch21
