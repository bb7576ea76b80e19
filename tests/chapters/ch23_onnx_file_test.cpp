// Chapter 23: models as files, and files that are none.
#include "23_onnx_export/plumbing/onnx_file.hpp"

#include <unistd.h>

#include <filesystem>

#include "07_layer_fusion/fuse.hpp"
#include "23_onnx_export/lesson/paper_example.hpp"
#include "23_onnx_export/onnx_write.hpp"
#include "common/bytes.hpp"
#include "common/rng.hpp"
#include "common/temporary.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/onnx_models.hpp"
#include "tests/support/random_mlp.hpp"

namespace {

using namespace qfs;
using qfs::test::model_difference;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span<const char>(text));
}
OnnxModel parsed(const std::string& text) { return parse_onnx(bytes_of(text), "a test"); }

// Protocol buffers by hand, for files that no library would write: a field is its number and how
// its value is written, then the value.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value > 127; value >>= 7) bytes += static_cast<char>((value & 127) | 128);
  return bytes + static_cast<char>(value);
}
std::string field(std::uint64_t number, std::uint64_t value) {
  return varint(number << 3) + varint(value);
}
std::string field(std::uint64_t number, const std::string& bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}
// Numbers of fields as in onnx.proto: of a model the graph (7) and the operators' version (8); of a
// graph a node (1), an initializer (5), an input (11); of a tensor extents (1), type (2), name (8)
// and raw bytes (9).
std::string model_of(const std::string& graph) {
  return field(1, 7) + field(7, graph) + field(8, field(1, std::string()) + field(2, 13));
}
std::string tensor_of(std::uint64_t extent, std::uint64_t type, const std::string& rest) {
  return model_of(field(5, field(1, extent) + field(2, type) + field(8, std::string("w")) + rest));
}
constexpr std::uint64_t kFloat = 1, kUint8 = 2, kInt32 = 6, kFloat16 = 10;

// A model with an attribute of every kind.
OnnxModel model_of_everything() {
  OnnxModel model{.opsets = {{"", 13}, {kMicrosoft, 1}}};
  const std::vector<std::int64_t> ints = {1, -2, 3};
  const std::vector<float> floats = {0.5F, -1.25F};
  model.nodes.push_back({.op = "Thing",
                         .inputs = {"x", "", "w"},
                         .outputs = {"y", "z"},
                         .attributes = {{"i", std::int64_t{-7}},
                                        {"f", 0.25F},
                                        {"s", std::string("text")},
                                        {"is", ints},
                                        {"fs", floats},
                                        {"t", make_initializer("inner", std::span(floats), {2})}},
                         .domain = kMicrosoft});
  model.initializers.push_back(make_initializer("w", std::span(ints), {3, 1}));
  model.initializers.push_back(make_initializer("scalar", std::span(floats).first(1), {}));
  model.initializers.push_back(make_initializer("empty", std::span<const float>(), {0, 4}));
  model.inputs = {{"x", DType::u8, {std::nullopt, 3, 2}}};
  model.outputs = {{"y", DType::f32, {}}, {"z", DType::s32, {1}}};
  return model;
}

}  // namespace

TEST_CASE("a model comes back from its bytes", "[prop]") {
  const OnnxModel model = model_of_everything();
  CHECK(model_difference(parsed(onnx_bytes(model)), model) == "");
  CHECK(onnx_bytes(parsed(onnx_bytes(model))) == onnx_bytes(model));
}

TEST_CASE("a model comes back from its file", "[prop]") {
  const TemporaryDirectory folder;
  const OnnxModel model = to_onnx(qfs::test::random_mlp(1));
  const std::size_t size = save_onnx(folder.path("net.onnx"), model);
  CHECK(size == read_file(folder.path("net.onnx")).size());
  CHECK(size == onnx_bytes(model).size());
  CHECK(model_difference(load_onnx(folder.path("net.onnx")), model) == "");
}

