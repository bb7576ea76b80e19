// Chapter 06: the chain of equalities on all 2000 test digits. The integers are PyTorch's
// (qnnpack), the fixed-point path holds no float, the toy gives what the chapter gives.
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "01_affine_math/granularity.hpp"
#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mlp.hpp"
#include "06_static_ptq/lesson/pytorch_layer1.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "common/bytes.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/changed_records.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/integer_only.hpp"
#include "tests/support/integer_outputs.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;
using qfs::test::row_hash;

// Loaded and calibrated once.
struct Given {
  Dataset data = load_dataset("");
  Mlp mlp = load_mlp(qfs::test::reference_weights());
  ActivationIntervals intervals =
      calibrate<MinMaxObserver>(mlp, CalibrationSet(data.train), OutputPoint::after_linear, 100);
  Matrix<float> x = normalized(data.test.pixels, 0, data.test.size());
};
const Given& given() {
  static const Given once;
  return once;
}

struct Variant {
  const char* name;  // of the reference: ch06.py, save_net
  PtqOptions options;
};
const Variant kVariants[] = {
    {"per_tensor", {unsigned_range(8), WeightGranularity::per_tensor}},
    {"per_channel", {unsigned_range(8), WeightGranularity::per_channel}},
    {"seven_bits", {reduced(unsigned_range(8)), WeightGranularity::per_channel}},
};

QuantizedNet quantized(const Variant& variant) {
  return quantize_mlp(given().mlp, given().intervals, variant.options);
}

// The integers of the input, and those that every linear writes.
std::vector<Matrix<std::uint8_t>> tensors_of(const QuantizedNet& net,
                                             const Backend& backend = ref_backend()) {
  NetBuffers buffers;
  run(pack(net, backend), given().x, buffers);
  const std::vector<OperationParts> layers = layers_of(net);
  std::vector<Matrix<std::uint8_t>> tensors = {buffers.u8[layers[0].operation.inputs[0]]};
  for (const OperationParts& layer : layers) tensors.push_back(buffers.u8[layer.operation.output]);
  return tensors;
}

std::string reference_name(const Variant& variant, const std::string& what) {
  return std::string("ch06/") + variant.name + "_" + what;
}

}  // namespace

TEST_CASE("parameters and weights are PyTorch's", "[ref]") {
  for (const Variant& variant : kVariants) {
    INFO(variant.name);
    const QuantizedNet net = quantized(variant);
    const std::vector<OperationParts> layers = layers_of(net);
    const auto scale = load_reference<float, 1>(reference_name(variant, "scale"));
    const auto zero_point = load_reference<std::int32_t, 1>(reference_name(variant, "zero_point"));
    CHECK(layers[0].input.params == QuantParams{scale(0), zero_point(0)});
    REQUIRE(layers.size() == 3);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const auto& [q_w, w_scale] = layers[i].weights->weight;
      const std::string number = std::to_string(i + 1);
      CHECK(layers[i].output.params == QuantParams{scale(i + 1), zero_point(i + 1)});
      CHECK(difference(w_scale, load_reference<float, 1>(
                                    reference_name(variant, "weight_scale" + number))) == "");
      auto hashes = make_tensor<std::int32_t>({q_w.shape(0)});
      for (std::size_t n = 0; n < hashes.size(); ++n) hashes(n) = row_hash(row(q_w, n));
      CHECK(difference(hashes, load_reference<std::int32_t, 1>(
                                   reference_name(variant, "weight_hash" + number))) == "");
    }
  }
}

TEST_CASE("every integer of every layer is PyTorch's, on all 2000 digits", "[ref]") {
  for (const Variant& variant : kVariants) {
    INFO(variant.name);
    const auto tensors = tensors_of(quantized(variant));
    auto hashes = make_tensor<std::int32_t>({given().data.test.size(), tensors.size()});
    for (std::size_t t = 0; t < tensors.size(); ++t)
      for (std::size_t m = 0; m < hashes.shape(0); ++m) hashes(m, t) = row_hash(row(tensors[t], m));
    const auto expected = load_reference<std::int32_t, 2>(reference_name(variant, "hash"));
    REQUIRE(hashes.shape(0) == 2000);
    CHECK(difference(hashes, expected) == "");
    CHECK(difference(tensors.back(),
                     load_reference<std::uint8_t, 2>(reference_name(variant, "logits"))) == "");
    // Ten digits in full, so that a difference shows where it is.
    const auto first = load_reference<std::uint8_t, 2>(reference_name(variant, "first"));
    for (std::size_t m = 0; m < first.shape(0); ++m) {
      std::vector<std::uint8_t> got;
      for (std::size_t t = 1; t < tensors.size(); ++t) {
        const auto q = row(tensors[t], m);
        got.insert(got.end(), q.begin(), q.end());
      }
      CHECK(difference(std::span<const std::uint8_t>(got), row(first, m)) == "");
    }
  }
}

