#include "22_model_comparison/lesson/replicate.hpp"

#include <cstdio>

#include "common/stopwatch.hpp"

namespace qfs::ch22 {

std::vector<EpochResult> train_on(Cnn& cnn, const TrainDigits& digits, const TrainOptions& options,
                                  Rng& rng) {
  CnnBuffers buffers;
  const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t> labels) {
    return forward_backward(cnn, x, labels, buffers);
  };
  return train(parameters(cnn), pass, digits, options, rng);
}

namespace {

// Seconds of one step in float, and of one with quantization: the second of two.
std::pair<double, double> seconds_of_a_step(Cnn cnn, const TrainDigits& digits, std::size_t size) {
  const Matrix<float> x = normalized(digits.pixels, 0, std::min(size, digits.size()));
  const std::span<const std::uint8_t> labels = std::span(digits.labels).first(x.shape(0));
  QatCnn net = make_qat(cnn, std::vector<Interval>(cnn.tensors.size(), {-1, 1}), {});
  CnnBuffers buffers;
  QatCnnBuffers qat_buffers;
  const auto second = [](auto&& step) {
    step();
    const Stopwatch watch;
    step();
    return watch.seconds();
  };
  return {second([&] { forward_backward(cnn, x, labels, buffers); }),
          second([&] { forward_backward(net, x, labels, qat_buffers); })};
}

struct Plan {
  CnnRecipe as_float{};
  Recipe quantized{};
};

// As the nets of datasets/cnn were trained in chapter 20.
Plan plan_of(const std::string& name, const Options& options) {
  const bool residual = name == "residual", fashion = options.data_dir == kFashionDir;
  Plan plan{.as_float = {.epochs = !residual ? 30
                                   : fashion ? 12
                                             : 15,
                         .learning_rate = residual ? 0.003 : 0.002,
                         .augment = {.mirror = fashion},
                         .label = name + " in float"}};
  if (options.quick) plan.as_float.epochs = plan.quantized.epochs = 1;
  return plan;
}

double minutes_of(const Cnn& cnn, const TrainDigits& digits, const Plan& plan) {
  const auto [one, with_quantization] = seconds_of_a_step(cnn, digits, plan.as_float.batch_size);
  const double steps =
      static_cast<double>(digits.size()) / static_cast<double>(plan.as_float.batch_size);
  return steps * (plan.as_float.epochs * one + plan.quantized.epochs * with_quantization) / 60.0;
}

Models from_scratch(const std::string& name, Cnn cnn, const TrainDigits& digits, const Plan& plan,
                    Rng& rng, std::uint64_t seed) {
  train_cnn(cnn, digits, plan.as_float, seed, rng);
  return make_models(name, cnn, digits, plan.quantized, seed);
}

}  // namespace

std::vector<Models> replicate(const Dataset& data, const Options& options) {
  const PictureShape picture = {data.train.rows, data.train.cols, 1};
  const Plan for_small = plan_of("small", options), for_residual = plan_of("residual", options);
  const TrainDigits digits = first_digits(data.train, options.quick ? 640 : data.train.size());
  Rng rng(options.seed);
  Cnn small = make_small_cnn(&rng, picture), residual = make_residual_net(&rng, picture);
  std::fprintf(
      stderr,
      "replicate: trains two nets on %zu pictures, in float and with quantization: training alone "
      "takes about %.1f minutes on this machine. Ctrl-C ends it; it leaves nothing half done.\n",
      digits.size(),
      minutes_of(small, digits, for_small) + minutes_of(residual, digits, for_residual));
  std::vector<Models> models;
  models.push_back(from_scratch("small", std::move(small), digits, for_small, rng, options.seed));
  models.push_back(
      from_scratch("residual", std::move(residual), digits, for_residual, rng, options.seed));
  return models;
}

}  // namespace qfs::ch22
