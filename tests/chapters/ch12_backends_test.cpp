// Chapter 12, the backends: vnni and amx against ref, on every kernel that this CPU has, and on
// that of AMX emulated; and what they say where it has none.
#include "12_wider_instructions/kernels.hpp"
#include "12_wider_instructions/wide_backends.hpp"
#include "common/cpu.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/wide_kernels.hpp"

using namespace qfs;
using qfs::test::difference;
using qfs::test::same_bits;

namespace {

struct Layer {
  QuantizedWeight weight;
  ToU8 to_u8;
  ToF32 to_f32;
  QuantRange inputs;
  Product product() const { return {&weight, inputs, &to_u8, &to_f32}; }
};

Layer random_layer(Rng& rng, std::size_t n, std::size_t k, bool per_channel) {
  Layer layer;
  layer.inputs = unsigned_range(8);
  layer.weight.q = make_tensor<std::int8_t>({n, k});
  for (std::int8_t& q : values(layer.weight.q)) q = static_cast<std::int8_t>(rng.below(256));
  const std::size_t scales = per_channel ? n : 1;
  layer.weight.scale = make_tensor<float>({scales});
  layer.to_u8.multiplier = make_tensor<float>({scales});
  for (std::size_t c = 0; c < scales; ++c) {
    layer.weight.scale(c) = static_cast<float>(rng.uniform(0.001, 0.1));
    layer.to_u8.multiplier(c) = static_cast<float>(rng.uniform(0.0005, 0.01));
  }
  layer.to_u8.bias = make_tensor<std::int32_t>({n});
  layer.to_f32 = {row_sums(layer.weight.q), make_tensor<float>({n})};
  for (std::size_t i = 0; i < n; ++i) {
    layer.to_u8.bias(i) = static_cast<std::int32_t>(rng.below(20001)) - 10000;
    layer.to_f32.bias(i) = static_cast<float>(rng.uniform(-1.0, 1.0));
  }
  layer.to_u8.output = {0.1F, 100};
  layer.to_u8.range = {3, 250};  // clamps at both ends
  return layer;
}

std::vector<std::uint8_t> random_bytes(Rng& rng, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  for (std::uint8_t& q : bytes) q = static_cast<std::uint8_t>(rng.below(256));
  return bytes;
}

std::vector<QuantParams> random_params(Rng& rng, std::size_t count) {
  std::vector<QuantParams> params(count);
  for (QuantParams& p : params)
    p = {static_cast<float>(rng.uniform(0.001, 0.1)), static_cast<std::int32_t>(rng.below(256))};
  return params;
}

// A layer on a backend; `kernel` in place of its own, if given, whether this CPU has it or not.
struct Runner {
  const Backend* backend;
  const fours::Kernel* kernel = nullptr;
};

std::vector<Runner> runners(const qfs::test::WideKernels& kernels) {
  std::vector<Runner> runners;
  if (fours::vnni_here() != nullptr) runners.push_back({&vnni_backend()});
  for (const fours::Kernel* kernel : kernels.all())
    runners.push_back({kernel->configure != nullptr ? &amx_backend() : &vnni_backend(), kernel});
  return runners;
}

PackedProduct packed_for(const Runner& runner, const Layer& layer) {
  if (runner.kernel == nullptr) return runner.backend->pack(layer.product());
  PackedProduct packed = pack_shape(layer.product(), runner.backend->name);
  packed.object = std::make_shared<const FoursProduct>(pack_for(*runner.kernel, layer.product()));
  return packed;
}

template <class T, class Call>
std::vector<T> results(const Runner& runner, const Layer& layer, const LeftSide& x, Call&& call) {
  std::vector<T> y(x.rows * layer.weight.outputs(), T{77});
  call(*runner.backend, packed_for(runner, layer), std::span<T>(y));
  return y;
}

std::size_t different_bits(std::span<const float> a, std::span<const float> b) {
  std::size_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; count == 0 && i < a.size(); ++i) count += !same_bits(a[i], b[i]);
  return count;
}

