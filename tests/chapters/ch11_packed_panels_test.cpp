// Chapter 11, the packer: what it lays out is decoded again, weight by weight. And the loops round
// the kernel, where there is nothing to multiply.
#include "11_avx2_kernel/packed_panels.hpp"

#include <numeric>

#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_products.hpp"

namespace {

using namespace qfs;
using panel::kLongest;
using qfs::test::difference;
using qfs::test::random_weights;

// What packed panels hold.
struct Decoded {
  Matrix<std::int32_t> w;
  Matrix<int> seen;  // blocks x N: in how many panels
  LaneProof proof;   // as counted here; steps without those of zeros
  std::size_t all_steps = 0;
  std::string wrong{};
};

// One group: its weights, and whether both lanes fit.
void decode_group(Decoded& to, std::span<const panel::Step> group, std::size_t n,
                  std::size_t first_input, std::size_t end, std::int32_t x_max) {
  Lanes lanes{};
  for (const panel::Step& step : group) {
    const bool zero = fullness(step) == 0;
    if (zero && group.size() > 1) to.wrong = "a step of zeros among others";
    to.proof.steps += zero ? 0 : 1;
    if (step.k % 4 != 0 || first_input + step.k >= end) to.wrong = "a step outside its block";
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t k = first_input + step.k + i;
      if (k < end)
        to.w(n, k) += step.w[i];
      else if (step.w[i] != 0)
        to.wrong = "a weight behind the last input";
    }
    lanes[0] += sums_of(step.w[0], step.w[1]);
    lanes[1] += sums_of(step.w[2], step.w[3]);
  }
  if (!fits_lane(lanes[0], x_max) || !fits_lane(lanes[1], x_max)) to.wrong = "a lane too full";
  const std::size_t products = 2 * group.size();
  to.proof.shallowest = to.proof.groups == 0 ? products : std::min(to.proof.shallowest, products);
  to.proof.deepest = std::max(to.proof.deepest, products);
  ++to.proof.groups;
}

void decode_panel(Decoded& to, const PackedPanels& packed, const PackedPanels::Place& place,
                  std::size_t block, std::int32_t x_max) {
  const std::size_t first_input = block * packed.block,
                    end = std::min(first_input + packed.block, packed.K);
  std::size_t at = place.first_step;
  for (std::size_t i = 0; i < place.outputs; ++i) {
    const std::size_t n = packed.output[place.first_output + i];
    ++to.seen(block, n);
    for (std::size_t c = 0; c < kLongest; ++c)
      for (std::size_t g = 0; g < place.counts[c]; ++g, at += kLongest - c)
        decode_group(to, std::span(packed.steps).subspan(at, kLongest - c), n, first_input, end,
                     x_max);
  }
  to.all_steps += at - place.first_step;
}

// Block after block, panel after panel: eight outputs each, the last of a block what is left.
Decoded decode(const PackedPanels& packed, std::int32_t x_max) {
  const std::size_t blocks = packed.K == 0 ? 0 : (packed.K + packed.block - 1) / packed.block,
                    of_block = (packed.N + 7) / 8;
  Decoded to{
      make_tensor<std::int32_t>({packed.N, packed.K}), make_tensor<int>({blocks, packed.N}), {}};
  if (packed.panels.size() != blocks * of_block) {
    to.wrong = "not all panels";
    return to;
  }
  std::size_t outputs = 0;
  for (std::size_t p = 0; p < packed.panels.size(); ++p) {
    const PackedPanels::Place& place = packed.panels[p];
    const std::size_t expected = std::min<std::size_t>(8, packed.N - p % of_block * 8);
    if (place.outputs != expected) to.wrong = "a panel of a wrong number of outputs";
    if (place.first_output != outputs) to.wrong = "the outputs of a panel are elsewhere";
    if (place.first_step != to.all_steps) to.wrong = "the steps of a panel are elsewhere";
    outputs += place.outputs;
    decode_panel(to, packed, place, p / of_block, x_max);
  }
  return to;
}

// From the weights alone: how many steps are not zero, and how many do not fit.
LaneProof counted(const Matrix<std::int8_t>& w, std::int32_t x_max) {
  LaneProof proof;
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t k = 0; k < w.shape(1); k += 4) {
      std::array<std::int8_t, 4> q{};
      for (std::size_t i = 0; i < 4 && k + i < w.shape(1); ++i) q[i] = w(n, k + i);
      if (q == std::array<std::int8_t, 4>{}) continue;
      const bool fits =
          fits_lane(sums_of(q[0], q[1]), x_max) && fits_lane(sums_of(q[2], q[3]), x_max);
      proof.remainders += fits ? 0 : 1;
      proof.steps += fits ? 1 : 2;
    }
  return proof;
}

