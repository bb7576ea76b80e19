#include "bench/gemm_task.hpp"

#include "04_mnist_mlp/mlp.hpp"
#include "06_static_ptq/backend.hpp"
#include "common/dataset.hpp"
#include "common/rng.hpp"

namespace qfs::bench {
namespace {

constexpr std::uint64_t kSeed = 9;

QuantizedWeight make_weight(GemmShape shape, Rng& rng) {
  if (shape.K == 784 && shape.N == 100) {
    const Mlp mlp = load_mlp(datasets_dir() + "/pretrained");
    return quantize_weight(mlp.layers[0].weight, WeightGranularity::per_tensor);
  }
  auto real = make_tensor<float>({shape.N, shape.K});
  for (float& value : values(real)) value = static_cast<float>(rng.normal());
  return quantize_weight(real, WeightGranularity::per_channel);
}

}  // namespace

GemmTask make_gemm_task(GemmShape shape, int bits) {
  require(bits == 7 || bits == 8, "activations of that many bits are not timed", bits, "7 or 8",
          "ask for one of them");
  require(
      shape.M > 0 && shape.K > 0 && shape.N > 0, "a product is empty",
      std::to_string(shape.M) + " x " + std::to_string(shape.K) + " x " + std::to_string(shape.N),
      "three positive numbers", "check the request");
  Rng rng(kSeed);
  GemmTask task{.shape = shape, .input_range = unsigned_range(bits)};
  task.w = make_weight(shape, rng);
  task.x = make_tensor<std::uint8_t>({shape.M, shape.K});
  for (std::uint8_t& value : values(task.x))
    value = static_cast<std::uint8_t>(rng.below(std::uint64_t{1} << bits));
  return task;
}

Matrix<std::int32_t> exact_sums(const GemmTask& task) {
  auto sums = make_tensor<std::int32_t>({task.shape.M, task.shape.N});
  const PackedProduct packed =
      ref_backend().pack({.weight = &task.w, .input_range = task.input_range});
  ref_backend().run_s32(packed, matrix_left_side(values(task.x), task.shape.M), values(sums));
  return sums;
}

}  // namespace qfs::bench
