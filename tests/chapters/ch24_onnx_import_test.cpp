// Chapter 24: ONNX models as nets of ours.
#include "24_onnx_import/onnx_read.hpp"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "06_static_ptq/plumbing/net_checks.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/engine.hpp"
#include "20_float_cnn/nets.hpp"
#include "21_int8_cnn/quantized_cnn.hpp"
#include "23_onnx_export/onnx_write.hpp"
#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "24_onnx_import/lesson/paper_example.hpp"
#include "24_onnx_import/lesson/study.hpp"
#include "24_onnx_import/onnx_rows.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/intervals.hpp"
#include "tests/support/quantized_nets.hpp"
#include "tests/support/random_mlp.hpp"
#include "tests/support/reference.hpp"
#include "tests/support/run_program.hpp"

namespace {

using namespace qfs;
using paper_onnx::Spelling;
using qfs::test::difference;
using qfs::test::intervals_of;
using qfs::test::lines_of;
using qfs::test::load_reference;
using qfs::test::net_difference;
using qfs::test::random_input;
using qfs::test::random_mlp;
using Lines = std::vector<std::string>;

constexpr Spelling kSpellings[] = {Spelling::qdq, Spelling::qdq_s8, Spelling::qoperator};

QuantizedNet imported(const OnnxModel& model) { return import_onnx(model, "here"); }

Matrix<float> logits_of(const QuantizedNet& net, const Matrix<float>& x,
                        const Backend& backend = ref_backend()) {
  NetBuffers buffers;
  return run(pack(net, backend, onnx_operations()), x, buffers);
}

std::vector<std::uint8_t> integers_of(const QuantizedNet& net, const Matrix<float>& x,
                                      std::size_t tensor) {
  NetBuffers buffers;
  run(pack(net, ref_backend(), onnx_operations()), x, buffers);
  return {buffers.u8[tensor].begin(), buffers.u8[tensor].end()};
}

Matrix<float> paper_input() {
  auto x = make_tensor<float>({1, 2});
  std::ranges::copy(paper_onnx::kInput, x.begin());
  return x;
}

// The same net by chapter 06's, 07's and 21's rows.
QuantizedNet by_our_rules(QuantizedNet net) {
  for (Operation& operation : net.operations)
    if (operation.kind.ends_with("_onnx"))
      operation.kind.resize(operation.kind.size() - std::string_view("_onnx").size());
  return net;
}

struct NamedNet {
  std::string name;
  QuantizedNet net;
};

// Unfused and fused, both granularities, 8 and 7 bits.
std::vector<NamedNet> mlp_nets(std::uint64_t seed) {
  const Mlp mlp = random_mlp(seed);
  const Matrix<float> x = random_input(seed + 1, 50, mlp.inputs());
  const auto before = intervals_of(mlp, x, OutputPoint::after_linear),
             after = intervals_of(mlp, x, OutputPoint::after_relu);
  std::vector<NamedNet> nets;
  for (const int bits : {8, 7})
    for (const auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
      const PtqOptions options{unsigned_range(bits), weights};
      const std::string name =
          std::to_string(bits) + " bits, weights " + std::to_string(static_cast<int>(weights));
      nets.push_back({name + ", unfused", quantize_mlp(mlp, before, options)});
      nets.push_back({name + ", fused", quantize_fused_mlp(mlp, after, options)});
    }
  return nets;
}

// A small net and one with residuals, of random weights, on pictures of 13 x 11 x 2.
std::vector<NamedNet> cnn_nets() {
  Rng rng(7);
  const PictureShape picture{13, 11, 2};
  const Cnn small = make_small_cnn(&rng, picture, 5),
            residual = fold_batch_norm(make_residual_net(&rng, picture, 5));
  const Matrix<float> x = random_input(8, 6, picture.size());
  std::vector<NamedNet> nets;
  for (const Cnn* cnn : {&small, &residual}) {
    TensorIntervals intervals(cnn->tensors.size());
    forward_ref(*cnn, x,
                [&](std::size_t t, std::span<const float> y) { intervals[t] = min_max(y); });
    for (const int bits : {8, 7})
      for (const auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
        const PtqOptions options{unsigned_range(bits), weights};
        const std::string name =
            std::string(cnn == &small ? "small, " : "residual, ") + std::to_string(bits) + " bits";
        nets.push_back({name + ", unfused", quantize_cnn(*cnn, intervals, options)});
        nets.push_back(
            {name + ", fused", quantize_fused_cnn(*cnn, after_relu(*cnn, intervals), options)});
      }
  }
  return nets;
}

constexpr OnnxOptions kForms[] = {{.form = OnnxForm::qdq},
                                  {.form = OnnxForm::qoperator},
                                  {.form = OnnxForm::qoperator, .standard_operators = true}};

OnnxModel reference_model(const std::string& name) {
  const auto bytes = load_reference<std::uint8_t, 1>("ch24/" + name + "_model");
  return parse_onnx(std::as_bytes(values(bytes)), name);
}

// Rows of any shape; pictures from ONNX's order to ours.
Matrix<float> reference_input(const std::string& name) {
  const FloatArray array = load_npy_float(test::reference_dir() + "/ch24/" + name + "_x.npy");
  const std::size_t rows = array.shape[0], size = array.values.size() / rows;
  auto x = make_tensor<float>({rows, size});
  std::ranges::copy(array.values, x.begin());
  if (array.shape.size() != 4) return x;
  const std::size_t C = array.shape[1], pixels = size / C;
  for (std::size_t m = 0; m < rows; ++m)
    for (std::size_t i = 0; i < size; ++i)
      x(m, i) = array.values[m * size + i % C * pixels + i / C];
  return x;
}

const char* const kForeign[] = {"paper_qdq",
                                "paper_qdq_s8",
                                "paper_qoperator",
                                "gemm",
                                "gemm_typed_channels",
                                "gemm_s8",
                                "gemm_u8_weights",
                                "mat_mul_add",
                                "qgemm",
                                "qlinear_mat_mul",
                                "pictures_qdq",
                                "pictures_qdq_s8",
                                "dynamic",
                                "pictures_qoperator",
                                "pictures_u8_weights",
                                "dynamic_u8_weights",
                                "gemm_real_bias",
                                "gemm_real_weights",
                                "gemm_clip",
                                "gemm_opset_11",
                                "gemm_microsoft",
                                "mat_mul_add_real_bias",
                                "pictures_real"};

}  // namespace

TEST_CASE("on paper: three spellings, one net, the integers by hand", "[hand]") {
  for (const Spelling spelling : kSpellings) {
    const QuantizedNet net = imported(make_model(spelling));
    CHECK(lines_of(net) ==
          Lines{"quantize_onnx 0 -> 1", "linear_onnx 1 -> 2", "dequantize 2 -> 3"});
    CHECK(net.tensors[1].params == paper_onnx::kX);
    CHECK(net.tensors[2].params == paper_onnx::kY);
    CHECK(std::ranges::equal(net.weights[0].weight.q, paper_onnx::kWeight));
    CHECK(std::ranges::equal(net.weights[0].bias, paper_onnx::kBias));
    CHECK(std::ranges::equal(integers_of(net, paper_input(), 1), paper_onnx::kQuantized));
    CHECK(std::ranges::equal(integers_of(net, paper_input(), 2), paper_onnx::kOutput));
    CHECK(std::ranges::equal(logits_of(net, paper_input()), paper_onnx::kReals));
  }
}

TEST_CASE("on paper: the multiplier is a quotient", "[hand]") {
  const std::vector<float> w = {0.25F};
  CHECK(output_multipliers_onnx(0.5F, w, 0.25F)(0) == 0.5F);
  // 3 * 7 / 10 is 2.1 rounded once; 21 * (1 / 10) is 2.1000001, rounded twice.
  const std::vector<float> seven = {7.0F};
  CHECK(output_multipliers_onnx(3.0F, seven, 10.0F)(0) == 2.1F);
  CHECK(output_multipliers(3.0F, seven, 10.0F)(0) != 2.1F);
  CHECK_THROWS_AS(output_multipliers_onnx(1e-30F, w, 1e30F), Error);
}

TEST_CASE("on paper: quantize_onnx divides", "[hand]") {
  // 2.25 / 0.3 is 7.4999998 and becomes 7; times 1 / 0.3 it is 7.5, and becomes 8.
  QuantizedNet net{.tensors = {{{1}, DType::f32}}};
  add_dequantize(net, add_quantize(net, 0, {0.3F, 0}, unsigned_range(8)));
  const Matrix<float> x = {{2.25F}};
  CHECK(integers_of(net, x, 1) == std::vector<std::uint8_t>{8});
  net.operations[0].kind = "quantize_onnx";
  CHECK(integers_of(net, x, 1) == std::vector<std::uint8_t>{7});
}

TEST_CASE("models of another exporter: every output that NumPy computes in integers", "[ref]") {
  for (const std::string name : kForeign) {
    INFO(name);
    const QuantizedNet net = imported(reference_model(name));
    const auto y = load_reference<float, 2>("ch24/" + name + "_y");
    CHECK(difference(logits_of(net, reference_input(name)), y) == "");
  }
}

TEST_CASE("the numbers on paper are NumPy's and ONNX Runtime's", "[ref]") {
  for (const std::string name : {"paper_qdq", "paper_qdq_s8", "paper_qoperator"})
    CHECK(std::ranges::equal(load_reference<float, 2>("ch24/" + name + "_y"), paper_onnx::kReals));
}

TEST_CASE("models of another exporter: the same by every backend of this CPU", "[isa]") {
  for (const auto& [backend, can_run, needs] : known_backends())
    for (const std::string name : kForeign) {
      if (!can_run()) continue;
      INFO(backend->name << ", " << name);
      const QuantizedNet net = imported(reference_model(name));
      const auto y = load_reference<float, 2>("ch24/" + name + "_y");
      CHECK(difference(logits_of(net, reference_input(name), *backend), y) == "");
    }
}

TEST_CASE("what is written by chapter 23 comes back, tensor by tensor", "[prop]") {
  for (const std::uint64_t seed : {1UL, 2UL})
    for (const auto& [name, net] : mlp_nets(seed))
      for (const OnnxOptions& form : kForms) {
        INFO(name << ", form " << static_cast<int>(form.form) << form.standard_operators);
        CHECK(net_difference(by_our_rules(imported(to_onnx(net, form))), net) == "");
      }
}

