// Chapter 06: the form holds nets that no chapter has yet. A convolution, a pooling and a residual
// add are rows of a table that this test alone has; nothing in chapters/ knows them.
#include <cmath>

#include "06_static_ptq/plumbing/model_file.hpp"
#include "06_static_ptq/plumbing/net_checks.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/changed_records.hpp"
#include "tests/support/chunked_backend.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/quantized_nets.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::net_difference;

// A picture is NHWC: {height, width, channels}.
std::size_t height(const TensorSpec& t) { return t.shape[0]; }
std::size_t width(const TensorSpec& t) { return t.shape[1]; }
std::size_t channels(const TensorSpec& t) { return t.shape[2]; }

std::size_t attribute(const QuantizedNet& net, const Operation& operation, const char* name) {
  const auto found = operation.attributes.find(name);
  require(found != operation.attributes.end() && found->second.size() == 1 && found->second[0] >= 0,
          name_of(net, operation) + " lacks an attribute", name, "one number", "");
  return static_cast<std::size_t>(found->second[0]);
}

void require_pictures(const QuantizedNet& net, const Operation& operation, std::size_t inputs) {
  require_inputs(net, operation, inputs);
  require_type(net, operation, operation.output, DType::u8);
  for (std::size_t t : operation.inputs) {
    require_type(net, operation, t, DType::u8);
    require(net.tensors[t].shape.size() == 3, name_of(net, operation) + " reads no picture", t,
            "height x width x channels", "");
  }
}

// conv: attributes kernel, stride, padding; weights N x (kh kw cin).
struct Conv {
  const Backend* backend;
  PackedProduct product;
  TensorSpec in, out;
  std::size_t kernel, stride, padding;
};

void check_conv(const QuantizedNet& net, const Operation& operation) {
  require_pictures(net, operation, 1);
  require(operation.weights.has_value(), name_of(net, operation) + " has no weights", "", "", "");
  const OperationParts parts = parts_of(net, operation);
  const std::size_t kernel = attribute(net, operation, "kernel"),
                    stride = attribute(net, operation, "stride"),
                    padding = attribute(net, operation, "padding");
  require(stride > 0 && parts.output.shape.size() == 3 &&
              height(parts.output) == (height(parts.input) + 2 * padding - kernel) / stride + 1 &&
              width(parts.output) == (width(parts.input) + 2 * padding - kernel) / stride + 1 &&
              parts.weights->weight.outputs() == channels(parts.output) &&
              parts.weights->weight.inputs() == kernel * kernel * channels(parts.input) &&
              parts.weights->bias.size() == channels(parts.output),
          name_of(net, operation) + " does not fit its tensors", shape_text(parts.output.shape), "",
          "");
}

std::any pack_conv(const QuantizedNet& net, const Operation& operation, const Backend& backend) {
  const OperationParts parts = parts_of(net, operation);
  const ToU8 to_u8 = make_to_u8(parts);
  return Conv{
      &backend,
      backend.pack(
          {.weight = &parts.weights->weight, .input_range = parts.input.range, .to_u8 = &to_u8}),
      parts.input,
      parts.output,
      attribute(net, operation, "kernel"),
      attribute(net, operation, "stride"),
      attribute(net, operation, "padding")};
}

// A batch of pictures as the left side of a product: one row per output pixel.
struct Patches {
  const Conv& conv;
  std::span<const std::uint8_t> x;
};

// The real 0 around a picture is its zero point.
void write_patches(const void* source, std::size_t begin, std::size_t end, std::uint8_t* to) {
  const auto& [conv, x] = *static_cast<const Patches*>(source);
  const std::size_t H = height(conv.in), W = width(conv.in), C = channels(conv.in),
                    places = height(conv.out) * width(conv.out);
  for (std::size_t m = begin; m < end; ++m) {
    const std::size_t picture = m / places, place = m % places,
                      top = place / width(conv.out) * conv.stride,
                      left = place % width(conv.out) * conv.stride;
    for (std::size_t i = top; i < top + conv.kernel; ++i)  // padding counted in
      for (std::size_t j = left; j < left + conv.kernel; ++j)
        for (std::size_t c = 0; c < C; ++c) {
          const bool inside = i >= conv.padding && i < conv.padding + H && j >= conv.padding &&
                              j < conv.padding + W;
          *to++ = inside ? x[((picture * H + i - conv.padding) * W + j - conv.padding) * C + c]
                         : static_cast<std::uint8_t>(conv.in.params.zero_point);
        }
  }
}

