// Chapter 06: the model file, and everything that may be wrong with one.
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>

#include "06_static_ptq/lesson/paper_example.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "common/bytes.hpp"
#include "common/container_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/changed_records.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/quantized_nets.hpp"

namespace {

using namespace qfs;
using qfs::test::element;
using qfs::test::net_difference;
using qfs::test::RecordChange;
using qfs::test::shape;
using qfs::test::TemporaryFile;
using qfs::test::text;
using qfs::test::with_changed_record;

std::vector<std::byte> paper_file() {
  const TemporaryFile file;
  save_model(file.path, paper_mlp::make_net());
  return read_file(file.path);
}

// The paper net's file with one record changed, its checksum right.
std::vector<std::byte> changed(const std::string& name, const RecordChange& change) {
  return with_changed_record(paper_file(), name, change);
}

void expect_refused(const std::vector<std::byte>& file, const char* why) {
  CHECK_THROWS_WITH(parse_model(file, "file"), QFS_CONTAINS(why));
}

}  // namespace

TEST_CASE("a net comes back as it was written", "[prop]") {
  QuantizedNet net = paper_mlp::make_net();
  // Every tensor with a range of its own; layer 2 with one scale per output.
  net.tensors[1].range = {0, 12};
  net.tensors[2].range = {2, 14};
  net.tensors[3].range = {6, 14};
  net.tensors[4].range = {1, 13};
  net.weights[1].weight.scale = {0.125F, 0.25F};
  net.tensors[0].shape = {1, 2, 1};  // as a picture
  for (bool with_relu : {true, false}) {
    if (!with_relu) {  // linear 1 -> 3, and 2 is gone
      net.operations.erase(net.operations.begin() + 2);
      net.operations[1].output = 3;
      net.tensors.erase(net.tensors.begin() + 2);
      for (Operation& operation : net.operations) {
        for (std::size_t& input : operation.inputs) input -= input > 2 ? 1 : 0;
        operation.output -= operation.output > 2 ? 1 : 0;
      }
    }
    const TemporaryFile file;
    const std::size_t bytes = save_model(file.path, net);
    CHECK(bytes == std::filesystem::file_size(file.path));
    const QuantizedNet back = load_model(file.path);
    CHECK(net_difference(back, net) == "");
    NetBuffers a, b;
    CHECK((run(pack(back), paper_mlp::kRealInput, a) == run(pack(net), paper_mlp::kRealInput, b)));
  }
}

TEST_CASE("every truncation and every flipped bit is refused", "[prop]") {
  const std::vector<std::byte> good = paper_file();
  parse_model(good, "good");
  std::size_t accepted = 0;
  const auto try_to_read = [&](const std::vector<std::byte>& file) {
    try {
      parse_model(file, "bad");
      ++accepted;
    } catch (const Error&) {
    }
  };
  for (std::size_t size = 0; size < good.size(); ++size)
    try_to_read({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)});
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::vector<std::byte> file = good;
    file[bit / 8] ^= std::byte{1} << (bit % 8);
    try_to_read(file);
  }
  CHECK(accepted == 0);
}

