// Chapter 06: the chain of equalities on all 2000 test digits. The integers are PyTorch's
// (qnnpack), the fixed-point path holds no float, the toy gives what the chapter gives.
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "01_affine_math/granularity.hpp"
#include "04_mnist_mlp/mlp.hpp"
#include "06_static_ptq/model_file.hpp"
#include "06_static_ptq/pytorch_layer1.hpp"
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

QuantizedMlp quantized(const Variant& variant) {
  return quantize_mlp(given().mlp, given().intervals, variant.options);
}

// The input and the output of every Linear.
std::vector<Matrix<std::uint8_t>> tensors_of(const PackedMlp& net) {
  std::vector<Matrix<std::uint8_t>> tensors = {quantize_input(net, given().x)};
  std::vector<Matrix<std::uint8_t>> outputs;
  forward_u8(net, tensors[0], &outputs);
  tensors.insert(tensors.end(), outputs.begin(), outputs.end());
  return tensors;
}

std::string reference_name(const Variant& variant, const std::string& what) {
  return std::string("ch06/") + variant.name + "_" + what;
}

}  // namespace

TEST_CASE("parameters and weights are PyTorch's", "[ref]") {
  for (const Variant& variant : kVariants) {
    INFO(variant.name);
    const QuantizedMlp net = quantized(variant);
    const auto scale = load_reference<float, 1>(reference_name(variant, "scale"));
    const auto zero_point = load_reference<std::int32_t, 1>(reference_name(variant, "zero_point"));
    CHECK(net.input == QuantParams{scale(0), zero_point(0)});
    for (std::size_t i = 0; i < net.layers.size(); ++i) {
      const QuantizedLinear& layer = net.layers[i];
      const std::string number = std::to_string(i + 1);
      CHECK(layer.output == QuantParams{scale(i + 1), zero_point(i + 1)});
      CHECK(difference(layer.weight_scale, load_reference<float, 1>(reference_name(
                                               variant, "weight_scale" + number))) == "");
      auto hashes = make_tensor<std::int32_t>({layer.outputs()});
      for (std::size_t n = 0; n < layer.outputs(); ++n) hashes(n) = row_hash(row(layer.weight, n));
      CHECK(difference(hashes, load_reference<std::int32_t, 1>(
                                   reference_name(variant, "weight_hash" + number))) == "");
    }
  }
}

TEST_CASE("every integer of every layer is PyTorch's, on all 2000 digits", "[ref]") {
  for (const Variant& variant : kVariants) {
    INFO(variant.name);
    const auto tensors = tensors_of(pack(quantized(variant)));
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
  // ref_fixed's layers carry no float that its arithmetic could use: the only one left is the scale
  // of the output, for whoever dequantizes. The whole net runs on a 64-bit integer type that has no
  // conversion to or from float, and gives the same integers.
  const PackedMlp net = pack(quantized(kVariants[1]), ref_backend(RequantizeRule::fixed_point));
  const auto expected = tensors_of(net);
  Matrix<std::uint8_t> q = expected[0];
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const PackedLinear& layer = net.layers[i].linear;
    CHECK(layer.multiplier.size() == 0);
    static_assert(std::is_same_v<decltype(layer.fixed)::value_type, FixedPointMultiplier> &&
                  std::is_same_v<decltype(FixedPointMultiplier::mantissa), std::int32_t> &&
                  std::is_same_v<decltype(FixedPointMultiplier::shift), int>);
    std::vector<std::int32_t> acc(q.shape(0) * layer.outputs);
    ref_product(layer, values(std::as_const(q)), q.shape(0), acc);
    Matrix<std::uint8_t> y = make_tensor<std::uint8_t>({q.shape(0), layer.outputs});
    requantize_fixed_rows<qfs::test::IntegerOnly>(values(layer.fixed), layer.output.zero_point,
                                                  layer.output_range, layer.outputs, acc,
                                                  values(y));
    CHECK(difference(y, expected[i + 1]) == "");
    if (i + 1 < net.layers.size()) relu_u8(values(y), layer.output.zero_point);
    q = std::move(y);
  }
}

TEST_CASE("both rules give every test digit one class, and integers that differ by at most 1",
          "[prop]") {
  for (const Variant& variant : kVariants) {
    INFO(variant.name);
    const QuantizedMlp net = quantized(variant);
    const auto a = tensors_of(pack(net)),
               b = tensors_of(pack(net, ref_backend(RequantizeRule::fixed_point)));
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
    const QuantizedMlp net = quantized(kVariants[v]);
    const std::string model = temporary(".qfs"), digits = temporary(".idx");
    save_model(model, net);
    write_idx(digits, given().data.test.pixels);
    std::istringstream lines(output_of(kToy + quoted(model) + quoted(digits)));
    const auto expected = tensors_of(pack(net, ref_backend(RequantizeRule::fixed_point))).back();
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
  for (float scale : {0.0F, -1.0F, NAN, HUGE_VALF, 1e-40F}) refused("scale", element(1, scale));
  for (std::int32_t zero_point : {-1, 256}) refused("zero_point", element(0, zero_point));
  refused("range", element<std::int32_t>(0, -1));
  refused("range", element<std::int32_t>(3, 256));
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
