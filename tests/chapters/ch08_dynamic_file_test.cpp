// Chapter 08: nets with dynamic quantization in chapter 06's model file, and everything that may be
// wrong with what only they have there: attributes, biases that are reals.
#include <unistd.h>

#include <filesystem>
#include <limits>

#include "06_static_ptq/plumbing/model_file.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "common/bytes.hpp"
#include "common/container_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/changed_records.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_mlp.hpp"
#include "tests/support/run_program.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::element;
using qfs::test::RecordChange;
using qfs::test::shape;
using qfs::test::TemporaryFile;
using qfs::test::with_changed_record;

constexpr DynamicInput kInput = {{0, 255}, {InputGranularity::per_tensor, RangeRule::pytorch}};

// Three inputs, two outputs, ReLU, one output: operations 1 to 3 on tensors 0 to 3.
QuantizedNet small_net() {
  QuantizedNet net{
      .tensors = {{{3}, DType::f32}, {{2}, DType::f32}, {{2}, DType::f32}, {{1}, DType::f32}}};
  net.weights.push_back({.weight = {{{4, -2, 3}, {-7, 3, 2}}, {0.5F}}, .real_bias = {7.5F, 0.0F}});
  net.weights.push_back({.weight = {{{1, -1}}, {0.25F}}, .real_bias = {0.5F}});
  net.operations.push_back({.kind = "dynamic_linear", .inputs = {0}, .output = 1, .weights = 0});
  net.operations.push_back({.kind = "relu_f32", .inputs = {1}, .output = 2});
  net.operations.push_back({.kind = "dynamic_linear", .inputs = {2}, .output = 3, .weights = 1});
  return with_input(std::move(net), kInput);
}

std::size_t save_dynamic(const std::string& path, const QuantizedNet& net) {
  return save_model(path, net, dynamic_operations());
}

QuantizedNet parse_dynamic(std::span<const std::byte> file) {
  return parse_model(file, "file", dynamic_operations());
}

std::vector<std::byte> small_file() {
  const TemporaryFile file;
  save_dynamic(file.path, small_net());
  return read_file(file.path);
}

// The small net's file with one record changed, its checksum right.
std::vector<std::byte> changed(const std::string& name, const RecordChange& change) {
  return with_changed_record(small_file(), name, change);
}

RecordChange renamed(const std::string& name) {
  return [=](Record& record) { record.name = name; };
}
RecordChange typed(DType type) {
  return [=](Record& record) { record.dtype = type; };
}

void expect_refused(const std::vector<std::byte>& file, const char* why) {
  INFO(why);
  CHECK_THROWS_WITH(parse_dynamic(file), QFS_CONTAINS(why));
}

void expect_same(const QuantizedNet& got, const QuantizedNet& expected) {
  REQUIRE(got.tensors.size() == expected.tensors.size());
  for (std::size_t t = 0; t < got.tensors.size(); ++t) {
    CHECK(got.tensors[t].shape == expected.tensors[t].shape);
    CHECK(got.tensors[t].type == expected.tensors[t].type);
  }
  REQUIRE(got.operations.size() == expected.operations.size());
  for (std::size_t p = 0; p < got.operations.size(); ++p) {
    CHECK(got.operations[p].kind == expected.operations[p].kind);
    CHECK(got.operations[p].inputs == expected.operations[p].inputs);
    CHECK(got.operations[p].output == expected.operations[p].output);
    CHECK(got.operations[p].weights == expected.operations[p].weights);
    CHECK(got.operations[p].attributes == expected.operations[p].attributes);
  }
  REQUIRE(got.weights.size() == expected.weights.size());
  for (std::size_t i = 0; i < got.weights.size(); ++i) {
    CHECK(difference(got.weights[i].weight.q, expected.weights[i].weight.q) == "");
    CHECK(difference(got.weights[i].weight.scale, expected.weights[i].weight.scale) == "");
    CHECK(difference(got.weights[i].real_bias, expected.weights[i].real_bias) == "");
    CHECK(got.weights[i].bias.size() == 0);
  }
}

}  // namespace

