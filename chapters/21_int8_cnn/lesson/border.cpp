// Section 2: an integer convolution on paper, and what stands around the picture.
#include <cstdio>

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

void print_line(const char* place, int row, int column, std::int32_t border, std::uint8_t q) {
  const std::int32_t sum = paper_sum(row, column, border);
  std::printf("  %-22s sum %2d, + bias %d = %2d, * %g = %g, + %d = %d, real %g\n", place, sum,
              kQBias, sum + kQBias, static_cast<double>(kMultiplier),
              static_cast<double>(kMultiplier) * (sum + kQBias), kOutputParams.zero_point, q,
              static_cast<double>(dequantize_value(q, kOutputParams)));
}

}  // namespace

void border(const Study&, Lesson& lesson) {
  section(2, "An integer convolution: 3 x 3 pixels, a window of 3 x 3, the border the zero point");
  const QuantizedNet net = paper_conv();
  NetBuffers buffers;
  run(pack(net, ref_backend(), cnn_operations()), {.u8 = kPicture}, 1, buffers);
  const Matrix<std::uint8_t>& y = buffers.u8[1];
  print_line("the middle", 1, 1, kPictureParams.zero_point, y(0, 4));
  print_line("the corner", 0, 0, kPictureParams.zero_point, y(0, 0));
  print_line("the corner, border 0", 0, 0, 0, 5);
  lesson.claims.expect(y(0, 4) == 7 && y(0, 0) == 6, "by hand = this program");
  std::printf("  the kernel's own sums: 30 and 26 of q_x q_w; folded bias %d - %d * 5 = %d\n",
              kQBias, kPictureParams.zero_point,
              make_to_u8(parts_of(net, net.operations[0])).bias(0));
  lesson.claims.expect(make_to_u8(parts_of(net, net.operations[0])).bias(0) == -6,
                       "one folded bias serves the middle and the corner");
}

}  // namespace qfs::ch21