TEST_CASE("what the lesson prints as PyTorch's is PyTorch's", "[ref][committed]") {
  const auto scale = load_reference<float, 1>("ch06/per_tensor_scale");
  const auto zero_point = load_reference<std::int32_t, 1>("ch06/per_tensor_zero_point");
  CHECK(pytorch::kInput == QuantParams{scale(0), zero_point(0)});
  CHECK(pytorch::kOutput == QuantParams{scale(1), zero_point(1)});
  CHECK(pytorch::kWeightScale == load_reference<float, 1>("ch06/per_tensor_weight_scale1")(0));
  const auto first = load_reference<std::uint8_t, 2>("ch06/per_tensor_first");
  CHECK(std::ranges::equal(pytorch::kLayer1, row(first, 0).first(100)));
}

TEST_CASE("the fixed-point path holds no float between quantize and dequantize", "[prop]") {
  // Raw sums, biases and multipliers are integers; a multiplier is a mantissa and a shift. The
  // whole net runs on a 64-bit integer type that has no conversion to or from float, and gives the
  // integers of ref_fixed.
  const Backend& backend = ref_backend(RequantizeRule::fixed_point);
  const QuantizedNet net = quantized(kVariants[1]);
  const auto expected = tensors_of(net, backend);
  const std::vector<OperationParts> layers = layers_of(net);
  Matrix<std::uint8_t> q = expected[0];
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const ToU8 to = make_to_u8(layers[i]);
    auto fixed = make_tensor<FixedPointMultiplier>({to.multiplier.size()});
    for (std::size_t c = 0; c < fixed.size(); ++c)
      fixed(c) = to_fixed_point(static_cast<double>(to.multiplier(c)));
    static_assert(std::is_same_v<decltype(fixed)::value_type, FixedPointMultiplier> &&
                  std::is_same_v<decltype(FixedPointMultiplier::mantissa), std::int32_t> &&
                  std::is_same_v<decltype(FixedPointMultiplier::shift), int>);
    const std::size_t N = layers[i].output.size();
    std::vector<std::int32_t> acc(q.shape(0) * N);
    backend.run_s32(
        backend.pack({.weight = &layers[i].weights->weight, .input_range = layers[i].input.range}),
        matrix_left_side(values(std::as_const(q)), q.shape(0)), acc);
    for (std::size_t j = 0; j < acc.size(); ++j) acc[j] += to.bias(j % N);
    auto y = make_tensor<std::uint8_t>({q.shape(0), N});
    requantize_fixed_rows<qfs::test::IntegerOnly>(
        values(std::as_const(fixed)), to.output.zero_point, to.range, N, acc, values(y));
    CHECK(difference(y, expected[i + 1]) == "");
    if (i + 1 < layers.size())
      for (std::uint8_t& value : values(y))
        value = std::max(value, static_cast<std::uint8_t>(to.output.zero_point));
    q = std::move(y);
  }
}

TEST_CASE("both rules give every test digit one class, and integers that differ by at most 1",
          "[prop]") {
  for (const Variant& variant : kVariants) {
    INFO(variant.name);
    const QuantizedNet net = quantized(variant);
    const auto a = tensors_of(net), b = tensors_of(net, ref_backend(RequantizeRule::fixed_point));
    for (std::size_t t = 0; t < a.size(); ++t) {
      int largest = 0;
      for (std::size_t i = 0; i < a[t].size(); ++i)
        largest = std::max(largest, std::abs(values(a[t])[i] - values(b[t])[i]));
      CHECK(largest <= 1);
    }
    CHECK(argmax_rows(xt::cast<float>(a.back())) == argmax_rows(xt::cast<float>(b.back())));
  }
}