TEST_CASE("and so do nets of convolutions", "[prop]") {
  for (const auto& [name, net] : cnn_nets())
    for (const OnnxOptions& form : kForms) {
      INFO(name << ", form " << static_cast<int>(form.form) << form.standard_operators);
      const QuantizedNet got = imported(to_onnx(net, form, cnn_operations()));
      CHECK(net_difference(by_our_rules(got), net) == "");
    }
}

TEST_CASE("and from its bytes", "[prop]") {
  for (const auto& [name, net] : mlp_nets(3)) {
    const std::string bytes = onnx_bytes(to_onnx(net));
    const OnnxModel model = parse_onnx(std::as_bytes(std::span<const char>(bytes)), name);
    CHECK(net_difference(by_our_rules(imported(model)), net) == "");
  }
}

TEST_CASE("the committed files give what ONNX Runtime gave", "[ref]") {
  // The lesson runs all digits; here the first 200, by the plain loops.
  const TestDigits digits = first_digits(load_dataset("").test, 200);
  for (const char* name : ch24::kFiles) {
    const ch24::Committed file = ch24::load_committed(name);
    NetBuffers buffers;
    const PackedNet packed = pack(file.net, ref_backend(), onnx_operations());
    for (std::size_t begin = 0; begin < 200; begin += 100) {
      const auto both = ch24::classes_and_hashes(
          run(packed, normalized(digits.pixels, begin, begin + 100), buffers));
      for (std::size_t m = 0; m < 100; ++m) {
        CHECK(both(m, 0) == file.by_onnx_runtime(begin + m, 0));
        CHECK(both(m, 1) == file.by_onnx_runtime(begin + m, 1));
      }
    }
  }
}

TEST_CASE("the engine of chapter 13 runs an imported net, by any number of threads", "[prop]") {
  const TestDigits digits = first_digits(load_dataset("").test, 100);
  const Matrix<float> x = normalized(digits.pixels, 0, 100);
  for (const char* name : {"mlp_qdq", "small_cnn_qoperator"}) {
    const ch24::Committed file = ch24::load_committed(name);
    const Matrix<float> expected = logits_of(file.net, x);
    for (const int threads : {1, 2, 3}) {
      Engine engine(file.net, choose_backend(), onnx_operations(), threads);
      auto logits = make_tensor<float>({100, 10});
      engine.run(values(x), 100, values(logits));
      CHECK(difference(logits, expected) == "");
    }
  }
}

TEST_CASE("the dynamic net comes back, and gives the same bits", "[prop]") {
  for (const auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const Mlp mlp = random_mlp(4);
    const QuantizedNet net = quantize_dynamic(mlp, weights, {.options = {.rule = RangeRule::onnx}});
    const QuantizedNet got = imported(to_onnx(net));
    CHECK(net_difference(got, net) == "");
    const Matrix<float> x = random_input(5, 20, mlp.inputs());
    CHECK(difference(logits_of(got, x), logits_of(net, x)) == "");
  }
}

TEST_CASE("a dynamic net of a batch of one has a range for each row", "[prop]") {
  const Mlp mlp = random_mlp(4);
  OnnxModel model = to_onnx(
      quantize_dynamic(mlp, WeightGranularity::per_tensor, {.options = {.rule = RangeRule::onnx}}));
  const QuantizedNet together = imported(model);
  model.inputs[0].dims[0] = 1;
  const QuantizedNet alone = imported(model);
  const Matrix<float> x = random_input(5, 20, mlp.inputs());
  const Matrix<float> rows = logits_of(alone, x);
  for (std::size_t m = 0; m < 20; ++m)
    CHECK(difference(logits_of(together, rows_of(x, m, m + 1)), rows_of(rows, m, m + 1)) == "");
  CHECK(difference(logits_of(together, x), rows) != "");
}

namespace {

// What the import of a model says where it is refused; "" where it is not.
std::string refusal(const OnnxModel& model) {
  try {
    import_onnx(model, "here");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// The paper example, changed by `change`.
template <class Change>
std::string refusal_of(Change change, Spelling spelling = Spelling::qdq) {
  OnnxModel model = make_model(spelling);
  change(model);
  return refusal(model);
}

Record& tensor(OnnxModel& model, const std::string& name) {
  return *std::ranges::find(model.initializers, name, &Record::name);
}
OnnxNode& writer(OnnxModel& model, const std::string& name) {
  return *std::ranges::find_if(model.nodes, [&](const OnnxNode& node) {
    return std::ranges::find(node.outputs, name) != node.outputs.end();
  });
}
template <class T>
void set(OnnxModel& model, const std::string& name, std::vector<T> numbers,
         std::vector<std::size_t> dims) {
  tensor(model, name) = make_initializer(name, std::span<const T>(numbers), std::move(dims));
}

}  // namespace

TEST_CASE("a graph must be one: ends, names, order", "[hand]") {
  CHECK(refusal_of([](OnnxModel&) {}) == "");
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.nodes.clear(); }), QFS_CONTAINS("without nodes"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.nodes.resize(kMaxOnnxNodes + 1, m.nodes[0]); }),
             QFS_CONTAINS("too many"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.opsets[""] = 10; }), QFS_CONTAINS("too old"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.opsets[""] = 22; }), QFS_CONTAINS("too new"));
  for (const std::int64_t opset : {11, 13, 17, 21})
    CHECK(refusal_of([&](OnnxModel& m) { m.opsets[""] = opset; }) == "");
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.opsets[kMicrosoft] = 2; }, Spelling::qoperator),
             QFS_CONTAINS("'com.microsoft'"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.opsets.erase(kMicrosoft); }, Spelling::qoperator),
             QFS_CONTAINS("'com.microsoft'"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.opsets.clear(); }), QFS_CONTAINS("not said"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.inputs.clear(); }), QFS_CONTAINS("0 and 1"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.outputs.push_back(m.outputs[0]); }),
             QFS_CONTAINS("1 and 2"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.outputs[0].name = "nowhere"; }),
             QFS_CONTAINS("'nowhere'"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.outputs[0].name = "x"; }),
             QFS_CONTAINS("does nothing"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { std::swap(m.nodes[0], m.nodes[1]); }),
             QFS_CONTAINS("reads 'q'") && QFS_CONTAINS("a later one writes"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "q").inputs[0] = "logits"; }),
             QFS_CONTAINS("a later one writes"));  // round in a circle
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "q").inputs[0] = "q"; }),
             QFS_CONTAINS("this node or a later one"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.initializers.erase(m.initializers.begin()); }),
             QFS_CONTAINS("reads 'q_scale'") && QFS_CONTAINS("what nothing writes"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.initializers.push_back(m.initializers[0]); }),
             QFS_CONTAINS("'q_scale' has two writers"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "q_real").outputs[0] = "q"; }),
             QFS_CONTAINS("'q' has two writers"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.nodes[0].outputs[0] = "x"; }),
             QFS_CONTAINS("'x' has two writers"));
}

TEST_CASE("old files list their initializers among the inputs", "[hand]") {
  CHECK(refusal_of([](OnnxModel& m) {
          m.inputs.insert(m.inputs.begin(), {"w", DType::s8, {2, 2}});
        }) == "");
}

TEST_CASE("an input must be pictures or rows of a known size", "[hand]") {
  const auto with_dims = [](std::vector<std::optional<std::size_t>> dims) {
    return refusal_of([&](OnnxModel& m) { m.inputs[0].dims = dims; });
  };
  CHECK_THAT(with_dims({std::nullopt}), QFS_CONTAINS("neither rows of numbers nor pictures"));
  CHECK_THAT(with_dims({std::nullopt, 2, 1}), QFS_CONTAINS("neither rows"));
  CHECK_THAT(with_dims({std::nullopt, std::nullopt}), QFS_CONTAINS("an extent without a number"));
  CHECK_THAT(with_dims({std::nullopt, 0}), QFS_CONTAINS("empty or too large"));
  CHECK_THAT(with_dims({0, 2}), QFS_CONTAINS("empty or too large"));
  CHECK_THAT(with_dims({std::nullopt, kMaxOnnxElements + 1}), QFS_CONTAINS("too large"));
  CHECK_THAT(with_dims({std::nullopt, 1 << 13, 1 << 13, 1 << 13}), QFS_CONTAINS("too large"));
  CHECK_THAT(with_dims({std::nullopt, 3}), QFS_CONTAINS("does not fit its input"));
  CHECK_THAT(with_dims({std::nullopt, 2, 1, 1}), QFS_CONTAINS("does not fit its input"));
  CHECK(with_dims({5, 2}) == "");
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.inputs[0].type = DType::s64; }),
             QFS_CONTAINS("s64 [batch, 2]"));
}

TEST_CASE("scales and zero points must mean something", "[hand]") {
  for (const float scale : {0.0F, -1.0F, 1e-40F}) {
    CHECK_THAT(refusal_of([&](OnnxModel& m) { set<float>(m, "y_scale", {scale}, {}); }),
               QFS_CONTAINS("'y_scale' has no usable scale"));
    CHECK_THAT(refusal_of([&](OnnxModel& m) { set<float>(m, "w_scale", {scale}, {}); }),
               QFS_CONTAINS("'w_scale' has no usable scale"));
  }
  for (const float scale :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
    CHECK_THAT(refusal_of([&](OnnxModel& m) { set<float>(m, "w_scale", {scale}, {}); }),
               QFS_CONTAINS("'w_scale' holds a number that is not finite"));
  CHECK_THAT(refusal_of([](OnnxModel& m) {
               set<float>(m, "q_scale", {1, 1}, {2});
             }),
             QFS_CONTAINS("another number of scales"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { set<float>(m, "q_scale", {}, {0}); }),
             QFS_CONTAINS("'q_scale' is empty"));
  CHECK_THAT(refusal_of([](OnnxModel& m) {
               set<std::uint8_t>(m, "y_zero_point", {1, 2}, {2});
             }),
             QFS_CONTAINS("another number of scales or zero points"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { set<std::int32_t>(m, "y_zero_point", {1}, {}); }),
             QFS_CONTAINS("'y_zero_point' s32 []"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { set<float>(m, "y_zero_point", {1}, {}); }),
             QFS_CONTAINS("needs integers"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { set<std::int32_t>(m, "q_scale", {1}, {}); }),
             QFS_CONTAINS("'q_scale' s32 []"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "q_real").inputs[1] = "y_scale"; }),
             QFS_CONTAINS("another scale or zero point than they were written with"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "q_real").inputs[2] = "w_zero_point"; }),
             QFS_CONTAINS("another scale or zero point"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "q").inputs[1] = "x"; }),
             QFS_CONTAINS("'x'") && QFS_CONTAINS("an initializer"));
}

