// Chapter 17: the net, its file, and PyTorch's numbers.
#include "17_int4_weights/group_mlp.hpp"

#include "17_int4_weights/plumbing/group_file.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/changed_records.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;

constexpr Granularity groups_of(std::size_t size) { return {GranularityKind::per_group, 0, size}; }

struct Pretrained {
  Dataset data = load_dataset("");
  Mlp mlp = load_mlp(test::reference_weights());
  ActivationIntervals intervals =
      calibrate<MinMaxObserver>(mlp, CalibrationSet(data.train), OutputPoint::after_relu, 100);
};
const Pretrained& pretrained() {
  static const Pretrained net;
  return net;
}

GroupMlp trained(int bits, Granularity granularity, ScaleFormat scales = ScaleFormat::float16) {
  return quantize_groups(pretrained().mlp, pretrained().intervals, {bits, granularity, scales});
}

// Widths that no group and no chunk divides.
GroupMlp random_net(Rng& rng, const GroupOptions& options) {
  Mlp mlp = make_mlp(std::vector<std::size_t>{45, 33, 9, 5}, rng);
  const ActivationIntervals intervals{{-0.5F, 2.0F}, {{0.0F, 1.0F}, {0.0F, 0.7F}, {-1.0F, 1.0F}}};
  return quantize_groups(mlp, intervals, options);
}

Matrix<float> run(const GroupMlp& net, u8s4::Multiply* multiply, const Matrix<float>& x) {
  PackedGroupMlp packed(net, multiply);
  auto y = make_tensor<float>({x.shape(0), packed.outputs()});
  packed.run(values(x), x.shape(0), values(y));
  return y;
}

bool same(const GroupWeight& a, const GroupWeight& b) {
  return a.q == b.q && a.scale == b.scale && a.group_size == b.group_size && a.bits == b.bits &&
         a.format == b.format;
}

}  // namespace

TEST_CASE("the trained net's logits are those of NumPy and PyTorch, every bit", "[ref]") {
  // tests/reference/ch17.py, nets(): the first 20 training digits
  const Matrix<float> x = CalibrationSet(pretrained().data.train).batch(0, 20);
  const struct {
    int bits;
    std::size_t group;
  } kNets[] = {{4, 128}, {4, 32}, {3, 64}, {2, 32}};
  for (const auto& [bits, group] : kNets) {
    INFO(bits << " bits, groups of " << group);
    const auto expected = load_reference<float, 2>("ch17/logits_b" + std::to_string(bits) + "_g" +
                                                   std::to_string(group));
    const GroupMlp net = trained(bits, groups_of(group));
    CHECK(difference(forward_ref(net, x), expected) == "");
    CHECK(difference(run(net, choose_u8s4(), x), expected) == "");
  }
}

TEST_CASE("by the kernels every net has the reference's logits", "[isa]") {
  Rng rng(1730);
  for (int bits : {2, 3, 4})
    for (Granularity granularity : {Granularity{}, Granularity{GranularityKind::per_channel, 0, 0},
                                    groups_of(8), groups_of(32), groups_of(100)})
      for (std::size_t rows : {1U, 2U, 6U}) {
        const GroupMlp net = random_net(rng, {bits, granularity, ScaleFormat::float16});
        auto x = make_tensor<float>({rows, 45});
        for (float& value : values(x)) value = static_cast<float>(rng.normal());
        const Matrix<float> expected = forward_ref(net, x);
        CHECK(difference(run(net, u8s4::multiply_plain, x), expected) == "");
        CHECK(difference(run(net, choose_u8s4(), x), expected) == "");
      }
}

TEST_CASE("one packed net runs batches of any size, one after the other", "[prop]") {
  Rng rng(1731);
  const GroupMlp net = random_net(rng, {});
  PackedGroupMlp packed(net);
  for (std::size_t rows : {7U, 1U, 4U, 0U, 96U, 97U, 200U, 9U}) {
    auto x = make_tensor<float>({rows, 45});
    for (float& value : values(x)) value = static_cast<float>(rng.normal());
    auto y = make_tensor<float>({rows, 5});
    packed.run(values(x), rows, values(y));
    CHECK(difference(y, forward_ref(net, x)) == "");
  }
  std::vector<float> x(90), y(10);
  CHECK_THROWS_AS(packed.run(std::span(x).first(89), 2, y), Error);
  CHECK_THROWS_AS(packed.run(x, 2, std::span(y).first(9)), Error);
}

TEST_CASE("activations have chapter 07's parameters", "[hand]") {
  const GroupMlp net = trained(4, groups_of(128));
  const auto& [input, outputs] = pretrained().intervals;
  CHECK(net.layers[0].input == choose_qparams(input.min, input.max, unsigned_range(8)));
  for (std::size_t i = 1; i < 3; ++i)
    CHECK(net.layers[i].input ==
          choose_qparams(outputs[i - 1].min, outputs[i - 1].max, unsigned_range(8)));
  ActivationIntervals bad = pretrained().intervals;
  bad.outputs.pop_back();
  CHECK_THROWS_AS(quantize_groups(pretrained().mlp, bad, {}), Error);
  bad = pretrained().intervals;
  bad.outputs[0].min = -1.0F;  // observed before the ReLU
  CHECK_THROWS_AS(quantize_groups(pretrained().mlp, bad, {}), Error);
  CHECK_THROWS_AS(PackedGroupMlp(GroupMlp{}), Error);
}

