// Chapter 21 against PyTorch (tests/reference/ch21.py): every integer of every tensor of whole
// nets, each operator on random pictures, the fold, the examples of the text.
#include <algorithm>
#include <cmath>

#include "07_layer_fusion/fuse.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "20_float_cnn/nets.hpp"
#include "21_int8_cnn/lesson/paper_example.hpp"
#include "21_int8_cnn/pool_u8.hpp"
#include "21_int8_cnn/quantized_cnn.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/integer_outputs.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;
using qfs::test::row_hash;

// drawn() of ch21.py: number `index` of the net.
float drawn(std::size_t index, std::size_t fan_in, std::uint32_t seed) {
  std::uint32_t h = (static_cast<std::uint32_t>(index) + seed) * 0x9E3779B1U;
  h = (h ^ (h >> 16)) * 0x85EBCA6BU;
  h = (h ^ (h >> 13)) * 0xC2B2AE35U;
  h ^= h >> 16;
  float scale = 0.25F;
  if (fan_in > 0)
    for (scale = 4.0F; scale / 2 * (scale / 2) * static_cast<float>(fan_in) > 9.0F;) scale /= 2;
  return (static_cast<float>(h >> 8) * 0x1p-24F - 0.5F) * scale;
}

Cnn drawn_net(bool residual) {
  const auto seed = static_cast<std::uint32_t>(load_reference<std::int32_t, 1>("ch21/seed")(0));
  Cnn cnn = fold_batch_norm(residual ? make_residual_net(nullptr) : make_small_cnn(nullptr));
  std::size_t index = 0;
  const auto draw = [&](auto& weight, auto& bias) {
    const std::size_t fan_in = weight.shape(1);
    for (float& w : values(weight)) w = drawn(index++, fan_in, seed);
    for (float& b : values(bias)) b = drawn(index++, 0, seed);
  };
  for (Conv2d& conv : cnn.convs) draw(conv.weight, conv.bias);
  for (Linear& linear : cnn.linears) draw(linear.weight, linear.bias);
  return cnn;
}

std::vector<QuantParams> params_of(const std::string& name) {
  const auto scale = load_reference<float, 1>("ch21/" + name + "_scale");
  const auto zero_point = load_reference<std::int32_t, 1>("ch21/" + name + "_zero_point");
  std::vector<QuantParams> params;
  for (std::size_t t = 0; t < scale.size(); ++t) params.push_back({scale(t), zero_point(t)});
  return params;
}

struct Outputs {
  NetBuffers buffers{};
  std::size_t integers = 0, mismatches = 0;  // checksums, and integers in full
};

// The tensors of `net` that `tensor` names, against the checksums of ch21.py's tensors 0, 1, ...
Outputs compare(const QuantizedNet& net, const Backend& backend, const std::string& name,
                std::span<const std::optional<std::size_t>> tensor) {
  const TestDigits digits = load_dataset("").test;
  const auto hash = load_reference<std::int32_t, 2>("ch21/" + name + "_hash");
  const auto before = load_reference<std::uint8_t, 2>("ch21/" + name + "_before");
  const auto logits = load_reference<std::uint8_t, 2>("ch21/" + name + "_logits");
  Outputs outputs;
  run(pack(net, backend, cnn_operations()), normalized(digits.pixels, 0, hash.shape(0)),
      outputs.buffers);
  require(tensor.size() == hash.shape(1), "one checksum per tensor", hash.shape(1), tensor.size(),
          "regenerate the reference");
  for (std::size_t t = 0; t < tensor.size(); ++t) {
    if (!tensor[t]) continue;
    const Matrix<std::uint8_t>& q = outputs.buffers.u8[*tensor[t]];
    outputs.integers += q.size();
    for (std::size_t m = 0; m < hash.shape(0); ++m)
      outputs.mismatches += row_hash(row(q, m)) != hash(m, t) ? 1 : 0;
  }
  const Matrix<std::uint8_t>& last = outputs.buffers.u8[*tensor.back()];
  const Matrix<std::uint8_t>& read = outputs.buffers.u8[**(tensor.end() - 2)];
  outputs.mismatches += count_different(last, logits);
  for (std::size_t i = 0; i < before.size(); ++i)
    outputs.mismatches += read.data()[i] != before.data()[i] ? 1 : 0;
  return outputs;
}