void run_conv(const std::any& packed, std::size_t rows, std::span<const TensorView> inputs,
              TensorSlot output) {
  const auto& conv = std::any_cast<const Conv&>(packed);
  const Patches patches{conv, inputs[0].u8};
  conv.backend->run_u8(conv.product,
                       {.rows = rows * height(conv.out) * width(conv.out),
                        .depth = conv.product.inputs,
                        .source = &patches,
                        .pack = write_patches},
                       output.u8);
}

std::string describe_conv(const std::any& packed) {
  const auto& conv = std::any_cast<const Conv&>(packed);
  return conv.backend->describe(conv.product);
}

// max_pool: attribute window; what does not fill a window is left out.
struct Pool {
  TensorSpec in, out;
  std::size_t window;
};

void check_pool(const QuantizedNet& net, const Operation& operation) {
  require_pictures(net, operation, 1);
  const OperationParts parts = parts_of(net, operation);
  const std::size_t window = attribute(net, operation, "window");
  require(window > 0 && parts.output.params == parts.input.params &&
              parts.output.range == parts.input.range &&
              parts.output.shape == std::vector<std::size_t>{height(parts.input) / window,
                                                             width(parts.input) / window,
                                                             channels(parts.input)},
          name_of(net, operation) + " does not fit its tensors", shape_text(parts.output.shape), "",
          "");
}

std::any pack_pool(const QuantizedNet& net, const Operation& operation, const Backend&) {
  const OperationParts parts = parts_of(net, operation);
  return Pool{parts.input, parts.output, attribute(net, operation, "window")};
}

void run_pool(const std::any& packed, std::size_t rows, std::span<const TensorView> inputs,
              TensorSlot output) {
  const auto& [in, out, window] = std::any_cast<const Pool&>(packed);
  const std::size_t C = channels(in);
  std::size_t at = 0;
  for (std::size_t m = 0; m < rows; ++m)
    for (std::size_t i = 0; i < height(out); ++i)
      for (std::size_t j = 0; j < width(out); ++j)
        for (std::size_t c = 0; c < C; ++c) {
          std::uint8_t most = 0;
          for (std::size_t k = 0; k < window * window; ++k)
            most = std::max(most,
                            inputs[0].u8[((m * height(in) + i * window + k / window) * width(in) +
                                          j * window + k % window) *
                                             C +
                                         c]);
          output.u8[at++] = most;
        }
}

// add: q_y = z_y + round(((q_a - z_a) s_a + (q_b - z_b) s_b) / s_y), clamped.
struct Add {
  TensorSpec a, b, y;
};

void check_add(const QuantizedNet& net, const Operation& operation) {
  require_pictures(net, operation, 2);
  for (std::size_t t : operation.inputs)
    require(net.tensors[t].shape == net.tensors[operation.output].shape,
            name_of(net, operation) + " adds tensors of different shapes", t, "", "");
}

std::any pack_add(const QuantizedNet& net, const Operation& operation, const Backend&) {
  return Add{net.tensors[operation.inputs[0]], net.tensors[operation.inputs[1]],
             net.tensors[operation.output]};
}

void run_add(const std::any& packed, std::size_t, std::span<const TensorView> inputs,
             TensorSlot output) {
  const auto& [a, b, y] = std::any_cast<const Add&>(packed);
  for (std::size_t i = 0; i < output.u8.size(); ++i)
    output.u8[i] = static_cast<std::uint8_t>(quantize_value(
        dequantize_value(inputs[0].u8[i], a.params) + dequantize_value(inputs[1].u8[i], b.params),
        y.params, y.range));
}

