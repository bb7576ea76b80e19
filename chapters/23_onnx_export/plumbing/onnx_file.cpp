#include "23_onnx_export/plumbing/onnx_file.hpp"

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <bit>
#include <cstring>

#include "common/bytes.hpp"

namespace qfs {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they stand");

constexpr const char* kAdvice = "export the model again, with its weights inside";
constexpr std::size_t kMaxRank = 8;

// The types of both worlds.
struct TypePair {
  DType ours;
  onnx::TensorProto::DataType theirs;
};
constexpr TypePair kTypes[] = {
    {DType::u8, onnx::TensorProto::UINT8},  {DType::s8, onnx::TensorProto::INT8},
    {DType::s32, onnx::TensorProto::INT32}, {DType::s64, onnx::TensorProto::INT64},
    {DType::f32, onnx::TensorProto::FLOAT}, {DType::f64, onnx::TensorProto::DOUBLE}};

onnx::TensorProto::DataType theirs(DType type) {
  for (const TypePair& pair : kTypes)
    if (pair.ours == type) return pair.theirs;
  fail("a type that ONNX has not", to_message(static_cast<int>(type)), "a DType", kAdvice);
}

DType ours(int type, const std::string& what) {
  for (const TypePair& pair : kTypes)
    if (pair.theirs == type) return pair.ours;
  fail(what + " has a type that we do not read",
       onnx::TensorProto::DataType_IsValid(type)
           ? onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(type))
           : std::to_string(type),
       "UINT8, INT8, INT32, INT64, FLOAT or DOUBLE", kAdvice);
}

void write_tensor(const Record& record, onnx::TensorProto& tensor) {
  tensor.set_name(record.name);
  tensor.set_data_type(theirs(record.dtype));
  for (const std::size_t extent : record.dims) tensor.add_dims(static_cast<std::int64_t>(extent));
  tensor.set_raw_data(record.bytes.data(), record.bytes.size());
}

struct WriteAttribute {
  onnx::AttributeProto& to;
  void operator()(std::int64_t value) const {
    to.set_type(onnx::AttributeProto::INT);
    to.set_i(value);
  }
  void operator()(float value) const {
    to.set_type(onnx::AttributeProto::FLOAT);
    to.set_f(value);
  }
  void operator()(const std::string& value) const {
    to.set_type(onnx::AttributeProto::STRING);
    to.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    to.set_type(onnx::AttributeProto::INTS);
    to.mutable_ints()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<float>& values) const {
    to.set_type(onnx::AttributeProto::FLOATS);
    to.mutable_floats()->Add(values.begin(), values.end());
  }
  void operator()(const Record& value) const {
    to.set_type(onnx::AttributeProto::TENSOR);
    write_tensor(value, *to.mutable_t());
  }
};

void write_node(const OnnxNode& node, onnx::NodeProto& to) {
  to.set_name(node.name);
  to.set_op_type(node.op);
  to.set_domain(node.domain);
  for (const std::string& input : node.inputs) to.add_input(input);
  for (const std::string& output : node.outputs) to.add_output(output);
  for (const auto& [name, value] : node.attributes) {
    onnx::AttributeProto& attribute = *to.add_attribute();
    attribute.set_name(name);
    std::visit(WriteAttribute{attribute}, value);
  }
}

void write_value(const OnnxValue& value, onnx::ValueInfoProto& to) {
  to.set_name(value.name);
  onnx::TypeProto::Tensor& tensor = *to.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(theirs(value.type));
  onnx::TensorShapeProto& shape = *tensor.mutable_shape();  // there, even of a scalar
  for (const std::optional<std::size_t>& extent : value.dims) {
    onnx::TensorShapeProto::Dimension& dim = *shape.add_dim();
    if (extent)
      dim.set_dim_value(static_cast<std::int64_t>(*extent));
    else
      dim.set_dim_param("batch");
  }
}

onnx::ModelProto proto_of(const OnnxModel& model) {
  onnx::ModelProto proto;
  proto.set_ir_version(model.ir_version);
  proto.set_producer_name("quantization from scratch");
  for (const auto& [domain, version] : model.opsets) {
    onnx::OperatorSetIdProto& opset = *proto.add_opset_import();
    opset.set_domain(domain);
    opset.set_version(version);
  }
  onnx::GraphProto& graph = *proto.mutable_graph();
  graph.set_name("net");
  for (const OnnxNode& node : model.nodes) write_node(node, *graph.add_node());
  for (const Record& tensor : model.initializers) write_tensor(tensor, *graph.add_initializer());
  for (const OnnxValue& value : model.inputs) write_value(value, *graph.add_input());
  for (const OnnxValue& value : model.outputs) write_value(value, *graph.add_output());
  return proto;
}