TEST_CASE("a dynamic net comes back as it was written", "[prop]") {
  const Mlp mlp = qfs::test::random_mlp(41);
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel})
    for (const QuantRange range : {unsigned_range(7), unsigned_range(8), QuantRange{3, 200}})
      for (auto granularity : {InputGranularity::per_tensor, InputGranularity::per_row})
        for (auto rule : {RangeRule::pytorch, RangeRule::onnx}) {
          const QuantizedNet net = quantize_dynamic(mlp, weights, {range, {granularity, rule}});
          const TemporaryFile file;
          const std::size_t bytes = save_dynamic(file.path, net);
          CHECK(bytes == std::filesystem::file_size(file.path));
          const QuantizedNet back = load_model(file.path, dynamic_operations());
          expect_same(back, net);
          for (const OperationParts& layer : layers_of(back)) {
            const DynamicInput input = dynamic_input_of(back, layer.operation);
            CHECK(input.range == range);
            CHECK(input.options.granularity == granularity);
            CHECK(input.options.rule == rule);
          }
        }
}

TEST_CASE("layers of one net may treat their inputs differently, and keep that", "[hand]") {
  QuantizedNet net = small_net();
  net.operations[2].attributes = {{"range", {0, 127}}, {"per_row", {1}}, {"onnx_rule", {1}}};
  const TemporaryFile file;
  save_dynamic(file.path, net);
  expect_same(load_model(file.path, dynamic_operations()), net);
}

TEST_CASE("the records of a dynamic net are those that model_file.hpp names", "[hand]") {
  std::vector<std::string> names;
  for (const Record& record : parse_container(small_file(), "file")) names.push_back(record.name);
  std::ranges::sort(names);
  std::vector<std::string> expected = {
      "tensors", "shapes",    "scales",       "kinds",   "operations", "inputs",
      "1.range", "1.per_row", "1.onnx_rule",  "3.range", "3.per_row",  "3.onnx_rule",
      "w1.q",    "w1.scale",  "w1.real_bias", "w2.q",    "w2.scale",   "w2.real_bias"};
  std::ranges::sort(expected);
  CHECK(names == expected);
}

TEST_CASE("a dynamic file that is cut or changed anywhere is refused", "[prop]") {
  const std::vector<std::byte> good = small_file();
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_THROWS_AS(parse_dynamic(std::span(good).first(size)), Error);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::vector<std::byte> file = good;
    file[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8);
    CHECK_THROWS_AS(parse_dynamic(file), Error);
  }
  std::vector<std::byte> longer = good;
  longer.push_back(std::byte{0});
  CHECK_THROWS_AS(parse_dynamic(longer), Error);
  CHECK_NOTHROW(parse_dynamic(good));
}

TEST_CASE("a file that is whole, and holds nothing that could run, is refused", "[hand]") {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  // The records `operations` (3 numbers each: inputs, output, weights), `tensors` (5 each, the type
  // first) and `kinds`.
  expect_refused(changed("operations", element<std::int32_t>(8, 2)),
                 "operation 3 (dynamic_linear) names weights that do not exist");
  expect_refused(changed("operations", element<std::int32_t>(2, -1)),
                 "operation 1 (dynamic_linear) has no weights");
  expect_refused(changed("tensors", element<std::int32_t>(5, 1)),
                 "operation 1 (dynamic_linear) has a tensor of another type");
  expect_refused(changed("kinds", element<char>(0, 'D')),
                 "operation 1 (Dynamic_linear): no such operation here");
  // Weights.
  expect_refused(changed("w2.q", shape({1, 3})),
                 "operation 3 (dynamic_linear) has weights that do not fit its tensors");
  expect_refused(changed("w1.q", shape({0, 3})), "'w1.q' holds nothing");
  expect_refused(changed("w2.q", renamed("w3.q")), "names weights that do not exist");
  expect_refused(changed("w2.scale", renamed("w3.scale")), "no record 'w2.scale'");
  expect_refused(changed("w1.scale", shape({3})), "one for the tensor or one per output");
  for (float scale : {0.0F, -0.5F, kNaN, 1e-40F, std::numeric_limits<float>::infinity()})
    expect_refused(changed("w1.scale", element(0, scale)), "no usable scale");
}