TEST_CASE("a zero point that is left out is that of u8, 0", "[hand]") {
  OnnxModel model = make_model(Spelling::qdq);
  writer(model, "q").inputs.pop_back();
  writer(model, "q_real").inputs[2].clear();
  const QuantizedNet net = imported(model);
  CHECK(net.tensors[1].params == QuantParams{0.5F, 0});
}

TEST_CASE("weights must be s8 once their zero point is off", "[hand]") {
  const auto u8_weights = [](std::vector<std::uint8_t> w, std::uint8_t zero) {
    return refusal_of([&](OnnxModel& m) {
      set<std::uint8_t>(m, "w", w, {2, 2});
      set<std::uint8_t>(m, "w_zero_point", {zero}, {});
    });
  };
  CHECK(u8_weights({0, 255, 1, 2}, 128) == "");
  CHECK(u8_weights({10, 137, 1, 2}, 10) == "");  // 0, 127, -9, -8
  CHECK_THAT(u8_weights({0, 255, 1, 2}, 127), QFS_CONTAINS("128 in tensor 'w'"));
  CHECK_THAT(u8_weights({0, 255, 1, 2}, 129), QFS_CONTAINS("-129 in tensor 'w'"));
  CHECK_THAT(refusal_of([](OnnxModel& m) {
               set<std::uint8_t>(m, "w", {1, 2, 3, 4}, {2, 2});
             }),
             QFS_CONTAINS("zero points that do not fit"));
  CHECK_THAT(refusal_of([](OnnxModel& m) {
               set<std::int8_t>(m, "w", {1, 2}, {1, 2});
             }),
             QFS_CONTAINS("a bias that does not fit"));
  CHECK_THAT(refusal_of([](OnnxModel& m) {
               set<std::int8_t>(m, "w", {1, 2, 3, 4}, {4});
             }),
             QFS_CONTAINS("a weight that does not fit its input: 'w' 4") ||
                 QFS_CONTAINS("a weight that does not fit its input"));
  CHECK_THAT(refusal_of([](OnnxModel& m) {
               set<float>(m, "w", {1, 2, 3, 4}, {2, 2});
             }),
             QFS_CONTAINS("'w' f32 [2, 2]"));
  CHECK_THAT(
      refusal_of([](OnnxModel& m) {
        set<std::int32_t>(m, "w", {std::numeric_limits<std::int32_t>::min(), 0, 0, 0}, {2, 2});
        set<std::int32_t>(m, "w_zero_point", {1}, {});
      }),
      QFS_CONTAINS("32 bits do not hold"));
}

TEST_CASE("a scale for each output, along its axis", "[hand]") {
  const auto with_axis = [](std::int64_t axis, std::int64_t transposed, std::size_t scales = 2) {
    OnnxModel model = make_model(Spelling::qdq);
    set<float>(model, "w_scale", std::vector<float>(scales, 0.25F), {scales});
    writer(model, "w_real").inputs.pop_back();
    writer(model, "w_real").attributes["axis"] = axis;
    writer(model, "sum").attributes["transB"] = transposed;
    return refusal(model);
  };
  CHECK(with_axis(0, 1) == "");
  CHECK(with_axis(1, 0) == "");
  CHECK(with_axis(-2, 1) == "");
  CHECK(with_axis(-1, 0) == "");
  CHECK_THAT(with_axis(1, 1), QFS_CONTAINS("a scale for each input"));
  CHECK_THAT(with_axis(0, 0), QFS_CONTAINS("a scale for each input"));
  CHECK_THAT(with_axis(2, 1), QFS_CONTAINS("scales that do not fit"));
  CHECK_THAT(with_axis(-3, 1), QFS_CONTAINS("scales that do not fit"));
  CHECK_THAT(with_axis(0, 1, 3), QFS_CONTAINS("scales that do not fit"));
}

TEST_CASE("a bias of another scale would be another bias", "[hand]") {
  const auto with_scale = [](float scale) {
    return refusal_of([&](OnnxModel& m) { set<float>(m, "b_scale", {scale}, {}); });
  };
  CHECK(with_scale(0.125F) == "");
  CHECK(with_scale(std::nextafter(0.125F, 1.0F)) == "");  // as another order of rounding leaves it
  CHECK_THAT(with_scale(0.125F * (1.0F + 0x1p-20F)), QFS_CONTAINS("tensor 'b'"));
  CHECK_THAT(with_scale(0.25F), QFS_CONTAINS("0.25") && QFS_CONTAINS("0.125"));
  CHECK_THAT(refusal_of([](OnnxModel& m) {
               set<std::int32_t>(m, "b", {1, 2, 3}, {3});
             }),
             QFS_CONTAINS("a bias that does not fit"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "sum").inputs[2] = "b"; }),
             QFS_CONTAINS("neither real nor dequantized") && QFS_CONTAINS("'b' s32 [2]"));
}

TEST_CASE("a real bias becomes integers of the scale s_x s_w", "[hand]") {
  const auto with_bias = [](std::vector<float> bias) {
    OnnxModel model = make_model(Spelling::qdq);
    set<float>(model, "b", bias, {bias.size()});
    writer(model, "sum").inputs[2] = "b";
    std::erase_if(model.nodes, [](const OnnxNode& node) { return node.outputs[0] == "b_real"; });
    return model;
  };
  const QuantizedNet same = imported(make_model(Spelling::qdq));
  CHECK(net_difference(imported(with_bias({1.0F, 2.0F})), same) == "");
  // In steps of 0.125: 8.8 is 9; -0.5 and 2.5 are ties, which go to the even 0 and 2.
  const QuantizedNet near = imported(with_bias({1.1F, 2.0F}));
  CHECK(values(near.weights[0].bias)[0] == 9);
  CHECK(std::ranges::equal(integers_of(near, paper_input(), 2), paper_onnx::kOutput));
  const QuantizedNet ties = imported(with_bias({-0.0625F, 0.3125F}));
  CHECK(std::ranges::equal(values(ties.weights[0].bias), std::vector<std::int32_t>{0, 2}));
  CHECK_THAT(refusal(with_bias({1.0F, 3e8F})), QFS_CONTAINS("node '5_Gemm' (Gemm)") &&
                                                   QFS_CONTAINS("'b' f32 [2]") &&
                                                   QFS_CONTAINS("32 bits do not hold"));
  CHECK_THAT(refusal(with_bias({1.0F})), QFS_CONTAINS("a bias that does not fit"));
  // 2^24, up to where float32 holds every integer, arrives whole.
  const QuantizedNet large = imported(with_bias({0.0F, 0.125F * 16777216.0F}));
  CHECK(values(large.weights[0].bias)[1] == 16777216);
}

TEST_CASE("a bias behind a ReLU is no bias", "[hand]") {
  const auto with_between = [](const std::string& op, std::vector<std::string> ends) {
    OnnxModel model = make_model(Spelling::qdq);
    OnnxNode& gemm = writer(model, "sum");
    gemm.inputs.pop_back();
    gemm.outputs[0] = "product";
    ends.insert(ends.begin(), "product");
    for (const float end : {-6.0F, 6.0F})
      model.initializers.push_back(
          make_initializer(end < 0 ? "low" : "high", std::span<const float>(&end, 1), {}));
    const auto node = [](const std::string& kind, std::vector<std::string> inputs,
                         const std::string& output) {
      return OnnxNode{.op = kind, .inputs = std::move(inputs), .outputs = {output}, .name = kind};
    };
    model.nodes.insert(model.nodes.begin() + 5,
                       {node(op, ends, "cut"), node("Add", {"cut", "b_real"}, "sum")});
    return refusal(model);
  };
  CHECK(with_between("Identity", {}) == "");
  for (const auto& [op, ends] :
       std::initializer_list<std::pair<const char*, std::vector<std::string>>>{
           {"Relu", {}}, {"Clip", {"low"}}, {"Clip", {"", "high"}}})
    CHECK_THAT(with_between(op, ends), QFS_CONTAINS("no product without a bias"));
}

TEST_CASE("a Clip of reals behind a product is the range of its integers", "[hand]") {
  // Scale 0.25, zero point 100: -2.5 is 90, and 3 is 112.
  const auto cut_to = [](std::vector<float> ends, const char* before = "sum") {
    OnnxModel model = make_model(Spelling::qdq);
    writer(model, "y").inputs[0] = "cut";
    OnnxNode clip{.op = "Clip", .inputs = {before}, .outputs = {"cut"}, .name = "clip"};
    for (const float end : ends) {
      const std::string name = clip.inputs.size() == 1 ? "low" : "high";
      clip.inputs.push_back(name);
      model.initializers.push_back(make_initializer(name, std::span<const float>(&end, 1), {}));
    }
    model.nodes.insert(model.nodes.begin() + 5, clip);
    return model;
  };
  const auto range_of = [&](std::vector<float> ends) {
    return imported(cut_to(std::move(ends))).tensors[2].range;
  };
  CHECK(range_of({}) == QuantRange{0, 255});
  CHECK(range_of({-2.5F}) == QuantRange{90, 255});
  CHECK(range_of({-2.5F, 3.0F}) == QuantRange{90, 112});
  CHECK(range_of({0.0F, 6.0F}) == QuantRange{100, 124});
  CHECK(range_of({-1000.0F, 1000.0F}) == QuantRange{0, 255});
  CHECK(integers_of(imported(cut_to({-2.5F, 3.0F})), paper_input(), 2) ==
        std::vector<std::uint8_t>{112, 92});
  CHECK_THAT(refusal(cut_to({1.0F, 3.0F})), QFS_CONTAINS("1..3") && QFS_CONTAINS("contains 0"));
  CHECK_THAT(refusal(cut_to({-3.0F, -1.0F})), QFS_CONTAINS("-3..-1"));
  CHECK_THAT(refusal(cut_to({0.0F, 6.0F}, "x")), QFS_CONTAINS("clips reals"));
  OnnxModel integers = cut_to({0.0F, 6.0F});
  set<std::uint8_t>(integers, "high", {6}, {});
  CHECK_THAT(refusal(integers), QFS_CONTAINS("'high'") && QFS_CONTAINS("one f32"));
}

