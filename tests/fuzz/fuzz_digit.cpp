// libFuzzer: a picture of a reader's own digit, after its PNG was decoded (fuzz_pixels), made like
// MNIST's. The input is rows, columns and the pixels, repeated or cut.
#include <algorithm>
#include <cstdint>

#include "04_mnist_mlp/lesson/pictures.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::size_t rows = data[0] % 128U, cols = data[1] % 128U;
  auto picture = qfs::make_tensor<std::uint8_t>({rows, cols});
  for (std::size_t i = 0; i < picture.size(); ++i) picture.data()[i] = data[2 + i % (size - 2)];
  try {
    const qfs::Matrix<std::uint8_t> digit = qfs::ch04::like_mnist(picture);
    if (digit.shape(0) != 28 || digit.shape(1) != 28) __builtin_trap();
    if (std::ranges::max(qfs::values(digit)) == 0) __builtin_trap();  // the ink is lost
    if (qfs::ch04::ascii_picture(qfs::values(digit), 28, 28).size() != 28 * 61) __builtin_trap();
  } catch (const qfs::Error&) {
  }
  return 0;
}
