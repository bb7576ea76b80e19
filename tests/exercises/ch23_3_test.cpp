// Judges exercise 23.3.
#include "3_fusible_gemms.hpp"

#include "23_onnx_export/onnx_write.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(21);

namespace {

using Names = std::vector<std::string>;

// Two layers, one weight scale an output; Gemm writes t2_sum and t3_sum.
qfs::OnnxModel qdq() {
  const qfs::QuantRange range = qfs::unsigned_range(8);
  qfs::QuantizedNet net{.tensors = {{{2}, qfs::DType::f32}}};
  const std::vector<float> bias = {0.5F, 1.0F};
  std::size_t x = qfs::add_quantize(net, 0, {0.3F, 4}, range);
  x = qfs::add_linear(net, x, {{{4, -2}, {-7, 3}}, {0.7F, 0.9F}}, bias, {0.5F, 6}, range);
  x = qfs::add_linear(net, x, {{{7, 1}, {-2, 6}}, {0.1F, 0.2F}}, bias, {0.25F, 4}, range);
  qfs::add_dequantize(net, x);
  return qfs::to_onnx(net);
}

qfs::OnnxNode& writer_of(qfs::OnnxModel& model, const std::string& name) {
  return const_cast<qfs::OnnxNode&>(*qfs::find_writer(model, name));
}

// Another scale in place of an initializer's.
void set_scales(qfs::OnnxModel& model, const std::string& name, const std::vector<float>& scales,
                std::vector<std::size_t> dims) {
  for (qfs::Record& tensor : model.initializers)
    if (tensor.name == name)
      tensor = qfs::make_initializer(name, std::span<const float>(scales), std::move(dims));
}

const Names kBoth = {"t2_sum", "t3_sum"}, kSecond = {"t3_sum"};

}  // namespace

TEST_CASE("23.3 both layers of a net as this chapter writes it") {
  CHECK(exercise::fusible_gemms(qdq()) == kBoth);
  qfs::OnnxModel without_bias = qdq();
  writer_of(without_bias, "t2_sum").inputs.pop_back();
  CHECK(exercise::fusible_gemms(without_bias) == kBoth);
}

TEST_CASE("23.3 none in a float net, and none without nodes") {
  qfs::Rng rng(1);
  const std::vector<std::size_t> widths = {5, 4, 3};
  CHECK(exercise::fusible_gemms(qfs::to_onnx(qfs::make_mlp(widths, rng))).empty());
  CHECK(exercise::fusible_gemms({}).empty());
}

TEST_CASE("23.3 an input of reals") {
  for (const std::size_t input : {0U, 1U, 2U}) {
    qfs::OnnxModel model = qdq();
    const std::string name = input == 0 ? "x" : "constant";
    if (input > 0) {
      const std::vector<float> reals = {1.0F, 2.0F};
      model.initializers.push_back(qfs::make_initializer(name, std::span<const float>(reals), {2}));
    }
    writer_of(model, "t2_sum").inputs[input] = name;
    INFO("input " << input);
    CHECK(exercise::fusible_gemms(model) == kSecond);
  }
  qfs::OnnxModel model = qdq();
  writer_of(model, "t1_real").op = "Cast";  // written by somebody, and no edge
  CHECK(exercise::fusible_gemms(model) == kSecond);
}

TEST_CASE("23.3 something between Gemm and QuantizeLinear") {
  qfs::OnnxModel model = qdq();
  writer_of(model, "t2").inputs[0] = "relu";
  model.nodes.push_back({.op = "Relu", .inputs = {"t2_sum"}, .outputs = {"relu"}});
  CHECK(exercise::fusible_gemms(model) == kSecond);
}

TEST_CASE("23.3 reals that somebody else wants, too") {
  {  // another node
    qfs::OnnxModel model = qdq();
    model.nodes.push_back({.op = "Relu", .inputs = {"t2_sum"}, .outputs = {"relu"}});
    CHECK(exercise::fusible_gemms(model) == kSecond);
  }
  {  // another QuantizeLinear
    qfs::OnnxModel model = qdq();
    model.nodes.push_back({.op = "QuantizeLinear",
                           .inputs = {"t2_sum", "t2_scale", "t2_zero_point"},
                           .outputs = {"again"}});
    CHECK(exercise::fusible_gemms(model) == kSecond);
  }
  {  // the graph
    qfs::OnnxModel model = qdq();
    model.outputs.push_back({"t2_sum", qfs::DType::f32, {std::nullopt, 2}});
    CHECK(exercise::fusible_gemms(model) == kSecond);
  }
  {  // nobody at all
    qfs::OnnxModel model = qdq();
    writer_of(model, "t2").inputs[0] = "t1_real";
    CHECK(exercise::fusible_gemms(model) == kSecond);
  }
  {  // the integers may be wanted by everybody
    qfs::OnnxModel model = qdq();
    model.outputs.push_back({"t2", qfs::DType::u8, {std::nullopt, 2}});
    CHECK(exercise::fusible_gemms(model) == kBoth);
  }
}

TEST_CASE("23.3 read as a scale is not read as a value") {
  qfs::OnnxModel model = qdq();
  writer_of(model, "t2").inputs = {"t1_real", "t2_sum", "t2_zero_point"};
  CHECK(exercise::fusible_gemms(model) == kSecond);
}

TEST_CASE("23.3 a bias of another scale") {
  const auto with = [](const std::vector<float>& scales, std::vector<std::size_t> dims) {
    qfs::OnnxModel model = qdq();
    set_scales(model, "b1_scale", scales, std::move(dims));
    return exercise::fusible_gemms(model);
  };
  const float first = 0.3F * 0.7F, second = 0.3F * 0.9F;
  CHECK(with({first, second}, {2}) == kBoth);
  CHECK(with({first, 2.0F * second}, {2}) == kSecond);
  CHECK(with({2.0F * first, second}, {2}) == kSecond);
  CHECK(with({first}, {}) == kSecond);
  CHECK(with({0.7F, 0.9F}, {2}) == kSecond);  // of the weight alone
}

TEST_CASE("23.3 a bias of other integers") {
  qfs::OnnxModel model = qdq();
  for (qfs::Record& tensor : model.initializers)
    if (tensor.name == "b1") {
      const std::vector<std::int8_t> small = {2, 3};
      tensor = qfs::make_initializer("b1", std::span<const std::int8_t>(small), {2});
    }
  CHECK(exercise::fusible_gemms(model) == kSecond);
}
