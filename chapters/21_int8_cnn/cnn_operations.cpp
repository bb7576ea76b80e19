#include "21_int8_cnn/cnn_operations.hpp"

#include <algorithm>

#include "06_static_ptq/plumbing/net_checks.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "21_int8_cnn/conv_u8.hpp"
#include "21_int8_cnn/plumbing/cnn_checks.hpp"
#include "21_int8_cnn/plumbing/weight_groups.hpp"
#include "21_int8_cnn/pool_u8.hpp"

namespace qfs {
namespace {

// A convolution made ready: one product for each group.
struct PackedConv {
  const Backend* backend;
  std::vector<PackedProduct> groups;
  Window window;
  PictureShape input, output;
  std::uint8_t border;       // z_x
  std::size_t together = 1;  // pictures of one product, so few that they stay in a cache
};

constexpr std::size_t kBytesOfPictures = std::size_t{32} << 10;

}  // namespace

std::any pack_conv2d(const QuantizedNet& net, const Operation& operation, const Backend& backend,
                     const ToU8& to_u8) {
  const OperationParts parts = parts_of(net, operation);
  PackedConv conv{.backend = &backend,
                  .groups = {},
                  .window = window_of(net, operation),
                  .input = picture_of(parts.input),
                  .output = picture_of(parts.output),
                  .border = static_cast<std::uint8_t>(parts.input.params.zero_point)};
  const std::size_t groups = groups_of(net, operation), N = conv.output.channels / groups;
  const std::size_t run = groups == 1 ? conv.window.width * conv.input.channels : 0;
  for (std::size_t g = 0; g < groups; ++g) {
    const QuantizedWeight weight = group_of(parts.weights->weight, g * N, N);
    const ToU8 to = group_of(to_u8, g * N, N);
    conv.groups.push_back(backend.pack(
        {.weight = &weight, .input_range = parts.input.range, .to_u8 = &to, .run = run}));
  }
  const std::size_t bytes = std::max(conv.input.size(), conv.output.size());
  conv.together = std::max<std::size_t>(1, kBytesOfPictures / bytes);
  return conv;
}

namespace {

std::any pack_conv2d_kind(const QuantizedNet& net, const Operation& operation,
                          const Backend& backend) {
  return pack_conv2d(net, operation, backend, make_to_u8(parts_of(net, operation)));
}

// The product of one group: to y itself where there is no other, else to its channels of y.
void run_group(const PackedConv& conv, std::size_t g, const LeftSide& x,
               std::span<std::uint8_t> y) {
  if (conv.groups.size() == 1) return conv.backend->run_u8(conv.groups[0], x, y);
  thread_local std::vector<std::uint8_t> part;
  const std::size_t N = conv.groups[g].outputs, all = conv.output.channels;
  part.resize(x.rows * N);
  conv.backend->run_u8(conv.groups[g], x, part);
  for (std::size_t r = 0; r < x.rows; ++r)
    std::copy_n(part.data() + r * N, N, y.data() + r * all + g * N);
}

// [run_conv2d]
void run_pictures(const PackedConv& conv, std::span<const std::uint8_t> x, std::size_t pictures,
                  std::span<std::uint8_t> y) {
  thread_local std::vector<std::uint8_t> padded;
  Patches patches{pad_pictures(x, conv.input, conv.window, conv.border, padded),
                  conv.window,
                  {0, conv.input.channels / conv.groups.size()},
                  conv.output.height,
                  conv.output.width};
  for (std::size_t g = 0; g < conv.groups.size(); ++g) {
    patches.channels.first = g * patches.channels.count;
    run_group(conv, g, patches_left_side(patches, pictures), y);
  }
}

void run_conv2d(const std::any& packed, std::size_t rows, std::span<const TensorView> inputs,
                TensorSlot output) {
  const auto& conv = std::any_cast<const PackedConv&>(packed);
  const std::size_t in = conv.input.size(), out = conv.output.size();
  if (conv.groups.size() == 1 && conv.window == Window{1, 1, 1, 0})  // a pixel is a patch
    return run_group(conv, 0, matrix_left_side(inputs[0].u8, rows * conv.input.pixels()),
                     output.u8);
  for (std::size_t p = 0; p < rows; p += conv.together) {
    const std::size_t pictures = std::min(conv.together, rows - p);
    run_pictures(conv, inputs[0].u8.subspan(p * in, pictures * in), pictures,
                 output.u8.subspan(p * out, pictures * out));
  }
}
// [/run_conv2d]

std::string describe_conv2d(const std::any& packed) {
  const auto& conv = std::any_cast<const PackedConv&>(packed);
  const std::string text = conv.backend->describe(conv.groups[0]);
  if (conv.groups.size() == 1) return text;
  return std::to_string(conv.groups.size()) + " groups, the first: " + text;
}

struct PackedMaxPool {
  Window window;
  PictureShape input;
};
std::any pack_max_pool(const QuantizedNet& net, const Operation& operation, const Backend&) {
  return PackedMaxPool{window_of(net, operation), picture_of(parts_of(net, operation).input)};
}
void run_max_pool(const std::any& packed, std::size_t, std::span<const TensorView> inputs,
                  TensorSlot output) {
  const auto& pool = std::any_cast<const PackedMaxPool&>(packed);
  max_pool_u8(pool.window, pool.input, inputs[0].u8, output.u8);
}

std::any pack_average_pool(const QuantizedNet& net, const Operation& operation, const Backend&) {
  const OperationParts parts = parts_of(net, operation);
  const Window window = window_of(net, operation);
  return AveragePoolU8{
      window,
      picture_of(parts.input),
      parts.input.params.zero_point,
      average_multiplier(parts.input.params.scale, window.pixels(), parts.output.params.scale),
      parts.output.params,
      parts.output.range};
}
void run_average_pool(const std::any& packed, std::size_t, std::span<const TensorView> inputs,
                      TensorSlot output) {
  average_pool_u8(std::any_cast<const AveragePoolU8&>(packed), inputs[0].u8, output.u8);
}

struct PackedAdd {
  AddU8 add;
  bool vectors;  // what runs products by vectors runs this so, too
};
std::any pack_add(const QuantizedNet& net, const Operation& operation, const Backend& backend) {
  const OperationParts parts = parts_of(net, operation);
  const TensorSpec& other = net.tensors[operation.inputs[1]];
  return PackedAdd{make_add(parts.input.params, other.params, parts.output.params,
                            parts.output.range, rule_of(net, operation)),
                   !backend.name.starts_with("ref")};
}
void run_add(const std::any& packed, std::size_t, std::span<const TensorView> inputs,
             TensorSlot output) {
  const auto& [add, vectors] = std::any_cast<const PackedAdd&>(packed);
  add_u8(add, inputs[0].u8, inputs[1].u8, output.u8, vectors);
}

// [table]
// name, check, pack, run, describe, clamps, row_by_row
constexpr OperationKind kCnnOperations[] = {
    {"conv2d", check_conv2d, pack_conv2d_kind, run_conv2d, describe_conv2d, true, true},
    {"max_pool", check_max_pool, pack_max_pool, run_max_pool, nullptr, false, true},
    {"average_pool", check_average_pool, pack_average_pool, run_average_pool, nullptr, true, true},
    {"add", check_add, pack_add, run_add, nullptr, true, true}};
// [/table]

}  // namespace

std::span<const OperationKind> cnn_operations() {
  static const std::vector<OperationKind> kTable = [] {
    const std::span<const OperationKind> known = dynamic_operations();
    std::vector<OperationKind> table(known.begin(), known.end());
    table.insert(table.end(), std::begin(kCnnOperations), std::end(kCnnOperations));
    return table;
  }();
  return kTable;
}

}  // namespace qfs