std::span<const OperationKind> table() {
  static const std::vector<OperationKind> rows = [] {
    std::vector<OperationKind> all(static_operations().begin(), static_operations().end());
    all.push_back({"conv", check_conv, pack_conv, run_conv, describe_conv, true});
    all.push_back({"max_pool", check_pool, pack_pool, run_pool});
    all.push_back({"add", check_add, pack_add, run_add});
    return all;
  }();
  return rows;
}

Weights random_weights(Rng& rng, std::size_t N, std::size_t K, Vector<float> scale) {
  Weights weights{.weight = {make_tensor<std::int8_t>({N, K}), std::move(scale)},
                  .bias = make_tensor<std::int32_t>({N})};
  for (std::int8_t& q : values(weights.weight.q))
    q = static_cast<std::int8_t>(static_cast<int>(rng.below(256)) - 128);
  for (std::int32_t& bias : values(weights.bias))
    bias = static_cast<std::int32_t>(rng.below(4001)) - 2000;
  return weights;
}

// A picture of 6 x 5 x 2; three layers of weights:
//   0 reals -> 1 quantize -> 2 conv 3x3, padding 1 (clamped at its zero point: ReLU)
//   -> 3 conv 3x3, padding 1, a scale per channel -> 4 add of 2 and 3 -> 5 relu
//   -> 6 max_pool 2x2, whose last column is left out -> 7 conv 2x2, stride 1 -> 8 dequantize
// Scales of add are powers of two: its reference is exact.
QuantizedNet residual_net() {
  Rng rng(21);
  QuantizedNet net{.tensors = {{{6, 5, 2}, DType::f32},
                               {{6, 5, 2}, DType::u8, {0.02F, 77}, {0, 255}},
                               {{6, 5, 3}, DType::u8, {0.0625F, 40}, {40, 255}},
                               {{6, 5, 3}, DType::u8, {0.03125F, 120}, {10, 250}},
                               {{6, 5, 3}, DType::u8, {0.0625F, 90}, {0, 255}},
                               {{6, 5, 3}, DType::u8, {0.0625F, 90}, {90, 255}},
                               {{3, 2, 3}, DType::u8, {0.0625F, 90}, {90, 255}},
                               {{2, 1, 4}, DType::u8, {0.1F, 130}, {0, 255}},
                               {{2, 1, 4}, DType::f32}},
                   .weights = {random_weights(rng, 3, 3 * 3 * 2, {0.01F}),
                               random_weights(rng, 3, 3 * 3 * 3, {0.0009765625F, 0.002F, 0.001F}),
                               random_weights(rng, 4, 2 * 2 * 3, {0.003F})}};
  const auto add = [&](const char* kind, std::vector<std::size_t> inputs,
                       std::optional<std::size_t> weights = {},
                       std::map<std::string, std::vector<std::int32_t>> attributes = {}) {
    net.operations.push_back({.kind = kind,
                              .inputs = std::move(inputs),
                              .output = net.operations.size() + 1,
                              .weights = weights,
                              .attributes = std::move(attributes)});
  };
  add("quantize", {0});
  add("conv", {1}, 0, {{"kernel", {3}}, {"stride", {1}}, {"padding", {1}}});
  add("conv", {2}, 1, {{"kernel", {3}}, {"stride", {1}}, {"padding", {1}}});
  add("add", {2, 3});
  add("relu", {4});
  add("max_pool", {5}, {}, {{"window", {2}}});
  add("conv", {6}, 2, {{"kernel", {2}}, {"stride", {1}}, {"padding", {0}}});
  add("dequantize", {7});
  return net;
}

constexpr std::size_t kPictures = 3;
Matrix<float> pictures() {
  Rng rng(22);
  auto x = make_tensor<float>({kPictures, 6 * 5 * 2});
  for (float& value : values(x)) value = static_cast<float>(rng.uniform(-1.6, 3.6));
  return x;
}