TEST_CASE("messages say int8 as the file does", "[hand]") {
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "q_real").inputs[2] = "y_zero_point"; },
                        Spelling::qdq_s8),
             QFS_CONTAINS("scale 0.5, zero point -28 (s8)") &&
                 QFS_CONTAINS("scale 0.5, zero point -118 (s8)"));
  const float next = std::nextafter(0.5F, 1.0F);  // told apart in the message, too
  CHECK_THAT(
      refusal_of([&](OnnxModel& m) {
        m.initializers.push_back(make_initializer("next", std::span<const float>(&next, 1), {}));
        writer(m, "q_real").inputs[1] = "next";
      }),
      QFS_CONTAINS("scale 0.50000006, zero point 10 (u8)") &&
          QFS_CONTAINS("scale 0.5, zero point 10 (u8)"));
  // Integers that get other parameters with nothing between.
  CHECK_THAT(refusal_of(
                 [](OnnxModel& m) {
                   m.nodes.push_back({.op = "QuantizeLinear",
                                      .inputs = {"logits", "y_scale", "q_zero_point"},
                                      .outputs = {"again"}});
                   m.outputs[0].name = "again";
                 },
                 Spelling::qdq_s8),
             QFS_CONTAINS("scale 0.25, zero point -118 (s8)") &&
                 QFS_CONTAINS("scale 0.25, zero point -28 (s8)"));
  // A Clip: -20 is above the zero point.
  CHECK_THAT(refusal_of(
                 [](OnnxModel& m) {
                   const std::int8_t low = -20;
                   m.initializers.push_back(
                       make_initializer("low", std::span<const std::int8_t>(&low, 1), {}));
                   writer(m, "y").outputs[0] = "wide";
                   m.nodes.insert(m.nodes.begin() + 6,
                                  {.op = "Clip", .inputs = {"wide", "low"}, .outputs = {"y"}});
                 },
                 Spelling::qdq_s8),
             QFS_CONTAINS("-20..127") && QFS_CONTAINS("the zero point, -28"));
}

TEST_CASE("a constant that is quantized in the graph: node and tensor are named", "[hand]") {
  // w as reals, through QuantizeLinear: 1, -0.5 by the scale 0.25, and -1.75, 0.75 by 0.25.
  const auto with_weight = [](std::vector<float> scales, std::vector<std::int8_t> zeros) {
    OnnxModel model = make_model(Spelling::qdq);
    set<float>(model, "w", {1.0F, -0.5F, -1.75F, 0.75F}, {2, 2});
    const bool one = scales.size() == 1;
    const std::vector<std::size_t> dims =
        one ? std::vector<std::size_t>{} : std::vector<std::size_t>{scales.size()};
    set<float>(model, "w_scale", scales, dims);
    set<std::int8_t>(model, "w_zero_point", zeros,
                     zeros.size() == 1 ? std::vector<std::size_t>{} : std::vector{zeros.size()});
    OnnxNode& dequantize = writer(model, "w_real");
    dequantize.inputs[0] = "w_q";
    dequantize.attributes["axis"] = std::int64_t{0};
    OnnxNode quantize = dequantize;
    quantize.op = "QuantizeLinear";
    quantize.name = "quantize_w";
    quantize.inputs[0] = "w";
    quantize.outputs[0] = "w_q";
    model.nodes.insert(model.nodes.begin(), quantize);
    return model;
  };
  const auto weights_of = [](const OnnxModel& model) {
    const auto q = imported(model).weights[0].weight.q;
    return std::vector<int>(q.begin(), q.end());
  };
  CHECK(weights_of(with_weight({0.25F}, {0})) == std::vector<int>{4, -2, -7, 3});
  CHECK(weights_of(with_weight({0.25F}, {5})) == std::vector<int>{4, -2, -7, 3});
  CHECK(weights_of(with_weight({0.25F, 0.25F}, {5, -9})) == std::vector<int>{4, -2, -7, 3});
  // 0.015625 is 1 / 64: -1.75 is -112; 1 / 128: 1 would be 128, and is cut off to 127.
  OnnxModel cut = with_weight({0.0078125F}, {0});
  set<float>(cut, "b_scale", {0.5F * 0.0078125F}, {});
  CHECK(weights_of(cut) == std::vector<int>{127, -64, -128, 96});
  OnnxModel rows = with_weight({0.25F, 0.015625F}, {0, 0});
  set<float>(rows, "b_scale", {0.125F, 0.0078125F}, {2});
  writer(rows, "b_real").attributes["axis"] = std::int64_t{0};
  CHECK(weights_of(rows) == std::vector<int>{4, -2, -112, 48});
  CHECK_THAT(refusal(with_weight({0.25F, 0.25F, 0.25F}, {0})),
             QFS_CONTAINS("node 'quantize_w' (QuantizeLinear)") && QFS_CONTAINS("3 along axis 0") &&
                 QFS_CONTAINS("'w' f32 [2, 2]"));
  CHECK_THAT(
      refusal(with_weight({0.25F, 0.25F}, {0, 0, 0})),
      QFS_CONTAINS("node 'quantize_w' (QuantizeLinear)") && QFS_CONTAINS("'w_zero_point' s8 [3]"));
  OnnxModel integers = with_weight({0.25F}, {0});
  set<std::int8_t>(integers, "w", {4, -2, -7, 3}, {2, 2});
  CHECK_THAT(refusal(integers),
             QFS_CONTAINS("node 'quantize_w' (QuantizeLinear) quantizes a tensor "
                          "that is not real") &&
                 QFS_CONTAINS("'w' s8 [2, 2]"));
}

TEST_CASE("what ends in reals too early: the message says what it is, and what to do", "[hand]") {
  // QGemm writes integers; a Relu of reals reads them.
  CHECK_THAT(refusal_of(
                 [](OnnxModel& m) {
                   m.nodes.back() = {
                       .op = "Relu", .inputs = {"y"}, .outputs = {"logits"}, .name = "r"};
                 },
                 Spelling::qoperator),
             QFS_CONTAINS("node 'r' (Relu) needs reals") &&
                 QFS_CONTAINS("integers without DequantizeLinear") &&
                 QFS_CONTAINS("put DequantizeLinear before this node"));
  OnnxModel dynamic = to_onnx(quantize_dynamic(random_mlp(4), WeightGranularity::per_tensor,
                                               {.options = {.rule = RangeRule::onnx}}));
  const auto first = [](OnnxModel& m, const char* op) -> OnnxNode& {
    return *std::ranges::find(m.nodes, op, &OnnxNode::op);
  };
  OnnxModel sums = dynamic;  // the output is what MatMulInteger has summed
  sums.outputs[0].name = first(sums, "MatMulInteger").outputs[0];
  CHECK_THAT(refusal(sums), QFS_CONTAINS("needs reals") &&
                                QFS_CONTAINS("sums of MatMulInteger, which have no scale") &&
                                QFS_CONTAINS("Mul by s_x s_w behind MatMulInteger"));
  OnnxModel cast = dynamic;  // or those as reals, without their scale
  cast.outputs[0].name = first(cast, "Cast").outputs[0];
  CHECK_THAT(refusal(cast), QFS_CONTAINS("as reals, not yet times their scale"));
  OnnxModel added = dynamic;  // a bias before the scale
  first(added, "Add").inputs[0] = first(added, "Cast").outputs[0];
  CHECK_THAT(refusal(added),
             QFS_CONTAINS("not yet times their scale") && QFS_CONTAINS("a tensor of the file"));
  OnnxModel fixed = make_model(Spelling::qdq);  // MatMulInteger of integers by a fixed scale
  writer(fixed, "sum") = {.op = "MatMulInteger",
                          .inputs = {"q", "w", "q_zero_point"},
                          .outputs = {"sum"},
                          .name = "integers"};
  CHECK_THAT(refusal(fixed), QFS_CONTAINS("node 'integers' (MatMulInteger)") &&
                                 QFS_CONTAINS("'q': integers without DequantizeLinear"));
}

TEST_CASE("what is not read is named: operators, attributes, types", "[hand]") {
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "sum").op = "Softmax"; }),
             QFS_CONTAINS("'Softmax'") && QFS_CONTAINS("QLinearConv") && QFS_CONTAINS("5_Gemm"));
  CHECK_THAT(refusal_of([](OnnxModel& m) {
               writer(m, "sum").domain = "my.own";
               m.opsets["my.own"] = 1;
             }),
             QFS_CONTAINS("'my.own Gemm'"));
  CHECK_THAT(
      refusal_of([](OnnxModel& m) { writer(m, "sum").op = "Ge\x01mm" + std::string(99, 'm'); }),
      QFS_CONTAINS("Ge?mm") && QFS_CONTAINS("mmm...'"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "sum").attributes["alpha"] = 0.5F; }),
             QFS_CONTAINS("alpha"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "sum").attributes["beta"] = 2.0F; }),
             QFS_CONTAINS("beta"));
  CHECK_THAT(
      refusal_of([](OnnxModel& m) { writer(m, "sum").attributes["transA"] = std::int64_t{1}; }),
      QFS_CONTAINS("'transA'"));
  CHECK_THAT(
      refusal_of([](OnnxModel& m) { writer(m, "sum").attributes["transC"] = std::int64_t{0}; }),
      QFS_CONTAINS("'transC'"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "sum").attributes["transB"] = 1.0F; }),
             QFS_CONTAINS("another type") && QFS_CONTAINS("'transB'"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "sum").inputs.push_back("w_real"); }),
             QFS_CONTAINS("another number of inputs"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "sum").inputs.resize(1); }),
             QFS_CONTAINS("another number of inputs"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "sum").inputs[1].clear(); }),
             QFS_CONTAINS("lacks an input"));
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "sum").outputs.push_back("more"); }),
             QFS_CONTAINS("another number of inputs or outputs"));
}

