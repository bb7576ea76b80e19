// Chapter 06: the model file, and everything that may be wrong with one.
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>

#include "06_static_ptq/model_file.hpp"
#include "06_static_ptq/paper_example.hpp"
#include "common/bytes.hpp"
#include "common/container_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/changed_records.hpp"
#include "tests/support/compare.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::element;
using qfs::test::RecordChange;
using qfs::test::shape;
using qfs::test::TemporaryFile;
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
  QuantizedMlp net = paper_mlp::make_net();
  // Every tensor with a range of its own.
  net.layers[0].output_range = net.layers[1].input_range = {6, 14};
  net.layers[1].output_range = {1, 13};
  for (bool fused : {false, true}) {
    net.fused = fused;
    const TemporaryFile file;
    const std::size_t bytes = save_model(file.path, net);
    CHECK(bytes == std::filesystem::file_size(file.path));
    const QuantizedMlp back = load_model(file.path);
    CHECK(back.fused == fused);
    CHECK((back.input == net.input && back.input_range == net.input_range));
    REQUIRE(back.layers.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      const QuantizedLinear &got = back.layers[i], &expected = net.layers[i];
      CHECK(difference(got.weight, expected.weight) == "");
      CHECK(difference(got.weight_scale, expected.weight_scale) == "");
      CHECK(difference(got.bias, expected.bias) == "");
      CHECK(difference(got.multiplier, expected.multiplier) == "");
      CHECK((got.input == expected.input && got.output == expected.output));
      CHECK((got.input_range == expected.input_range && got.output_range == expected.output_range));
    }
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
  expect_refused(changed("mlp", element<std::int32_t>(0, 0)), "not a net of this course");
  expect_refused(changed("mlp", element<std::int32_t>(0, -5)), "not a net of this course");
  expect_refused(changed("mlp", element<std::int32_t>(0, 3)), "for every layer");
  expect_refused(changed("mlp", element<std::int32_t>(1, 2)), "not a net of this course");
  expect_refused(changed("mlp", element<std::int32_t>(0, 1001)), "not a net of this course");
  expect_refused(changed("mlp", shape({1})), "not a net of this course");
  expect_refused(changed("mlp", shape({3})), "not a net of this course");
  expect_refused(changed("mlp", [](Record& record) { record.name = "cnn"; }), "no record 'mlp'");
  // The net has two layers: three scales, three zero points, three ranges of two ends.
  for (const char* record : {"scale", "zero_point"})
    for (std::size_t count : {2U, 4U})
      expect_refused(changed(record, shape({count})), "for every layer");
  for (const std::vector<std::size_t>& dims :
       {std::vector<std::size_t>{2, 2}, {4, 2}, {3, 1}, {3, 3}, {2, 3}})
    expect_refused(changed("range", shape(dims)), "for every layer");
  expect_refused(changed("fc1.weight", shape({3, 2})), "one bias per output");
  expect_refused(changed("fc2.weight", shape({2, 3})), "layer 2 does not fit the layer before it");
  expect_refused(changed("fc1.weight", shape({2, 0})), "holds nothing");
  expect_refused(changed("fc1.weight", shape({0, std::size_t{1} << 62})), "holds nothing");
  expect_refused(changed("fc1.weight", shape({4})), "another type or rank");
  expect_refused(changed("fc2.bias", shape({3})), "one bias per output");
  expect_refused(changed("fc2.scale", shape({3})), "");
}

TEST_CASE("numbers that give no integers are refused", "[hand]") {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  for (float scale : {0.0F, -0.25F, nan, infinity, 1e-40F})
    for (const char* record : {"scale", "fc1.scale"}) {
      INFO(record << " " << scale);
      CHECK_THROWS_AS(parse_model(changed(record, element(0, scale)), "file"), Error);
    }
  expect_refused(changed("zero_point", element<std::int32_t>(0, 16)),
                 "zero point outside its range");
  expect_refused(changed("zero_point", element<std::int32_t>(2, -1)),
                 "zero point outside its range");
  expect_refused(changed("range", element<std::int32_t>(1, 256)), "8 bits do not hold");
  expect_refused(changed("range", element<std::int32_t>(2, -1)), "8 bits do not hold");
  expect_refused(changed("range", element<std::int32_t>(4, 200)), "8 bits do not hold");
  expect_refused(changed("fc1.bias", element<std::int32_t>(0, 2147483647)), "overflow");
}

TEST_CASE("nets that contradict themselves are not packed and not written", "[hand]") {
  QuantizedMlp net = paper_mlp::make_net();
  const auto expect = [&](const char* why) {
    CHECK_THROWS_WITH(pack(net), QFS_CONTAINS(why));
    const TemporaryFile file;
    CHECK_THROWS_WITH(save_model(file.path, net), QFS_CONTAINS(why));
    CHECK_FALSE(std::filesystem::exists(file.path));
    net = paper_mlp::make_net();
  };
  net.layers.clear();
  expect("a net needs layers");
  net.layers[1].input.zero_point = 5;
  expect("layer 2 reads other integers");
  net.layers[1].input_range.qmax = 14;
  expect("layer 2 reads other integers");
  net.layers[1].input.scale = 1.0F;
  net.layers[1].multiplier = output_multipliers(net.layers[1]);
  expect("layer 2 reads other integers");
  net.layers[0].multiplier(0) = 0.25F;
  expect("multipliers that are not s_x s_w / s_y");
  net.layers[0].weight_scale = {0.25F, 0.25F, 0.25F};
  expect("one for the tensor or one per output channel");
}
