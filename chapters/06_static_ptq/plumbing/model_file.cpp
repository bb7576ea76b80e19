#include "06_static_ptq/plumbing/model_file.hpp"

#include <algorithm>
#include <filesystem>

#include "common/bytes.hpp"
#include "common/records.hpp"

namespace qfs {
namespace {

constexpr const char* kAdvice = "make the file again";

// Numbers that are written one after the other.
class Writer {
 public:
  void add(std::size_t number) { add(static_cast<std::int32_t>(number)); }
  void add(std::int32_t number) { numbers_.push_back(number); }
  Record record(const std::string& name, std::vector<std::size_t> dims = {}) const {
    const auto bytes = std::as_bytes(std::span(numbers_));
    if (dims.empty()) dims = {numbers_.size()};
    return {name, DType::s32, std::move(dims), {bytes.begin(), bytes.end()}};
  }

 private:
  std::vector<std::int32_t> numbers_;
};

// Numbers that are read one after the other; Error where there are too few, or one is negative.
class Reader {
 public:
  Reader(Vector<std::int32_t> numbers, std::string name)
      : numbers_(std::move(numbers)), name_(std::move(name)) {}
  std::size_t next() {
    require(at_ < numbers_.size() && numbers_(at_) >= 0, name_ + ": too few numbers, or negative",
            at_, "one for every axis or input", kAdvice);
    return static_cast<std::size_t>(numbers_(at_++));
  }
  bool at_end() const { return at_ == numbers_.size(); }