TEST_CASE("half of a quantized model is a float model", "[hand]") {
  // Without the output's QuantizeLinear.
  CHECK_THAT(
      refusal_of([](OnnxModel& m) { m.outputs[0].name = "sum"; }),
      QFS_CONTAINS("the output 'sum' is real") && QFS_CONTAINS("no QuantizeLinear behind it"));
  // Without the input's.
  CHECK_THAT(refusal_of([](OnnxModel& m) { writer(m, "sum").inputs[0] = "x"; }),
             QFS_CONTAINS("an input without DequantizeLinear"));
  // Nothing but the weights.
  CHECK_THAT(refusal_of([](OnnxModel& m) {
               writer(m, "sum").inputs[0] = "x";
               m.outputs[0].name = "sum";
             }),
             QFS_CONTAINS("an input without DequantizeLinear"));
  // Two products with nothing between.
  CHECK_THAT(refusal_of([](OnnxModel& m) {
               m.nodes.insert(m.nodes.begin() + 5, {.op = "Gemm",
                                                    .inputs = {"sum", "w_real"},
                                                    .outputs = {"sum2"},
                                                    .attributes = {},
                                                    .domain = "",
                                                    .name = "second"});
               writer(m, "y").inputs[0] = "sum2";
             }),
             QFS_CONTAINS("node 'second' (Gemm)") && QFS_CONTAINS("(Gemm) has no QuantizeLinear"));
}

namespace {

// A QDQ net of one operator on pictures of 2 x 4 x 4: x, quantize, `op` by DequantizeLinear and
// QuantizeLinear, then DequantizeLinear.
struct PictureModel {
  OnnxGraph graph{};
  std::string op;
  std::map<std::string, OnnxAttribute> attributes{};
  std::vector<std::size_t> weight{};  // its extents; none: the operator has none
  std::vector<std::size_t> picture = {2, 4, 4};

