// Section 9, with --full: the formats again on five nets of five seeds.
#include <algorithm>
#include <cstdio>

#include "04_mnist_mlp/pretrained.hpp"
#include "19_number_formats/lesson/study.hpp"
#include "common/measured_table.hpp"
#include "common/print.hpp"

namespace qfs::ch19 {
namespace {

// Per format, a value a seed; the digits that one net alone gets right, over all seeds.
struct Results {
  std::vector<double> bits, sqnr_db, over_int4_32, right, lost, flips;
  std::size_t only_float = 0, only_it = 0, only_channel = 0, only_it_not_channel = 0;
};
using AllResults = std::array<Results, kFormats.size()>;

double percent_right(std::span<const std::uint8_t> classes, std::span<const std::uint8_t> labels) {
  return 100.0 * static_cast<double>(count_correct(classes, labels)) /
         static_cast<double>(labels.size());
}

void add(AllResults& results, const Mlp& mlp, const TestDigits& test) {
  const std::vector<std::uint8_t> by_float = classify_ref(mlp, test.pixels);
  const double reference = stored_net(mlp, kFormats[int4_32]).sqnr_db();
  const auto by_channel = classify_ref(stored_net(mlp, kFormats[int4_channel]).mlp, test.pixels);
  for (std::size_t f = 0; f < kFormats.size(); ++f) {
    const StoredNet net = stored_net(mlp, kFormats[f]);
    const std::vector<std::uint8_t> classes = classify_ref(net.mlp, test.pixels);
    const PairedResult pair = compare_classes(by_float, classes, test.labels);
    const PairedResult channel = compare_classes(by_channel, classes, test.labels);
    Results& r = results[f];
    r.bits.push_back(net.bits_each());
    r.sqnr_db.push_back(net.sqnr_db());
    r.over_int4_32.push_back(net.sqnr_db() - reference);
    r.right.push_back(percent_right(classes, test.labels));
    r.lost.push_back(percent_right(by_float, test.labels) - r.right.back());
    r.flips.push_back(static_cast<double>(pair.classes_differ));
    r.only_float += pair.only_a;
    r.only_it += pair.only_b;
    r.only_channel += channel.only_a;
    r.only_it_not_channel += channel.only_b;
  }
}

Table table_of(const AllResults& results) {
  Table table({"format", "bits", "SQNR, dB", "over int4, 32", "right", "float has more", "p",
               "flips", "p, int4 channel"});
  for (std::size_t f = 0; f < kFormats.size(); ++f) {
    const Results& r = results[f];
    table.row({kFormats[f].name, fixed(r.bits[0], 2), text_of(mean_interval(r.sqnr_db)),
               f == int4_32 ? "" : text_of(mean_interval(r.over_int4_32)),
               text_of(mean_interval(r.right)), text_of(mean_interval(r.lost)),
               p_text(mcnemar_p(r.only_float, r.only_it)), fixed(mean_interval(r.flips).mean, 1),
               f == int4_channel ? "" : p_text(mcnemar_p(r.only_channel, r.only_it_not_channel))});
  }
  return table;
}

}  // namespace

void all_seeds(const Study& study, const std::string& tables, Lesson& lesson) {
  section(9, "Five nets of five seeds, mean and 95 % interval");
  AllResults results;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Rng rng(seed);
    Mlp mlp = make_recipe_net(study.data.train, rng);
    train_mlp(mlp, study.data.train, {.label = "training a float net"}, rng);
    add(results, mlp, study.data.test);
  }
  const Table table = table_of(results);
  table.print();
  if (lesson.options.data_dir.empty()) {
    const auto gain = [&](Which f) { return mean_interval(results[f].over_int4_32); };
    lesson.claims.expect(
        gain(q4_0).mean > gain(q4_0).half && gain(nf4).mean > gain(nf4).half &&
            -gain(e2m1_32).mean > gain(e2m1_32).half,
        "four bits and a scale: Q4_0 and NF4 are above int4 in groups of 32, E2M1 below");
    double smallest = 1.0;
    for (const Results& r : results)
      smallest = std::min({smallest, mcnemar_p(r.only_float, r.only_it),
                           mcnemar_p(r.only_channel, r.only_it_not_channel)});
    lesson.claims.expect(smallest > kCounts,
                         "no format differs from float, nor from int4 per channel, by more than "
                         "chance, over the five nets");
  }
  write_measured_table(
      tables, "formats", table,
      "Seeds 1 to 5, each a float training of chapter 04; paired by seed. p: McNemar "
      "against float, and against int4 per channel, the seeds' digits pooled (2000 digits, "
      "the same in every seed).");
}

}  // namespace qfs::ch19
