// Section 2: what a weight is folded by moves from batch to batch. How many integers move with it?
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "22_model_comparison/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch22 {
namespace {

// A convolution's integers, folded by given factors, with scales that watch: eq. 22.2, then 9.2.
Matrix<std::int8_t> integers_of(const QatConv& layer, std::span<const float> factor,
                                WeightGranularity granularity) {
  Matrix<float> folded = layer.real.weight;
  for (std::size_t n = 0; n < folded.shape(0); ++n)
    for (float& w : row(folded, n)) w *= factor[n];
  return quantize_weight(folded, granularity).q;
}

// f by the batch that the buffers have seen.
std::vector<float> factor_of_batch(const BatchNorm& norm, const BatchNormBuffers& buffers) {
  std::vector<float> factor = buffers.inverse_std;
  for (std::size_t n = 0; n < factor.size(); ++n) factor[n] *= norm.gamma(n);
  return factor;
}

struct Moves {
  std::vector<double> relative;  // |f of the batch / f of the running statistics - 1|
  std::size_t per_tensor = 0, per_channel = 0, weights = 0;
};

void add_batch(Moves& moves, QatCnn net, const Matrix<float>& x) {
  const QatCnn before = net;
  QatCnnBuffers buffers;
  net.statistics = NormStatistics::batch;
  forward(net, x, buffers);
  for (std::size_t i = 0; i < net.convs.size(); ++i) {
    const QatConv& layer = before.convs[i];
    const std::vector<float> running = fold_factor(*layer.norm);
    const std::vector<float> batch = factor_of_batch(*layer.norm, buffers.convs[i].norm);
    for (std::size_t n = 0; n < batch.size(); ++n)
      moves.relative.push_back(
          std::fabs(static_cast<double>(batch[n]) / static_cast<double>(running[n]) - 1.0));
    moves.weights += layer.real.weight.size();
    for (auto granularity : {WeightGranularity::per_tensor, WeightGranularity::per_channel})
      (granularity == WeightGranularity::per_tensor ? moves.per_tensor : moves.per_channel) +=
          count_different(integers_of(layer, running, granularity),
                          integers_of(layer, batch, granularity));
  }
}

std::string percent_of(std::size_t part, std::size_t whole) {
  return measured(100.0 * static_cast<double>(part) / static_cast<double>(whole), 2) + " %";
}

}  // namespace

void what_moves(const Study& study, Lesson& lesson) {
  section(2, "Folded by one batch instead of by the running statistics: what moves");
  const Models& models = study.nets.back();
  Table table({"pictures in a batch", "f: median off by", "f: a hundredth by more than",
               "integers that differ, per tensor", "per channel"});
  std::size_t per_tensor = 0, per_channel = 0, weights = 0;
  for (std::size_t size : {std::size_t{8}, std::size_t{32}, std::size_t{128}}) {
    Moves moves;
    for (std::size_t batch = 0; batch < 8; ++batch)
      add_batch(moves, models.graph,
                normalized(study.data.train.pixels, batch * size, (batch + 1) * size));
    std::ranges::sort(moves.relative);
    table.row({std::to_string(size),
               measured(100.0 * moves.relative[moves.relative.size() / 2], 1) + " %",
               measured(100.0 * moves.relative[moves.relative.size() * 99 / 100], 0) + " %",
               percent_of(moves.per_tensor, moves.weights),
               percent_of(moves.per_channel, moves.weights)});
    per_tensor += moves.per_tensor;
    per_channel += moves.per_channel;
    weights += moves.weights;
  }
  table.print();
  std::printf(
      "  Of all weights of the nine convolutions, 8 batches each; scales watch the weights: f "
      "stretches\n  those of a channel and their scale alike.\n");
  if (!study.committed) return;
  lesson.claims.expect(per_tensor > weights / 4,
                       "one scale for the layer: more than a quarter of the integers are others");
  lesson.claims.expect(per_channel < weights / 200, "one per channel: less than one in 200");
}

}  // namespace qfs::ch22
