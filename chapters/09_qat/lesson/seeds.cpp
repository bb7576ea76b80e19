// Sections 9 and 10 of the lesson, with --full: everything again on five nets of five seeds.
#include <algorithm>
#include <cstdio>

#include "04_mnist_mlp/mean_interval.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "09_qat/lesson/study.hpp"
#include "common/measured_table.hpp"
#include "common/print.hpp"
#include "common/report.hpp"

namespace qfs::ch09 {
namespace {

constexpr int kBits[] = {8, 6, 4, 3, 2};
constexpr WeightGranularity kGranularities[] = {WeightGranularity::per_tensor,
                                                WeightGranularity::per_channel};

// QAT against a PTQ: the points it gains, a value per seed, and the digits that one alone gets
// right.
struct Against {
  std::vector<double> right, gain;  // percent, points
  std::size_t only_qat = 0, only_ptq = 0;
};

void add_to(Against& against, const Start& start, std::span<const std::uint8_t> ptq,
            std::span<const std::uint8_t> qat) {
  const PairedResult pair = compare_classes(ptq, qat, *start.labels);
  against.right.push_back(percent_right(start, ptq));
  against.gain.push_back(percent_right(start, qat) - against.right.back());
  against.only_qat += pair.only_b;
  against.only_ptq += pair.only_a;
}

// One number of bits and one granularity. as_long: PTQ of the control.
struct Cell {
  std::vector<double> qat;
  Against ptq, as_long;
};

struct Seeds {
  std::vector<double> as_float, control;
  double smallest_p = 1.0, most_lost = -100.0;  // of 8 bits against the control in float
  std::vector<Cell> cells = std::vector<Cell>(std::size(kBits) * 2);
};

void add_to(Seeds& seeds, const Start& start, const Recipe& recipe) {
  const Start control = train_control(start, recipe);
  seeds.as_float.push_back(percent_right(start, start.by_float));
  seeds.control.push_back(percent_right(start, control.by_float));
  std::size_t index = 0;
  for (int bits : kBits)
    for (auto weights : kGranularities) {
      const QatOptions options = in_bits(bits, recipe.scales, weights);
      const auto qat = train_from(start, options, recipe).classes;
      Cell& cell = seeds.cells[index++];
      cell.qat.push_back(percent_right(start, qat));
      add_to(cell.ptq, start, classes_by_ptq(start, options), qat);
      add_to(cell.as_long, start, classes_by_ptq(control, options), qat);
      if (bits != 8) continue;
      const PairedResult pair = compare_classes(control.by_float, qat, *start.labels);
      seeds.smallest_p = std::min(seeds.smallest_p, pair.p);
      seeds.most_lost = std::max(seeds.most_lost, seeds.control.back() - cell.qat.back());
    }
}

// A variant of the recipe on one net, in percent right.
struct Variant {
  const char* name;
  ScaleSource scales;
  bool clip_mask;
  std::optional<int> observe_epochs{};
};
constexpr Variant kVariants[] = {{"frozen from PTQ", ScaleSource::frozen, true},
                                 {"moving average", ScaleSource::observed, true},
                                 {"the same, frozen after epoch 1", ScaleSource::observed, true, 1},
                                 {"learned (LSQ)", ScaleSource::learned, true},
                                 {"the same, no clip mask", ScaleSource::learned, false}};
constexpr int kVariantBits[] = {8, 4, 3, 2};

using VariantCells = std::vector<std::vector<double>>;  // variant x bits, a value per seed

void add_variants(VariantCells& cells, const Start& start, const Recipe& recipe) {
  std::size_t index = 0;
  for (const Variant& variant : kVariants)
    for (int bits : kVariantBits) {
      QatOptions options = in_bits(bits, variant.scales);
      options.clip_mask = variant.clip_mask;
      options.observe_epochs = variant.observe_epochs;
      cells[index++].push_back(percent_right(start, train_from(start, options, recipe).classes));
    }
}

// A seed is a float training of its own, as chapter 04 does it.
Start trained_by_seed(const Study& study, std::uint64_t seed) {
  Rng rng(seed);
  Mlp mlp = make_recipe_net(study.data.train, rng);
  train_mlp(mlp, study.data.train, {.label = "training a float net"}, rng);
  return make_start(study.data.train, study.data.test.pixels, study.data.test.labels,
                    std::move(mlp), seed);
}

std::string pooled_p(const Against& against) {
  return p_text(mcnemar_p(against.only_ptq, against.only_qat));
}

Table table_of(const Seeds& seeds) {
  Table table({"bits", "weights", "QAT", "PTQ", "QAT gains", "p", "PTQ, trained as long",
               "QAT gains", "p"});
  std::size_t index = 0;
  for (int bits : kBits)
    for (auto weights : kGranularities) {
      const Cell& cell = seeds.cells[index++];
      const bool per_tensor = weights == WeightGranularity::per_tensor;
      std::vector<std::string> row = {std::to_string(bits),
                                      per_tensor ? "per tensor" : "per channel",
                                      text_of(mean_interval(cell.qat))};
      for (const Against* against : {&cell.ptq, &cell.as_long})
        row.insert(row.end(), {text_of(mean_interval(against->right)),
                               text_of(mean_interval(against->gain)), pooled_p(*against)});
      table.row(row);
    }
  return table;
}

Table table_of(const VariantCells& cells) {
  Table table({"scales", "8 bits", "4 bits", "3 bits", "2 bits"});
  std::size_t index = 0;
  for (const Variant& variant : kVariants) {
    std::vector<std::string> row = {variant.name};
    for (std::size_t b = 0; b < std::size(kVariantBits); ++b)
      row.push_back(text_of(mean_interval(cells[index++])));
    table.row(row);
  }
  return table;
}

void write_csv(const Seeds& seeds, const Lesson& lesson) {
  std::vector<std::string> header = {"bits", "float", "control"};
  for (const char* name : {"ptq_tensor", "qat_tensor", "ptq_channel", "qat_channel"})
    for (const char* part : {"", "_half"}) header.push_back(std::string(name) + part);
  std::vector<std::vector<double>> rows;
  for (std::size_t b = 0; b < std::size(kBits); ++b) {
    std::vector<double> row = {static_cast<double>(kBits[b]), mean_interval(seeds.as_float).mean,
                               mean_interval(seeds.control).mean};
    for (std::size_t g = 0; g < 2; ++g)
      for (const auto* right :
           {&seeds.cells[2 * b + g].as_long.right, &seeds.cells[2 * b + g].qat}) {
        row.push_back(mean_interval(*right).mean);
        row.push_back(mean_interval(*right).half);
      }
    rows.push_back(row);
  }
  lesson.report.csv("bits", header, rows);
}

}  // namespace

// What the text says of the table, when it was made from the bundled digits.
void check(const Seeds& seeds, Lesson& lesson) {
  lesson.claims.expect(
      seeds.smallest_p > 0.05 && seeds.most_lost <= 0.5,
      "8 bits and float, trained as long: p > 0.05 in every seed, at most 0.5 points");
  bool better = true;
  for (std::size_t b = 0; b < std::size(kBits); ++b)
    for (std::size_t g = 0; g < 2 && kBits[b] <= 4; ++g) {
      const Against& ptq = seeds.cells[2 * b + g].ptq;
      better =
          better && mcnemar_p(ptq.only_ptq, ptq.only_qat) < 0.01 && ptq.only_qat > ptq.only_ptq;
    }
  lesson.claims.expect(better, "4, 3 and 2 bits: QAT beats PTQ, p < 0.01 each");
}

void all_seeds(const Study& study, const std::string& tables, Lesson& lesson) {
  section(9, "Five seeds: percent of the test digits right, mean and 95 % interval");
  Seeds seeds;
  VariantCells variants(std::size(kVariants) * std::size(kVariantBits));
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Start start = trained_by_seed(study, seed);
    add_to(seeds, start, study.recipe);
    add_variants(variants, start, study.recipe);
  }
  const std::string floats =
      "Float " + text_of(mean_interval(seeds.as_float)) + "; float, trained as long as QAT, " +
      text_of(mean_interval(seeds.control)) +
      ". In 8 bits QAT differs from that by p = " + fixed(seeds.smallest_p, 2) +
      " or more in every seed. p in the table: McNemar, the seeds' " +
      "digits pooled (2000 digits, the same in every seed).";
  std::printf("  %s\n", floats.c_str());
  table_of(seeds).print();
  if (lesson.options.data_dir.empty() && study.recipe.epochs == Recipe{}.epochs)
    check(seeds, lesson);
  write_csv(seeds, lesson);
  section(10, "The same seeds, weights per tensor: other ways to the scales");
  table_of(variants).print();
  write_measured_table(tables, "bits", table_of(seeds), floats);
  write_measured_table(tables, "scales", table_of(variants),
                       "Percent of the test digits right, mean and 95 % interval over five seeds.");
}

}  // namespace qfs::ch09