TEST_CASE("a file whose biases are not reals, one per output, is refused", "[hand]") {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t size : {2U, 3U})
    expect_refused(changed("w2.real_bias", shape({size})),
                   "operation 3 (dynamic_linear): one bias per output");
  expect_refused(changed("w1.real_bias", shape({1})),
                 "operation 1 (dynamic_linear): one bias per output");
  expect_refused(changed("w2.real_bias", renamed("w2.bias_of_somebody")),
                 "operation 3 (dynamic_linear): one bias per output");
  expect_refused(changed("w2.real_bias",
                         [](Record& record) {
                           record.name = "w2.bias";  // integers of a scale that nobody knows
                           record.dtype = DType::s32;
                         }),
                 "operation 3 (dynamic_linear): one bias per output");
  expect_refused(changed("w2.real_bias", shape({0})), "'w2.real_bias' holds nothing");
  expect_refused(changed("w2.real_bias", shape({1, 1})), "'w2.real_bias' has another type or rank");
  expect_refused(changed("w2.real_bias", typed(DType::s32)),
                 "'w2.real_bias' has another type or rank");
  expect_refused(changed("w2.real_bias", renamed("w2.bias")), "'w2.bias' has another type or rank");
  for (float bias :
       {kNaN, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()})
    expect_refused(changed("w2.real_bias", element(0, bias)),
                   "operation 3 (dynamic_linear) has a bias that is not finite");
}

TEST_CASE("a file whose attributes are missing, of another form, or mean nothing is refused",
          "[hand]") {
  const char* const other = "operation 1 (dynamic_linear) has other attributes than its kind";
  const char* const no_range =
      "operation 1 (dynamic_linear) has no range of integers within 8 bits";
  const char* const no_flag =
      "operation 1 (dynamic_linear) lacks an attribute, or it is neither 0 nor 1";
  expect_refused(changed("1.range", element<std::int32_t>(0, -1)), no_range);
  expect_refused(changed("1.range", element<std::int32_t>(1, 256)), no_range);
  expect_refused(changed("1.range", element<std::int32_t>(1, 0)), no_range);  // one integer
  expect_refused(changed("1.range", element<std::int32_t>(1, -2147483647)), no_range);
  for (std::size_t size : {1U, 3U}) expect_refused(changed("1.range", shape({size})), other);
  for (const char* name : {"1.range", "1.per_row", "1.onnx_rule"}) {
    expect_refused(changed(name, shape({0})), "holds nothing");
    expect_refused(changed(name, shape({1, 2})), "has another type or rank");
    expect_refused(changed(name, typed(DType::f32)), "has another type or rank");
    expect_refused(changed(name, renamed("4.of_no_operation")), other);
    expect_refused(changed(name, renamed("2.range")), other);  // the ReLU's
  }
  expect_refused(changed("1.range", renamed("1.stride")), other);
  for (const char* name : {"1.per_row", "1.onnx_rule"}) {
    for (std::int32_t flag : {2, -1}) expect_refused(changed(name, element(0, flag)), no_flag);
    expect_refused(changed(name, shape({2})), no_flag);
    expect_refused(changed(name, renamed("1.stride")), no_flag);
  }
  expect_refused(changed("3.range", element<std::int32_t>(1, 256)),
                 "operation 3 (dynamic_linear) has no range of integers within 8 bits");
  // One too many: of a dynamic_linear, and of a ReLU, which has none.
  const auto with = [](const char* name) {
    std::vector<Record> records = parse_container(small_file(), "file");
    records.push_back({name, DType::s32, {1}, std::vector<std::byte>(4)});
    const TemporaryFile file;
    save_container(file.path, records);
    return read_file(file.path);
  };
  expect_refused(with("1.stride"), other);
  expect_refused(with("2.stride"), "operation 2 (relu_f32) has attributes");
}

