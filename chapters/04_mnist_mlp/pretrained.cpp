#include "04_mnist_mlp/pretrained.hpp"

#include <array>
#include <cstdio>
#include <filesystem>

#include "04_mnist_mlp/evaluate.hpp"
#include "common/folder_cache.hpp"
#include "common/print.hpp"

namespace qfs {
namespace {

// Names the net that the recipe makes of these digits. "recipe1" changes when the recipe does.
std::string name_of_recipe_net(const TrainDigits& digits, std::uint64_t seed) {
  return "mlp-recipe1-seed" + std::to_string(seed) + "-" +
         crc_text({digits.labels, values(digits.pixels)});
}

// Of every parameter four float32: its value, its gradient and Adam's two moments.
std::size_t bytes_in_training(const Mlp& mlp) {
  std::size_t parameters = 0;
  for (const Linear& layer : mlp.layers) parameters += layer.weight.size() + layer.bias.size();
  return 4 * sizeof(float) * parameters;
}

bool uses_cache(const Options& options) {
  return options.weights_dir.empty() && !options.data_dir.empty();
}

}  // namespace

Mlp make_recipe_net(const TrainDigits& digits, Rng& rng) {
  const std::array<std::size_t, 4> widths = {digits.rows * digits.cols, 100, 100, kClasses};
  return make_mlp(widths, rng);
}

// [train_mlp]
std::vector<EpochResult> train_mlp(Mlp& mlp, const TrainDigits& digits, const TrainOptions& options,
                                   Rng& rng) {
  MlpBuffers buffers;
  const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t> labels) {
    return forward_backward(mlp, x, labels, buffers);
  };
  return train(parameters(mlp), pass, digits, options, rng);
}
// [/train_mlp]

void require_fits(const Mlp& mlp, std::size_t rows, std::size_t cols) {
  require(mlp.inputs() == rows * cols, "the weights do not fit the pictures",
          std::to_string(mlp.inputs()) + " inputs",
          std::to_string(rows) + " x " + std::to_string(cols) + " = " + std::to_string(rows * cols),
          "use weights that were trained on pictures of this size");
  require(mlp.outputs() == kClasses, "the weights do not fit the classes",
          std::to_string(mlp.outputs()) + " outputs", "10, one per class",
          "use weights whose last layer has ten rows");
}

std::string weights_directory(const Options& options, const Dataset& dataset) {
  if (!options.weights_dir.empty()) return options.weights_dir;
  if (options.data_dir.empty()) return datasets_dir() + "/pretrained";
  return cached_folder(name_of_recipe_net(dataset.train, options.seed));
}

void keep_trained(const Mlp& mlp, const Options& options, const Dataset& dataset) {
  if (!uses_cache(options)) return;
  keep_folder(name_of_recipe_net(dataset.train, options.seed), "The trained net",
              [&](const std::string& folder) { save_mlp(mlp, folder); });
}

Mlp trained_or_pretrained(const Options& options, const Dataset& dataset) {
  std::error_code error;
  if (uses_cache(options) && !std::filesystem::exists(weights_directory(options, dataset), error)) {
    Rng rng(options.seed);
    Mlp mlp = make_recipe_net(dataset.train, rng);
    std::fprintf(stderr, "Training %s on %zu pictures, once: %s of weights and their gradients\n",
                 widths_text(mlp).c_str(), dataset.train.size(),
                 bytes_text(bytes_in_training(mlp)).c_str());
    train_mlp(mlp, dataset.train, {.label = "training the float net, once"}, rng);
    keep_trained(mlp, options, dataset);
  }
  const std::string directory = weights_directory(options, dataset);
  const auto load = [&] {
    Mlp mlp = load_mlp(directory);
    require_fits(mlp, dataset.test.rows, dataset.test.cols);
    return mlp;
  };
  if (!options.weights_dir.empty()) return load();
  return with_advice(uses_cache(options)
                         ? "delete the folder " + directory + ": the net will be trained again"
                         : restore_advice("pretrained", "the weights"),
                     load);
}

}  // namespace qfs