void check_packed(const Matrix<std::int8_t>& w, std::int32_t x_max) {
  const PackedPanels packed = pack_panels(w, x_max);
  INFO("N, K = " << w.shape(0) << ", " << w.shape(1) << "; x_max = " << x_max);
  REQUIRE((packed.N == w.shape(0) && packed.K == w.shape(1)));
  CHECK((packed.block % 4 == 0 && packed.block <= 768));
  const Decoded decoded = decode(packed, x_max);
  CHECK(decoded.wrong == "");
  CHECK(decoded.all_steps == packed.steps.size());
  CHECK(std::ranges::count(decoded.seen, 1) == static_cast<std::ptrdiff_t>(packed.output.size()));
  CHECK(decoded.seen.size() == packed.output.size());
  Matrix<std::int32_t> expected = make_tensor<std::int32_t>({w.shape(0), w.shape(1)});
  std::ranges::copy(w, expected.begin());
  CHECK(difference(decoded.w, expected) == "");
  const LaneProof &proof = packed.proof, of_weights = counted(w, x_max);
  CHECK((proof.steps == decoded.proof.steps && proof.steps == of_weights.steps));
  CHECK(proof.remainders == of_weights.remainders);
  CHECK(proof.groups == decoded.proof.groups);
  CHECK((proof.shallowest == decoded.proof.shallowest && proof.deepest == decoded.proof.deepest));
}

}  // namespace

TEST_CASE("packed panels hold the weights, and every lane fits: every depth to 70", "[prop]") {
  Rng rng(1111);
  for (std::size_t K = 1; K <= 70; ++K)
    for (std::int32_t x_max : {255, 200, 127, 1})
      check_packed(random_weights(rng, 1 + rng.below(20), K), x_max);
}

TEST_CASE("packed panels hold the weights: blocks of inputs, numbers of outputs", "[prop]") {
  Rng rng(1112);
  for (std::size_t K : {767U, 768U, 769U, 772U, 1537U, 2304U})
    for (std::int32_t x_max : {255, 127}) check_packed(random_weights(rng, 11, K), x_max);
  for (std::size_t N = 1; N <= 33; ++N) check_packed(random_weights(rng, N, 37), 255);
}

TEST_CASE("extreme weights are packed: all of them -128, or 127", "[prop]") {
  for (std::int32_t q : {-128, -127, -1, 1, 127})
    for (std::int32_t x_max : {1, 127, 128, 129, 254, 255})
      for (std::size_t K : {1U, 4U, 7U, 70U})
        check_packed(make_tensor<std::int8_t>({9, K}, static_cast<std::int8_t>(q)), x_max);
}

TEST_CASE("blocks are of about one size", "[hand]") {
  const auto block_of = [](std::size_t K) {
    return pack_panels(make_tensor<std::int8_t>({1, K}), 255).block;
  };
  CHECK(block_of(1) == 4);
  CHECK(block_of(766) == 768);
  CHECK(block_of(768) == 768);
  CHECK(block_of(769) == 388);   // 385 rounded up to 4: 388 + 381
  CHECK(block_of(784) == 392);   // twice
  CHECK(block_of(1537) == 516);  // 513: 516 + 516 + 505
  CHECK(block_of(2304) == 768);
}

TEST_CASE("three outputs on paper: groups alike, a remainder, a step of zeros", "[hand]") {
  // At 255 a lane holds 128. Output 0: lanes of 100 + 100, 72 too much, so 128 and 72, in two
  // groups. Output 1 is zero. Output 2: 60 and 68 at k = 0 and 4 fit one group.
  const Matrix<std::int8_t> w = {
      {100, 100, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0}, {60, 0, 0, 0, 0, 68, 0, 0}};
  const PackedPanels packed = pack_panels(w, 255);
  REQUIRE(packed.panels.size() == 1);
  // Fewer groups first: none, one, two.
  CHECK(packed.output == std::vector<std::uint32_t>{1, 2, 0});
  // Output 1 has no group of two steps, so none has: two groups of one.
  CHECK(packed.panels[0].counts == std::array<std::uint32_t, kLongest>{0, 0, 0, 0, 0, 0, 0, 2});
  REQUIRE(packed.steps.size() == 6);
  const auto holds = [&](std::size_t i, std::uint32_t k, std::array<std::int8_t, 4> q) {
    return packed.steps[i].k == k && std::ranges::equal(packed.steps[i].w, q);
  };
  CHECK((holds(0, 0, {}) && holds(1, 0, {})));
  CHECK((holds(2, 4, {0, 68, 0, 0}) && holds(3, 0, {60, 0, 0, 0})));
  CHECK((holds(4, 0, {100, 28, 0, 0}) && holds(5, 0, {0, 72, 0, 0})));
  const LaneProof& proof = packed.proof;
  CHECK((proof.steps == 4 && proof.remainders == 1 && proof.groups == 6));
  CHECK((proof.shallowest == 2 && proof.deepest == 2));
  CHECK(2.0 * 4 / 6 == proof.products_per_lane());
  // At 127 everything fits: a group of two needs two steps, which output 0 has not.
  CHECK(pack_panels(w, 127).proof.remainders == 0);
  // The third alone: one group of two steps, the fuller step first.
  const Matrix<std::int8_t> third = {{60, 0, 0, 0, 0, 68, 0, 0}};
  const PackedPanels alone = pack_panels(third, 255);
  CHECK(alone.panels[0].counts == std::array<std::uint32_t, kLongest>{0, 0, 0, 0, 0, 0, 1, 0});
  CHECK((alone.steps.size() == 2 && alone.steps[0].k == 4 && alone.steps[1].k == 0));
  CHECK((alone.proof.shallowest == 4 && alone.proof.deepest == 4));
  CHECK(alone.proof.products_per_lane() == 4.0);
}

