// The operators that change extents and nothing else; and Identity and Constant, which change less.
#include <algorithm>

#include "24_onnx_import/plumbing/onnx_layouts.hpp"

namespace qfs {
namespace {

const char* const kAdvice = "export the model again";

// The list that a Reshape, Squeeze or Unsqueeze reads.
std::vector<std::int64_t> list_of(const NetReader& reader, const NodeReader& node, std::size_t i) {
  const auto* constant = std::get_if<OnnxConstant>(&reader.input(node, i).what);
  if (constant == nullptr || constant->tensor->dtype != DType::s64 ||
      constant->tensor->dims.size() != 1)
    node.refuse("needs a list of integers of the file", in_quotes(node.input(i)), "s64 [n]",
                "export the model with fixed shapes");
  return elements<std::int64_t>(*constant->tensor);
}

// The same numbers in the same order by other extents. A picture of ours whose order is not the
// graph's can only become a vector, which remembers that, and a picture again.
ReadValue reshaped(const NodeReader& node, ReadValue value, std::vector<std::size_t> dims) {
  const OnnxLayout& now = value.layout;
  const PictureShape& p = now.picture;
  const std::size_t size = element_count(now.dims);
  const bool fits = !dims.empty() && element_count(dims) == size;
  const bool flat = fits && std::ranges::count(dims, size) >= 1 && dims[0] == size;
  const bool picture = dims == std::vector<std::size_t>{p.channels, p.height, p.width};
  if (!fits || (now.channels_last && !flat && !picture) || dims.size() > 3)
    node.refuse("has a shape that is not read", shape_text(dims),
                shape_text(now.dims) + " as a vector", kAdvice);
  value.layout.dims = std::move(dims);
  return value;
}

// A constant with other extents.
ReadValue reshaped_constant(const NodeReader& node, const OnnxConstant& constant,
                            const std::vector<std::int64_t>& target) {
  auto tensor = std::make_shared<Record>(*constant.tensor);
  std::vector<std::size_t> dims;
  for (const std::int64_t extent : target) dims.push_back(static_cast<std::size_t>(extent));
  const auto usable = [&](std::int64_t extent) {
    return extent > 0 && static_cast<std::size_t>(extent) <= tensor->bytes.size();
  };
  if (!std::ranges::all_of(target, usable) || dims.size() > 8 ||
      element_count(dims) != element_count(tensor->dims))
    node.refuse("gives a constant a shape that is not read", shape_text(dims),
                shape_text(tensor->dims), kAdvice);
  tensor->dims = dims;
  return {OnnxConstant{std::move(tensor)}, {}};
}

void require_activation(const NodeReader& node, const ReadValue& value) {
  if (!is_activation(value))
    node.refuse("changes the shape of a weight", in_quotes(node.input(0)), "a tensor of the net",
                "export the model with its weights in place");
  using Step = OnnxDynamic::Step;
  const auto* dynamic = std::get_if<OnnxDynamic>(&value.what);
  if (dynamic != nullptr && (dynamic->step == Step::scale || dynamic->step == Step::zero_point ||
                             dynamic->step == Step::scale_product))
    node.refuse("changes the shape of a scale or zero point", in_quotes(node.input(0)),
                "a tensor of the net", kAdvice);
}

void read_flatten(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  node.require_integer("axis", 1);
  const ReadValue& x = reader.input(node, 0);
  require_activation(node, x);
  reader.write(node, reshaped(node, x, {element_count(x.layout.dims)}));
}

// The target's first extent is the batch's: 0 as it is, -1 as it is found, or its number.
bool starts_with_batch(const NetReader& reader, const std::vector<std::int64_t>& target) {
  return !target.empty() &&
         (target[0] == 0 || target[0] == -1 ||
          (reader.batch && target[0] == static_cast<std::int64_t>(*reader.batch)));
}

// The target's other extents, for a value whose own are `now`: 0 means the same as now, and one may
// be -1, left to be found.
std::vector<std::size_t> extents_of(const NodeReader& node, const std::vector<std::int64_t>& target,
                                    const std::vector<std::size_t>& now) {
  const std::size_t size = element_count(now);
  std::vector<std::size_t> dims;
  std::size_t known = 1, unknown = 0;
  for (std::size_t d = 1; d < target.size(); ++d) {
    const bool copied = target[d] == 0 && d <= now.size();
    const std::int64_t extent = copied ? static_cast<std::int64_t>(now[d - 1]) : target[d];
    if (extent < -1 || extent == 0 || extent > static_cast<std::int64_t>(size / known))
      node.refuse("has a shape that is not read", std::to_string(extent), shape_text(now), kAdvice);
    dims.push_back(extent == -1 ? 0 : static_cast<std::size_t>(extent));
    if (extent == -1) ++unknown;
    if (extent != -1) known *= dims.back();
  }
  if (unknown > (target[0] == -1 ? 0U : 1U))
    node.refuse("has a shape that is not read", "more than one extent -1", "one to be found",
                kAdvice);
  std::ranges::replace(dims, std::size_t{0}, size / known);
  return dims;
}

void read_reshape(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 2);
  node.require_integer("allowzero", 0);
  const std::vector<std::int64_t> target = list_of(reader, node, 1);
  const ReadValue& x = reader.input(node, 0);
  if (const auto* constant = std::get_if<OnnxConstant>(&x.what))
    return reader.write(node, reshaped_constant(node, *constant, target));
  require_activation(node, x);
  if (!starts_with_batch(reader, target))
    node.refuse("has a shape that is not read", "its first extent", "the batch: 0 or -1", kAdvice);
  reader.write(node, reshaped(node, x, extents_of(node, target, x.layout.dims)));
}

// Axes as a file names them, of `rank` in all, -1 being the last; smallest first.
std::vector<std::int64_t> sorted_axes(std::vector<std::int64_t> axes, std::size_t rank) {
  const auto all = static_cast<std::int64_t>(rank);
  for (std::int64_t& axis : axes) axis += axis < 0 && axis >= -all ? all : 0;
  std::ranges::sort(axes);
  return axes;
}

// Extents of 1 are put in, or taken out; never the batch's.
void read_unsqueeze(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 2);
  const ReadValue& x = reader.input(node, 0);
  require_activation(node, x);
  std::vector<std::size_t> dims = x.layout.dims;
  std::vector<std::int64_t> axes = list_of(reader, node, 1);
  axes = sorted_axes(axes, 1 + dims.size() + axes.size());
  for (const std::int64_t axis : axes) {
    if (axis < 1 || axis > static_cast<std::int64_t>(dims.size()) + 1 || dims.size() > 2)
      node.refuse("has axes that are not read", std::to_string(axis), "not the batch's", kAdvice);
    dims.insert(dims.begin() + axis - 1, 1);
  }
  reader.write(node, reshaped(node, x, std::move(dims)));
}

