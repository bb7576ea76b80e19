#include "17_int4_weights/plumbing/group_file.hpp"

#include <algorithm>
#include <cmath>

#include "17_int4_weights/float16.hpp"
#include "17_int4_weights/pack_bits.hpp"
#include "common/print.hpp"
#include "common/records.hpp"

namespace qfs {
namespace {

constexpr const char* kAdvice = "make the file again";

std::string name_of_layer(std::size_t i) { return "w" + std::to_string(i + 1) + "."; }

Record packed_integers(const std::string& name, const GroupWeight& weight) {
  auto bytes =
      make_tensor<std::uint8_t>({weight.outputs(), packed_bytes(weight.inputs(), weight.bits)});
  for (std::size_t n = 0; n < weight.outputs(); ++n)
    pack_bits(row(weight.q, n), weight.bits, row(bytes, n));
  return to_record(name, bytes);
}

Record scales(const std::string& name, const GroupWeight& weight) {
  const std::span<const float> all = values(weight.scale);
  if (weight.format == ScaleFormat::float32) {
    auto reals = make_tensor<float>({all.size()});
    std::ranges::copy(all, values(reals).begin());
    return to_record(name, reals);
  }
  auto halves = make_tensor<std::uint8_t>({all.size(), 2});
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::uint16_t half = to_float16(all[i]);
    halves(i, 0) = static_cast<std::uint8_t>(half);
    halves(i, 1) = static_cast<std::uint8_t>(half >> 8);
  }
  return to_record(name, halves);
}

std::vector<float> read_scales(const std::vector<Record>& records, const std::string& name,
                               ScaleFormat& format) {
  const auto record = std::ranges::find(records, name, &Record::name);
  format = record != records.end() && record->dtype == DType::u8 ? ScaleFormat::float16
                                                                 : ScaleFormat::float32;
  if (format == ScaleFormat::float32) {
    const auto reals = from_record<float, 1>(records, name);
    return {reals.begin(), reals.end()};
  }
  const auto halves = from_record<std::uint8_t, 2>(records, name);
  require(halves.shape(1) == 2, name + ": a float16 has two bytes", halves.shape(1), 2, kAdvice);
  std::vector<float> reals;
  for (std::size_t i = 0; i < halves.shape(0); ++i)
    reals.push_back(from_float16(static_cast<std::uint16_t>(halves(i, 0) | halves(i, 1) << 8)));
  return reals;
}

GroupWeight read_weight(const std::vector<Record>& records, const std::string& layer) {
  const auto shape = from_record<std::int32_t, 1>(records, layer + "shape");
  require(shape.size() == 3 && shape(0) > 0 && shape(1) > 0, layer + "shape is none",
          list_text(values(shape)), "inputs, group size, bits", kAdvice);
  GroupWeight weight{.group_size = static_cast<std::size_t>(shape(1)), .bits = shape(2)};
  require_weight_bits(weight.bits);
  const auto inputs = static_cast<std::size_t>(shape(0));
  const auto bytes = from_record<std::uint8_t, 2>(records, layer + "q");
  require(bytes.shape(1) == packed_bytes(inputs, weight.bits), layer + "q has other rows",
          bytes.shape(1), packed_bytes(inputs, weight.bits), kAdvice);
  weight.q = make_tensor<std::int8_t>({bytes.shape(0), inputs});
  for (std::size_t n = 0; n < weight.outputs(); ++n)
    unpack_bits(row(bytes, n), weight.bits, row(weight.q, n));
  const std::vector<float> scale = read_scales(records, layer + "scale", weight.format);
  const std::size_t groups = weight.groups();
  const bool one = scale.size() == 1;
  require(one || scale.size() == weight.outputs() * groups,
          layer + "scale has another number than of groups", scale.size(),
          weight.outputs() * groups, kAdvice);
  weight.scale = make_tensor<float>({one ? 1 : weight.outputs(), one ? 1 : groups});
  std::ranges::copy(scale, values(weight.scale).begin());
  require_valid(weight, layer + "q");
  return weight;
}

}  // namespace

std::size_t save_group_mlp(const std::string& path, const GroupMlp& net) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const GroupLayer& layer = net.layers[i];
    const std::string name = name_of_layer(i);
    require_valid(layer.weight, name + "q");
    auto shape = make_tensor<std::int32_t>({3});
    shape(0) = static_cast<std::int32_t>(layer.weight.inputs());
    shape(1) = static_cast<std::int32_t>(layer.weight.group_size);
    shape(2) = layer.weight.bits;
    auto input = make_tensor<float>({2});
    input(0) = layer.input.scale;
    input(1) = static_cast<float>(layer.input.zero_point);
    records.push_back(to_record(name + "shape", shape));
    records.push_back(packed_integers(name + "q", layer.weight));
    records.push_back(scales(name + "scale", layer.weight));
    records.push_back(to_record(name + "bias", layer.bias));
    records.push_back(to_record(name + "input", input));
  }
  return save_container(path, records);
}

GroupMlp load_group_mlp(const std::string& path) {
  const std::vector<Record> records = load_container(path);
  GroupMlp net;
  for (std::size_t i = 0; i * 5 < std::max<std::size_t>(records.size(), 1); ++i) {
    const std::string name = name_of_layer(i);
    GroupLayer layer{.weight = read_weight(records, name),
                     .bias = from_record<float, 1>(records, name + "bias")};
    const auto input = from_record<float, 1>(records, name + "input");
    require(input.size() == 2 && std::isnormal(input(0)) && input(0) > 0.0F && input(1) >= 0.0F &&
                input(1) <= 255.0F && std::nearbyint(input(1)) == input(1),
            name + "input is no pair of parameters", input.size(),
            "a positive scale, a zero point 0 to 255", kAdvice);
    layer.input = {input(0), static_cast<std::int32_t>(input(1))};
    require(layer.bias.size() == layer.weight.outputs(), name + "bias: one per output",
            layer.bias.size(), layer.weight.outputs(), kAdvice);
    require(std::ranges::all_of(values(layer.bias), [](float b) { return std::isfinite(b); }),
            name + "bias is not finite", "NaN or infinity", "finite numbers", kAdvice);
    require(i == 0 || net.layers[i - 1].weight.outputs() == layer.weight.inputs(),
            name + "q does not follow the layer before it", layer.weight.inputs(),
            i == 0 ? 0 : net.layers[i - 1].weight.outputs(), kAdvice);
    net.layers.push_back(std::move(layer));
  }
  return net;
}

}  // namespace qfs
