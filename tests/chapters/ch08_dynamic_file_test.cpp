// Chapter 08: the model file of a net with dynamic quantization, and everything that may be wrong
// with one.
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>

#include "06_static_ptq/model_file.hpp"
#include "06_static_ptq/paper_example.hpp"
#include "08_dynamic_quantization/dynamic_file.hpp"
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

DynamicMlp small_net() {
  DynamicMlp net;
  net.layers.push_back({{{4, -2, 3}, {-7, 3, 2}}, {0.5F}, {7.5F, 0.0F}});
  net.layers.push_back({{{1, -1}}, {0.25F}, {0.5F}});
  return net;
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

void expect_refused(const std::vector<std::byte>& file, const char* why) {
  CHECK_THROWS_WITH(parse_dynamic(file, "file"), QFS_CONTAINS(why));
}

}  // namespace

TEST_CASE("a dynamic net comes back as it was written", "[prop]") {
  const Mlp mlp = qfs::test::random_mlp(41);
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel})
    for (const QuantRange range : {unsigned_range(7), unsigned_range(8), QuantRange{3, 200}}) {
      const DynamicMlp net = quantize_dynamic(mlp, weights, range);
      const TemporaryFile file;
      const std::size_t bytes = save_dynamic(file.path, net);
      CHECK(bytes == std::filesystem::file_size(file.path));
      const DynamicMlp back = load_dynamic(file.path);
      CHECK(back.activations == range);
      REQUIRE(back.layers.size() == net.layers.size());
      for (std::size_t i = 0; i < net.layers.size(); ++i) {
        CHECK(difference(back.layers[i].weight, net.layers[i].weight) == "");
        CHECK(difference(back.layers[i].weight_scale, net.layers[i].weight_scale) == "");
        CHECK(difference(back.layers[i].bias, net.layers[i].bias) == "");
      }
    }
}

TEST_CASE("a dynamic file that is cut or changed anywhere is refused", "[prop]") {
  const std::vector<std::byte> good = small_file();
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_THROWS_AS(parse_dynamic(std::span(good).first(size), "file"), Error);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::vector<std::byte> file = good;
    file[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8);
    CHECK_THROWS_AS(parse_dynamic(file, "file"), Error);
  }
  std::vector<std::byte> longer = good;
  longer.push_back(std::byte{0});
  CHECK_THROWS_AS(parse_dynamic(longer, "file"), Error);
  CHECK_NOTHROW(parse_dynamic(good, "file"));
}

TEST_CASE("a file that is whole, and holds nothing that could run, is refused", "[hand]") {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  expect_refused(changed("dynamic_mlp", element<std::int32_t>(0, 0)), "1 to 1000 layers");
  expect_refused(changed("dynamic_mlp", element<std::int32_t>(0, 1001)), "1 to 1000 layers");
  expect_refused(changed("dynamic_mlp", element<std::int32_t>(0, 3)), "no record 'fc3.weight'");
  for (std::size_t size : {2U, 4U})
    expect_refused(changed("dynamic_mlp", shape({size})), "not a net with dynamic quantization");
  expect_refused(changed("dynamic_mlp", element<std::int32_t>(1, -1)), "within 8 bits");
  expect_refused(changed("dynamic_mlp", element<std::int32_t>(2, 256)), "within 8 bits");
  expect_refused(changed("dynamic_mlp", element<std::int32_t>(2, 0)), "range of one integer");
  expect_refused(changed("fc2.weight", shape({1, 3})), "layer 2 does not fit");
  expect_refused(changed("fc1.weight", shape({0, 3})), "holds nothing");
  expect_refused(changed("fc1.scale", shape({3})), "one for the tensor or one per output");
  expect_refused(changed("fc2.bias", shape({2})), "layer 2: one bias per output");
  for (float scale : {0.0F, -0.5F, kNaN, 1e-40F, std::numeric_limits<float>::infinity()})
    expect_refused(changed("fc1.scale", element(0, scale)), "layer 1 has no usable weight scale");
  for (float bias : {kNaN, std::numeric_limits<float>::infinity()})
    expect_refused(changed("fc2.bias", element(0, bias)), "layer 2 has a bias that is not finite");
}

TEST_CASE("a static net is no dynamic one, nor the other way round", "[hand]") {
  const TemporaryFile file;
  save_model(file.path, paper_mlp::make_net());
  CHECK_THROWS_WITH(load_dynamic(file.path), QFS_CONTAINS("no record 'dynamic_mlp'"));
  save_dynamic(file.path, small_net());
  CHECK_THROWS_WITH(load_model(file.path), QFS_CONTAINS("no record 'mlp'"));
}

TEST_CASE("a net that could not run is not written", "[hand]") {
  const auto refuse = [](const DynamicMlp& net, const char* why) {
    const TemporaryFile file;
    CHECK_THROWS_WITH(save_dynamic(file.path, net), QFS_CONTAINS(why));
    CHECK_FALSE(std::filesystem::exists(file.path));
  };
  refuse(DynamicMlp{}, "a net needs layers");
  DynamicMlp net = small_net();
  net.layers[1].bias = {1.0F, 2.0F};
  refuse(net, "layer 2: one bias per output");
  net = small_net();
  net.layers.push_back(net.layers[0]);
  refuse(net, "layer 3 does not fit the layer before it");
  CHECK_THROWS_WITH(save_dynamic("/no/such/folder/net.qfs", small_net()),
                    QFS_CONTAINS("/no/such/folder"));
  CHECK_THROWS_AS(load_dynamic("/no/such/file.qfs"), Error);
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