// Tensor t of the reference in a net before fuse: one further on, behind quantize.
std::vector<std::optional<std::size_t>> all_tensors(const Cnn& cnn) {
  std::vector<std::optional<std::size_t>> tensors;
  for (std::size_t t = 0; t < cnn.tensors.size(); ++t) tensors.push_back(t + 1);
  return tensors;
}

// The same after fuse, which drops what a relu alone has read.
std::vector<std::optional<std::size_t>> fused_tensors(const Cnn& cnn) {
  std::vector<bool> dropped(cnn.tensors.size(), false);
  for (const CnnLayer& layer : cnn.layers)
    if (layer.kind == LayerKind::relu) dropped[layer.inputs[0]] = true;
  std::vector<std::optional<std::size_t>> tensors;
  std::size_t number = 1;
  for (std::size_t t = 0; t < cnn.tensors.size(); ++t)
    tensors.push_back(dropped[t] ? std::nullopt : std::optional(number++));
  return tensors;
}

PtqOptions options_of(const std::string& kind) {
  return {unsigned_range(kind == "seven_bits" ? 7 : 8), kind == "per_tensor" || kind == "unfused"
                                                            ? WeightGranularity::per_tensor
                                                            : WeightGranularity::per_channel};
}

TEST_CASE("every integer of every tensor is that of PyTorch's qnnpack, on every backend", "[ref]") {
  for (const bool residual : {false, true})
    for (const std::string kind : {"per_tensor", "per_channel", "seven_bits", "unfused"}) {
      const std::string name = (residual ? "residual_" : "small_") + kind;
      const Cnn cnn = drawn_net(residual);
      QuantizedNet net =
          with_rule(quantize_cnn(cnn, params_of(name), options_of(kind)), AddRule::qnnpack);
      const auto tensors = kind == "unfused" ? all_tensors(cnn) : fused_tensors(cnn);
      if (kind != "unfused") net = fuse(net, cnn_operations());
      for (const KnownBackend& known : known_backends()) {
        if (!known.can_run()) continue;
        INFO(name << " by " << known.backend->name);
        const Outputs outputs = compare(net, *known.backend, name, tensors);
        CHECK(outputs.mismatches == 0);
        CHECK(outputs.integers >= 1'500'000);
      }
    }
}

// How often ONNX Runtime's rule for sums gives another integer in the residual net: only in what
// follows the first add.
TEST_CASE("the other rule for sums changes few integers, and none before the first sum", "[ref]") {
  const Cnn cnn = drawn_net(true);
  const std::string name = "residual_per_tensor";
  const QuantizedNet net =
      fuse(quantize_cnn(cnn, params_of(name), options_of("per_tensor")), cnn_operations());
  const Outputs ours = compare(net, ref_backend(), name, fused_tensors(cnn));
  NetBuffers theirs;
  run(pack(with_rule(net, AddRule::qnnpack), ref_backend(), cnn_operations()),
      normalized(load_dataset("").test.pixels, 0, 200), theirs);
  bool sum_seen = false;
  std::size_t different = 0, all = 0;
  for (const Operation& operation : net.operations) {
    if (net.tensors[operation.output].type != DType::u8) continue;
    sum_seen = sum_seen || operation.kind == "add";
    const std::size_t count =
        count_different(ours.buffers.u8[operation.output], theirs.u8[operation.output]);
    if (!sum_seen) CHECK(count == 0);
    different += count;
    all += theirs.u8[operation.output].size();
  }
  CHECK(different <= all / 1000);
}