namespace {

// One word of a shell's command, whatever is in it but a quote.
std::string quoted(const std::string& word) { return "'" + word + "' "; }

const std::string kToy = quoted(QFS_TOY_PROGRAM), kProgram = quoted(QFS_CH06_PROGRAM);

// Runs a program; its stdout.
std::string output_of(const std::string& command, int expected_code = 0) {
  std::FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  CHECK(WEXITSTATUS(pclose(pipe)) == expected_code);
  return text;
}

std::string temporary(const std::string& name) {
  return (std::filesystem::temp_directory_path() /
          ("qfs_ch06_test_" + std::to_string(getpid()) + name))
      .string();
}

// The test digits as an IDX file, as `--export` writes it.
void write_idx(const std::string& path, const Matrix<std::uint8_t>& pixels) {
  std::ofstream file(path, std::ios::binary);
  const unsigned char header[] = {0,
                                  0,
                                  8,
                                  3,
                                  0,
                                  0,
                                  static_cast<unsigned char>(pixels.shape(0) >> 8),
                                  static_cast<unsigned char>(pixels.shape(0) & 0xff),
                                  0,
                                  0,
                                  0,
                                  28,
                                  0,
                                  0,
                                  0,
                                  28};
  file.write(reinterpret_cast<const char*>(header), sizeof header);
  file.write(reinterpret_cast<const char*>(pixels.data()),
             static_cast<std::streamsize>(pixels.size()));
}

}  // namespace

TEST_CASE("the toy gives the chapter's integers and classes on every test digit", "[prop]") {
  for (std::size_t v = 0; v < 2; ++v) {
    const QuantizedNet net = quantized(kVariants[v]);
    const std::string model = temporary(".qfs"), digits = temporary(".idx");
    save_model(model, net);
    write_idx(digits, given().data.test.pixels);
    std::istringstream lines(output_of(kToy + quoted(model) + quoted(digits)));
    const auto expected = tensors_of(net, ref_backend(RequantizeRule::fixed_point)).back();
    const auto classes = classify_u8(pack(net), given().data.test.pixels);
    std::size_t wrong = 0, count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
      std::istringstream numbers(line);
      std::size_t index = 0;
      int of_class = -1;
      char colon = 0;
      numbers >> index >> colon >> of_class;
      bool same = index == count && count < classes.size() && of_class == classes[count];
      for (std::size_t n = 0; same && n < 10; ++n) {
        int q = -1;
        numbers >> q;
        same = q == expected(count, n);
      }
      wrong += same ? 0 : 1;
    }
    CHECK(count == 2000);
    CHECK(wrong == 0);
    const std::string one = output_of(kToy + quoted(model) + quoted(digits) + "7");
    CHECK(one.rfind("7: " + std::to_string(classes[7]), 0) == 0);
    std::filesystem::remove(model);
    std::filesystem::remove(digits);
  }
}

TEST_CASE("the toy refuses a damaged model", "[hand]") {
  const std::string model = temporary(".bad"), digits = temporary(".none");
  save_model(model, quantized(kVariants[0]));
  std::filesystem::resize_file(model, 50'000);
  write_idx(digits, given().data.test.pixels);
  CHECK(output_of(kToy + quoted(model) + quoted(digits) + "2>/dev/null", 2).empty());
  std::filesystem::remove(model);
  std::filesystem::remove(digits);
}

TEST_CASE("the toy refuses numbers that give no integers", "[hand]") {
  const qfs::test::TemporaryFile model;
  save_model(model.path, quantized(kVariants[0]));
  const std::vector<std::byte> good = read_file(model.path);
  const auto refused = [&](const std::string& name, const qfs::test::RecordChange& change) {
    const auto bad = qfs::test::with_changed_record(good, name, change);
    std::ofstream(model.path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bad.data()), static_cast<std::streamsize>(bad.size()));
    CHECK(output_of(kToy + quoted(model.path) + "none.idx 2>&1", 2).find("no usable") !=
          std::string::npos);
  };
  using qfs::test::element;
  // Tensor 1 is the input's integers, 2 to 6 those of the layers; five numbers each.
  for (float scale : {0.0F, -1.0F, NAN, HUGE_VALF, 1e-40F}) {
    refused("scales", element(1, scale));
    refused("w1.scale", element(0, scale));
  }
  for (std::int32_t zero_point : {-1, 256}) refused("tensors", element(5 + 2, zero_point));
  refused("tensors", element<std::int32_t>(5 + 3, -1));
  refused("tensors", element<std::int32_t>(5 * 2 + 4, 256));
}

