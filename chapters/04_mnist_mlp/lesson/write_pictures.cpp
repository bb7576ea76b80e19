// --pictures: what the first layer looks for, and the digits that the net gets wrong.
#include <algorithm>
#include <filesystem>
#include <vector>

#include "04_mnist_mlp/lesson/pictures.hpp"
#include "04_mnist_mlp/lesson/study.hpp"
#include "common/image.hpp"

namespace qfs::ch04 {

void write_pictures(const std::string& folder, const Mlp& net, const TestDigits& digits,
                    const std::vector<std::uint8_t>& predicted) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  require(!error, "cannot make the directory " + folder, error.message(), "a writable place",
          "choose another directory");
  save_png(folder + "/first_layer.png",
           sheet_of(weight_pictures(net.layers[0], digits.rows, digits.cols), 20, 1));
  std::vector<Matrix<std::uint8_t>> wrong;
  for (std::size_t i = 0; i < digits.size() && wrong.size() < 100; ++i) {
    if (predicted[i] == digits.labels[i]) continue;
    wrong.push_back(make_tensor<std::uint8_t>({digits.rows, digits.cols}));
    std::ranges::copy(row(digits.pixels, i), values(wrong.back()).begin());
  }
  if (!wrong.empty()) save_png(folder + "/wrong_digits.png", sheet_of(wrong, 20, 1));
}

}  // namespace qfs::ch04
