// Chapter 09 against PyTorch: the example of the text, LSQ's gradient, training steps through
// FakeQuantize modules, and the integers of a net that prepare_qat and convert have made.
#include <cmath>

#include "04_mnist_mlp/adam.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "09_qat/convert.hpp"
#include "09_qat/lesson/paper_example.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/flat_parameters.hpp"
#include "tests/support/integer_outputs.hpp"
#include "tests/support/quantized_nets.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::flat_gradients;
using qfs::test::flat_values;
using qfs::test::load_reference;
using qfs::test::outside;

// The six tensors of three layers, one after the other.
void fill(std::vector<ParamView> params, std::span<const float> flat) {
  for (const ParamView& param : params) {
    std::ranges::copy(flat.first(param.values.size()), param.values.begin());
    flat = flat.subspan(param.values.size());
  }
}

// What ch09.py, two_batches, saved under `name`.
struct Steps {
  std::string name;
  template <class T, std::size_t N>
  Tensor<T, N> load(const std::string& part) const {
    return load_reference<T, N>("ch09/" + name + "_" + part);
  }
};

QatMlp net_of(const Steps& steps, const QatOptions& options) {
  Rng rng(1);
  const std::array<std::size_t, 4> widths = {20, 12, 8, 10};
  Mlp mlp = make_mlp(widths, rng);
  fill(parameters(mlp), values(steps.load<float, 1>("weights")));
  QatMlp net = make_qat(mlp, {{-1, 1}, {{0, 1}, {0, 1}, {-1, 1}}}, options);
  net.input.params = {{0.0127F, 33}};
  return net;
}

void check_steps(const Steps& steps, const QatOptions& options) {
  QatMlp net = net_of(steps, options);
  QatPassBuffers buffers;
  for (const std::string batch : {"0", "1"}) {
    INFO(steps.name << ", batch " << batch);
    const auto labels = steps.load<std::uint8_t, 1>("labels" + batch);
    const float loss =
        forward_backward(net, steps.load<float, 2>("x" + batch), values(labels), buffers);
    // The observers have seen one batch, then two: the second moves them by 0.01.
    const auto scale = steps.load<float, 1>("scale" + batch);
    const auto radius = steps.load<float, 1>("scale_radius" + batch);
    const auto zero_point = steps.load<std::int32_t, 1>("zero_point" + batch);
    std::vector<float> scales;
    for (std::size_t i = 0; i < 3; ++i) {
      scales.push_back(net.layers[i].output.params[0].scale);
      CHECK(net.layers[i].output.params[0].zero_point == zero_point(i));
    }
    CHECK(qfs::test::looseness(values(radius), values(scale)) <= 1e-3);
    CHECK(outside(scales, values(scale), values(radius), 2.0) == "");
    // On the grid: the integers are equal, the reals differ by what the scales do.
    const auto logits = steps.load<float, 2>("logits" + batch);
    CHECK(difference(buffers.layers[2].after, logits,
                     255.0 * (2.0 * static_cast<double>(radius(2)) + 0x1p-23 * scale(2))) == "");
    CHECK(std::fabs(static_cast<double>(loss) - steps.load<double, 1>("loss" + batch)(0)) <= 1e-4);
    const auto gradients = steps.load<float, 1>("gradients" + batch);
    const auto gradient_radius = steps.load<float, 1>("radius" + batch);
    CHECK(qfs::test::looseness(values(gradient_radius), values(gradients)) <= 1e-2);
    CHECK(outside(flat_gradients(parameters(net)), values(gradients), values(gradient_radius),
                  2.0) == "");
  }
  Adam adam(parameters(net), {});
  adam.step();
  const auto after_radius = steps.load<float, 1>("after_radius");
  CHECK(std::ranges::count_if(values(after_radius), [](float r) { return r > 1e-4F; }) < 20);
  CHECK(outside(flat_values(parameters(net)), values(steps.load<float, 1>("after")),
                values(after_radius), 2.0) == "");
}