  OnnxModel model() {
    const auto x = graph.params("q", {0.5F, 3}), y = graph.params("y", {0.5F, 3});
    graph.node("QuantizeLinear", paper_onnx::before("x", x), {"q"});
    graph.node("DequantizeLinear", paper_onnx::before("q", x), {"q_real"});
    std::vector<std::string> inputs = {"q_real"};
    if (!weight.empty()) {
      const std::vector<std::int8_t> w(element_count(weight), 1);
      graph.node("DequantizeLinear",
                 {graph.constant("w", std::span<const std::int8_t>(w), weight),
                  graph.scalar("w_scale", 0.25F)},
                 {"w_real"});
      inputs.push_back("w_real");
    }
    graph.node(op, inputs, {"real"}, attributes);
    graph.node("QuantizeLinear", paper_onnx::before("real", y), {"y"});
    graph.node("DequantizeLinear", paper_onnx::before("y", y), {"logits"});
    graph.model.inputs = {{"x", DType::f32, {std::nullopt}}};
    for (const std::size_t extent : picture) graph.model.inputs[0].dims.emplace_back(extent);
    graph.model.outputs = {{"logits", DType::f32, {}}};
    return graph.model;
  }
};

// Puts the node where the one that writes `value` stands.
void put_before(OnnxModel& model, const std::string& value, OnnxNode node) {
  const auto at = model.nodes.begin() + (&writer(model, value) - model.nodes.data());
  model.nodes.insert(at, std::move(node));
}

// A Reshape, with its list.
OnnxNode reshape_node(OnnxModel& model, const std::string& from,
                      const std::vector<std::int64_t>& to, const std::string& name) {
  const std::string list = name + "_list";
  model.initializers.push_back(
      make_initializer(list, std::span<const std::int64_t>(to), {to.size()}));
  return {.op = "Reshape", .inputs = {from, list}, .outputs = {name}, .name = name};
}

// A Transpose; without `perm` its list is left out.
OnnxNode transpose_node(const std::string& from, const std::vector<std::int64_t>& perm) {
  OnnxNode node{.op = "Transpose", .inputs = {from}, .outputs = {"turned"}, .name = "turn"};
  if (!perm.empty()) node.attributes["perm"] = perm;
  return node;
}

std::string conv_refusal(std::map<std::string, OnnxAttribute> attributes,
                         std::vector<std::size_t> weight = {1, 2, 3, 3}) {
  return refusal(
      PictureModel{.op = "Conv", .attributes = std::move(attributes), .weight = std::move(weight)}
          .model());
}

using Ints = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("windows that are read, and those that are not", "[hand]") {
  CHECK(conv_refusal({}) == "");
  CHECK(conv_refusal({{"kernel_shape", Ints{3, 3}},
                      {"pads", Ints{1, 1, 1, 1}},
                      {"strides", Ints{2, 2}},
                      {"dilations", Ints{1, 1}},
                      {"group", std::int64_t{1}},
                      {"auto_pad", std::string("NOTSET")}}) == "");
  CHECK(conv_refusal({{"auto_pad", std::string("VALID")}}) == "");
  CHECK(conv_refusal({{"group", std::int64_t{2}}}, {2, 1, 3, 3}) == "");
  CHECK_THAT(conv_refusal({{"auto_pad", std::string("SAME_UPPER")}}), QFS_CONTAINS("SAME_UPPER"));
  CHECK_THAT(conv_refusal({{"kernel_shape", Ints{3, 2}}}), QFS_CONTAINS("kernel_shape"));
  CHECK_THAT(conv_refusal({{"kernel_shape", Ints{3}}}), QFS_CONTAINS("kernel_shape"));
  CHECK_THAT(conv_refusal({{"pads", Ints{1, 0, 1, 0}}}), QFS_CONTAINS("pads 1, 0, 1, 0"));
  CHECK_THAT(conv_refusal({{"pads", Ints{1, 1}}}), QFS_CONTAINS("pads 1, 1"));
  CHECK_THAT(conv_refusal({{"pads", Ints{-1, -1, -1, -1}}}), QFS_CONTAINS("pads -1"));
  CHECK_THAT(conv_refusal({{"pads", Ints{3, 3, 3, 3}}}),
             QFS_CONTAINS("(Conv): ") && QFS_CONTAINS("does not fit the picture"));
  CHECK_THAT(conv_refusal({{"strides", Ints{1, 2}}}), QFS_CONTAINS("strides 1, 2"));
  CHECK_THAT(conv_refusal({{"strides", Ints{0, 0}}}), QFS_CONTAINS("does not fit the picture"));
  CHECK_THAT(conv_refusal({{"strides", Ints{1LL << 40, 1LL << 40}}}), QFS_CONTAINS("strides"));
  CHECK_THAT(conv_refusal({{"dilations", Ints{2, 2}}}), QFS_CONTAINS("holes"));
  CHECK_THAT(conv_refusal({{"group", std::int64_t{0}}}), QFS_CONTAINS("groups 0"));
  CHECK_THAT(conv_refusal({{"group", std::int64_t{-2}}}), QFS_CONTAINS("groups 0"));
  CHECK_THAT(conv_refusal({{"group", std::int64_t{2}}}, {1, 1, 3, 3}), QFS_CONTAINS("groups 2"));
  CHECK_THAT(conv_refusal({}, {1, 3, 3, 3}), QFS_CONTAINS("does not fit its input"));
  CHECK_THAT(conv_refusal({}, {1, 2, 3}), QFS_CONTAINS("does not fit its input"));
  CHECK_THAT(conv_refusal({}, {1, 2, 5, 5}), QFS_CONTAINS("does not fit the picture"));
  // A window of one on a picture of one is a Linear, but not with a border around it.
  const auto of_one = [](std::map<std::string, OnnxAttribute> attributes) {
    return refusal(PictureModel{
        .op = "Conv",
        .attributes = std::move(attributes),
        .weight = {1, 2, 1, 1},
        .picture = {2, 1,
                    1}}.model());
  };
  CHECK(of_one({}) == "");
  CHECK_THAT(of_one({{"pads", Ints{1, 1, 1, 1}}}), QFS_CONTAINS("does not fit the picture"));
  CHECK_THAT(of_one({{"strides", Ints{0, 0}}}), QFS_CONTAINS("does not fit the picture"));
}

TEST_CASE("pooling that is read, and that is not", "[hand]") {
  const auto pool = [](const char* op, std::map<std::string, OnnxAttribute> attributes) {
    return refusal(PictureModel{.op = op, .attributes = std::move(attributes)}.model());
  };
  const OnnxAttribute two = Ints{2, 2}, border = Ints{1, 1, 1, 1};
  CHECK(pool("MaxPool", {{"kernel_shape", two}, {"strides", two}}) == "");
  CHECK(pool("AveragePool", {{"kernel_shape", two}}) == "");
  CHECK(pool("GlobalAveragePool", {}) == "");
  CHECK(pool("AveragePool",
             {{"kernel_shape", two}, {"pads", border}, {"count_include_pad", std::int64_t{1}}}) ==
        "");
  CHECK_THAT(pool("AveragePool", {{"kernel_shape", two}, {"pads", border}}),
             QFS_CONTAINS("leaves the border out"));
  CHECK_THAT(pool("MaxPool", {}), QFS_CONTAINS("kernel_shape"));
  for (const char* op : {"MaxPool", "AveragePool"})
    CHECK_THAT(pool(op, {{"kernel_shape", two}, {"ceil_mode", std::int64_t{1}}}),
               QFS_CONTAINS("'ceil_mode'"));
  CHECK_THAT(pool("MaxPool", {{"kernel_shape", two}, {"storage_order", std::int64_t{1}}}),
             QFS_CONTAINS("'storage_order'"));
}

TEST_CASE("a largest number of what is not quantized yet", "[hand]") {
  OnnxModel model = PictureModel{.op = "Conv", .weight = {3, 2, 3, 3}}.model();
  put_before(model, "y",
             {.op = "MaxPool",
              .inputs = {"real"},
              .outputs = {"largest"},
              .attributes = {{"kernel_shape", Ints{2, 2}}},
              .name = "pool"});
  writer(model, "y").inputs[0] = "largest";
  CHECK_THAT(refusal(model), QFS_CONTAINS("node 'pool' (MaxPool) computes with reals") &&
                                 QFS_CONTAINS("(Conv) has no QuantizeLinear behind it"));
}

TEST_CASE("a picture that a Reshape has made a row of is no picture", "[hand]") {
  // 2 x 4 x 4, in the graph 32 channels of one pixel; our memory still holds 2 channels of 16.
  OnnxModel mean = PictureModel{.op = "GlobalAveragePool"}.model();
  put_before(mean, "real", reshape_node(mean, "q_real", {0, 32, 1, 1}, "row"));
  writer(mean, "real").inputs[0] = "row";
  CHECK_THAT(refusal(mean), QFS_CONTAINS("needs a picture") && QFS_CONTAINS("from a Reshape"));
  OnnxModel back = mean;  // and one that is a picture again
  put_before(back, "real", reshape_node(back, "row", {0, 2, 4, 4}, "picture"));
  writer(back, "real").inputs[0] = "picture";
  CHECK(net_difference(imported(back), imported(PictureModel{.op = "GlobalAveragePool"}.model())) ==
        "");
  OnnxModel turned = mean;
  put_before(turned, "real", transpose_node("row", {0, 2, 3, 1}));
  writer(turned, "real").inputs[0] = "turned";
  CHECK_THAT(refusal(turned), QFS_CONTAINS("node 'turn' (Transpose)"));
  OnnxModel end =
      PictureModel{.op = "MaxPool", .attributes = {{"kernel_shape", Ints{1, 1}}}}.model();
  CHECK(refusal(end) == "");
  end.nodes.push_back(reshape_node(end, "logits", {0, 32, 1, 1}, "row"));
  end.outputs[0].name = "row";
  CHECK_THAT(refusal(end), QFS_CONTAINS("a picture without its shape"));
}

TEST_CASE("one tensor is one picture", "[hand]") {
  // A window of 2 x 2 every 6 pixels sees the first rows of 4 x 6, or of 6 x 4.
  const std::map<std::string, OnnxAttribute> window = {{"kernel_shape", Ints{2, 2}},
                                                       {"strides", Ints{6, 6}}};
  const auto sum_of_two = [&](std::int64_t height, std::int64_t width) {
    OnnxModel model =
        PictureModel{.op = "MaxPool", .attributes = window, .picture = {1, 4, 6}}.model();
    put_before(model, "y", reshape_node(model, "q_real", {0, 1, height, width}, "other"));
    put_before(model, "y",
               {.op = "MaxPool",
                .inputs = {"other"},
                .outputs = {"real2"},
                .attributes = window,
                .name = "pool"});
    put_before(model, "y", {.op = "Add", .inputs = {"real", "real2"}, .outputs = {"sum"}});
    writer(model, "y").inputs[0] = "sum";
    return model;
  };
  CHECK(refusal(sum_of_two(4, 6)) == "");
  CHECK_THAT(refusal(sum_of_two(6, 4)), QFS_CONTAINS("node 'pool' (MaxPool)") &&
                                            QFS_CONTAINS("6 x 4 x 1") && QFS_CONTAINS("4 x 6 x 1"));
  OnnxModel alone = sum_of_two(6, 4);  // the second picture by itself
  writer(alone, "y").inputs[0] = "real2";
  std::erase_if(alone.nodes, [](const OnnxNode& node) {
    return node.outputs[0] == "real" || node.outputs[0] == "sum";
  });
  CHECK(refusal(alone) == "");
}

TEST_CASE("two pictures of unlike shapes are no sum, even as vectors", "[hand]") {
  // Conv makes 4 x 2 x 2 of 2 x 4 x 2: as many numbers, in another order.
  OnnxModel model =
      PictureModel{.op = "Conv", .weight = {4, 2, 3, 1}, .picture = {2, 4, 2}}.model();
  model.nodes.push_back(reshape_node(model, "logits", {0, 16}, "a"));
  model.nodes.push_back(reshape_node(model, "q_real", {0, 16}, "b"));
  model.nodes.push_back({.op = "Add", .inputs = {"a", "b"}, .outputs = {"sum"}, .name = "add"});
  model.nodes.push_back(
      {.op = "QuantizeLinear", .inputs = {"sum", "y_scale", "y_zero_point"}, .outputs = {"sum_q"}});
  model.nodes.push_back({.op = "DequantizeLinear",
                         .inputs = {"sum_q", "y_scale", "y_zero_point"},
                         .outputs = {"sum_real"}});
  model.nodes.push_back(reshape_node(model, "sum_real", {0, 4, 2, 2}, "end"));
  model.outputs[0].name = "end";
  CHECK_THAT(refusal(model), QFS_CONTAINS("node 'add' (Add) adds tensors of two shapes"));
  writer(model, "sum").inputs[1] = "a";
  CHECK(refusal(model) == "");
}

TEST_CASE("a bias behind a Transpose is added in the graph's order, which is not ours", "[hand]") {
  OnnxModel model = PictureModel{.op = "MatMul", .weight = {4, 4}, .picture = {4}}.model();
  const std::vector<float> bias = {1, 2, 3, 4};
  model.initializers.push_back(make_initializer("bias", std::span<const float>(bias), {4}));
  put_before(model, "y", reshape_node(model, "real", {0, 2, 1, 2}, "picture"));
  put_before(model, "y", transpose_node("picture", {0, 3, 1, 2}));
  put_before(model, "y", {.op = "Flatten", .inputs = {"turned"}, .outputs = {"row"}});
  put_before(model, "y",
             {.op = "Add", .inputs = {"row", "bias"}, .outputs = {"sum"}, .name = "add"});
  writer(model, "y").inputs[0] = "sum";
  CHECK_THAT(refusal(model), QFS_CONTAINS("node 'add' (Add) adds a constant"));
  writer(model, "row").inputs[0] = "picture";
  CHECK(refusal(model) == "");
}

TEST_CASE("a mean over a border counts it as 0, and a largest number does not count it", "[hand]") {
  const OnnxAttribute two = Ints{2, 2}, border = Ints{1, 1, 1, 1};
  auto x = make_tensor<float>({1, 4}, -0.5F);  // one picture of 2 x 2
  const auto run_pool = [&](const char* op, std::map<std::string, OnnxAttribute> more) {
    more.insert({{"kernel_shape", two}, {"strides", two}, {"pads", border}});
    PictureModel model{.op = op, .attributes = std::move(more), .picture = {1, 2, 2}};
    return logits_of(imported(model.model()), x);
  };
  // Each of four windows sees one number: -0.5 / 4 = -0.125, a quarter of a step: 0.
  CHECK(difference(run_pool("AveragePool", {{"count_include_pad", std::int64_t{1}}}),
                   make_tensor<float>({1, 4}, 0.0F)) == "");
  CHECK(difference(run_pool("MaxPool", {}), x) == "");
}

TEST_CASE("a wide ReLU, or one by itself, is the end of a range or a relu", "[hand]") {
  OnnxModel model = make_model(Spelling::qdq);
  writer(model, "y").inputs[0] = "positive";
  model.nodes.insert(model.nodes.begin() + 5, {.op = "Relu",
                                               .inputs = {"sum"},
                                               .outputs = {"positive"},
                                               .attributes = {},
                                               .domain = "",
                                               .name = ""});
  const QuantizedNet fused = imported(model);
  CHECK(lines_of(fused).size() == 3);
  CHECK(fused.tensors[2].range == QuantRange{100, 255});
  CHECK(integers_of(fused, paper_input(), 2) == std::vector<std::uint8_t>{114, 100});
  // Behind QuantizeLinear and DequantizeLinear.
  OnnxModel apart = make_model(Spelling::qdq);
  apart.nodes.push_back({.op = "Relu",
                         .inputs = {"logits"},
                         .outputs = {"end"},
                         .attributes = {},
                         .domain = "",
                         .name = ""});
  apart.outputs[0].name = "end";
  const QuantizedNet relu = imported(apart);
  CHECK(lines_of(relu)[2] == "relu 2 -> 3");
  CHECK(integers_of(relu, paper_input(), 3) == std::vector<std::uint8_t>{114, 100});
  CHECK(net_difference(fuse(relu, onnx_operations()), fused) == "");
}

namespace {

// QGemm's output through a Clip of integers.
OnnxModel clipped(std::uint8_t low, std::uint8_t high) {
  OnnxModel model = make_model(Spelling::qoperator);
  writer(model, "y").outputs[0] = "wide";
  model.nodes.insert(model.nodes.begin() + 2, {.op = "Clip",
                                               .inputs = {"wide", "low", "high"},
                                               .outputs = {"y"},
                                               .attributes = {},
                                               .domain = "",
                                               .name = "clip"});
  model.initializers.push_back(make_initializer("low", std::span<const std::uint8_t>(&low, 1), {}));
  model.initializers.push_back(
      make_initializer("high", std::span<const std::uint8_t>(&high, 1), {}));
  return model;
}

OnnxNode same_as(const std::string& value, const std::string& name) {
  return {.op = "Identity", .inputs = {value}, .outputs = {name}, .name = name};
}

}  // namespace

TEST_CASE("a Clip of integers is a narrower range, or a relu", "[hand]") {
  CHECK(imported(clipped(0, 255)).tensors[2].range == QuantRange{0, 255});
  const QuantizedNet seven_bits = imported(clipped(0, 110));
  CHECK(seven_bits.tensors[2].range == QuantRange{0, 110});
  CHECK(integers_of(seven_bits, paper_input(), 2) == std::vector<std::uint8_t>{110, 92});
  CHECK(lines_of(imported(clipped(100, 255)))[2] == "relu 2 -> 3");
  CHECK(imported(clipped(95, 255)).tensors[2].range == QuantRange{95, 255});
  CHECK_THAT(refusal(clipped(101, 255)), QFS_CONTAINS("101..255"));  // without the zero point
  CHECK_THAT(refusal(clipped(0, 99)), QFS_CONTAINS("0..99"));
  CHECK_THAT(refusal(clipped(200, 10)), QFS_CONTAINS("200..10"));
  OnnxModel shared = clipped(0, 110);  // somebody else reads it as it was
  writer(shared, "logits").inputs[0] = "wide";
  CHECK_THAT(refusal(shared), QFS_CONTAINS("nobody else reads"));
  OnnxModel renamed = shared;  // or somebody else reads it by another name
  renamed.nodes.insert(renamed.nodes.begin() + 2, same_as("wide", "same"));
  writer(renamed, "y").inputs[0] = "same";
  CHECK_THAT(refusal(renamed), QFS_CONTAINS("nobody else reads"));
  OnnxModel output = clipped(0, 110);  // the graph's output is read, too
  output.nodes.insert(output.nodes.begin() + 2, same_as("wide", "same"));
  writer(output, "y").inputs[0] = "same";
  output.outputs[0].name = "wide";
  CHECK_THAT(refusal(output), QFS_CONTAINS("nobody else reads"));
  OnnxModel alone = clipped(0, 110);  // two names, one reader each
  alone.nodes.insert(alone.nodes.begin() + 2, same_as("wide", "same"));
  writer(alone, "y").inputs[0] = "same";
  CHECK(net_difference(imported(alone), seven_bits) == "");
  OnnxModel open = clipped(0, 110);
  writer(open, "y").inputs.pop_back();
  CHECK(imported(open).tensors[2].range == QuantRange{0, 255});
  OnnxModel reals = clipped(0, 110);
  writer(reals, "y").inputs[0] = "x";
  CHECK_THAT(refusal(reals), QFS_CONTAINS("clips reals"));
}

TEST_CASE("integers may get no other scale without an operator", "[hand]") {
  OnnxModel model = make_model(Spelling::qdq);
  model.nodes.push_back({.op = "QuantizeLinear",
                         .inputs = {"logits", "q_scale", "q_zero_point"},
                         .outputs = {"again"},
                         .attributes = {},
                         .domain = "",
                         .name = ""});
  model.outputs[0].name = "again";
  CHECK_THAT(refusal(model), QFS_CONTAINS("no operator between says why"));
  model.nodes.back().inputs = {"logits", "y_scale", "y_zero_point"};
  const QuantizedNet net = imported(model);  // the same scale: the same integers
  CHECK(lines_of(net) == Lines{"quantize_onnx 0 -> 1", "linear_onnx 1 -> 2"});
}

TEST_CASE("a model of integers alone", "[hand]") {
  OnnxModel model = make_model(Spelling::qoperator);
  model.nodes.erase(model.nodes.begin());
  model.nodes.pop_back();
  model.inputs[0] = {"q", DType::u8, {std::nullopt, 2}};
  model.outputs[0].name = "y";
  const QuantizedNet net = imported(model);
  CHECK(lines_of(net) == Lines{"linear_onnx 0 -> 1"});
  CHECK(net.tensors[0].params == paper_onnx::kX);
  NetBuffers buffers;
  const std::vector<std::uint8_t> q = {13, 6};
  run(pack(net, ref_backend(), onnx_operations()), {.u8 = q}, 1, buffers);
  CHECK(std::ranges::equal(values(buffers.u8[1]), paper_onnx::kOutput));
  model.inputs[0].type = DType::s8;  // read with the zero point of u8
  CHECK_THAT(refusal(model), QFS_CONTAINS("another scale or zero point"));

  // The input itself is cut: by no operation of ours.
  model.inputs[0].type = DType::u8;
  const std::vector<std::uint8_t> ends = {0, 200};
  model.initializers.push_back(
      make_initializer("low", std::span<const std::uint8_t>(ends).first(1), {}));
  model.initializers.push_back(
      make_initializer("high", std::span<const std::uint8_t>(ends).last(1), {}));
  model.nodes.insert(model.nodes.begin(), {.op = "Clip",
                                           .inputs = {"q", "low", "high"},
                                           .outputs = {"cut"},
                                           .attributes = {},
                                           .domain = "",
                                           .name = ""});
  CHECK_THAT(refusal(model), QFS_CONTAINS("0..200"));
}

TEST_CASE("what nobody reads is left out", "[hand]") {
  OnnxModel model = make_model(Spelling::qdq);
  model.nodes.insert(model.nodes.begin() + 5, {.op = "Gemm",
                                               .inputs = {"q_real", "w_real"},
                                               .outputs = {"unused_sum"},
                                               .attributes = {},
                                               .domain = "",
                                               .name = ""});
  model.nodes.insert(model.nodes.begin() + 6, {.op = "QuantizeLinear",
                                               .inputs = {"unused_sum", "y_scale"},
                                               .outputs = {"unused"},
                                               .attributes = {},
                                               .domain = "",
                                               .name = ""});
  CHECK(net_difference(imported(model), imported(make_model(Spelling::qdq))) == "");
}

namespace {

// x reshaped to `target` before it is quantized.
std::string reshape_refusal(Ints target, std::optional<std::size_t> batch = std::nullopt) {
  OnnxModel model = make_model(Spelling::qdq);
  writer(model, "q").inputs[0] = "reshaped";
  model.nodes.insert(model.nodes.begin(), {.op = "Reshape",
                                           .inputs = {"x", "shape"},
                                           .outputs = {"reshaped"},
                                           .attributes = {},
                                           .domain = "",
                                           .name = "reshape"});
  model.initializers.push_back(
      make_initializer("shape", std::span<const std::int64_t>(target), {target.size()}));
  model.inputs[0].dims = {batch, 1, 1, 2};
  return refusal(model);
}

}  // namespace

TEST_CASE("pictures whose channels come last, through a Transpose, are the same net", "[hand]") {
  const PictureModel form{.op = "Conv", .weight = {3, 2, 3, 3}};
  const QuantizedNet expected = imported(PictureModel(form).model());
  // Before the picture is quantized; behind that; behind DequantizeLinear.
  for (const std::string reader : {"q", "q_real", "real"}) {
    OnnxModel model = PictureModel(form).model();
    model.inputs[0].dims = {std::nullopt, 4, 4, 2};
    OnnxNode& node = writer(model, reader);
    const std::string value = node.inputs[0];
    node.inputs[0] = "turned";
    put_before(model, reader, transpose_node(value, {0, 3, 1, 2}));
    INFO(reader);
    QuantizedNet got = imported(model);
    CHECK(got.tensors[0].size() == expected.tensors[0].size());
    CHECK(lines_of(got) == lines_of(expected));
    const Matrix<float> x = random_input(3, 5, 32);
    CHECK(difference(logits_of(got, x), logits_of(expected, x)) == "");
    OnnxModel other = model;  // rows and columns turned round, too
    writer(other, "turned").attributes["perm"] = Ints{0, 3, 2, 1};
    CHECK_THAT(refusal(other), QFS_CONTAINS("perm 0, 3, 2, 1"));
  }
}

TEST_CASE("a Transpose that is not read says what it turns, and what is read", "[hand]") {
  const auto of_picture = [](const Ints& perm) {
    OnnxModel model = PictureModel{.op = "GlobalAveragePool"}.model();
    writer(model, "real").inputs[0] = "turned";
    put_before(model, "real", transpose_node("q_real", perm));
    return refusal(model);
  };
  CHECK_THAT(of_picture({0, 2, 1, 3}),
             QFS_CONTAINS("node 'turn' (Transpose)") &&
                 QFS_CONTAINS("perm 0, 2, 1, 3 of 2 x 4 x 4, which is C x h x w"));
  CHECK_THAT(of_picture({0, 1, 3, 2}), QFS_CONTAINS("perm 0, 1, 3, 2 of 2 x 4 x 4") &&
                                           QFS_CONTAINS("0, 3, 1, 2 of h x w x C"));
  CHECK_THAT(of_picture({}), QFS_CONTAINS("no perm of 2 x 4 x 4"));
  OnnxModel matrix = make_model(Spelling::qdq);
  writer(matrix, "sum").inputs[1] = "turned";
  matrix.nodes.insert(matrix.nodes.begin() + 4, transpose_node("w_real", {0, 1}));
  CHECK_THAT(refusal(matrix), QFS_CONTAINS("perm 0, 1") && QFS_CONTAINS("perm 1, 0, of a matrix"));
}

TEST_CASE("a Reshape keeps the batch, and all numbers of a picture", "[hand]") {
  CHECK(reshape_refusal({-1, 2}) == "");
  CHECK(reshape_refusal({0, 2}) == "");
  CHECK(reshape_refusal({0, -1}) == "");
  CHECK(reshape_refusal({5, 2}, 5) == "");
  CHECK(reshape_refusal({5, -1}, 5) == "");
  CHECK_THAT(reshape_refusal({5, 2}), QFS_CONTAINS("its first extent"));
  CHECK_THAT(reshape_refusal({4, 2}, 5), QFS_CONTAINS("its first extent"));
  CHECK_THAT(reshape_refusal({-1, -1}), QFS_CONTAINS("more than one extent -1"));
  CHECK_THAT(reshape_refusal({0, -1, -1}), QFS_CONTAINS("more than one extent -1"));
  CHECK_THAT(reshape_refusal({}), QFS_CONTAINS("'shape' is empty"));
  CHECK_THAT(reshape_refusal({-1, 3}), QFS_CONTAINS("shape that is not read"));
  CHECK_THAT(reshape_refusal({-1, 1}), QFS_CONTAINS("shape that is not read"));
  CHECK_THAT(reshape_refusal({-1, -2}), QFS_CONTAINS("shape that is not read"));
  CHECK_THAT(reshape_refusal({-1, 1, 1, 1, 2}), QFS_CONTAINS("shape that is not read"));
  CHECK_THAT(reshape_refusal({-1, 2, 1, 1}), QFS_CONTAINS("does not fit its input"));
  CHECK_THAT(reshape_refusal({-1, 1LL << 62, 1LL << 62}), QFS_CONTAINS("shape that is not read"));
}

TEST_CASE("files that are broken or hostile are refused", "[ref]") {
  const std::pair<const char*, const char*> kCases[] = {
      {"external", "in another file"},
      {"huge_dims", "do not fill it"},
      {"wrapping_dims", "do not fill it"},
      {"negative_dims", "below 0"},
      {"too_few_bytes", "do not fill it"},
      {"many_dims", "too many extents"},
      {"strings", "STRING"},
      {"no_type", "a type that we do not read"},
      {"type_99", "99"},
      {"beyond_s8", "its type does not hold"},
      {"too_few_numbers", "do not fill it"},
      {"subgraph", "'body'"},
      {"deep", "is no ONNX model"},
      {"attribute_twice", "'transA' stands twice"},
      {"function", "functions"},
      {"training", "training"},
      {"sparse", "sparse"},
      {"sequence", "is no tensor"},
      {"negative_batch", "below 0"},
      {"no_graph", "is no ONNX model"},
      {"no_opset", "version of its operators"},
      {"zero_dims", "'out_w' is empty"},
      {"endless_length", "is no ONNX model"},
      {"circle", "(QuantizeLinear) reads 'y'"},
      {"scale_missing", "(QuantizeLinear) reads 'q_scale'"},
      {"unknown_operator", "'Det'"},
      {"clip_of_input", "'cut' (Clip) has a range that is not read"},
      {"clip_ends_s32", "'cut' (Clip) has ends that are not read"},
      {"empty_constant", "'nothing' is empty"},
      {"pads_of_one_pixel", "(Conv): the window does not fit the picture"}};
  for (const auto& [name, what] : kCases) {
    INFO(name);
    CHECK_THROWS_WITH(imported(reference_model(std::string("hostile_") + name)),
                      QFS_CONTAINS(what));
  }
}

TEST_CASE("an endless list of nodes is refused before it is read", "[hand]") {
  CHECK_THAT(refusal_of([](OnnxModel& m) { m.nodes.resize(1000000, m.nodes[0]); }),
             QFS_CONTAINS("1000000") && QFS_CONTAINS("1 to 10000"));
}

#ifdef QFS_CH24_PROGRAM
TEST_CASE("the program ends with code 2 where a model cannot be read, and names the node",
          "[hand]") {
  const qfs::test::Scratch scratch;
  const auto outcome_of = [&](const std::string& bytes) {
    scratch.write("model.onnx", bytes);
    return qfs::test::run_program(QFS_CH24_PROGRAM, "--model '" + scratch.path("model.onnx") + "'");
  };
  const auto refused = [&](const OnnxModel& model, const std::string& name) {
    const qfs::test::Outcome outcome = outcome_of(onnx_bytes(model));
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, QFS_CONTAINS(name));
  };
  OnnxModel unknown = make_model(Spelling::qdq);
  writer(unknown, "sum").op = "Einsum";
  refused(unknown, "node '5_Gemm' (Einsum): this operator is not read");
  OnnxModel scale = make_model(Spelling::qdq);
  set<float>(scale, "y_scale", {0.0F}, {});
  refused(scale, "node '6_QuantizeLinear' (QuantizeLinear), tensor 'y_scale'");
  refused(make_model(Spelling::qdq), "reads pictures of another size");  // 2 numbers
  for (const std::string name : {"external", "huge_dims", "deep", "endless_length", "circle"}) {
    const auto file = load_reference<std::uint8_t, 1>("ch24/hostile_" + name + "_model");
    CHECK(outcome_of({file.begin(), file.end()}).code == 2);
  }
}