TEST_CASE("small weights go sixteen to a lane", "[hand]") {
  // 34 steps of ones: four groups of eight and one of two.
  const PackedPanels packed = pack_panels(make_tensor<std::int8_t>({8, 136}, std::int8_t{1}), 255);
  CHECK(packed.panels[0].counts == std::array<std::uint32_t, kLongest>{4, 0, 0, 0, 0, 0, 1, 0});
  CHECK((packed.proof.steps == 8 * 34 && packed.proof.groups == 8 * 5));
  CHECK((packed.proof.shallowest == 4 && packed.proof.deepest == 16));
}

TEST_CASE("a group is no longer than that of the output with the fewest steps", "[hand]") {
  // Two steps and three: a group of two in both, and one of one, a step of zeros in the first.
  Matrix<std::int8_t> w = make_tensor<std::int8_t>({2, 12}, std::int8_t{1});
  std::ranges::fill(row(w, 0).last(4), std::int8_t{0});
  const PackedPanels packed = pack_panels(w, 255);
  CHECK(packed.output == std::vector<std::uint32_t>{0, 1});
  CHECK(packed.panels[0].counts == std::array<std::uint32_t, kLongest>{0, 0, 0, 0, 0, 0, 1, 1});
  CHECK((packed.proof.steps == 5 && packed.proof.groups == 4 && packed.steps.size() == 6));
  CHECK(fullness(packed.steps[2]) == 0);
}

TEST_CASE("outputs alike share a panel", "[hand]") {
  // Every other output is zero: they come first, in their order, and their panel has no steps.
  auto w = make_tensor<std::int8_t>({16, 8}, std::int8_t{0});
  for (std::size_t n = 1; n < 16; n += 2) row(w, n)[0] = 1;
  const PackedPanels packed = pack_panels(w, 255);
  CHECK(packed.output ==
        std::vector<std::uint32_t>{0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15});
  CHECK(packed.steps.size() == 8);
  CHECK((packed.panels[0].counts == std::array<std::uint32_t, kLongest>{} &&
         packed.panels[1].counts.back() == 1));
}

TEST_CASE("inputs that are not of 8 bits are refused", "[hand]") {
  const auto w = make_tensor<std::int8_t>({2, 3}, std::int8_t{1});
  for (std::int32_t x_max : {-1, 0, 256, std::numeric_limits<std::int32_t>::max()})
    CHECK_THROWS_WITH(pack_panels(w, x_max), QFS_CONTAINS("not of 8 bits") &&
                                                 QFS_CONTAINS(std::to_string(x_max)) &&
                                                 QFS_CONTAINS("1 to 255"));
  for (std::int32_t x_max : {1, 255}) CHECK_NOTHROW(pack_panels(w, x_max));
}

namespace {

// The product of a block of rows that has held other sums before, which began with others.
Matrix<std::int32_t> product(const Matrix<std::int8_t>& w, const Matrix<std::uint8_t>& x,
                             std::span<const std::int32_t> start) {
  const panel::Kernel& kernel = plain_kernel();
  const std::size_t M = x.shape(0), N = w.shape(0);
  auto acc = make_tensor<std::int32_t>({M, N}, 7);
  BlockOfRows rows;
  const auto run = [&](const Matrix<std::int8_t>& weights, const LeftSide& left,
                       std::span<const std::int32_t> sums, auto&& store) {
    multiply_panels(kernel, pack_panels(weights, 255), left, sums, rows, store);
  };
  const auto others = make_tensor<std::uint8_t>({33, 5}, 3);
  run(make_tensor<std::int8_t>({N, 5}, std::int8_t{9}), matrix_left_side(values(others), 33),
      std::vector<std::int32_t>(N, 99), [](const SumTile&) {});
  run(w, {.rows = M, .depth = w.shape(1), .source = x.data()}, start, [&](const SumTile& tile) {
    CHECK((tile.rows >= 1 && tile.rows <= 32 && tile.outputs >= 1 && tile.outputs <= 8));
    kernel.to_rows(tile.sums, tile.rows, tile.outputs, &acc(tile.row, tile.output), N);
  });
  return acc;
}

}  // namespace

