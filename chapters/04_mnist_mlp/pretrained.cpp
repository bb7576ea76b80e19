#include "04_mnist_mlp/pretrained.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "04_mnist_mlp/evaluate.hpp"

namespace qfs {
namespace {

// FNV-1a, 64 bits: not for security, only to tell data sets apart.
std::uint64_t hash_bytes(std::span<const std::uint8_t> bytes, std::uint64_t hash) {
  for (std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3U;
  return hash;
}

std::string cache_directory(const TrainDigits& digits, std::uint64_t seed) {
  std::uint64_t hash = hash_bytes(digits.labels, 0xcbf29ce484222325U);
  hash = hash_bytes(values(digits.pixels), hash);
  char name[64];
  std::snprintf(name, sizeof name, "mlp-recipe1-seed%llu-%016llx",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(hash));
  const std::filesystem::path datasets(datasets_dir());
  return (datasets.parent_path() / "work" / "cache" / name).string();
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
  return cache_directory(dataset.train, options.seed);
}

// Saved under another name and renamed, so that nobody ever reads half a net.
void keep_trained(const Mlp& mlp, const Options& options, const Dataset& dataset) {
  const std::string directory = weights_directory(options, dataset);
  if (!uses_cache(options) || std::filesystem::exists(directory)) return;
  const std::string partial = directory + ".partial-" + std::to_string(::getpid());
  save_mlp(mlp, partial);
  std::error_code error;
  std::filesystem::rename(partial, directory, error);
  if (error) std::filesystem::remove_all(partial, error);  // another program was faster
}

Mlp trained_or_pretrained(const Options& options, const Dataset& dataset) {
  const std::string directory = weights_directory(options, dataset);
  if (uses_cache(options) && !std::filesystem::exists(directory)) {
    Rng rng(options.seed);
    Mlp mlp = make_recipe_net(dataset.train, rng);
    train_mlp(mlp, dataset.train, {.label = "training the float net, once"}, rng);
    keep_trained(mlp, options, dataset);
  }
  const Mlp mlp = load_mlp(directory);
  require_fits(mlp, dataset.test.rows, dataset.test.cols);
  return mlp;
}

}  // namespace qfs