TEST_CASE("these nets classify differently from digit to digit", "[ref]") {
  for (const std::string name : {"small_per_tensor", "residual_per_tensor"}) {
    const auto logits = load_reference<std::uint8_t, 2>("ch21/" + name + "_logits");
    const auto [least, most] = std::ranges::minmax(values(logits));
    CHECK(most - least > 100);
    CHECK(std::ranges::count(values(logits), logits(0, 0)) <
          static_cast<std::ptrdiff_t>(logits.size()) / 4);
  }
}

struct Conv {
  PictureShape picture;
  std::size_t channels;
  Window window;
  std::size_t groups;
};
constexpr Conv kConvs[] = {{{5, 6, 3}, 4, {3, 3, 1, 1}, 1},
                           {{7, 5, 8}, 6, {3, 3, 2, 1}, 2},
                           {{6, 6, 5}, 5, {3, 3, 1, 1}, 5},
                           {{4, 7, 6}, 9, {1, 1, 2, 0}, 3},
                           {{6, 5, 4}, 3, {2, 4, 1, 1}, 1}};

TEST_CASE("convolutions with groups, strides and borders are PyTorch's", "[ref]") {
  for (std::size_t i = 0; i < std::size(kConvs); ++i) {
    const std::string name = "ch21/conv" + std::to_string(i) + "_";
    const Conv& conv = kConvs[i];
    const auto x = load_reference<std::uint8_t, 2>(name + "x");
    const auto zero = load_reference<std::int32_t, 1>(name + "x_zero_point");
    QuantizedNet net{.tensors = {{{conv.picture.height, conv.picture.width, conv.picture.channels},
                                  DType::u8,
                                  {0.02F, zero(0)},
                                  unsigned_range(8)}}};
    const auto bias = load_reference<float, 1>(name + "bias");
    add_conv2d(net, 0,
               {{load_reference<std::int8_t, 2>(name + "weight"),
                 load_reference<float, 1>(name + "weight_scale")},
                values(bias),
                conv.window,
                conv.groups},
               {0.05F, 60}, unsigned_range(8));
    NetBuffers buffers;
    run(pack(net, ref_backend(), cnn_operations()), {.u8 = values(x)}, x.shape(0), buffers);
    INFO("conv " << i);
    CHECK(difference(buffers.u8[1], load_reference<std::uint8_t, 2>(name + "y")) == "");
  }
}

TEST_CASE("pooling is PyTorch's", "[ref]") {
  const auto x = load_reference<std::uint8_t, 2>("ch21/pool_x");
  const PictureShape shape{7, 6, 9};
  const auto check = [&](const std::string& name, const Window& window, bool mean) {
    INFO(name);
    const auto expected = load_reference<std::uint8_t, 2>("ch21/pool_" + name);
    auto y = make_tensor<std::uint8_t>({2, places_of(shape, window, 9).size()});
    if (mean)
      average_pool_u8({window,
                       shape,
                       77,
                       average_multiplier(0.03F, window.pixels(), 0.03F),
                       {0.03F, 77},
                       unsigned_range(8)},
                      values(x), values(y));
    else
      max_pool_u8(window, shape, values(x), values(y));
    CHECK(difference(y, expected) == "");
  };
  check("max2", {2, 2, 2, 0}, false);
  check("max3", {3, 3, 2, 1}, false);
  check("mean2", {2, 2, 2, 0}, true);
  check("mean3", {3, 3, 2, 1}, true);
  check("mean_all", {7, 6, 1, 0}, true);
}

// One checksum for every a: 256 sums.
std::size_t wrong_rows(const AddU8& add, const Matrix<std::int32_t>& hashes, std::size_t i) {
  std::vector<std::uint8_t> a(65536), b(65536), y(65536);
  for (std::size_t k = 0; k < y.size(); ++k) {
    a[k] = static_cast<std::uint8_t>(k / 256);
    b[k] = static_cast<std::uint8_t>(k % 256);
  }
  add_u8(add, a, b, y, true);
  std::size_t wrong = 0;
  for (std::size_t r = 0; r < 256; ++r)
    wrong += row_hash(std::span<const std::uint8_t>(y).subspan(256 * r, 256)) != hashes(i, r);
  return wrong;
}