TEST_CASE("a full disk is an Error, and no file is left", "[hand]") {
  if (!std::filesystem::exists("/dev/full")) return;
  // The file is written under another name first, which here is a link to a disk without room.
  const TemporaryDirectory folder;
  std::filesystem::create_symlink("/dev/full",
                                  folder.path("net.onnx.partial-" + std::to_string(::getpid())));
  CHECK_THROWS_WITH(save_onnx(folder.path("net.onnx"), to_onnx(paper_onnx::make_net())),
                    QFS_CONTAINS("cannot write") && QFS_CONTAINS("No space left"));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("the checker takes what is right and names what is not", "[prop]") {
  OnnxModel model = to_onnx(paper_onnx::make_net());
  CHECK_NOTHROW(check_by_onnx(onnx_bytes(model), "the paper net"));

  SECTION("a node before what it reads") {
    std::swap(model.nodes.front(), model.nodes.back());
    CHECK_THROWS_WITH(check_by_onnx(onnx_bytes(model), "swapped"),
                      QFS_CONTAINS("ONNX's checker refuses swapped"));
  }
  SECTION("an operator that is none") {
    model.nodes[0].op = "QuantiseLinear";
    CHECK_THROWS_WITH(check_by_onnx(onnx_bytes(model), "misspelt"), QFS_CONTAINS("QuantiseLinear"));
  }
  SECTION("a type that the operator does not take") {
    model.initializers.front().dtype = DType::s32;  // the scale of x
    CHECK_THROWS_AS(check_by_onnx(onnx_bytes(model), "mistyped"), Error);
  }
  SECTION("a shape that does not fit") {
    model.outputs[0].dims = {std::nullopt, 3};
    CHECK_THROWS_AS(check_by_onnx(onnx_bytes(model), "misshapen"), Error);
  }
  SECTION("an operator of ONNX Runtime's, which it does not know") {
    model = to_onnx(paper_onnx::make_net(), {.form = OnnxForm::qoperator});
    model.nodes[1].op = "NoSuchOperator";  // in the place of QGemm
    CHECK_NOTHROW(check_by_onnx(onnx_bytes(model), "unknown"));
    model.nodes[1].domain.clear();
    CHECK_THROWS_AS(check_by_onnx(onnx_bytes(model), "known not to be"), Error);
  }
  SECTION("an operator newer than the version it is said to have") {
    model.opsets[""] = 9;  // QuantizeLinear came with 10
    CHECK_THROWS_AS(check_by_onnx(onnx_bytes(model), "too old"), Error);
  }
}

TEST_CASE("a file that is cut off, or no file of ours, is an Error", "[prop]") {
  const std::string whole = onnx_bytes(to_onnx(paper_onnx::make_net()));
  std::size_t refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) try {
      parsed(whole.substr(0, size));
    } catch (const Error&) {
      ++refused;
    }
  // A cut between two fields of the model leaves a smaller model. Behind the graph, which is all
  // but a few bytes, there is one such place: before the last opset, of which one is left out then.
  CHECK(refused >= whole.size() - 2);
  CHECK_THROWS_WITH(parsed("not a model"), QFS_CONTAINS("no ONNX model"));
  CHECK_THROWS_AS(load_onnx("/no/such/file.onnx"), Error);
}

TEST_CASE("a byte that has changed is an Error or another model, and never a crash", "[prop]") {
  const std::string whole = onnx_bytes(to_onnx(paper_onnx::make_net()));
  Rng rng(23);
  for (int i = 0; i < 3000; ++i) {
    std::string changed = whole;
    const auto at = static_cast<std::size_t>(rng.uniform(0.0, static_cast<double>(whole.size())));
    changed[at] = static_cast<char>(static_cast<unsigned char>(rng.below(256)));
    try {
      const OnnxModel model = parsed(changed);
      CHECK(model.initializers.size() <= whole.size());
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("what to do") != std::string::npos);
    }
  }
}

TEST_CASE("tensors that lie about themselves are refused", "[hand]") {
  const std::string four(4, '\1'), sixteen(16, '\1');
  CHECK(elements<float>(parsed(tensor_of(1, kFloat, field(9, four))).initializers[0]).size() == 1);
  CHECK_THROWS_WITH(parsed(tensor_of(2, kFloat, field(9, four))), QFS_CONTAINS("do not fill it"));
  CHECK_THROWS_WITH(parsed(tensor_of(1, kFloat, field(9, sixteen))),
                    QFS_CONTAINS("do not fill it"));
  CHECK_THROWS_WITH(parsed(tensor_of(1, kFloat, "")), QFS_CONTAINS("do not fill it"));
  // 2^62 floats are 2^64 bytes, which is 0 in 64 bits.
  CHECK_THROWS_WITH(parsed(tensor_of(std::uint64_t{1} << 62, kFloat, "")),
                    QFS_CONTAINS("do not fill it"));
  CHECK_THROWS_WITH(parsed(tensor_of(~std::uint64_t{0}, kFloat, field(9, four))),
                    QFS_CONTAINS("below 0"));
  CHECK_THROWS_WITH(parsed(tensor_of(2, kFloat16, field(9, four))), QFS_CONTAINS("FLOAT16"));
  CHECK_THROWS_WITH(parsed(tensor_of(2, 99, field(9, four))), QFS_CONTAINS("99"));
  // Field 14 says where the elements are (1: another file), field 13 in which.
  CHECK_THROWS_WITH(parsed(tensor_of(1, kFloat, field(14, 1) + field(9, four))),
                    QFS_CONTAINS("lies in another file"));
  CHECK_THROWS_WITH(parsed(tensor_of(1, kFloat,
                                     field(13, field(1, std::string("location")) +
                                                   field(2, std::string("/etc/passwd"))))),
                    QFS_CONTAINS("lies in another file"));
  std::string nine;
  for (int d = 0; d < 9; ++d) nine += field(1, 1);
  CHECK_THROWS_WITH(parsed(model_of(field(5, nine + field(2, kFloat) + field(9, four)))),
                    QFS_CONTAINS("too many extents"));
}