// All three results of one layer, of ref and of all others.
void check_layer(const Layer& layer, const LeftSide& x, std::span<const QuantParams> params) {
  const auto s32 = [&](const Backend& b, const PackedProduct& p, std::span<std::int32_t> y) {
    b.run_s32(p, x, y);
  };
  const auto u8 = [&](const Backend& b, const PackedProduct& p, std::span<std::uint8_t> y) {
    b.run_u8(p, x, y);
  };
  const auto f32 = [&](const Backend& b, const PackedProduct& p, std::span<float> y) {
    b.run_f32(p, x, params, y);
  };
  const auto sums = results<std::int32_t>({&ref_backend()}, layer, x, s32);
  const auto bytes = results<std::uint8_t>({&ref_backend()}, layer, x, u8);
  const auto reals = results<float>({&ref_backend()}, layer, x, f32);
  const qfs::test::WideKernels kernels;
  for (const Runner& runner : runners(kernels)) {
    INFO(runner.backend->name << ", "
                              << (runner.kernel == nullptr ? "as packed" : runner.kernel->name)
                              << "; M, N, K = " << x.rows << ", " << layer.weight.outputs() << ", "
                              << x.depth);
    CHECK(difference<std::int32_t>(results<std::int32_t>(runner, layer, x, s32), sums) == "");
    CHECK(difference<std::uint8_t>(results<std::uint8_t>(runner, layer, x, u8), bytes) == "");
    CHECK(different_bits(results<float>(runner, layer, x, f32), reals) == 0);
  }
}

const Backend* any_here() {
  if (fours::vnni_here() != nullptr) return &vnni_backend();
  return fours::amx_here() != nullptr ? &amx_backend() : nullptr;
}

}  // namespace

TEST_CASE("what this CPU has not, its backend refuses by name", "[hand]") {
  Rng rng(1220);
  const Layer layer = random_layer(rng, 3, 5, false);
  const CpuFeatures cpu = cpu_features();
  if (fours::vnni_here() == nullptr) {
    WARN("neither AVX-VNNI nor AVX512-VNNI here: backend vnni does not run");
    CHECK_THROWS_WITH(vnni_backend().pack(layer.product()),
                      QFS_CONTAINS("needs a CPU with AVX-VNNI or AVX512-VNNI"));
  }
  if (fours::amx_here() == nullptr) {
    WARN("no AMX here: backend amx does not run, its kernel runs emulated");
    CHECK_THROWS_WITH(amx_backend().pack(layer.product()),
                      QFS_CONTAINS(cpu.amx_int8 ? "the system does not give this process"
                                                : "needs a CPU with AMX-INT8"));
  }
  CHECK((vnni_backend().name == "vnni" && amx_backend().name == "amx"));
}

TEST_CASE("sums, 8 bits and reals are ref's", "[isa]") {
  Rng rng(1221);
  for (const GemmShape shape : std::vector<GemmShape>{{1, 1, 1},
                                                      {1, 10, 100},
                                                      {2, 16, 64},
                                                      {5, 17, 63},
                                                      {6, 64, 65},
                                                      {40, 100, 784},
                                                      {97, 33, 260},
                                                      {200, 10, 100}})
    for (const bool per_channel : {false, true})
      for (const bool per_row : {false, true}) {
        const Layer layer = random_layer(rng, shape.n, shape.k, per_channel);
        const auto x = random_bytes(rng, shape.m * shape.k);
        check_layer(layer, matrix_left_side(x, shape.m), random_params(rng, per_row ? shape.m : 1));
      }
}

TEST_CASE("the 8 bits of these layers are not all clamped", "[hand]") {
  Rng rng(1222);
  const Layer layer = random_layer(rng, 40, 70, true);
  const auto x = random_bytes(rng, 20 * 70);
  const auto bytes = results<std::uint8_t>(
      {&ref_backend()}, layer, matrix_left_side(x, 20),
      [&](const Backend& b, const PackedProduct& p, std::span<std::uint8_t> y) {
        b.run_u8(p, matrix_left_side(x, 20), y);
      });
  const auto inside = std::ranges::count_if(bytes, [](std::uint8_t q) { return q > 3 && q < 250; });
  CHECK(inside > 200);
  CHECK(std::ranges::count(bytes, 3) > 20);
  CHECK(std::ranges::count(bytes, 250) > 20);
}

