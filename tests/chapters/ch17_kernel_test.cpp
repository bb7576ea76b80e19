// Chapter 17, the kernel: what is packed is the weights and nothing else, no lane can overflow, and
// plain and AVX2 are group_linear_ref's bits, with nothing read or written past an end.
#include "17_int4_weights/kernel_u8s4.hpp"

#include "13_int8_engine/dispatch.hpp"
#include "17_int4_weights/group_linear.hpp"
#include "17_int4_weights/packed_int4.hpp"
#include "common/cpu.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/guarded_array.hpp"
#include "tests/support/random_products.hpp"

namespace {

using namespace qfs;
using qfs::test::Against;
using qfs::test::GuardedArray;
using qfs::test::random_integers;
using qfs::test::same_bits;

// Weights of the whole range, scales of many sizes.
GroupWeight random_weight(Rng& rng, std::size_t N, std::size_t K, std::size_t group_size,
                          int bits = 4) {
  GroupWeight w{.q = random_integers<std::int8_t>(rng, N, K, signed_range(bits)),
                .group_size = group_size,
                .bits = bits,
                .format = ScaleFormat::float32};
  w.scale = make_tensor<float>({N, w.groups()});
  for (float& scale : values(w.scale)) scale = static_cast<float>(0.001 + rng.uniform());
  return w;
}

std::vector<float> random_biases(Rng& rng, std::size_t N) {
  std::vector<float> bias(N);
  for (float& b : bias) b = static_cast<float>(rng.normal());
  return bias;
}

struct NamedKernel {
  const char* name;
  u8s4::Multiply* multiply;
};
std::vector<NamedKernel> kernels() {
  std::vector<NamedKernel> all = {{"plain", u8s4::multiply_plain}};
#if defined(__x86_64__)
  if (cpu_features().avx2)
    all.push_back({"avx2", u8s4::multiply_avx2});
  else
    WARN("this CPU has no AVX2: only the plain kernel is run");
#endif
  return all;
}

// Every kernel here against the reference, every bit.
void check_layer(const GroupWeight& w, const Matrix<std::uint8_t>& x, std::int32_t zero_point,
                 std::span<const float> bias) {
  const QuantParams params{0.0127F, zero_point};
  const Matrix<float> expected = group_linear_ref(x, params, w, bias);
  const PackedInt4 packed = pack_int4(w);
  for (const NamedKernel& kernel : kernels()) {
    InputChunks chunks;
    std::vector<float> y(expected.size(), -1.0F);
    group_linear(kernel.multiply, packed, values(x), params, bias, chunks, y);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
      wrong += same_bits(y[i], values(expected)[i]) ? 0 : 1;
    INFO(kernel.name << ": N " << w.outputs() << ", K " << w.inputs() << ", groups of "
                     << w.group_size << ", rows " << x.shape(0) << ", z_x " << zero_point);
    CHECK(wrong == 0);
  }
}

// Where kernel_u8s4.hpp says that the code of weight (n, k) stands.
unsigned code_at(const PackedInt4& packed, std::size_t n, std::size_t chunk, std::size_t input) {
  const std::size_t byte =
      (n / 8 * packed.chunks_of_row() + chunk) * 128 + input / 8 * 32 + n % 8 * 4 + input % 4;
  const unsigned two = packed.registers.at(byte / 32).codes[byte % 32];
  return input % 8 < 4 ? two & 15U : two >> 4;
}

void check_packed(const GroupWeight& w) {
  const PackedInt4 packed = pack_int4(w);
  const std::size_t N = w.outputs(), K = w.inputs();
  INFO("N " << N << ", K " << K << ", groups of " << w.group_size);
  REQUIRE(packed.registers.size() == packed.blocks() * packed.chunks_of_row() * 4);
  CHECK((packed.blocks() * 8 >= N && packed.blocks() * 8 < N + 8));
  CHECK(reinterpret_cast<std::uintptr_t>(packed.view().codes) % 32 == 0);
  std::size_t wrong = 0, weights = 0;
  for (std::size_t n = 0; n < packed.blocks() * 8; ++n) {
    std::size_t chunk = 0;
    for (std::size_t g = 0; g < packed.groups; ++g) {
      const std::size_t at = (n / 8 * packed.groups + g) * 8 + n % 8;
      std::int32_t sum = 0;
      const std::size_t chunks = g + 1 < packed.groups ? packed.chunks : packed.last_chunks;
      for (std::size_t c = 0; c < chunks; ++c, ++chunk)
        for (std::size_t i = 0; i < 32; ++i) {
          const std::size_t in_group = c * 32 + i, k = g * w.group_size + in_group;
          const bool is_weight = n < N && in_group < w.group_size && k < K;
          const std::int32_t expected = is_weight ? w.q(n, k) : 0;
          wrong += static_cast<std::int32_t>(code_at(packed, n, chunk, i)) - 8 != expected ? 1 : 0;
          weights += is_weight ? 1 : 0;
          sum += expected;
        }
      wrong += packed.weight_sum[at] != sum ? 1 : 0;
      wrong += packed.scale[at] != (n < N ? w.scale_of(n, g) : 0.0F) ? 1 : 0;
    }
  }
  CHECK(wrong == 0);
  CHECK(weights == N * K);
}

}  // namespace