TEST_CASE("all 65536 sums are those of qnnpack, and of ONNX Runtime's formula", "[ref]") {
  const auto params = load_reference<float, 2>("ch21/sum_params");
  const auto qnnpack = load_reference<std::int32_t, 2>("ch21/sum_qnnpack");
  const auto onnx_runtime = load_reference<std::int32_t, 2>("ch21/sum_onnx_runtime");
  std::size_t crossed = 0;
  for (std::size_t i = 0; i < params.shape(0); ++i) {
    INFO("scales " << i);
    const auto at = [&](std::size_t k) {
      return QuantParams{params(i, k), static_cast<std::int32_t>(params(i, k + 1))};
    };
    const auto add = [&](AddRule rule) {
      return make_add(at(0), at(2), at(4), unsigned_range(8), rule);
    };
    CHECK(wrong_rows(add(AddRule::qnnpack), qnnpack, i) == 0);
    CHECK(wrong_rows(add(AddRule::onnx_runtime), onnx_runtime, i) == 0);
    crossed += wrong_rows(add(AddRule::onnx_runtime), qnnpack, i);
  }
  CHECK(crossed > 256);  // the rules do differ
}

// PyTorch computes in float32: var + eps, its square root, 1 / that, gamma times that and the
// weight times that are rounded: 0.5 + 1 + 1 + 1 + 1 units of 2^-24, and the folded number of ours
// once. The bias has one difference, the product and one sum more.
TEST_CASE("the fold is PyTorch's", "[ref]") {
  const auto channels = load_reference<float, 2>("ch21/fold_channels");
  BatchNorm norm = make_batch_norm(5);
  Conv2d conv{.window = {3, 3, 1, 1}, .weight = load_reference<float, 2>("ch21/fold_weight")};
  for (std::size_t c = 0; c < 5; ++c) {
    norm.gamma(c) = channels(1, c);
    norm.beta(c) = channels(2, c);
    norm.running_mean(c) = channels(3, c);
    norm.running_variance(c) = channels(4, c);
  }
  for (const std::string name : {"none", "bias"}) {
    if (name == "bias") {
      conv.bias = make_tensor<float>({5});
      for (std::size_t c = 0; c < 5; ++c) conv.bias(c) = channels(0, c);
    }
    const Conv2d folded = fold(conv, norm);
    const auto weight = load_reference<float, 2>("ch21/fold_" + name + "_weight");
    const auto bias = load_reference<float, 1>("ch21/fold_" + name + "_bias");
    for (std::size_t i = 0; i < weight.size(); ++i)
      CHECK(std::fabs(folded.weight.data()[i] - weight.data()[i]) <=
            6.0F * 0x1p-24F * std::fabs(weight.data()[i]));
    for (std::size_t c = 0; c < 5; ++c) {
      const float g = norm.gamma(c) / std::sqrt(norm.running_variance(c));
      const float product = ((name == "bias" ? conv.bias(c) : 0.0F) - norm.running_mean(c)) * g;
      CHECK(std::fabs(folded.bias(c) - bias(c)) <=
            8.0F * 0x1p-24F * (std::fabs(product) + std::fabs(norm.beta(c))));
    }
  }
}

TEST_CASE("the examples of the text are PyTorch's", "[ref]") {
  const auto conv = load_reference<std::uint8_t, 2>("ch21/paper_conv");
  CHECK((conv(0, 4) == 7 && conv(0, 0) == 6));
  for (int place = 0; place < 9; ++place) {
    const std::int32_t sum = ch21::paper_sum(place / 3, place % 3, 2) + ch21::kQBias;
    const std::int32_t q = 1 + static_cast<std::int32_t>(std::nearbyint(sum * 0.25));
    CHECK(conv(0, static_cast<std::size_t>(place)) == std::clamp(q, 0, 255));
  }
  CHECK(load_reference<std::uint8_t, 1>("ch21/paper_sum")(0) == 9);
}

}  // namespace