TEST_CASE("no rows, and rows packed on the way", "[isa]") {
  Rng rng(1223);
  const Layer layer = random_layer(rng, 12, 30, true);
  check_layer(layer, {.rows = 0, .depth = 30}, random_params(rng, 1));
  const auto bytes = random_bytes(rng, 40 * 30);
  const auto backwards = [](const void* source, std::size_t begin, std::size_t end,
                            std::uint8_t* to) {
    for (std::size_t m = begin; m < end; ++m, to += 30)
      std::copy_n(static_cast<const std::uint8_t*>(source) + (39 - m) * 30, 30, to);
  };
  check_layer(layer, {40, 30, bytes.data(), backwards}, random_params(rng, 40));
}

TEST_CASE("what they packed, in a line", "[hand]") {
  if (fours::vnni_here() == nullptr) return;
  Rng rng(1224);
  const Layer layer = random_layer(rng, 100, 784, false);  // 7 blocks of 13 * 16 lines
  const std::string line = vnni_backend().describe(vnni_backend().pack(layer.product()));
  CHECK(line == (cpu_features().avx512_vnni
                     ? "avx512_vnni, tiles of 6 rows x 64 outputs, 91 KB of weights"
                     : "avx_vnni, tiles of 6 rows x 16 outputs, 91 KB of weights"));
#if defined(__x86_64__)
  CHECK(amx_backend().describe(packed_for({&amx_backend(), &fours::amx()}, layer)) ==
        "amx, tiles of 32 rows x 32 outputs, 91 KB of weights");
#endif
}

TEST_CASE("what does not fit is an error", "[hand]") {
  const Backend* here = any_here();
  if (here == nullptr) return;
  Rng rng(1225);
  const Layer layer = random_layer(rng, 3, 5, false);
  const auto x = random_bytes(rng, 2 * 5);
  const LeftSide two = matrix_left_side(x, 2);
  std::vector<std::int32_t> acc(6);
  std::vector<std::uint8_t> y(6);
  std::vector<float> f(6);
  const std::vector<QuantParams> one(1), three(3);
  const PackedProduct packed = here->pack(layer.product());
  const PackedProduct bare = here->pack({.weight = &layer.weight, .input_range = layer.inputs});
  const PackedProduct of_ref = ref_backend().pack(layer.product());
  CHECK(packed.backend == here->name);
  const Backend& other = here == &vnni_backend() ? amx_backend() : vnni_backend();
  for (const auto& [backend, of_another] : {std::pair(here, &of_ref), std::pair(&other, &packed)}) {
    CHECK_THROWS_WITH(backend->run_s32(*of_another, two, acc), QFS_CONTAINS("another backend"));
    CHECK_THROWS_WITH(backend->run_u8(*of_another, two, y), QFS_CONTAINS("another backend"));
    CHECK_THROWS_WITH(backend->run_f32(*of_another, two, one, f), QFS_CONTAINS("another backend"));
  }
  const LeftSide longer{2, 6, x.data()};
  CHECK_THROWS_WITH(here->run_s32(packed, longer, acc), QFS_CONTAINS("does not fit the layer"));
  CHECK_THROWS_WITH(here->run_u8(packed, longer, y), QFS_CONTAINS("does not fit the layer"));
  CHECK_THROWS_WITH(here->run_f32(packed, longer, one, f), QFS_CONTAINS("does not fit the layer"));
  CHECK_THROWS_WITH(here->run_u8(packed, two, std::span(y).first(5)),
                    QFS_CONTAINS("the output does not fit"));
  CHECK_THROWS_WITH(here->run_u8(bare, two, y), QFS_CONTAINS("not packed for 8 bits"));
  CHECK_THROWS_WITH(here->run_f32(bare, two, one, f), QFS_CONTAINS("not packed for reals"));
  CHECK_THROWS_WITH(here->run_f32(packed, two, three, f), QFS_CONTAINS("or one for every row"));
  here->run_s32(bare, two, acc);  // which asks for neither
  std::vector<std::int32_t> expected(6);
  gemm_u8s8s32_ref({2, 3, 5}, x, values(layer.weight.q), expected);
  CHECK(acc == expected);
  // Of 2^31 / (255 * 128) inputs and more a sum may leave 32 bits, on any backend.
  Layer deep;
  deep.weight = {make_tensor<std::int8_t>({1, 65794}, std::int8_t{-128}), {1.0F}};
  deep.inputs = unsigned_range(8);
  CHECK_THROWS_WITH(here->pack({.weight = &deep.weight, .input_range = deep.inputs}),
                    QFS_CONTAINS("may overflow"));
}
