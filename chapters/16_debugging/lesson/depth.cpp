// Section 4: how fast errors add up with depth, and how fast the simulation leaves the integers.
#include "16_debugging/lesson/depth.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "04_mnist_mlp/mean_interval.hpp"
#include "06_static_ptq/simulation.hpp"
#include "16_debugging/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch16 {
namespace {

// Square layers whose outputs keep the size of their inputs: weights uniform of variance 2 / width,
// since a ReLU halves the power. One more than is looked at: the last has no ReLU.
Mlp make_square(Rng& rng) {
  const std::vector<std::size_t> widths(kDepth + 2, kWidth);
  Mlp mlp = make_mlp(widths, rng);
  for (Linear& layer : mlp.layers)
    for (float& w : values(layer.weight)) w *= 2.4494898F;  // the square root of 6
  return mlp;
}

Matrix<float> normal_rows(std::size_t rows, Rng& rng) {
  Matrix<float> x = make_tensor<float>({rows, kWidth});
  for (float& value : values(x)) value = static_cast<float>(rng.normal());
  return x;
}

QuantizedNet quantize_square(const Mlp& mlp, const Matrix<float>& x) {
  std::vector<MinMaxObserver> observers(mlp.layers.size() + 1);
  tapped_forward(mlp, OutputPoint::after_relu, x,
                 [&](std::size_t t, std::span<const float> y) { observers[t].observe(y); });
  ActivationIntervals intervals{observers[0].interval(), {}};
  for (std::size_t i = 1; i < observers.size(); ++i)
    intervals.outputs.push_back(observers[i].interval());
  return quantize_fused_mlp(mlp, intervals, {});
}

// The float graph with fake quantization, on its own from the input on: its values are multiples of
// the scales, here as the integers they stand for. Its biases are those of the float net.
std::vector<Matrix<std::uint8_t>> run_simulation(const Mlp& mlp, const QuantizedNet& net,
                                                 const Matrix<std::uint8_t>& input) {
  const std::vector<ChainLayer> layers = chain_of(net);
  std::vector<Matrix<std::uint8_t>> tensors;
  tensors.reserve(layers.size());  // x points into it
  const Matrix<std::uint8_t>* x = &input;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Matrix<float> y = simulate(layers[i].linear, *x, BiasRounding::none,
                                     values(std::as_const(mlp.layers[i].bias)));
    Matrix<std::uint8_t> q = make_tensor<std::uint8_t>({y.shape(0), y.shape(1)});
    quantize(values(y), layers[i].output->params, layers[i].output->range, values(q));
    tensors.push_back(std::move(q));
    x = &tensors.back();
  }
  return tensors;
}

double most_steps(const Matrix<std::uint8_t>& a, const Matrix<std::uint8_t>& b) {
  int most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(values(a)[i] - values(b)[i]));
  return most;
}

}  // namespace

std::vector<DepthRow> error_by_depth(std::uint64_t seed, std::size_t rows) {
  Rng rng(seed);
  const Mlp mlp = make_square(rng);
  const QuantizedNet net = quantize_square(mlp, normal_rows(1000, rng));
  const Matrix<float> x = normal_rows(rows, rng);
  const auto diffs = diff_layers(mlp, net, x);
  NetBuffers integers;
  run(pack(net), x, integers);
  const std::vector<ChainLayer> layers = chain_of(net);
  const std::vector<Matrix<std::uint8_t>> simulated =
      run_simulation(mlp, net, integers.u8[layers[0].linear.operation.inputs[0]]);
  std::vector<DepthRow> result;
  double added = 0.0;  // noise over signal
  for (std::size_t d = 0; d < kDepth; ++d) {
    const LayerDiff& layer = diffs[d + 1];
    const Matrix<std::uint8_t>& q = integers.u8[layers[d].output_tensor];
    added += layer.alone.error.mse > 0.0 ? std::pow(10.0, -layer.alone.error.sqnr_db / 10.0) : 0.0;
    result.push_back({layer.in_turn.error.sqnr_db, layer.alone.error.sqnr_db, -decibels(added),
                      percent_of(count_different(simulated[d], q), q.size()),
                      most_steps(simulated[d], q)});
  }
  return result;
}

namespace {

constexpr std::uint64_t kSeeds = 5;

MeanInterval over_seeds(const std::vector<std::vector<DepthRow>>& seeds, std::size_t d,
                        double DepthRow::*column) {
  std::vector<double> numbers;
  for (const auto& rows : seeds) numbers.push_back(rows[d].*column);
  return mean_interval(numbers);
}

std::string text(MeanInterval mean, int decimals) {
  return fixed(mean.mean, decimals) + " ± " + fixed(mean.half, decimals);
}

}  // namespace

void depth(const Study&, Lesson& lesson) {
  section(4, "Error against depth: random nets of 64 x 64 layers, five seeds, 8 bits");
  std::printf("  drifted: integers that fake quantization, run on its own, has otherwise\n");
  const std::size_t rows = lesson.options.quick ? 50 : 500;
  std::vector<std::vector<DepthRow>> seeds;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) seeds.push_back(error_by_depth(seed, rows));
  Table table({"layers", "alone, dB", "in turn, dB", "own errors added", "drifted, %", "at most"});
  std::vector<std::vector<double>> csv;
  for (std::size_t d = 0; d < kDepth; ++d) {
    const MeanInterval alone = over_seeds(seeds, d, &DepthRow::alone_db),
                       in_turn = over_seeds(seeds, d, &DepthRow::in_turn_db),
                       added = over_seeds(seeds, d, &DepthRow::added_db),
                       drifted = over_seeds(seeds, d, &DepthRow::drifted);
    double most = 0.0;
    for (const auto& one : seeds) most = std::max(most, one[d].most_steps);
    csv.push_back({static_cast<double>(d + 1), alone.mean, in_turn.mean, in_turn.half, added.mean,
                   drifted.mean, drifted.half});
    if (d == 0 || d == 1 || d == 3 || d == 7 || d == 15)
      table.row({std::to_string(d + 1), text(alone, 1), text(in_turn, 1), text(added, 1),
                 text(drifted, 3), std::to_string(static_cast<int>(most))});
  }
  table.print();
  lesson.report.csv(
      "depth", {"layers", "alone", "in_turn", "in_turn_half", "added", "drifted", "drifted_half"},
      csv);
  if (lesson.options.quick) return;
  bool falls = true, gloomy = true, drifts = true;
  for (const auto& one : seeds) {
    falls = falls && one[0].in_turn_db - one[15].in_turn_db > 3.0;
    gloomy = gloomy && one[15].added_db < one[15].in_turn_db;
    drifts = drifts && one[0].drifted < one[3].drifted && one[3].drifted < one[15].drifted;
  }
  lesson.claims.expect(falls, "in every seed 16 layers have lost more than 3 dB against one");
  lesson.claims.expect(gloomy, "in every seed they have lost less than (16.4) expects");
  lesson.claims.expect(drifts, "in every seed the simulation drifts further with depth");
}

}  // namespace qfs::ch16