// A net of chapter 04's shape with the weights that PyTorch trained, and its scales.
QatMlp trained_by_pytorch() {
  Rng rng(1);
  const std::array<std::size_t, 4> widths = {784, 100, 100, 10};
  Mlp mlp = make_mlp(widths, rng);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string name = "ch09/trained_fc" + std::to_string(i + 1);
    mlp.layers[i].weight = load_reference<float, 2>(name + "_weight");
    mlp.layers[i].bias = load_reference<float, 1>(name + "_bias");
  }
  QatMlp net = make_qat(mlp, {{-1, 1}, {{0, 1}, {0, 1}, {-1, 1}}}, {.scales = ScaleSource::frozen});
  const auto scale = load_reference<float, 1>("ch09/trained_scale");
  const auto zero_point = load_reference<std::int32_t, 1>("ch09/trained_zero_point");
  const auto weight_scale = load_reference<float, 1>("ch09/trained_weight_scale");
  net.input.params = {{scale(0), zero_point(0)}};
  for (std::size_t i = 0; i < 3; ++i) {
    net.layers[i].output.params = {{scale(i + 1), zero_point(i + 1)}};
    net.layers[i].weight.params = {{weight_scale(i), 0}};
  }
  return net;
}

// Every file that save_outputs of ch09.py keeps under `name`.
void check_outputs(const QuantizedNet& net, const std::string& name) {
  const auto hash = load_reference<std::int32_t, 2>("ch09/" + name + "_hash");
  const auto first = load_reference<std::uint8_t, 2>("ch09/" + name + "_first");
  const TestDigits digits = load_dataset("").test;
  const std::vector<Matrix<std::uint8_t>> outputs =
      qfs::test::layer_outputs(net, normalized(digits.pixels, 0, digits.size()));
  REQUIRE((hash.shape(0) == 2000 && hash.shape(1) == 3));
  CHECK(qfs::test::count_mismatches(outputs, hash, first) == 0);
  CHECK(difference(outputs.back(), load_reference<std::uint8_t, 2>("ch09/" + name + "_logits")) ==
        "");
}

void check_pass(const paper_qat::Pass& got, const paper_qat::Pass& expected, double bound) {
  const auto list = [](const paper_qat::Pass& p) {
    return std::vector<double>{p.w,    p.s_w,  p.s_h,  p.w_fake, p.y[0], p.y[1],
                               p.h[0], p.h[1], p.loss, p.dw,     p.ds_w, p.ds_h};
  };
  CHECK(difference<double>(list(got), list(expected), bound) == "");
}

}  // namespace

TEST_CASE("the example of the text is PyTorch's", "[hand][ref]") {
  // ch09.py, save_paper. Less than ten roundings of numbers below 4: 10 * 4 * 2^-24 = 2.4e-6.
  const auto rows = load_reference<double, 2>("ch09/paper");
  const auto pass_of = [&](std::size_t i) {
    const std::span<const double> r = row(rows, i);
    return paper_qat::Pass{r[0],         r[1], r[2], r[3],  {r[4], r[5]},
                           {r[6], r[7]}, r[8], r[9], r[10], r[11]};
  };
  QatLinear layer = paper_qat::make_layer();
  check_pass(paper_qat::pass(layer), pass_of(0), 2.4e-6);
  Adam adam(paper_qat::parameters(layer), {.learning_rate = paper_qat::kLearningRate});
  adam.step();
  check_pass(paper_qat::pass(layer), pass_of(1), 2.4e-6);
  // By hand to half a unit of the last digit given; PyTorch's printed to seven digits.
  check_pass(paper_qat::kBefore, pass_of(0), 0.5e-4);
  check_pass(paper_qat::kAfter, pass_of(1), 0.5e-4);
  check_pass(paper_qat::kBeforeByPyTorch, pass_of(0), 0.6e-6);
  check_pass(paper_qat::kAfterByPyTorch, pass_of(1), 0.6e-6);
}