// A protocol buffer may hold a tensor's elements as a list of its own for every type; those of 8
// bits as a list of 32-bit numbers, each of which must fit.
template <class T, class List>
std::vector<std::byte> bytes_of(const List& list, const std::string& what) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(list.size()) * sizeof(T));
  std::byte* to = bytes.data();
  for (const auto element : list) {
    const T value = static_cast<T>(element);
    if constexpr (!std::same_as<T, std::remove_const_t<decltype(element)>>)
      require(value == element, what + " has an element that its type does not hold", element,
              "one of its type", kAdvice);
    std::memcpy(to, &value, sizeof value);
    to += sizeof value;
  }
  return bytes;
}

std::vector<std::byte> elements_of(const onnx::TensorProto& tensor, DType type,
                                   const std::string& what) {
  if (tensor.has_raw_data()) {
    const auto raw = std::as_bytes(std::span<const char>(tensor.raw_data()));
    return {raw.begin(), raw.end()};
  }
  switch (type) {
    case DType::u8:
      return bytes_of<std::uint8_t>(tensor.int32_data(), what);
    case DType::s8:
      return bytes_of<std::int8_t>(tensor.int32_data(), what);
    case DType::s32:
      return bytes_of<std::int32_t>(tensor.int32_data(), what);
    case DType::s64:
      return bytes_of<std::int64_t>(tensor.int64_data(), what);
    case DType::f32:
      return bytes_of<float>(tensor.float_data(), what);
    case DType::f64:
      return bytes_of<double>(tensor.double_data(), what);
  }
  return {};
}

std::vector<std::size_t> extents_of(const onnx::TensorProto& tensor, const std::string& what) {
  require(static_cast<std::size_t>(tensor.dims_size()) <= kMaxRank, what + " has too many extents",
          tensor.dims_size(), kMaxRank, kAdvice);
  std::vector<std::size_t> dims;
  for (const std::int64_t extent : tensor.dims()) {
    require(extent >= 0, what + " has an extent below 0", extent, "0 or more", kAdvice);
    dims.push_back(static_cast<std::size_t>(extent));
  }
  return dims;
}

Record read_tensor(const onnx::TensorProto& tensor, const std::string& file) {
  const std::string what = file + ": tensor " + in_quotes(tensor.name());
  require(tensor.data_location() != onnx::TensorProto::EXTERNAL && tensor.external_data_size() == 0,
          what + " lies in another file", "external data", "its elements in this file", kAdvice);
  const DType type = ours(tensor.data_type(), what);
  Record record{tensor.name(), type, extents_of(tensor, what), {}};
  std::size_t expected = size_of(record.dtype);
  bool overflow = false;
  for (const std::size_t extent : record.dims)
    overflow |= __builtin_mul_overflow(expected, extent, &expected);
  record.bytes = elements_of(tensor, record.dtype, what);
  require(!overflow && record.bytes.size() == expected, what + ": its elements do not fill it",
          std::to_string(record.bytes.size()) + " bytes", shape_text(record.dims), kAdvice);
  return record;
}

OnnxAttribute read_attribute(const onnx::AttributeProto& attribute, const std::string& file) {
  switch (attribute.type()) {
    case onnx::AttributeProto::INT:
      return std::int64_t{attribute.i()};
    case onnx::AttributeProto::FLOAT:
      return attribute.f();
    case onnx::AttributeProto::STRING:
      return attribute.s();
    case onnx::AttributeProto::INTS:
      return std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end());
    case onnx::AttributeProto::FLOATS:
      return std::vector<float>(attribute.floats().begin(), attribute.floats().end());
    case onnx::AttributeProto::TENSOR:
      return read_tensor(attribute.t(), file);
    default:
      fail(file + ": attribute " + in_quotes(attribute.name()) + " has a type that we do not read",
           std::to_string(attribute.type()), "numbers, a text or a tensor", kAdvice);
  }
}