TEST_CASE("where a committed model is missing, the program says how it comes back", "[hand]") {
  const qfs::test::Scratch scratch;
  std::filesystem::copy(datasets_dir() + "/mnist", scratch.path("mnist"));
  const qfs::test::OtherVariable elsewhere("QFS_DATASETS", scratch.path(""));
  const qfs::test::Outcome outcome = qfs::test::run_program(QFS_CH24_PROGRAM, "--quick");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, QFS_CONTAINS("cannot open") &&
                              QFS_CONTAINS("what to do: git checkout -- datasets/onnx"));
}
#endif

TEST_CASE("a file that ends too early is refused, wherever it ends", "[ref]") {
  for (const std::string name : {"gemm", "pictures_qoperator"}) {
    const auto bytes = load_reference<std::uint8_t, 1>("ch24/" + name + "_model");
    const auto file = std::as_bytes(values(bytes));
    CHECK(import_onnx(parse_onnx(file, name), name).operations.size() > 2);
    for (std::size_t size = 0; size < file.size(); ++size)
      CHECK_THROWS_AS(import_onnx(parse_onnx(file.first(size), name), name), Error);
  }
}

TEST_CASE("a file with one byte changed is read or refused, and nothing else", "[ref]") {
  Rng rng(1);
  for (const std::string name : kForeign) {
    auto bytes = load_reference<std::uint8_t, 1>("ch24/" + name + "_model");
    for (int i = 0; i < 300; ++i) {
      const std::size_t at = rng.below(bytes.size());
      const std::uint8_t before = bytes(at);
      bytes(at) = static_cast<std::uint8_t>(rng.below(256));
      try {
        imported(parse_onnx(std::as_bytes(values(std::as_const(bytes))), name));
      } catch (const Error&) {
      }
      bytes(at) = before;
    }
  }
}

