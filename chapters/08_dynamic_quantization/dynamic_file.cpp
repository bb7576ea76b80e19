#include "08_dynamic_quantization/dynamic_file.hpp"

#include <filesystem>

#include "06_static_ptq/model_file.hpp"
#include "06_static_ptq/records.hpp"
#include "common/bytes.hpp"

namespace qfs {
std::size_t save_dynamic(const std::string& path, const DynamicMlp& net) {
  pack(net);  // throws where the net could not run
  auto mlp = make_tensor<std::int32_t>({3});
  mlp(0) = static_cast<std::int32_t>(net.layers.size());
  mlp(1) = net.activations.qmin;
  mlp(2) = net.activations.qmax;
  std::vector<Record> records = {to_record("dynamic_mlp", mlp)};
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const DynamicLinear& layer = net.layers[i];
    records.push_back(to_record(record_name(i, "weight"), layer.weight));
    records.push_back(to_record(record_name(i, "scale"), layer.weight_scale));
    records.push_back(to_record(record_name(i, "bias"), layer.bias));
  }
  save_container(path, records);
  return static_cast<std::size_t>(std::filesystem::file_size(path));
}

DynamicMlp load_dynamic(const std::string& path) { return parse_dynamic(read_file(path), path); }

DynamicMlp parse_dynamic(std::span<const std::byte> file, const std::string& name) {
  const std::vector<Record> records = parse_container(file, name);
  const auto mlp = from_record<std::int32_t, 1>(records, "dynamic_mlp");
  require(mlp.size() == 3 && mlp(0) >= 1 && mlp(0) <= kMaxLayers,
          name + ": not a net with dynamic quantization", shape_text(mlp),
          "1 to 1000 layers, qmin, qmax", "make the file again");
  DynamicMlp net{.activations = {mlp(1), mlp(2)}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(mlp(0)); ++i)
    net.layers.push_back({from_record<std::int8_t, 2>(records, record_name(i, "weight")),
                          from_record<float, 1>(records, record_name(i, "scale")),
                          from_record<float, 1>(records, record_name(i, "bias"))});
  pack(net);  // throws where a layer is not valid, does not fit its neighbour, or may overflow
  return net;
}

}  // namespace qfs