 private:
  Vector<std::int32_t> numbers_;
  std::string name_;
  std::size_t at_ = 0;
};

std::string weights_name(std::size_t i) { return "w" + std::to_string(i + 1) + "."; }

void write_tensors(const QuantizedNet& net, std::vector<Record>& records) {
  Writer tensors, shapes;
  auto scales = make_tensor<float>({net.tensors.size()});
  for (std::size_t t = 0; t < net.tensors.size(); ++t) {
    const TensorSpec& tensor = net.tensors[t];
    tensors.add(static_cast<std::int32_t>(tensor.type));
    tensors.add(tensor.shape.size());
    for (std::int32_t number : {tensor.params.zero_point, tensor.range.qmin, tensor.range.qmax})
      tensors.add(number);
    for (std::size_t extent : tensor.shape) shapes.add(extent);
    scales(t) = tensor.params.scale;
  }
  records.push_back(tensors.record("tensors", {net.tensors.size(), 5}));
  records.push_back(shapes.record("shapes"));
  records.push_back(to_record("scales", scales));
}

void write_operations(const QuantizedNet& net, std::vector<Record>& records) {
  Writer operations, inputs;
  std::string kinds;
  for (const Operation& operation : net.operations) {
    kinds += operation.kind + "\n";
    operations.add(operation.inputs.size());
    operations.add(operation.output);
    operations.add(operation.weights ? static_cast<std::int32_t>(*operation.weights) : -1);
    for (std::size_t input : operation.inputs) inputs.add(input);
  }
  const auto text = std::as_bytes(std::span(kinds));
  records.push_back({"kinds", DType::u8, {kinds.size()}, {text.begin(), text.end()}});
  records.push_back(operations.record("operations", {net.operations.size(), 3}));
  records.push_back(inputs.record("inputs"));
  for (std::size_t p = 0; p < net.operations.size(); ++p)
    for (const auto& [name, numbers] : net.operations[p].attributes) {
      Writer attribute;
      for (std::int32_t number : numbers) attribute.add(number);
      records.push_back(attribute.record(std::to_string(p + 1) + "." + name));
    }
}

void write_weights(const QuantizedNet& net, std::vector<Record>& records) {
  for (std::size_t i = 0; i < net.weights.size(); ++i) {
    const Weights& weights = net.weights[i];
    records.push_back(to_record(weights_name(i) + "q", weights.weight.q));
    records.push_back(to_record(weights_name(i) + "scale", weights.weight.scale));
    if (weights.bias.size() > 0)
      records.push_back(to_record(weights_name(i) + "bias", weights.bias));
    if (weights.real_bias.size() > 0)
      records.push_back(to_record(weights_name(i) + "real_bias", weights.real_bias));
  }
}

bool has_record(const std::vector<Record>& records, const std::string& name) {
  return std::ranges::find(records, name, &Record::name) != records.end();
}

DType type_from(std::int32_t number) {
  for (DType type : {DType::u8, DType::f32})
    if (static_cast<std::int32_t>(type) == number) return type;
  fail("a tensor has no type that activations have", std::to_string(number), "1 (u8) or 5 (f32)",
       kAdvice);
}

void read_tensors(const std::vector<Record>& records, QuantizedNet& net) {
  const auto tensors = from_record<std::int32_t, 2>(records, "tensors");
  const auto scales = from_record<float, 1>(records, "scales");
  Reader shapes(from_record<std::int32_t, 1>(records, "shapes"), "shapes");
  require(tensors.shape(1) == 5 && scales.size() == tensors.shape(0),
          "one scale and five numbers for every tensor", shape_text(tensors),
          std::to_string(scales.size()) + " x 5", kAdvice);
  for (std::size_t t = 0; t < scales.size(); ++t) {
    TensorSpec tensor{.shape = {},
                      .type = type_from(tensors(t, 0)),
                      .params = {scales(t), tensors(t, 2)},
                      .range = {tensors(t, 3), tensors(t, 4)}};
    for (std::int32_t d = 0; d < tensors(t, 1); ++d) tensor.shape.push_back(shapes.next());
    net.tensors.push_back(std::move(tensor));
  }
  require(shapes.at_end(), "shapes: more numbers than axes", "", "one for every axis", kAdvice);
}

std::vector<std::string> read_kinds(const std::vector<Record>& records) {
  const auto text = from_record<std::uint8_t, 1>(records, "kinds");
  std::vector<std::string> kinds(1);
  for (std::uint8_t letter : values(text))
    if (letter == '\n')
      kinds.emplace_back();
    else
      kinds.back() += static_cast<char>(letter);
  require(kinds.back().empty(), "kinds: the last line does not end", kinds.back(),
          "a line for every operation", kAdvice);
  kinds.pop_back();  // what follows the last line
  return kinds;
}

void read_operations(const std::vector<Record>& records, QuantizedNet& net) {
  const std::vector<std::string> kinds = read_kinds(records);
  const auto operations = from_record<std::int32_t, 2>(records, "operations");
  Reader inputs(from_record<std::int32_t, 1>(records, "inputs"), "inputs");
  require(operations.shape(1) == 3 && operations.shape(0) == kinds.size(),
          "one kind and three numbers for every operation", shape_text(operations),
          std::to_string(kinds.size()) + " x 3", kAdvice);
  for (std::size_t p = 0; p < kinds.size(); ++p) {
    Operation operation{.kind = kinds[p], .inputs = {}};
    for (std::int32_t i = 0; i < operations(p, 0); ++i) operation.inputs.push_back(inputs.next());
    operation.output = static_cast<std::size_t>(operations(p, 1));
    if (operations(p, 2) != -1) operation.weights = static_cast<std::size_t>(operations(p, 2));
    net.operations.push_back(std::move(operation));
  }
  require(inputs.at_end(), "inputs: more numbers than operations read", "",
          "one for every input of every operation", kAdvice);
}

// Records called NUMBER.NAME are attributes of operation NUMBER.
void read_attributes(const std::vector<Record>& records, QuantizedNet& net) {
  for (std::size_t p = 0; p < net.operations.size(); ++p) {
    const std::string start = std::to_string(p + 1) + ".";
    for (const Record& record : records) {
      if (!record.name.starts_with(start)) continue;
      const auto numbers = from_record<std::int32_t, 1>(records, record.name);
      net.operations[p].attributes[record.name.substr(start.size())] = {numbers.begin(),
                                                                        numbers.end()};
    }
  }
}

void read_weights(const std::vector<Record>& records, QuantizedNet& net) {
  for (std::size_t i = 0; has_record(records, weights_name(i) + "q"); ++i) {
    const std::string name = weights_name(i);
    Weights weights;
    weights.weight = {from_record<std::int8_t, 2>(records, name + "q"),
                      from_record<float, 1>(records, name + "scale")};
    if (has_record(records, name + "bias"))
      weights.bias = from_record<std::int32_t, 1>(records, name + "bias");
    if (has_record(records, name + "real_bias"))
      weights.real_bias = from_record<float, 1>(records, name + "real_bias");
    net.weights.push_back(std::move(weights));
  }
}

}  // namespace

std::size_t save_model(const std::string& path, const QuantizedNet& net,
                       std::span<const OperationKind> table) {
  pack(net, ref_backend(), table);  // throws where the net could not run
  std::vector<Record> records;
  write_tensors(net, records);
  write_operations(net, records);
  write_weights(net, records);
  return save_container(path, records);
}

QuantizedNet load_model(const std::string& path, std::span<const OperationKind> table) {
  return parse_model(read_file(path), path, table);
}

QuantizedNet parse_model(std::span<const std::byte> file, const std::string& name,
                         std::span<const OperationKind> table) {
  const std::vector<Record> records = parse_container(file, name);
  QuantizedNet net;
  read_tensors(records, net);
  read_operations(records, net);
  read_attributes(records, net);
  read_weights(records, net);
  pack(net, ref_backend(), table);  // throws where it could not run
  return net;
}

}  // namespace qfs