TEST_CASE("each output's weights may have a zero point of their own", "[hand]") {
  OnnxModel rows = make_model(Spelling::qdq);
  set<std::uint8_t>(rows, "w", {132, 126, 113, 123}, {2, 2});
  set<std::uint8_t>(rows, "w_zero_point", {128, 120}, {2});
  set<float>(rows, "w_scale", {0.25F, 0.25F}, {2});
  OnnxModel columns = rows;
  writer(rows, "w_real").attributes["axis"] = std::int64_t{0};
  set<std::uint8_t>(columns, "w", {132, 113, 126, 123}, {2, 2});  // K x N, axis 1
  writer(columns, "sum").attributes["transB"] = std::int64_t{0};
  for (const OnnxModel& model : {rows, columns})
    CHECK(std::ranges::equal(imported(model).weights[0].weight.q, paper_onnx::kWeight));
}

TEST_CASE("the parts of two dynamic quantizers do not go together", "[hand]") {
  const Mlp mlp = random_mlp(4);
  OnnxModel model = to_onnx(
      quantize_dynamic(mlp, WeightGranularity::per_tensor, {.options = {.rule = RangeRule::onnx}}));
  // A second quantizer of the same reals, whose zero point, or scale, the first product reads.
  OnnxNode second = model.nodes[0];
  second.name = "second";
  second.outputs = {"q2", "s2", "z2"};
  model.nodes.insert(model.nodes.begin() + 1, second);
  CHECK(refusal(model) == "");
  const auto with_input = [&](const char* op, std::size_t i, const char* name) {
    OnnxModel mixed = model;
    std::ranges::find(mixed.nodes, op, &OnnxNode::op)->inputs[i] = name;
    return refusal(mixed);
  };
  CHECK_THAT(with_input("MatMulInteger", 2, "z2"), QFS_CONTAINS("no part of a dynamic product"));
  CHECK_THAT(with_input("MatMulInteger", 2, "s2"), QFS_CONTAINS("no part of a dynamic product"));
  CHECK_THAT(with_input("Mul", 0, "s2"), QFS_CONTAINS("no part of a dynamic product"));
}

namespace {

OnnxModel dynamic_model(WeightGranularity weights = WeightGranularity::per_tensor) {
  return to_onnx(quantize_dynamic(random_mlp(4), weights, {.options = {.rule = RangeRule::onnx}}));
}

OnnxNode unsqueeze_node(OnnxModel& model, const std::string& from, std::int64_t axis,
                        const std::string& to) {
  model.initializers.push_back(
      make_initializer("axes", std::span<const std::int64_t>(&axis, 1), {1}));
  return {.op = "Unsqueeze", .inputs = {from, "axes"}, .outputs = {to}, .name = "unsqueeze"};
}

}  // namespace

TEST_CASE("a dynamic product may get other extents before it is written", "[hand]") {
  OnnxModel model = dynamic_model();
  const QuantizedNet expected = imported(model);
  const std::string end = model.outputs[0].name;
  writer(model, end).outputs[0] = "row";
  model.nodes.push_back(unsqueeze_node(model, "row", 1, end));
  CHECK(net_difference(imported(model), expected) == "");
}

TEST_CASE("integers of DynamicQuantizeLinear may become a vector", "[hand]") {
  OnnxModel model = dynamic_model();
  const QuantizedNet expected = imported(model);
  const std::size_t K = *model.inputs[0].dims[1];
  model.inputs[0].dims = {std::nullopt, 1, 1, K};
  OnnxNode& product = *std::ranges::find(model.nodes, "MatMulInteger", &OnnxNode::op);
  const std::string integers = product.inputs[0], sums = product.outputs[0];
  product.inputs[0] = "vector";
  CHECK_THAT(refusal(model), QFS_CONTAINS("reads 'vector'"));
  put_before(model, sums, {.op = "Flatten", .inputs = {integers}, .outputs = {"vector"}});
  CHECK(lines_of(imported(model)) == lines_of(expected));
}

TEST_CASE("a bias of a dynamic product lies along its outputs", "[hand]") {
  OnnxModel model = dynamic_model();
  const OnnxNode& add = *std::ranges::find(model.nodes, "Add", &OnnxNode::op);
  for (const std::string& name : add.inputs)
    for (Record& bias : model.initializers)
      if (bias.name == name) bias.dims = {bias.dims.back(), 1};
  CHECK_THAT(refusal(model), QFS_CONTAINS("a bias that does not fit"));
}

TEST_CASE("scales of a dynamic product lie along its outputs", "[hand]") {
  // The sums, or the product of the scales, as a column: either way a table of N x N.
  for (const std::size_t which : {0U, 1U}) {
    OnnxModel model = dynamic_model(WeightGranularity::per_channel);
    const char* const op = which == 0 ? "Cast" : "Mul";
    OnnxNode& node = *std::ranges::find(model.nodes, op, &OnnxNode::op);
    const std::string value = node.outputs[0];
    node.outputs[0] = "before";
    const auto at = model.nodes.begin() + (&node - model.nodes.data()) + 1;
    OnnxNode column = unsqueeze_node(model, "before", which == 0 ? 2 : 1, value);
    model.nodes.insert(at, std::move(column));
    INFO(op);
    CHECK_THAT(refusal(model), which == 0 ? QFS_CONTAINS("another number of scales")
                                          : QFS_CONTAINS("changes the shape of a scale"));
  }
}