TEST_CASE("elements may stand in lists of their type", "[hand]") {
  // int32_data, field 5, holds u8, s8 and s32; float_data is field 4.
  const std::string numbers = field(5, 3) + field(5, 250);
  const OnnxModel u8 = parsed(tensor_of(2, kUint8, numbers));
  CHECK(elements<std::uint8_t>(u8.initializers[0]) == std::vector<std::uint8_t>{3, 250});
  const OnnxModel s32 = parsed(tensor_of(2, kInt32, numbers));
  CHECK(elements<std::int32_t>(s32.initializers[0]) == std::vector<std::int32_t>{3, 250});
  const std::string quarter = {0, 0, '\x80', '\x3e'};
  const OnnxModel f32 = parsed(tensor_of(1, kFloat, field(4, quarter)));
  CHECK(elements<float>(f32.initializers[0]) == std::vector<float>{0.25F});
  CHECK_THROWS_AS(elements<std::uint8_t>(f32.initializers[0]), Error);
}

TEST_CASE("inputs without a type, and attributes of other kinds, are refused", "[hand]") {
  CHECK_THROWS_WITH(parsed(model_of(field(11, field(1, std::string("x"))))),
                    QFS_CONTAINS("'x' is no tensor"));
  // An attribute (5 of a node) whose type (20) is a graph (5).
  const std::string attribute = field(1, std::string("body")) + field(20, 5);
  CHECK_THROWS_WITH(parsed(model_of(field(1, field(4, std::string("If")) + field(5, attribute)))),
                    QFS_CONTAINS("'body' has a type that we do not read"));
  CHECK_THROWS_WITH(parsed(field(1, 7) + field(7, std::string())), QFS_CONTAINS("no ONNX model"));
  CHECK_THROWS_WITH(parsed(model_of(field(15, std::string()))), QFS_CONTAINS("sparse"));
}

TEST_CASE("an initializer needs as many numbers as its extents say", "[hand]") {
  const std::vector<float> three = {1, 2, 3};
  CHECK_THROWS_AS(make_initializer("w", std::span(three), {2, 2}), Error);
  CHECK(type_text(make_initializer("w", std::span(three), {3, 1})) == "f32 [3, 1]");
  CHECK(type_text(make_initializer("w", std::span(three).first(1), {})) == "f32 []");
  CHECK(type_text(OnnxValue{"x", DType::u8, {std::nullopt, 784}}) == "u8 [batch, 784]");
}

TEST_CASE("the long name of ONNX's own domain is its short one", "[hand]") {
  const std::string long_name = "ai.onnx";
  const std::string node = field(4, std::string("Relu")) + field(7, long_name);
  const OnnxModel model =
      parsed(field(1, 7) + field(7, field(1, node)) + field(8, field(1, long_name) + field(2, 13)));
  CHECK(model.nodes[0].domain.empty());
  CHECK(model.opsets == std::map<std::string, std::int64_t>{{"", 13}});
}

TEST_CASE("two versions of one domain are refused", "[hand]") {
  const auto opset = [](const std::string& domain, std::uint64_t version) {
    return field(8, field(1, domain) + field(2, version));
  };
  const std::string graph = field(1, 7) + field(7, field(1, field(4, std::string("Relu"))));
  CHECK(parsed(graph + opset("", 13) + opset(kMicrosoft, 1)).opsets.size() == 2);
  CHECK_THROWS_WITH(parsed(graph + opset("", 13) + opset("ai.onnx", 9)),
                    QFS_CONTAINS("states two versions of the domain ''"));
}