TEST_CASE("files whose checksum is right and whose content is not are refused", "[hand]") {
  const auto number = [](std::size_t i, std::int32_t value) { return element(i, value); };
  // Six tensors of five numbers, five operations of three: quantize 0 -> 1, linear 1 -> 2,
  // relu 2 -> 3, linear 3 -> 4, dequantize 4 -> 5.
  for (const char* record : {"tensors", "shapes", "scales", "kinds", "operations", "inputs"}) {
    INFO(record);
    expect_refused(changed(record, [](Record& r) { r.name = "other"; }),
                   (std::string("no record '") + record + "'").c_str());
    expect_refused(changed(record, shape({0})),
                   record == std::string("tensors") || record == std::string("operations")
                       ? "another type or rank"
                       : "holds nothing");
  }
  for (std::size_t count : {5U, 7U}) {
    expect_refused(changed("scales", shape({count})), "one scale and five numbers");
    expect_refused(changed("tensors", shape({count, 5})), "one scale and five numbers");
  }
  for (std::size_t columns : {4U, 6U})
    expect_refused(changed("tensors", shape({6, columns})), "one scale and five numbers");
  for (std::int32_t type : {-1, 0, 2, 3, 4, 6, 257})  // of a tensor: u8 (1) or f32 (5)
    expect_refused(changed("tensors", number(5, type)), "no type that activations have");
  expect_refused(changed("tensors", number(1, 2)), "shapes: too few numbers");
  expect_refused(changed("tensors", number(1, 0)), "shapes: more numbers than axes");
  expect_refused(changed("tensors", number(1, -1)), "shapes: more numbers than axes");
  expect_refused(changed("shapes", shape({5})), "shapes: too few numbers");
  expect_refused(changed("shapes", shape({7})), "shapes: more numbers than axes");
  expect_refused(changed("shapes", number(0, -2)), "shapes: too few numbers, or negative");
  expect_refused(changed("shapes", number(0, 0)), "tensor 0 is empty");
  expect_refused(changed("shapes", number(0, 3)), "operation 1 (quantize) changes the number");
  for (std::size_t count : {4U, 6U})
    expect_refused(changed("operations", shape({count, 3})), "one kind and three numbers");
  for (std::size_t columns : {2U, 4U})
    expect_refused(changed("operations", shape({5, columns})), "one kind and three numbers");
  expect_refused(changed("kinds", text("quantize\nlinear\n")), "one kind and three numbers");
  expect_refused(changed("kinds", text("quantize\nlinear\nrelu\nlinear\ndequantize\n\n")),
                 "one kind and three numbers");
  expect_refused(changed("kinds", text("quantize\nlinear\nrelu\nlinear\ndequantize")),
                 "the last line does not end");
  expect_refused(changed("kinds", text("quantize\nlinear\ngelu\nlinear\ndequantize\n")),
                 "operation 3 (gelu): no such operation");
  expect_refused(changed("kinds", text("quantize\nlinear\n\nlinear\ndequantize\n")),
                 "no such operation");
  expect_refused(changed("operations", number(3, 2)), "inputs: too few numbers");
  expect_refused(changed("operations", number(3, 0)), "inputs: more numbers than operations read");
  expect_refused(changed("operations", number(3, -1)), "inputs: more numbers than operations read");
  for (std::int32_t output : {-1, 0, 1, 6})
    expect_refused(changed("operations", number(4, output)), "does not exist or is written");
  for (std::int32_t weights : {-2, 2, 1000})
    expect_refused(changed("operations", number(5, weights)), "names weights that do not exist");
  expect_refused(changed("operations", number(5, -1)), "operation 2 (linear) has no weights");
  expect_refused(changed("inputs", shape({4})), "inputs: too few numbers");
  expect_refused(changed("inputs", shape({6})), "inputs: more numbers than operations read");
  expect_refused(changed("inputs", number(1, -1)), "inputs: too few numbers, or negative");
  for (std::int32_t input : {2, 3, 6})
    expect_refused(changed("inputs", number(1, input)), "reads a tensor not yet written");
  expect_refused(changed("w1.q", shape({3, 2})), "do not fit its tensors");
  expect_refused(changed("w2.q", shape({2, 3})),
                 "operation 4 (linear) has weights that do not fit");
  expect_refused(changed("w1.q", shape({2, 0})), "holds nothing");
  expect_refused(changed("w1.q", shape({0, std::size_t{1} << 62})), "holds nothing");
  expect_refused(changed("w1.q", shape({4})), "another type or rank");
  expect_refused(changed("w2.bias", shape({3})), "one bias per output");
  expect_refused(changed("w2.scale", shape({3})), "one for the tensor or one per output channel");
  expect_refused(changed("w2.q", [](Record& record) { record.name = "w3.q"; }),
                 "names weights that do not exist");
  for (const char* name : {"w1.scale", "w2.scale"})
    expect_refused(changed(name, [](Record& record) { record.name = "w9.scale"; }), "no record");
  expect_refused(changed("w2.bias", [](Record& record) { record.name = "w2.other"; }),
                 "one bias per output");
  // Any record with the number of an operation is an attribute, of those that have none.
  expect_refused(changed("w2.bias", [](Record& record) { record.name = "4.slope"; }),
                 "operation 4 (linear) has attributes");
}

TEST_CASE("numbers that give no integers are refused", "[hand]") {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  for (float scale : {0.0F, -0.25F, nan, infinity, 1e-40F}) {
    INFO(scale);
    expect_refused(changed("scales", element(1, scale)), "tensor 1 has no usable scale");
    expect_refused(changed("w1.scale", element(0, scale)), "has no usable scale");
  }
  const auto tensor = [](std::size_t t, std::size_t i, std::int32_t value) {
    return changed("tensors", element(5 * t + i, value));  // type, rank, zero point, qmin, qmax
  };
  expect_refused(tensor(1, 2, 16), "zero point outside its range");
  expect_refused(tensor(4, 2, -1), "zero point outside its range");
  expect_refused(tensor(1, 4, 256), "8 bits do not hold");
  expect_refused(tensor(2, 3, -1), "8 bits do not hold");
  expect_refused(tensor(4, 3, 200), "8 bits do not hold");
  expect_refused(tensor(3, 4, 14), "writes integers of another range");
  expect_refused(changed("w1.bias", element<std::int32_t>(0, 2147483647)), "overflow");
}

TEST_CASE("nets that contradict themselves are not packed and not written", "[hand]") {
  QuantizedNet net = paper_mlp::make_net();
  const auto expect = [&](const char* why) {
    CHECK_THROWS_WITH(pack(net), QFS_CONTAINS(why));
    const TemporaryFile file;
    CHECK_THROWS_WITH(save_model(file.path, net), QFS_CONTAINS(why));
    CHECK_FALSE(std::filesystem::exists(file.path));
    net = paper_mlp::make_net();
  };
  net.operations.clear();
  expect("a net needs tensors and operations");
  net.tensors[3].params.zero_point = 7;
  expect("changes scale or zero point");
  net.tensors[3].range.qmax = 14;
  expect("writes integers of another range");
  net.tensors[3].params.scale = 1.0F;
  expect("changes scale or zero point");
  net.operations[3].inputs = {4};
  expect("reads a tensor not yet written");
  net.operations[1].attributes["stride"] = {1};
  expect("has attributes");
  net.weights[0].weight.scale = {0.25F, 0.25F, 0.25F};
  expect("one for the tensor or one per output channel");
}
