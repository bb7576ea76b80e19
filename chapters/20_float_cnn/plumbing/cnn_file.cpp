#include "20_float_cnn/plumbing/cnn_file.hpp"

#include <cmath>
#include <cstring>

#include "common/container_file.hpp"
#include "common/dataset.hpp"
#include "common/npy.hpp"

namespace qfs {
namespace {

constexpr const char* kAdvice = "make the file again, or pass the net that it was made of";

// The parameters and the running statistics, by reference.
struct Named {
  std::string name;
  std::vector<std::size_t> shape;
  std::span<float> numbers;
};

std::vector<Named> all_numbers(Cnn& cnn) {
  std::vector<Named> all;
  for (const ParamView& param : parameters(cnn))
    all.push_back({param.name, param.shape, param.values});
  for (std::size_t i = 0; i < cnn.norms.size(); ++i) {
    const std::string name = "norm" + std::to_string(i + 1);
    BatchNorm& norm = cnn.norms[i];
    all.push_back({name + "_mean", {norm.channels()}, values(norm.running_mean)});
    all.push_back({name + "_variance", {norm.channels()}, values(norm.running_variance)});
  }
  return all;
}

std::string window_text(const Window& window) {
  return std::to_string(window.height) + " x " + std::to_string(window.width) + " stride " +
         std::to_string(window.stride) + " padding " + std::to_string(window.padding);
}

std::string layer_text(const Cnn& cnn, const CnnLayer& layer) {
  std::string text = std::to_string(layer.output) + " = " + std::string(name_of(layer.kind)) + "(" +
                     std::to_string(layer.inputs[0]);
  if (layer.inputs.size() > 1) text += ", " + std::to_string(layer.inputs[1]);
  text += ")";
  if (layer.kind == LayerKind::conv2d) {
    const Conv2d& conv = cnn.convs[layer.index];
    text += " " + window_text(conv.window);
    if (conv.groups > 1) text += " groups " + std::to_string(conv.groups);
    if (conv.bias.size() > 0) text += " bias";
  }
  if (layer.kind == LayerKind::max_pool || layer.kind == LayerKind::average_pool)
    text += " " + window_text(layer.window);
  return text + ": " + shape_text(cnn.tensors[layer.output]);
}

void require_possible(const std::string& path, const Named& to) {
  const bool variance = to.name.ends_with("_variance");
  for (const float number : to.numbers)
    require(
        std::isfinite(number) && !(variance && number < 0.0F),
        [&] { return path + ": '" + to.name + "' holds a number that cannot be"; }, number,
        variance ? "a finite number, 0 or more" : "a finite number", kAdvice);
}

void read_record(const std::vector<Record>& records, const std::string& path, const Named& to) {
  const Record& record = find_record(records, to.name, DType::f32, to.shape.size());
  require(
      record.dims == to.shape, [&] { return path + ": '" + to.name + "' has another shape"; },
      [&] { return shape_text(record.dims); }, [&] { return shape_text(to.shape); }, kAdvice);
  std::memcpy(to.numbers.data(), record.bytes.data(), record.bytes.size());
  require_possible(path, to);
}

}  // namespace

std::string describe(const Cnn& cnn) {
  std::string text = "0 = input: " + shape_text(cnn.input()) + "\n";
  for (const CnnLayer& layer : cnn.layers) text += layer_text(cnn, layer) + "\n";
  return text;
}

std::size_t save_cnn(const Cnn& cnn, const std::string& path) {
  const std::string layers = describe(cnn);
  const auto text = std::as_bytes(std::span(layers));
  std::vector<Record> records{{"layers", DType::u8, {layers.size()}, {text.begin(), text.end()}}};
  Cnn copy = cnn;  // views may change what they show
  for (const Named& named : all_numbers(copy)) {
    const auto bytes = std::as_bytes(named.numbers);
    records.push_back({named.name, DType::f32, named.shape, {bytes.begin(), bytes.end()}});
  }
  return save_container(path, records);
}

Cnn load_cnn(const std::string& path, Cnn cnn) {
  const std::vector<Record> records = load_container(path);
  const Record& layers = find_record(records, "layers", DType::u8, 1);
  const std::string expected = describe(cnn);
  const std::string got(reinterpret_cast<const char*>(layers.bytes.data()), layers.bytes.size());
  const std::vector<Named> numbers = all_numbers(cnn);
  require(got == expected, path + " is of another net", got, expected, kAdvice);
  require(records.size() == numbers.size() + 1, path + " holds another number of records",
          records.size(), numbers.size() + 1, kAdvice);
  for (const Named& named : numbers) read_record(records, path, named);
  return cnn;
}

Cnn load_cnn_npy(const std::string& directory, Cnn cnn) {
  for (const Named& named : all_numbers(cnn)) {
    const std::string path = directory + "/" + named.name + ".npy";
    const FloatArray array = load_npy_float(path);
    require(
        array.shape == named.shape, path + " has another shape", shape_text(array.shape),
        [&] { return shape_text(named.shape); }, kAdvice);
    std::ranges::copy(array.values, named.numbers.begin());
    require_possible(path, named);
  }
  return cnn;
}

std::string cnn_path(const std::string& name) { return datasets_dir() + "/cnn/" + name + ".qfs"; }

Cnn load_committed_cnn(const std::string& name, Cnn cnn) {
  return with_advice(restore_advice("cnn", "the trained nets"),
                     [&] { return load_cnn(cnn_path(name), std::move(cnn)); });
}

}  // namespace qfs