TEST_CASE("what is packed is the weights, their scales and their sums", "[prop]") {
  Rng rng(1720);
  for (std::size_t N : {1U, 7U, 8U, 9U, 17U})
    for (std::size_t K : {1U, 2U, 31U, 32U, 33U, 65U, 100U})
      for (std::size_t size : {1U, 5U, 32U, 33U, 64U, 200U})
        check_packed(random_weight(rng, N, K, size, 2 + static_cast<int>(rng.below(3))));
  check_packed(quantize_groups(make_tensor<float>({3, 5}, 1.0F), 4, {}));  // one scale for all
}

TEST_CASE("a short last group has no more chunks than it needs", "[hand]") {
  Rng rng(1719);  // 784 = 6 * 128 + 16: six groups of four chunks, one of one
  const PackedInt4 packed = pack_int4(random_weight(rng, 9, 784, 128));
  CHECK(packed.groups == 7);
  CHECK(packed.chunks == 4);
  CHECK(packed.last_chunks == 1);
  CHECK(packed.registers.size() == 2 * 25 * 4);  // two blocks of 25 chunks of 128 bytes
}

TEST_CASE("a lane holds 16 products, whatever they are", "[hand]") {
  // (eq. 17.6): 16 inputs of 255 by 16 weights of -8 or of 7
  CHECK(16 * 255 * -8 == u8s4::kLowest);
  CHECK((u8s4::kLowest == -32640 && u8s4::kLowest >= -32768));
  CHECK((u8s4::kHighest == 28560 && u8s4::kHighest <= 32767));
  CHECK(17 * 255 * -8 < -32768);  // one more would not fit
}

TEST_CASE("both kernels give the reference's bits: every awkward size", "[isa]") {
  Rng rng(1721);
  for (std::size_t N : {1U, 7U, 8U, 9U, 16U, 19U})
    for (std::size_t K : {1U, 2U, 3U, 31U, 32U, 33U, 63U, 64U, 65U, 100U, 129U})
      for (std::size_t size : {1U, 5U, 16U, 32U, 64U, 128U, 1000U}) {
        const std::size_t rows = 1 + rng.below(9);
        const auto x = random_integers<std::uint8_t>(rng, rows, K, {0, 255});
        const auto zero_point = static_cast<std::int32_t>(rng.below(4) == 0 ? 0 : rng.below(256));
        check_layer(random_weight(rng, N, K, size), x, zero_point, random_biases(rng, N));
      }
}

TEST_CASE("both kernels: every number of rows up to 13, and none", "[isa]") {
  Rng rng(1722);
  for (std::size_t rows = 0; rows <= 13; ++rows)
    check_layer(random_weight(rng, 11, 70, 32, 3),
                random_integers<std::uint8_t>(rng, rows, 70, {0, 255}), 33, random_biases(rng, 11));
}

TEST_CASE("both kernels: extremes of the inputs by extremes of the weights", "[isa]") {
  Rng rng(1723);
  for (std::size_t K : {32U, 100U, 784U, 4096U})
    for (int input : {0, 1, 127, 128, 255})
      for (int weight : {-8, -1, 0, 7})
        for (std::int32_t zero_point : {0, 255}) {
          GroupWeight w = random_weight(rng, 8, K, K == 784 ? 784 : 128);
          std::ranges::fill(values(w.q), static_cast<std::int8_t>(weight));
          const auto x = make_tensor<std::uint8_t>({2, K}, static_cast<std::uint8_t>(input));
          check_layer(w, x, zero_point, random_biases(rng, 8));
        }
}

TEST_CASE("both kernels: inputs that fill a lane as far as it goes", "[isa]") {
  Rng rng(1724);
  for (int trial = 0; trial < 50; ++trial) {
    const GroupWeight w = random_weight(rng, 8, 96, 32);
    auto x = make_tensor<std::uint8_t>({16, 96});
    for (std::size_t m = 0; m < 16; ++m)  // 255 where an output's weight is positive, or negative
      for (std::size_t k = 0; k < 96; ++k)
        x(m, k) = (w.q(m / 2, k) > 0) == (m % 2 == 0) ? std::uint8_t{255} : std::uint8_t{0};
    check_layer(w, x, 0, random_biases(rng, 8));
  }
}

TEST_CASE("each weight is multiplied by its own input, and added to its own output", "[isa]") {
  Rng rng(1725);
  constexpr std::size_t N = 9, K = 70;
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t k = 0; k < K; ++k) {
      GroupWeight w = random_weight(rng, N, K, 32);
      std::ranges::fill(values(w.q), std::int8_t{0});
      w.q(n, k) = -8;
      auto x = make_tensor<std::uint8_t>({1, K});
      for (std::size_t i = 0; i < K; ++i) x(0, i) = static_cast<std::uint8_t>(1 + 3 * i);
      check_layer(w, x, 0, std::vector<float>(N));
    }
}