TEST_CASE("a net goes into a file and back, whatever its bits, groups and scales", "[prop]") {
  Rng rng(1732);
  for (int bits : {2, 3, 4, 8})
    for (Granularity granularity : {Granularity{}, Granularity{GranularityKind::per_channel, 0, 0},
                                    groups_of(7), groups_of(32)})
      for (ScaleFormat scales : {ScaleFormat::float16, ScaleFormat::float32}) {
        const GroupMlp net = random_net(rng, {bits, granularity, scales});
        const test::TemporaryFile file;
        save_group_mlp(file.path, net);
        const GroupMlp back = load_group_mlp(file.path);
        REQUIRE(back.layers.size() == net.layers.size());
        for (std::size_t i = 0; i < net.layers.size(); ++i) {
          CHECK(same(back.layers[i].weight, net.layers[i].weight));
          CHECK(back.layers[i].bias == net.layers[i].bias);
          CHECK(back.layers[i].input == net.layers[i].input);
        }
      }
}

TEST_CASE("bytes on disk: what the weights need, and little more", "[hand]") {
  const auto bytes = [](int bits, Granularity granularity, ScaleFormat scales) {
    const test::TemporaryFile file;
    const GroupMlp net = trained(bits, granularity, scales);
    const std::size_t size = save_group_mlp(file.path, net);
    CHECK(std::filesystem::file_size(file.path) == size);
    std::size_t needed = 4 * 210;  // the biases
    for (const GroupLayer& layer : net.layers) needed += stored_bytes(layer.weight);
    CHECK(size >= needed);
    CHECK(size <= needed + 800);  // names, shapes, the checksum
    return needed;
  };
  // 100 (392 + 7 * 2) + 100 (50 + 2) + 10 (50 + 2) + 840
  CHECK(bytes(4, groups_of(128), ScaleFormat::float16) == 40600 + 5200 + 520 + 840);
  CHECK(bytes(4, groups_of(128), ScaleFormat::float32) == 42000 + 5400 + 540 + 840);
  // 100 (294 + 25 * 2) + 110 (38 + 4 * 2) + 840
  CHECK(bytes(3, groups_of(32), ScaleFormat::float16) == 34400 + 5060 + 840);
  CHECK(bytes(2, {}, ScaleFormat::float16) == 19600 + 2500 + 250 + 6 + 840);
}

TEST_CASE("a broken file is refused", "[hand]") {
  Rng rng(1733);
  const test::TemporaryFile file;
  save_group_mlp(file.path, random_net(rng, {4, groups_of(32), ScaleFormat::float16}));
  const std::vector<std::byte> good = read_file(file.path);
  const auto load = [](const std::vector<std::byte>& bytes) {
    const test::TemporaryFile changed;
    write_file_atomically(changed.path,
                          {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return load_group_mlp(changed.path);
  };
  CHECK_NOTHROW(load(good));
  for (std::size_t i = 0; i < good.size(); i += 7) {
    std::vector<std::byte> bad = good;
    bad[i] ^= std::byte{4};
    CHECK_THROWS_AS(load(bad), Error);
  }
  const auto refused = [&](const std::string& name, const test::RecordChange& change) {
    INFO(name);
    CHECK_THROWS_AS(load(test::with_changed_record(good, name, change)), Error);
  };
  refused("w2.shape", test::element(0, std::int32_t{34}));  // layer 1 has 33 outputs
  refused("w1.shape", test::element(0, std::int32_t{43}));
  refused("w1.shape", test::element(0, std::int32_t{-45}));
  refused("w1.shape", test::element(1, std::int32_t{0}));
  refused("w1.shape", test::element(1, std::int32_t{64}));
  refused("w1.shape", test::element(2, std::int32_t{5}));
  refused("w2.shape", test::shape({4}));
  refused("w1.q", test::shape({33, 24}));
  refused("w1.q", test::shape({0, 23}));
  refused("w2.q", test::shape({8, 17}));
  refused("w2.scale", test::element(3, std::uint16_t{0}));       // 0
  refused("w2.scale", test::element(3, std::uint16_t{0xBC00}));  // -1
  refused("w2.scale", test::element(3, std::uint16_t{0x7C00}));  // infinity
  refused("w2.scale", test::element(3, std::uint16_t{0x7E00}));  // NaN
  refused("w2.scale", test::shape({17, 2}));
  refused("w2.scale", test::shape({1, 2}));
  refused("w2.scale", test::shape({9, 4}));
  refused("w3.bias", test::shape({4}));
  refused("w3.bias", test::element(2, std::numeric_limits<float>::quiet_NaN()));
  refused("w3.input", test::element(0, 0.0F));
  refused("w3.input", test::element(0, -1.0F));
  refused("w3.input", test::element(1, 256.0F));
  refused("w3.input", test::element(1, -1.0F));
  refused("w3.input", test::element(1, 0.5F));
  refused("w3.q", test::shape({5, 6}));
  refused("w2.bias", [](Record& record) { record.name = "w2.other"; });
}