TEST_CASE("a static net runs by this table too; a dynamic one not by chapter 06's", "[hand]") {
  const Mlp mlp = qfs::test::random_mlp(43);
  const QuantizedNet fixed =
      quantize_mlp(mlp, {{-1.0F, 2.0F}, {{-9.0F, 9.0F}, {-9.0F, 9.0F}, {-9.0F, 9.0F}}}, {});
  const TemporaryFile file;
  save_model(file.path, fixed);
  const QuantizedNet back = load_model(file.path, dynamic_operations());
  const Matrix<float> x = qfs::test::random_input(44, 7, mlp.inputs());
  NetBuffers ours, theirs;
  CHECK(difference(run(pack(back, ref_backend(), dynamic_operations()), x, ours),
                   run(pack(fixed), x, theirs)) == "");
  save_dynamic(file.path, small_net());
  CHECK_THROWS_WITH(load_model(file.path),
                    QFS_CONTAINS("operation 1 (dynamic_linear): no such operation here"));
  CHECK_THROWS_WITH(load_model(file.path),
                    QFS_CONTAINS("one of quantize, linear, relu, dequantize"));
  // The form of the file before this one.
  save_container(file.path, {{"dynamic_mlp", DType::s32, {3}, std::vector<std::byte>(12)}});
  CHECK_THROWS_WITH(load_model(file.path, dynamic_operations()),
                    QFS_CONTAINS("no record 'tensors'"));
}

TEST_CASE("a net that could not run is not written", "[hand]") {
  const auto refuse = [](const QuantizedNet& net, const char* why,
                         std::span<const OperationKind> table) {
    const TemporaryFile file;
    CHECK_THROWS_WITH(save_model(file.path, net, table), QFS_CONTAINS(why));
    CHECK_FALSE(std::filesystem::exists(file.path));
  };
  const auto table = dynamic_operations();
  refuse(QuantizedNet{}, "a net needs tensors and operations", table);
  QuantizedNet net = small_net();
  net.weights[1].real_bias = {1.0F, 2.0F};
  refuse(net, "operation 3 (dynamic_linear): one bias per output", table);
  net = small_net();
  std::swap(net.weights[0], net.weights[1]);
  refuse(net, "operation 1 (dynamic_linear) has weights that do not fit its tensors", table);
  net = small_net();
  net.operations[2].attributes.clear();
  refuse(net, "operation 3 (dynamic_linear) has other attributes than its kind", table);
  refuse(small_net(), "operation 1 (dynamic_linear): no such operation here", static_operations());
  CHECK_THROWS_WITH(save_dynamic("/no/such/folder/net.qfs", small_net()),
                    QFS_CONTAINS("/no/such/folder"));
  CHECK_THROWS_AS(load_model("/no/such/file.qfs", dynamic_operations()), Error);
}

TEST_CASE("the program takes a net of one, two or four layers, and refuses one that overflows",
          "[hand]") {
  const std::vector<std::vector<std::size_t>> nets = {
      {784, 10}, {784, 12, 10}, {784, 14, 13, 12, 10}};
  for (const std::vector<std::size_t>& widths : nets) {
    const test::Scratch scratch;
    Rng rng(widths.size());
    Mlp mlp = make_mlp(widths, rng);
    save_mlp(mlp, scratch.path("net"));
    const std::string options = "--quick --trace --weights '" + scratch.path("net") + "'";
    const test::Outcome outcome = test::run_program(QFS_CH08_PROGRAM, options);
    const std::size_t layers = widths.size() - 1;
    INFO(layers << " layers\n" << outcome.out << outcome.err);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out, QFS_CONTAINS("\n  layer " + std::to_string(layers) + " ") &&
                                !QFS_CONTAINS("\n  layer " + std::to_string(layers + 1) + " ") &&
                                QFS_CONTAINS("[11] Trace"));
    for (float& w : values(mlp.layers[0].weight)) w *= 1e38F;
    save_mlp(mlp, scratch.path("net"));
    const test::Outcome refused = test::run_program(
        QFS_CH08_PROGRAM, options + " --json '" + scratch.path("report.json") + "'");
    CHECK(refused.code == 2);
    CHECK_THAT(refused.err, QFS_CONTAINS("error: "));
    CHECK_FALSE(std::filesystem::exists(scratch.path("report.json")));
  }
}