// Where memory ends: what the kernel is given, and what it writes.
TEST_CASE("nothing is read or written past an end", "[isa]") {
  Rng rng(1726);
  for (Against side : {Against::first_page, Against::last_page})
    for (std::size_t rows : {1U, 2U, 3U, 4U, 7U})
      for (std::size_t K : {5U, 32U, 96U, 100U}) {
        const PackedInt4 packed = pack_int4(random_weight(rng, 13, K, 32));
        const u8s4::Weights of_heap = packed.view();
        const std::size_t chunks = packed.chunks_of_row(), blocks = packed.blocks();
        const GuardedArray<std::uint8_t> codes({of_heap.codes, blocks * chunks * 128}, side);
        const GuardedArray<float> scale(packed.scale, side);
        const GuardedArray<std::int32_t> sums(packed.weight_sum, side);
        const auto inputs = random_integers<std::uint8_t>(rng, rows, chunks * 32, {0, 255});
        const GuardedArray<std::uint8_t> x(values(inputs), side);
        std::vector<std::int16_t> starts;
        for (std::size_t c = 0; c < rows * chunks; ++c)
          for (std::size_t lane : {0U, 2U}) {
            std::int32_t sum = 0;
            for (std::size_t i = lane; i < 32; i += 4)
              sum += values(inputs)[c * 32 + i] + values(inputs)[c * 32 + i + 1];
            starts.push_back(static_cast<std::int16_t>(-8 * sum));
          }
        const GuardedArray<std::int16_t> start(starts, side);
        std::vector<float> first;
        for (const NamedKernel& kernel : kernels()) {
          const GuardedArray<float> total(rows * blocks * 8, side);
          kernel.multiply({blocks, packed.groups, packed.chunks, packed.last_chunks, codes.data(),
                           scale.data(), sums.data()},
                          {rows, chunks, x.data(), start.data(), 9}, total.data());
          CHECK((codes.intact() && scale.intact() && sums.intact() && x.intact() &&
                 start.intact() && total.intact()));
          if (first.empty()) first.assign(total.begin(), total.end());
          CHECK(qfs::test::difference<float>(total.values(), first) == "");
        }
      }
}

TEST_CASE("buffers are used again, for other layers and fewer rows", "[prop]") {
  Rng rng(1727);
  InputChunks chunks;
  for (std::size_t rows : {5U, 1U, 3U})
    for (std::size_t K : {100U, 7U, 64U}) {
      const GroupWeight w = random_weight(rng, 10, K, 32);
      const auto x = random_integers<std::uint8_t>(rng, rows, K, {0, 255});
      const std::vector<float> bias = random_biases(rng, 10);
      std::vector<float> y(rows * 10);
      group_linear(u8s4::multiply_plain, pack_int4(w), values(x), {0.5F, 3}, bias, chunks, y);
      CHECK(qfs::test::difference<float>(y, values(group_linear_ref(x, {0.5F, 3}, w, bias))) == "");
    }
}

TEST_CASE("packing and the layer refuse what does not fit", "[hand]") {
  Rng rng(1728);
  CHECK_THROWS_AS(pack_int4(random_weight(rng, 2, 8, 4, 8)), Error);
  GroupWeight bad = random_weight(rng, 2, 8, 4);
  bad.scale(1, 1) = 0.0F;
  CHECK_THROWS_AS(pack_int4(bad), Error);
  const PackedInt4 packed = pack_int4(random_weight(rng, 2, 8, 4));
  const std::vector<std::uint8_t> x(16);
  std::vector<float> y(4);
  const std::vector<float> bias(2);
  InputChunks chunks;
  const auto run = [&](std::size_t inputs, std::size_t outputs, std::size_t biases,
                       std::int32_t zero_point) {
    group_linear(u8s4::multiply_plain, packed, std::span(x).first(inputs), {1.0F, zero_point},
                 std::span(bias).first(biases), chunks, std::span(y).first(outputs));
  };
  CHECK_NOTHROW(run(16, 4, 2, 0));
  CHECK_NOTHROW(run(0, 0, 2, 255));
  CHECK_THROWS_AS(run(15, 2, 2, 0), Error);
  CHECK_THROWS_AS(run(16, 3, 2, 0), Error);
  CHECK_THROWS_AS(run(16, 4, 1, 0), Error);
  CHECK_THROWS_AS(run(16, 4, 2, 256), Error);
  CHECK_THROWS_AS(run(16, 4, 2, -1), Error);
}

TEST_CASE("the kernel is AVX2's where that is, and plain where ref is forced", "[isa]") {
  const bool plain = choose_backend().name == "ref" || !cpu_features().avx2;
#if defined(__x86_64__)
  CHECK(choose_u8s4() == (plain ? u8s4::multiply_plain : u8s4::multiply_avx2));
#else
  CHECK((plain && choose_u8s4() == u8s4::multiply_plain));
#endif
}
