// Section 2: an integer convolution on paper, and what stands around the picture.
#include <cstdio>
#include <numeric>

#include "02_integer_products/requantize.hpp"
#include "21_int8_cnn/conv_u8.hpp"
#include "21_int8_cnn/lesson/paper_example.hpp"
#include "21_int8_cnn/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch21 {
namespace {

QuantizedNet paper_conv() {
  QuantizedNet net{.tensors = {{{3, 3, 1}, DType::u8, kPictureParams, unsigned_range(8)}}};
  auto q = make_tensor<std::int8_t>({1, 9});
  std::ranges::copy(kWindow, values(q).begin());
  const std::array<float, 1> bias = {kBias};
  add_conv2d(net, 0, {{q, make_tensor<float>({1}, kWindowScale)}, bias, {3, 3, 1, 1}, 1},
             kOutputParams, unsigned_range(8));
  return net;
}

// The kernel's sums of q_x q_w at all nine places, with `border` around the picture.
std::vector<std::int32_t> kernel_sums(const OperationParts& conv, std::uint8_t border) {
  const Window window{3, 3, 1, 1};
  std::vector<std::uint8_t> padded;
  const Patches patches{
      pad_pictures(kPicture, {3, 3, 1}, window, border, padded), window, {0, 1}, 3, 3};
  const PackedProduct product =
      ref_backend().pack({.weight = &conv.weights->weight, .input_range = conv.input.range});
  std::vector<std::int32_t> sums(9);
  ref_backend().run_s32(product, patches_left_side(patches, 1), sums);
  return sums;
}

// Prints one place; returns its integer.
std::int32_t print_line(const char* place, int row, int column, std::int32_t border) {
  const std::int32_t sum = paper_sum(row, column, border);
  const std::int32_t q =
      requantize_float(sum + kQBias, kMultiplier, kOutputParams.zero_point, unsigned_range(8));
  std::printf("  %-22s sum %2d, + bias %d = %2d, * %g = %g, + %d = %d, real %g\n", place, sum,
              kQBias, sum + kQBias, static_cast<double>(kMultiplier),
              static_cast<double>(kMultiplier) * (sum + kQBias), kOutputParams.zero_point, q,
              static_cast<double>(dequantize_value(q, kOutputParams)));
  return q;
}

}  // namespace

void border(const Study&, Lesson& lesson) {
  section(2, "An integer convolution: 3 x 3 pixels, a window of 3 x 3, the border the zero point");
  const QuantizedNet net = paper_conv();
  NetBuffers buffers;
  run(pack(net, ref_backend(), cnn_operations()), {.u8 = kPicture}, 1, buffers);
  const Matrix<std::uint8_t>& y = buffers.u8[1];
  const std::int32_t z = kPictureParams.zero_point;
  const std::int32_t middle = print_line("the middle", 1, 1, z);
  const std::int32_t corner = print_line("the corner", 0, 0, z);
  const std::int32_t wrong = print_line("the corner, border 0", 0, 0, 0);
  lesson.claims.expect(middle == 7 && y(0, 4) == 7 && corner == 6 && y(0, 0) == 6 && wrong == 5,
                       "by hand = this program");
  const OperationParts conv = parts_of(net, net.operations[0]);
  const std::vector<std::int32_t> sums = kernel_sums(conv, static_cast<std::uint8_t>(z));
  const auto& q_w = conv.weights->weight.q;
  const std::int32_t weights = std::accumulate(q_w.begin(), q_w.end(), 0);
  const std::int32_t folded = make_to_u8(conv).bias(0);
  std::printf("  the kernel's own sums: %d and %d of q_x q_w; folded bias %d - %d * %d = %d\n",
              sums[4], sums[0], kQBias, z, weights, folded);
  lesson.claims.expect(sums[4] == 30 && sums[0] == 26 && weights == 5 && folded == -6 &&
                           sums[4] + folded == paper_sum(1, 1, z) + kQBias &&
                           sums[0] + folded == paper_sum(0, 0, z) + kQBias &&
                           kernel_sums(conv, 0)[0] + folded == paper_sum(0, 0, 0) + kQBias,
                       "one folded bias serves the middle and the corner");
}

}  // namespace qfs::ch21
