#include "16_debugging/layer_diff.hpp"

#include <algorithm>
#include <cmath>

#include "02_integer_products/requantize.hpp"
#include "03_fake_quantization/noise.hpp"
#include "05_observers/calibrate.hpp"
#include "06_static_ptq/plumbing/net_checks.hpp"

namespace qfs {

TensorDiff diff_tensor(std::span<const float> real, std::span<const std::uint8_t> q,
                       QuantParams params, QuantRange range) {
  std::vector<float> stands_for(q.size());
  dequantize(q, params, std::span<float>(stands_for));
  TensorDiff diff{.error = measure_error(real, stands_for)};  // (eq. 16.1)
  const auto share = [&](auto count) {
    return static_cast<double>(count) / static_cast<double>(q.size());
  };
  const std::int32_t zero = params.zero_point;
  if (range.qmin != zero) diff.at_qmin = share(std::ranges::count(q, range.qmin));
  if (range.qmax != zero) diff.at_qmax = share(std::ranges::count(q, range.qmax));
  diff.zero = share(std::ranges::count(q, zero));
  diff.real_zero = share(std::ranges::count_if(
      real, [&](float y) { return std::fabs(y) * (1.0F / params.scale) <= 0.5F; }));
  return diff;
}

namespace {

constexpr const char* kAdvice = "pass the int8 file of this very net, and its float weights";

[[noreturn]] void no_chain(const QuantizedNet& net, const Operation& operation) {
  fail(name_of(net, operation) + " is out of place: this net is no MLP", operation.kind,
       "quantize, a linear (and its relu) for every layer, dequantize", kAdvice);
}

// Whether operation `at` is there, is of this kind, and reads what the one before it wrote.
bool follows(const QuantizedNet& net, std::size_t at, std::string_view kind) {
  return at < net.operations.size() && net.operations[at].kind == kind &&
         net.operations[at].inputs[0] == (at == 0 ? 0 : net.operations[at - 1].output);
}

}  // namespace

std::vector<ChainLayer> chain_of(const QuantizedNet& net) {
  require_valid(net, static_operations());
  if (!follows(net, 0, "quantize")) no_chain(net, net.operations[0]);
  std::vector<ChainLayer> layers;
  std::size_t at = 1;
  while (follows(net, at, "linear")) {
    const Operation& linear = net.operations[at++];
    const Operation* relu = follows(net, at, "relu") ? &net.operations[at++] : nullptr;
    const std::size_t output = relu != nullptr ? relu->output : linear.output;
    layers.push_back({parts_of(net, linear), &net.tensors[output], output, relu});
  }
  const bool ends = !layers.empty() && follows(net, at, "dequantize");
  if (ends) ++at;
  if (!ends || at != net.operations.size())
    no_chain(net, net.operations[std::min(at, net.operations.size() - 1)]);
  return layers;
}

QuantizedNet layer_alone(const QuantizedNet& net, std::size_t layer) {
  const ChainLayer part = chain_of(net).at(layer);
  const TensorSpec& input = part.linear.input;
  QuantizedNet alone{.tensors = {{input.shape, DType::f32}, input, part.linear.output},
                     .weights = {*part.linear.weights},
                     .operations = {{.kind = "quantize", .inputs = {0}, .output = 1},
                                    {.kind = "linear", .inputs = {1}, .output = 2, .weights = 0}}};
  if (part.relu == nullptr) return alone;
  alone.tensors.push_back(*part.output);
  alone.operations.push_back({.kind = "relu", .inputs = {2}, .output = 3});
  return alone;
}

// [promised_noise]
double promised_noise(const Matrix<float>& weight, const Matrix<float>& x, const Matrix<float>& y,
                      float x_scale, std::span<const float> w_scales, float y_scale) {
  const auto squares = [](std::span<const float> values) {
    double sum = 0.0;
    for (double value : values) sum += value * value;
    return sum;
  };
  const double x_power = squares(values(x)) / static_cast<double>(x.shape(0));
  double noise = 0.0;
  for (std::size_t n = 0; n < y.shape(1); ++n) {
    const double of_one = squares(row(weight, n)) * rounding_noise(x_scale) +
                          x_power * rounding_noise(of_channel(w_scales, n)) +
                          rounding_noise(y_scale);
    std::size_t alive = 0;  // where the ReLU cuts, it cuts the noise as well
    for (std::size_t m = 0; m < y.shape(0); ++m) alive += y(m, n) != 0.0F ? 1 : 0;
    noise += static_cast<double>(alive) * of_one;  // (eq. 16.2)
  }
  return noise;
}
// [/promised_noise]

namespace {

// y and y' are digits x outputs.
Symptoms symptoms_of(const Matrix<float>& y, const Matrix<float>& y_prime) {
  const std::size_t N = y.shape(1);
  std::vector<double> squares(N), offsets(N);  // of e, for every output
  double yy = 0.0, both = 0.0, all = 0.0, constant = 0.0;
  for (std::size_t n = 0; n < N; ++n) {
    double sum = 0.0, count = 0.0;
    for (std::size_t m = 0; m < y.shape(0); ++m) {
      const double real = y(m, n), e = y_prime(m, n) - real;
      yy += real * real;
      both += real * y_prime(m, n);
      squares[n] += e * e;
      // Where either was cut, e says nothing of an offset.
      const bool alive = y(m, n) != 0.0F && y_prime(m, n) != 0.0F;
      sum += alive ? e : 0.0;
      count += alive ? 1.0 : 0.0;
    }
    constant += count > 0.0 ? sum * sum / count : 0.0;
    all += squares[n];
  }
  if (all == 0.0) return {.gain = yy == 0.0 ? 0.0 : 1.0};
  std::ranges::sort(squares, std::greater());
  const double worst = squares[0] + (N > 1 ? squares[1] : 0.0);
  return {yy == 0.0 ? 0.0 : both / yy, constant / all, worst / all};
}

// The reals of the float net: its input, then every layer's output after its ReLU. Throws Error
// where one is not finite.
std::vector<Matrix<float>> real_tensors(const Mlp& mlp, const Matrix<float>& x) {
  std::vector<Matrix<float>> tensors = {x};
  tapped_forward(mlp, OutputPoint::after_relu, x, [&](std::size_t t, std::span<const float> y) {
    min_max(y);
    if (t == 0) return;
    tensors.push_back(make_tensor<float>({x.shape(0), mlp.layers[t - 1].outputs()}));
    std::ranges::copy(y, values(tensors.back()).begin());
  });
  return tensors;
}

void require_same_net(const Mlp& mlp, const std::vector<ChainLayer>& layers) {
  std::string widths = std::to_string(layers.front().linear.input.size());
  for (const ChainLayer& layer : layers) widths += "-" + std::to_string(layer.output->size());
  require(widths == widths_text(mlp), "the integers are those of another net", widths,
          widths_text(mlp), kAdvice);
}

// One tensor in the integer net's two runs. `promised`: the sum of e^2 that its scales promise.
LayerDiff make_diff(std::string name, const Matrix<float>& real,
                    const Matrix<std::uint8_t>& in_turn, const Matrix<std::uint8_t>& alone,
                    const TensorSpec& spec, double promised) {
  Matrix<float> stands_for = make_tensor<float>({alone.shape(0), alone.shape(1)});
  dequantize(values(alone), spec.params, values(stands_for));
  double power = 0.0;
  for (double y : values(real)) power += y * y;
  return {.name = std::move(name),
          .in_turn = diff_tensor(values(real), values(in_turn), spec.params, spec.range),
          .alone = diff_tensor(values(real), values(alone), spec.params, spec.range),
          .promised_db = promised == 0.0 ? HUGE_VAL : decibels(power / promised),
          .symptoms = symptoms_of(real, stands_for)};
}

}  // namespace

// [diff_layers]
std::vector<LayerDiff> diff_layers(const Mlp& mlp, const QuantizedNet& net, const Matrix<float>& x,
                                   const Backend& backend) {
  const std::vector<ChainLayer> layers = chain_of(net);
  require_same_net(mlp, layers);
  const std::vector<Matrix<float>> real = real_tensors(mlp, x);
  NetBuffers in_turn, alone;
  run(pack(net, backend), x, in_turn);
  const OperationParts& first = layers.front().linear;
  const Matrix<std::uint8_t>& q_x = in_turn.u8[first.operation.inputs[0]];  // nothing before it
  const double pixels = static_cast<double>(x.size());
  std::vector<LayerDiff> diffs = {make_diff("input", x, q_x, q_x, first.input,
                                            pixels * rounding_noise(first.input.params.scale))};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    run(pack(layer_alone(net, i), backend), {.f32 = values(real[i])}, x.shape(0), alone);
    const auto& [linear, output, tensor, relu] = layers[i];
    const double promised =
        promised_noise(mlp.layers[i].weight, real[i], real[i + 1], linear.input.params.scale,
                       values(linear.weights->weight.scale), output->params.scale);
    diffs.push_back(make_diff("layer " + std::to_string(i + 1), real[i + 1], in_turn.u8[tensor],
                              alone.u8.back(), *output, promised));
  }
  return diffs;
}

std::optional<std::size_t> first_fault(std::span<const LayerDiff> layers, double most) {
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (layers[i].short_by() > most) return i;  // (eq. 16.3)
  return std::nullopt;
}
// [/diff_layers]

}  // namespace qfs
