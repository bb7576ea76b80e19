// Section 10, with --full: sensitivity and flips over five trainings of chapter 04's net, and the
// committed tables.
#include <array>
#include <cmath>
#include <cstdio>

#include "04_mnist_mlp/mean_interval.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "16_debugging/lesson/study.hpp"
#include "common/measured_table.hpp"
#include "common/print.hpp"

namespace qfs::ch16 {
namespace {

constexpr std::uint64_t kSeeds = 5;
constexpr std::array kBits = {8, 4, 3, 2};

struct Cell {
  std::vector<double> lost{};                 // points, one a seed
  std::size_t only_float = 0, only_this = 0;  // the seeds' digits pooled
  void add(const Cost& cost) {
    lost.push_back(cost.points());
    only_float += cost.pair.only_a;
    only_this += cost.pair.only_b;
  }
  std::string text() const {
    return text_of(mean_interval(lost)) + " (p " + p_text(mcnemar_p(only_float, only_this)) + ")";
  }
};

struct OfBits {
  std::vector<Cell> layers{};
  Cell all{};
  std::vector<double> flips{};  // percent of the test digits
  std::vector<double> kl{};
};

void add_seed(OfBits& row, const Subject& net, int bits, const Study& study) {
  const std::size_t layers = net.mlp.layers.size();
  row.layers.resize(layers);
  const Matrix<float> by_float = forward_ref(net.mlp, study.x);
  for (std::size_t i = 0; i <= layers; ++i) {
    InFloat in_float(layers, i < layers);
    if (i < layers) in_float[i] = false;
    const Matrix<float> logits =
        forward_ref(quantize_partly(net.mlp, net.intervals, bits, in_float), study.x);
    const ReportCard card = report_card(by_float, logits, study.labels());
    (i < layers ? row.layers[i] : row.all).add({card.pair, study.x.shape(0)});
    if (i < layers) continue;
    row.flips.push_back(percent_of(card.flips.all(), card.flips.digits));
    row.kl.push_back(card.kl);
  }
}

Table sensitivity_table(std::span<const OfBits> rows) {
  std::vector<std::string> header = {"bits"};
  for (std::size_t i = 0; i < rows[0].layers.size(); ++i)
    header.push_back("layer " + std::to_string(i + 1) + " alone");
  header.push_back("all layers");
  Table table(header);
  for (std::size_t b = 0; b < kBits.size(); ++b) {
    std::vector<std::string> cells = {std::to_string(kBits[b])};
    for (const Cell& cell : rows[b].layers) cells.push_back(cell.text());
    cells.push_back(rows[b].all.text());
    table.row(cells);
  }
  return table;
}

Table card_table(std::span<const OfBits> rows) {
  Table table({"bits", "points lost", "flips, %", "flips minus points", "KL"});
  for (std::size_t b = 0; b < kBits.size(); ++b) {
    std::vector<double> unseen;  // by accuracy
    for (std::size_t s = 0; s < kSeeds; ++s)
      unseen.push_back(rows[b].flips[s] - std::fabs(rows[b].all.lost[s]));
    const MeanInterval kl = mean_interval(rows[b].kl);
    table.row({std::to_string(kBits[b]), text_of(mean_interval(rows[b].all.lost)),
               text_of(mean_interval(rows[b].flips)), text_of(mean_interval(unseen)),
               general(kl.mean, 3) + " ± " + general(kl.half, 2)});
  }
  return table;
}

}  // namespace

void all_seeds(const Study& study, const std::string& tables) {
  section(10, "Five trainings of chapter 04's net: points lost on the test digits, mean ± half");
  std::vector<OfBits> rows(kBits.size());
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Rng rng(seed);
    Mlp mlp = make_recipe_net(study.data.train, rng);
    train_mlp(mlp, study.data.train, {.label = "training a float net"}, rng);
    const Subject net = make_subject(std::move(mlp), study.data.train);
    for (std::size_t b = 0; b < kBits.size(); ++b) add_seed(rows[b], net, kBits[b], study);
  }
  sensitivity_table(rows).print();
  card_table(rows).print();
  write_measured_table(
      tables, "sensitivity", sensitivity_table(rows),
      "Points of accuracy that are lost on the test digits with one layer in so many bits "
      "and the others in float: mean and 95 % interval over five trainings; p: McNemar, "
      "the seeds' digits pooled.",
      "Seeds 1 to 5");
  write_measured_table(
      tables, "report_card", card_table(rows),
      "All layers in so many bits, beside the float net, test digits: mean and 95 % "
      "interval over five trainings.",
      "Seeds 1 to 5");
}

}  // namespace qfs::ch16
