// Chapter 08: on all 2000 test digits PyTorch's quantize_dynamic (qnnpack engine), bit for bit: the
// parameters of every batch, the integers every layer reads, the reals it writes.
#include <bit>

#include "08_dynamic_quantization/dynamic.hpp"
#include "08_dynamic_quantization/lesson/pytorch_logits.hpp"
#include "common/dataset.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;

constexpr DynamicOptions kPerTensor = {InputGranularity::per_tensor, RangeRule::pytorch};
constexpr DynamicOptions kPerRow = {InputGranularity::per_row, RangeRule::pytorch};

struct Given {
  Mlp mlp = load_mlp(qfs::test::reference_weights());
  Matrix<float> x = [] {
    const Dataset data = load_dataset("");
    return normalized(data.test.pixels, 0, data.test.size());
  }();
};
const Given& given() {
  static const Given once;
  return once;
}

// ch06.py, hashes: h = h * odd + byte over a row.
std::int32_t hash(std::span<const std::byte> bytes) {
  std::uint32_t h = 0;
  for (std::byte byte : bytes) h = h * 0x01000193U + std::to_integer<std::uint32_t>(byte);
  return static_cast<std::int32_t>(h);
}

template <class T>
std::int32_t row_hash(const Matrix<T>& matrix, std::size_t m) {
  return hash(std::as_bytes(row(matrix, m)));
}

// What run_in_batches of ch08.py keeps: the integers that every layer reads, the reals it writes.
struct Trace {
  Matrix<float> scale;                             // batch, layer; per row: digit, layer
  Matrix<std::int32_t> zero_point, input, output;  // input, output: digit, layer
  Matrix<float> logits;
};

Trace trace_in_batches(const QuantizedNet& net, const DynamicOptions& options, std::size_t batch) {
  const QuantizedNet by_options = with_input(net, {unsigned_range(8), options});
  const PackedNet packed = pack(by_options, ref_backend(), dynamic_operations());
  const std::vector<OperationParts> parts = layers_of(by_options);
  const std::size_t digits = given().x.shape(0), layers = parts.size();
  const bool rows = options.granularity == InputGranularity::per_row;
  const std::size_t pairs = rows ? digits : digits / batch;
  Trace trace{make_tensor<float>({pairs, layers}), make_tensor<std::int32_t>({pairs, layers}),
              make_tensor<std::int32_t>({digits, layers}),
              make_tensor<std::int32_t>({digits, layers}), make_tensor<float>({digits, 10})};
  NetBuffers tensors;
  for (std::size_t begin = 0; begin < digits; begin += batch) {
    const Matrix<float> x = rows_of(given().x, begin, begin + batch);
    const Matrix<float>& logits = run(packed, x, tensors);
    for (std::size_t i = 0; i < layers; ++i) {
      const std::size_t from = parts[i].operation.inputs[0], to = parts[i].operation.output;
      const QuantizedInput input =
          quantize_input(from == 0 ? x : tensors.f32[from], unsigned_range(8), options);
      for (std::size_t p = 0; p < input.params.size(); ++p) {
        trace.scale((rows ? begin : begin / batch) + p, i) = input.params[p].scale;
        trace.zero_point((rows ? begin : begin / batch) + p, i) = input.params[p].zero_point;
      }
      for (std::size_t m = 0; m < batch; ++m) {
        trace.input(begin + m, i) = row_hash(input.q, m);
        trace.output(begin + m, i) = row_hash(tensors.f32[to], m);
      }
    }
    std::ranges::copy(values(logits), row(trace.logits, begin).begin());
  }
  return trace;
}

void check_equal_to_pytorch(const Trace& trace, const std::string& name) {
  INFO(name);
  const std::string prefix = "ch08/" + name + "_";
  REQUIRE(trace.logits.shape(0) == 2000);
  CHECK(difference(trace.scale, load_reference<float, 2>(prefix + "scale")) == "");
  CHECK(difference(trace.zero_point, load_reference<std::int32_t, 2>(prefix + "zero_point")) == "");
  CHECK(difference(trace.input, load_reference<std::int32_t, 2>(prefix + "input_hash")) == "");
  CHECK(difference(trace.output, load_reference<std::int32_t, 2>(prefix + "output_hash")) == "");
}

void check_weights(const QuantizedNet& net, const std::string& name) {
  REQUIRE(net.weights.size() == 3);
  for (std::size_t i = 0; i < net.weights.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    const QuantizedWeight& weight = net.weights[i].weight;
    CHECK(difference(weight.scale,
                     load_reference<float, 1>("ch08/" + name + "_weight_scale" + number)) == "");
    auto hashes = make_tensor<std::int32_t>({weight.outputs()});
    for (std::size_t n = 0; n < hashes.size(); ++n) hashes(n) = row_hash(weight.q, n);
    CHECK(difference(hashes, load_reference<std::int32_t, 1>("ch08/" + name + "_weight_hash" +
                                                             number)) == "");
  }
}

}  // namespace

TEST_CASE("per tensor, batches of 100: PyTorch's, every bit", "[ref]") {
  // ch08.py, generate: per_tensor and per_channel.
  static_assert(kDynamicBatch == 100 && std::endian::native == std::endian::little);
  const std::pair<const char*, WeightGranularity> variants[] = {
      {"per_tensor", WeightGranularity::per_tensor},
      {"per_channel", WeightGranularity::per_channel}};
  for (const auto& [name, weights] : variants) {
    const QuantizedNet net = quantize_dynamic(given().mlp, weights);
    check_weights(net, name);
    const Trace trace = trace_in_batches(net, kPerTensor, kDynamicBatch);
    check_equal_to_pytorch(trace, name);
    const auto logits = load_reference<float, 2>("ch08/" + std::string(name) + "_logits");
    CHECK(difference(trace.logits, logits) == "");
    const PackedNet packed = pack(net, ref_backend(), dynamic_operations());
    CHECK(difference(run_in_batches(packed, given().x), logits) == "");
  }
}

TEST_CASE("per row: PyTorch's in batches of one, every bit", "[ref]") {
  // ch08.py, generate: one_row.
  const QuantizedNet net = quantize_dynamic(given().mlp);
  check_equal_to_pytorch(trace_in_batches(net, kPerRow, 100), "one_row");
  check_equal_to_pytorch(trace_in_batches(net, kPerRow, 1), "one_row");
}

TEST_CASE("what the lesson prints as PyTorch's is PyTorch's", "[ref][committed]") {
  const auto logits = load_reference<float, 2>("ch08/per_tensor_logits");
  CHECK(std::ranges::equal(pytorch::kLogits, row(logits, 0)));
}