TEST_CASE("LSQ's gradients are PyTorch's learnable fake quantization", "[ref]") {
  // ch09.py, save_learnable: four widths, signed and unsigned, six channels; radii of the sums.
  const auto x = load_reference<float, 2>("ch09/lsq_x"),
             dy = load_reference<float, 2>("ch09/lsq_dy");
  const auto scale = load_reference<float, 2>("ch09/lsq_scale");
  const auto ds = load_reference<float, 2>("ch09/lsq_ds");
  const auto radius = load_reference<float, 2>("ch09/lsq_radius");
  const auto dx = load_reference<float, 3>("ch09/lsq_dx");
  CHECK(qfs::test::looseness(values(radius), values(ds)) <= 1e-2);
  std::size_t index = 0;
  for (int bits : {8, 4, 3, 2})
    for (const QuantRange range : {signed_range(bits), unsigned_range(bits)}) {
      FakeQuantizer q{.range = range, .source = ScaleSource::learned};
      std::vector<float> initial;
      for (std::size_t c = 0; c < 6; ++c) {
        // 2 mean|v| / sqrt(Q): theirs in float32, ours in double and rounded once.
        const float start = lsq_initial_scale(row(x, c), range);
        CHECK(std::fabs(start - scale(index, c)) <= 50 * 0x1p-24F * start);
        initial.push_back(scale(index, c));
        q.params.push_back({scale(index, c), 0});
      }
      q.learned.start(initial);
      q.gradient_factor = lsq_gradient_factor(45, range);
      auto got_dx = make_tensor<float>({6, 45});
      backward(q, values(x), values(dy), values(got_dx));
      CHECK(difference(values(std::as_const(got_dx)), values(dx).subspan(index * 270, 270)) == "");
      std::vector<float> got_ds;
      for (std::size_t c = 0; c < 6; ++c)
        got_ds.push_back(q.learned.ratio_gradient[c] / initial[c]);
      CHECK(outside(got_ds, row(ds, index), row(radius, index), 2.0) == "");
      ++index;
    }
}

TEST_CASE("the same with one scale for the tensor", "[ref]") {
  // ch09.py, save_learnable, its end: unsigned 4 bits, scale 0.1, factor 0.25.
  const auto x = load_reference<float, 2>("ch09/lsq_x"),
             dy = load_reference<float, 2>("ch09/lsq_dy");
  auto dx = make_tensor<float>({6, 45});
  const float ds =
      lsq_backward_run(values(x), values(dy), make_steps({0.1F, 0}, {0, 15}), values(dx));
  CHECK(difference(dx, load_reference<float, 2>("ch09/lsq_tensor_dx")) == "");
  // 270 terms |dy| (|r| + |t|), at most 4 * 45: 0.25 * 280 * 2^-24 * 270 * 180, twice.
  CHECK(std::fabs(0.25F * ds - load_reference<float, 1>("ch09/lsq_tensor_ds")(0)) <= 0.41F);
}

TEST_CASE("training steps are those of PyTorch's FakeQuantize modules", "[ref]") {
  // ch09.py, save_steps
  check_steps({"eight_bits"}, {.scales = ScaleSource::observed});
  check_steps({"three_bits"}, {3, 3, WeightGranularity::per_channel, ScaleSource::observed});
}

TEST_CASE("the converted net is PyTorch's, every integer of 2000 digits", "[ref]") {
  // ch09.py, save_trained: prepare_qat, 100 steps, convert, qnnpack.
  check_outputs(convert(trained_by_pytorch()), "trained");
}

TEST_CASE("and the same weights in four bits", "[ref]") {
  // ch09.py, save_four_bits
  QatMlp net = trained_by_pytorch();
  const auto scale = load_reference<float, 1>("ch09/four_bits_scale");
  for (std::size_t i = 0; i < 3; ++i) {
    QatLinear& layer = net.layers[i];
    layer.weight.range = signed_range(4);
    layer.weight.source = ScaleSource::observed;
    update_weight_scales(layer.weight, values(layer.real.weight), true);
    layer.output.params[0].scale = scale(i);
    if (layer.relu) layer.output.range = unsigned_range(4);
  }
  check_outputs(convert(net), "four_bits");
}