// "ai.onnx" is the long name of the domain whose short name is empty.
std::string short_domain(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

OnnxNode read_node(const onnx::NodeProto& from, const std::string& file) {
  OnnxNode node{.op = from.op_type(),
                .inputs = {from.input().begin(), from.input().end()},
                .outputs = {from.output().begin(), from.output().end()},
                .domain = short_domain(from.domain()),
                .name = from.name()};
  for (const onnx::AttributeProto& attribute : from.attribute())
    require(node.attributes.emplace(attribute.name(), read_attribute(attribute, file)).second,
            file + ": attribute " + in_quotes(attribute.name()) + " stands twice in a node",
            in_quotes(node.name), "each once", kAdvice);
  return node;
}

OnnxValue read_value(const onnx::ValueInfoProto& from, const std::string& file) {
  const std::string what = file + ": input or output " + in_quotes(from.name());
  require(from.type().has_tensor_type(), what + " is no tensor", "another type", "a tensor",
          kAdvice);
  const onnx::TypeProto::Tensor& tensor = from.type().tensor_type();
  const DType type = ours(tensor.elem_type(), what);
  OnnxValue value{from.name(), type, {}};
  require(static_cast<std::size_t>(tensor.shape().dim_size()) <= kMaxRank,
          what + " has too many extents", tensor.shape().dim_size(), kMaxRank, kAdvice);
  for (const onnx::TensorShapeProto::Dimension& dim : tensor.shape().dim()) {
    require(!dim.has_dim_value() || dim.dim_value() >= 0, what + " has an extent below 0",
            dim.dim_value(), "0 or more", kAdvice);
    value.dims.push_back(dim.has_dim_value()
                             ? std::optional(static_cast<std::size_t>(dim.dim_value()))
                             : std::nullopt);
  }
  return value;
}

onnx::ModelProto parse(std::span<const std::byte> file, const std::string& name) {
  onnx::ModelProto proto;
  require(!file.empty() && file.size() <= kMaxFileBytes &&
              proto.ParseFromArray(file.data(), static_cast<int>(file.size())) &&
              proto.has_graph() && proto.opset_import_size() > 0,
          name + " is no ONNX model, or is cut off", std::to_string(file.size()) + " bytes",
          "a model with a graph and the version of its operators", kAdvice);
  return proto;
}

}  // namespace

std::string onnx_bytes(const OnnxModel& model) {
  std::string bytes;
  require(proto_of(model).SerializeToString(&bytes), "protocol buffers refuse the model",
          "more than 2 GB", "less", "split the model");
  return bytes;
}

std::size_t save_onnx(const std::string& path, const OnnxModel& model) {
  const std::string bytes = onnx_bytes(model);
  write_file_atomically(path, bytes);
  return bytes.size();
}

OnnxModel parse_onnx(std::span<const std::byte> file, const std::string& name) {
  const onnx::ModelProto proto = parse(file, name);
  OnnxModel model{.ir_version = proto.ir_version()};
  for (const onnx::OperatorSetIdProto& opset : proto.opset_import()) {
    const std::string domain = short_domain(opset.domain());
    const auto [known, is_new] = model.opsets.emplace(domain, opset.version());
    require(is_new, name + " states two versions of the domain " + in_quotes(domain),
            opset.version(), known->second, kAdvice);
  }
  const onnx::GraphProto& graph = proto.graph();
  require(graph.sparse_initializer_size() == 0 && proto.functions_size() == 0 &&
              proto.training_info_size() == 0,
          name + " has sparse tensors, functions or training steps",
          graph.sparse_initializer_size() + proto.functions_size() + proto.training_info_size(),
          "none", kAdvice);
  for (const onnx::NodeProto& node : graph.node()) model.nodes.push_back(read_node(node, name));
  for (const onnx::TensorProto& tensor : graph.initializer())
    model.initializers.push_back(read_tensor(tensor, name));
  for (const onnx::ValueInfoProto& value : graph.input())
    model.inputs.push_back(read_value(value, name));
  for (const onnx::ValueInfoProto& value : graph.output())
    model.outputs.push_back(read_value(value, name));
  return model;
}

OnnxModel load_onnx(const std::string& path) { return parse_onnx(read_file(path), path); }

void check_by_onnx(const std::string& bytes, const std::string& name) {
  onnx::ModelProto proto = parse(std::as_bytes(std::span<const char>(bytes)), name);
  constexpr bool kCheckTypes = true, kStrict = true;
  try {
    onnx::checker::check_model(proto);
    onnx::shape_inference::InferShapes(proto, onnx::OpSchemaRegistry::Instance(),
                                       {kCheckTypes, kStrict ? 1 : 0, false});
  } catch (const std::exception& error) {
    fail("ONNX's checker refuses " + name, error.what(), "a valid model", kAdvice);
  }
}

}  // namespace qfs