TEST_CASE("no inputs, no weights but zeros: every sum is what it begins with", "[hand]") {
  std::vector<std::int32_t> start(11);
  std::iota(start.begin(), start.end(), -5);
  for (std::size_t K : {0U, 3U, 769U}) {
    const auto w = make_tensor<std::int8_t>({11, K}, std::int8_t{0});
    const PackedPanels packed = pack_panels(w, 255);
    CHECK((packed.steps.empty() && packed.proof.groups == 0 && packed.proof.steps == 0));
    CHECK((packed.proof.shallowest == 0 && packed.proof.deepest == 0));
    CHECK(packed.proof.products_per_lane() == 0.0);
    for (std::size_t M : {1U, 32U, 33U}) {
      INFO("K = " << K << ", M = " << M);
      const auto x = make_tensor<std::uint8_t>({M, K}, 255);
      auto expected = make_tensor<std::int32_t>({M, 11});
      CHECK(difference(product(w, x, {}), expected) == "");
      for (std::size_t m = 0; m < M; ++m) std::ranges::copy(start, row(expected, m).begin());
      CHECK(difference(product(w, x, start), expected) == "");
    }
  }
}

namespace {

// What a kernel is asked for: rows interleaved at a time, and strips multiplied at a time.
std::vector<std::size_t> counts_seen, strips_seen;
const panel::Kernel kWitness = {
    "witness",
    [](const panel::Panel& panel, const std::uint8_t* x, std::size_t strip_bytes,
       std::size_t strips, const std::int32_t* start, std::int32_t* all_sums) {
      strips_seen.push_back(strips);
      plain_kernel().multiply(panel, x, strip_bytes, strips, start, all_sums);
    },
    [](const std::uint8_t* rows, std::size_t stride, std::size_t count, std::size_t K,
       std::uint8_t* strip) {
      counts_seen.push_back(count);
      plain_kernel().interleave(rows, stride, count, K, strip);
    },
    nullptr};

}  // namespace

TEST_CASE("a kernel is asked for no more rows than there are, each block of inputs once",
          "[hand]") {
  // 41 rows: 32 in four strips, and 9 in two. 9 outputs: two panels. 769 inputs: two blocks.
  const PackedPanels packed = pack_panels(make_tensor<std::int8_t>({9, 769}, std::int8_t{1}), 255);
  const auto x = make_tensor<std::uint8_t>({41, 769}, std::uint8_t{1});
  BlockOfRows rows;
  std::vector<std::size_t> tiles;
  counts_seen.clear();
  strips_seen.clear();
  multiply_panels(kWitness, packed, matrix_left_side(values(x), 41), {}, rows,
                  [&](const SumTile& tile) {
                    tiles.insert(tiles.end(), {tile.row, tile.rows, tile.output, tile.outputs});
                    CHECK(reinterpret_cast<std::uintptr_t>(tile.sums) % 32 == 0);
                  });
  using Sizes = std::vector<std::size_t>;
  CHECK(counts_seen == Sizes{8, 8, 8, 8, 8, 8, 8, 8, 8, 1, 8, 1});
  CHECK(strips_seen == Sizes{4, 4, 4, 4, 2, 2, 2, 2});
  CHECK(tiles == Sizes{0, 32, 0, 8, 0, 32, 8, 1, 32, 9, 0, 8, 32, 9, 8, 1});
}

TEST_CASE("no outputs, or no rows, give nothing", "[hand]") {
  for (std::size_t K : {0U, 5U}) {
    const PackedPanels none = pack_panels(make_tensor<std::int8_t>({0, K}), 255);
    CHECK((none.panels.empty() && none.steps.empty() && none.output.empty()));
    CHECK(product(make_tensor<std::int8_t>({0, K}), make_tensor<std::uint8_t>({3, K}), {}).size() ==
          0);
    CHECK(product(make_tensor<std::int8_t>({3, K}), make_tensor<std::uint8_t>({0, K}), {}).size() ==
          0);
  }
}