void read_squeeze(NetReader& reader, NodeReader& node) {
  node.require_ends(2, 2);
  const ReadValue& x = reader.input(node, 0);
  require_activation(node, x);
  std::vector<std::size_t> dims = x.layout.dims;
  std::vector<std::int64_t> axes = sorted_axes(list_of(reader, node, 1), 1 + dims.size());
  std::ranges::reverse(axes);  // so that those that are left keep their numbers
  for (const std::int64_t axis : axes) {
    if (axis < 1 || axis > static_cast<std::int64_t>(dims.size()) ||
        dims[static_cast<std::size_t>(axis) - 1] != 1)
      node.refuse("has axes that are not read", std::to_string(axis), "those of extent 1", kAdvice);
    dims.erase(dims.begin() + axis - 1);
  }
  reader.write(node, reshaped(node, x, std::move(dims)));
}

void read_identity(NetReader& reader, NodeReader& node) {
  node.require_ends(1, 1);
  reader.write(node, reader.input(node, 0));
}

void read_constant(NetReader& reader, NodeReader& node) {
  node.require_ends(0, 0);
  const Record* tensor = node.tensor("value");
  if (tensor == nullptr)
    node.refuse("has no value that is read", "none", "a tensor, as attribute 'value'", kAdvice);
  auto named = std::make_shared<Record>(*tensor);
  named->name = node.node().outputs[0];
  reader.write(node, {OnnxConstant{std::move(named)}, {}});
}

constexpr OnnxOperator kOperators[] = {
    {"Flatten", "", read_flatten},   {"Reshape", "", read_reshape},
    {"Squeeze", "", read_squeeze},   {"Unsqueeze", "", read_unsqueeze},
    {"Identity", "", read_identity}, {"Constant", "", read_constant}};

}  // namespace

std::span<const OnnxOperator> shape_operators() { return kOperators; }

}  // namespace qfs