// The naive reference: one picture, signed coordinates, zero points subtracted inside the loops,
// nothing folded, nothing packed; what lies outside the picture is skipped, because it is 0.
using Picture = std::vector<int>;

Picture naive_conv(const Picture& x, const TensorSpec& in, const Weights& weights, int kernel,
                   int padding, const TensorSpec& out) {
  const int H = static_cast<int>(height(in)), W = static_cast<int>(width(in)),
            C = static_cast<int>(channels(in)), OW = static_cast<int>(width(out)),
            N = static_cast<int>(channels(out));
  Picture y(out.size());
  for (int at = 0; at < static_cast<int>(y.size()); ++at) {
    const int n = at % N, j = at / N % OW, i = at / N / OW;
    std::int32_t acc = weights.bias(n);
    for (int ky = 0; ky < kernel; ++ky)
      for (int kx = 0; kx < kernel; ++kx)
        for (int c = 0; c < C; ++c) {
          const int py = i + ky - padding, px = j + kx - padding;
          if (py < 0 || py >= H || px < 0 || px >= W) continue;
          acc += (x[static_cast<std::size_t>((py * W + px) * C + c)] - in.params.zero_point) *
                 weights.weight.q(n, (ky * kernel + kx) * C + c);
        }
    const Vector<float>& s_w = weights.weight.scale;
    const float m = in.params.scale * s_w(s_w.size() == 1 ? 0 : n) * (1.0F / out.params.scale);
    const int q =
        out.params.zero_point + static_cast<int>(std::nearbyint(static_cast<float>(acc) * m));
    y[static_cast<std::size_t>(at)] = std::clamp(q, out.range.qmin, out.range.qmax);
  }
  return y;
}

// (a - 40) / 16 + (b - 120) / 32 in steps of 1/16: halves, a tie to the even integer.
Picture naive_add(const Picture& a, const Picture& b) {
  Picture y;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const int halves = 2 * (a[i] - 40) + (b[i] - 120);
    int steps = (halves - (halves & 1)) / 2;  // down
    if ((halves & 1) != 0 && (steps & 1) != 0) ++steps;
    y.push_back(std::clamp(90 + steps, 0, 255));
  }
  return y;
}

// Of a picture of 6 x 5 x 3.
Picture naive_pool(const Picture& x) {
  const auto at = [&](int i, int j, int c) {
    return x[static_cast<std::size_t>((i * 5 + j) * 3 + c)];
  };
  Picture y;
  for (int i = 0; i < 6; i += 2)
    for (int j = 0; j < 4; j += 2)
      for (int c = 0; c < 3; ++c)
        y.push_back(std::max({at(i, j, c), at(i, j + 1, c), at(i + 1, j, c), at(i + 1, j + 1, c)}));
  return y;
}

// The integers of tensors 1 to 7.
std::vector<Picture> naive_run(const QuantizedNet& net, std::span<const float> x) {
  std::vector<Picture> t(8);
  for (float real : x)
    t[1].push_back(
        std::clamp(77 + static_cast<int>(std::nearbyint(real * (1.0F / 0.02F))), 0, 255));
  t[2] = naive_conv(t[1], net.tensors[1], net.weights[0], 3, 1, net.tensors[2]);
  t[3] = naive_conv(t[2], net.tensors[2], net.weights[1], 3, 1, net.tensors[3]);
  t[4] = naive_add(t[2], t[3]);
  for (int q : t[4]) t[5].push_back(std::max(q, 90));
  t[6] = naive_pool(t[5]);
  t[7] = naive_conv(t[6], net.tensors[6], net.weights[2], 2, 0, net.tensors[7]);
  return t;
}