TEST_CASE("the toy refuses lists that it can not run", "[hand]") {
  const qfs::test::TemporaryFile model;
  save_model(model.path, quantized(kVariants[0]));
  const std::vector<std::byte> good = read_file(model.path);
  const auto refused = [&](const std::string& name, const qfs::test::RecordChange& change,
                           const char* why) {
    INFO(name << ": " << why);
    const auto bad = qfs::test::with_changed_record(good, name, change);
    std::ofstream(model.path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bad.data()), static_cast<std::streamsize>(bad.size()));
    CHECK_THAT(output_of(kToy + quoted(model.path) + "none.idx 2>&1", 2), QFS_CONTAINS(why));
  };
  using qfs::test::element;
  using qfs::test::shape;
  using qfs::test::text;
  const auto number = [](std::size_t i, std::int32_t value) { return element(i, value); };
  // quantize, linear, relu, linear, relu, linear, dequantize: 7 operations, 8 tensors.
  for (std::int32_t type : {0, 2, 3}) refused("tensors", number(5, type), "no type or no shape");
  refused("tensors", number(1, 0), "no type or no shape");
  refused("tensors", number(1, -1), "no type or no shape");
  refused("tensors", number(1, 9), "empty or too large");  // 784 * 784 * 100 * 100 ...
  refused("tensors", number(0, 1), "does not start with reals");
  refused("tensors", shape({7, 5}), "end too early");
  refused("tensors", shape({9, 5}), "more numbers than tensors");
  refused("shapes", number(0, -1), "a number that says nothing");
  refused("shapes", number(0, 0), "empty or too large");
  refused("shapes", number(0, 783), "something else than the pixels");
  refused("shapes", number(2, 99), "does not fit");
  refused("shapes", number(3, 99), "does more than to cut");
  refused("shapes", number(7, 9), "changes the number of elements");
  refused("shapes", shape({9}), "more numbers than tensors");
  refused("scales", shape({7}), "more numbers than tensors");
  refused("kinds", text("quantize\nlinear\ngelu\n"), "knows no operation gelu");
  refused("kinds", text("quantize\nlinear\nrelu"), "does not end");
  refused("kinds", text("quantize\n"), "nobody writes");
  refused("operations", number(3, 2), "another number of tensors than one");
  refused("operations", number(4, 8), "a number that says nothing");
  refused("operations", number(4, -1), "a number that says nothing");
  refused("operations", number(4, 1), "writes a tensor twice");
  refused("operations", number(5, -1), "has no weights");
  refused("operations", number(5, 3), "has no w4.q");
  refused("operations", number(2, 0), "something else than the pixels");
  refused("operations", number(8, 0), "does more than to cut");
  refused("operations", number(20, 0), "changes the number of elements");
  refused("operations", shape({6, 3}), "end too early");
  refused("operations", shape({8, 3}), "more numbers than operations");
  refused("inputs", number(1, 5), "not yet written");
  refused("inputs", number(1, 0), "of another type");
  refused("inputs", number(1, 8), "a number that says nothing");
  refused("inputs", shape({8}), "more numbers than operations");
  refused("w1.q", shape({99, 784}), "does not fit");
  refused("w1.q", shape({100, 783}), "does not fit");
  refused("w1.bias", shape({101}), "does not fit");
  refused("w1.scale", shape({2}), "does not fit");
  refused("w1.bias", number(0, 2147483647), "may overflow");
  refused(
      "w1.bias", [](Record& record) { record.name = "1.slope"; }, "has an attribute");
}

TEST_CASE("the program exports what the toy needs, and reads its model back", "[prop]") {
  const std::string folder = temporary("_export");
  output_of(kProgram + "--quick --export " + quoted(folder) + "> /dev/null");
  CHECK(std::filesystem::file_size(folder + "/digits.idx") == 16 + 2000 * 784);
  CHECK(std::filesystem::file_size(folder + "/labels.idx") == 8 + 2000);
  const std::string line =
      output_of(kToy + quoted(folder + "/net.qfs") + quoted(folder + "/digits.idx") + "0");
  CHECK(line.rfind("0: " + std::to_string(classify_u8(pack(quantized(kVariants[0])),
                                                      given().data.test.pixels)[0]),
                   0) == 0);
  const std::string text = output_of(kProgram + "--model " + quoted(folder + "/net.qfs"));
  CHECK_THAT(text, QFS_CONTAINS(" of 2000 right"));
  std::ofstream(folder + "/net.qfs", std::ios::binary | std::ios::app) << '\0';
  output_of(kProgram + "--model " + quoted(folder + "/net.qfs") + "> /dev/null 2>&1", 2);
  // Beside --model the lesson does not run, and --export asks for a place it can write to.
  output_of(kProgram + "--model " + quoted(folder + "/net.qfs") + "--trace > /dev/null 2>&1", 2);
  CHECK(output_of(kProgram + "--export " + quoted(folder + "/net.qfs/d") + "2> /dev/null", 2) ==
        "");
  std::filesystem::remove_all(folder);
}
