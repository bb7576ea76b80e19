#include "06_static_ptq/model_file.hpp"

#include <filesystem>

#include "06_static_ptq/records.hpp"
#include "common/bytes.hpp"

namespace qfs {
namespace {

// Scale, zero point and range of the input and of every output.
struct Activations {
  Vector<float> scale;
  Vector<std::int32_t> zero_point;
  Matrix<std::int32_t> range;

  QuantParams params(std::size_t i) const { return {scale(i), zero_point(i)}; }
  QuantRange range_of(std::size_t i) const { return {range(i, 0), range(i, 1)}; }
  void set(std::size_t i, QuantParams p, QuantRange r) {
    scale(i) = p.scale;
    zero_point(i) = p.zero_point;
    range(i, 0) = r.qmin;
    range(i, 1) = r.qmax;
  }
};

Activations load_activations(const std::vector<Record>& records, std::size_t layers,
                             const std::string& name) {
  Activations all{from_record<float, 1>(records, "scale"),
                  from_record<std::int32_t, 1>(records, "zero_point"),
                  from_record<std::int32_t, 2>(records, "range")};
  const std::size_t count = layers + 1;
  require(all.scale.size() == count && all.zero_point.size() == count &&
              all.range.shape(0) == count && all.range.shape(1) == 2,
          name + ": one scale, zero point and range for the input and for every layer",
          all.scale.size(), count, "make the file again");
  return all;
}

}  // namespace

std::size_t save_model(const std::string& path, const QuantizedMlp& net) {
  require_valid(net);
  const std::size_t count = net.layers.size() + 1;
  Activations all{make_tensor<float>({count}), make_tensor<std::int32_t>({count}),
                  make_tensor<std::int32_t>({count, 2})};
  all.set(0, net.input, net.input_range);
  for (std::size_t i = 1; i < count; ++i)
    all.set(i, net.layers[i - 1].output, net.layers[i - 1].output_range);
  auto mlp = make_tensor<std::int32_t>({2});
  mlp(0) = static_cast<std::int32_t>(net.layers.size());
  mlp(1) = net.fused ? 1 : 0;
  std::vector<Record> records = {to_record("mlp", mlp), to_record("scale", all.scale),
                                 to_record("zero_point", all.zero_point),
                                 to_record("range", all.range)};
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const QuantizedLinear& layer = net.layers[i];
    records.push_back(to_record(record_name(i, "weight"), layer.weight));
    records.push_back(to_record(record_name(i, "scale"), layer.weight_scale));
    records.push_back(to_record(record_name(i, "bias"), layer.bias));
  }
  save_container(path, records);
  return static_cast<std::size_t>(std::filesystem::file_size(path));
}

QuantizedMlp load_model(const std::string& path) { return parse_model(read_file(path), path); }

// [parse_model]
QuantizedMlp parse_model(std::span<const std::byte> file, const std::string& name) {
  const std::vector<Record> records = parse_container(file, name);
  const auto mlp = from_record<std::int32_t, 1>(records, "mlp");
  require(mlp.size() == 2 && mlp(0) >= 1 && mlp(0) <= kMaxLayers && (mlp(1) == 0 || mlp(1) == 1),
          name + ": not a net of this course", shape_text(mlp),
          "1 to 1000 layers, and 0 or 1 for fused", "make the file again");
  const auto layers = static_cast<std::size_t>(mlp(0));
  const Activations all = load_activations(records, layers, name);
  QuantizedMlp net{.input = all.params(0), .input_range = all.range_of(0), .fused = mlp(1) == 1};
  for (std::size_t i = 0; i < layers; ++i) {
    QuantizedLinear layer{.input = all.params(i),
                          .input_range = all.range_of(i),
                          .output = all.params(i + 1),
                          .output_range = all.range_of(i + 1)};
    layer.weight = from_record<std::int8_t, 2>(records, record_name(i, "weight"));
    layer.weight_scale = from_record<float, 1>(records, record_name(i, "scale"));
    layer.bias = from_record<std::int32_t, 1>(records, record_name(i, "bias"));
    layer.multiplier = output_multipliers(layer);
    net.layers.push_back(std::move(layer));
  }
  pack(net);  // throws where a layer is not valid, does not fit its neighbour, or may overflow
  return net;
}
// [/parse_model]

}  // namespace qfs