// "" where every integer of every tensor is the reference's.
std::string naive_difference(const QuantizedNet& net, const NetBuffers& got) {
  const Matrix<float> x = pictures();
  for (std::size_t m = 0; m < kPictures; ++m) {
    const std::vector<Picture> expected = naive_run(net, row(x, m));
    for (std::size_t t = 1; t < expected.size(); ++t) {
      const auto q = row(got.u8[t], m);
      const Picture as_int(q.begin(), q.end());
      const std::string differs =
          difference(std::span<const int>(as_int), std::span<const int>(expected[t]));
      if (differs != "") return "tensor " + std::to_string(t) + ", " + differs;
    }
  }
  return "";
}

}  // namespace

TEST_CASE("a residual net of convolutions runs on a table handed in", "[prop]") {
  const QuantizedNet net = residual_net();
  NetBuffers got;
  run(pack(net, ref_backend(), table()), pictures(), got);
  CHECK(naive_difference(net, got) == "");
  // The reals of the output are those that its integers stand for.
  for (std::size_t i = 0; i < got.u8[7].size(); ++i)
    CHECK(values(got.f32[8])[i] == dequantize_value(values(got.u8[7])[i], {0.1F, 130}));
  // The integers are many, so that their equality says something; and ReLU and clamp are met.
  for (std::size_t t : {1U, 2U, 3U, 4U, 5U}) {
    std::vector<bool> seen(256, false);
    for (std::uint8_t q : values(got.u8[t])) seen[q] = true;
    INFO("tensor " << t);
    CHECK(std::ranges::count(seen, true) >= 20);
  }
  CHECK(std::ranges::min(values(got.u8[2])) == 40);
  CHECK(std::ranges::min(values(got.u8[5])) == 90);
}

TEST_CASE("patches are packed by a backend of this test's as well", "[isa]") {
  const QuantizedNet net = residual_net();
  NetBuffers got;
  const std::size_t before = qfs::test::products_run;
  const PackedNet packed = pack(net, qfs::test::kChunkedBackend, table());
  CHECK(describe(packed).size() == 3);
  run(packed, pictures(), got);
  CHECK(qfs::test::products_run == before + 3);
  CHECK(naive_difference(net, got) == "");
}

TEST_CASE("a residual net goes through the model file unchanged", "[prop]") {
  const QuantizedNet net = residual_net();
  const qfs::test::TemporaryFile file;
  save_model(file.path, net, table());
  const QuantizedNet back = load_model(file.path, table());
  CHECK(net_difference(back, net) == "");
  NetBuffers got;
  run(pack(back, ref_backend(), table()), pictures(), got);
  CHECK(naive_difference(net, got) == "");
  // Without the rows it is refused, by whoever writes and by whoever reads.
  CHECK_THROWS_WITH(load_model(file.path), QFS_CONTAINS("operation 2 (conv): no such operation"));
  const qfs::test::TemporaryFile other;
  CHECK_THROWS_WITH(save_model(other.path, net), QFS_CONTAINS("no such operation"));
}

TEST_CASE("rows that are handed in check their operations", "[hand]") {
  const auto refused = [](const auto& change, const char* why) {
    QuantizedNet net = residual_net();
    change(net);
    CHECK_THROWS_WITH(pack(net, ref_backend(), table()), QFS_CONTAINS(why));
    const qfs::test::TemporaryFile file;
    CHECK_THROWS_WITH(save_model(file.path, net, table()), QFS_CONTAINS(why));
  };
  refused([](auto& net) { net.operations[1].attributes.erase("stride"); },
          "operation 2 (conv) lacks an attribute");
  refused([](auto& net) { net.operations[1].attributes["stride"] = {2}; },
          "operation 2 (conv) does not fit its tensors");
  refused([](auto& net) { net.operations[1].weights = 1; },
          "operation 2 (conv) does not fit its tensors");
  refused([](auto& net) { net.operations[3].inputs = {2}; },
          "operation 4 (add) reads another number of tensors");
  refused(
      [](auto& net) {
        net.operations[3].inputs = {2, 1};
      },
      "operation 4 (add) adds tensors of different shapes");
  refused(
      [](auto& net) {
        net.tensors[6].shape = {3, 3, 2};
      },
      "operation 6 (max_pool) does not fit its tensors");
}
