// `./learn 4 --image my.png`: the net looks at a digit of the reader's own.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "04_mnist_mlp/lesson/pictures.hpp"
#include "04_mnist_mlp/lesson/study.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "common/image.hpp"
#include "common/print.hpp"

namespace qfs::ch04 {

void classify_your_digit(const std::string& image, const Options& options) {
  const Matrix<std::uint8_t> picture = load_png(image);
  const Matrix<std::uint8_t> digit = like_mnist(picture);
  const Mlp net = options.data_dir.empty() && !options.weights_dir.empty()
                      ? load_mlp(options.weights_dir)
                      : trained_or_pretrained(options, load_dataset(options.data_dir));
  require_fits(net, digit.shape(0), digit.shape(1));
  Matrix<std::uint8_t> flat = make_tensor<std::uint8_t>({1, digit.size()});
  std::ranges::copy(values(digit), values(flat).begin());
  const Matrix<float> logits = forward_ref(net, normalized(flat, 0, 1));
  const int found = argmax_rows(logits)[0];  // before anything is printed: it may refuse

  std::printf("\n  %s, %s pixels, made like MNIST's digits (28 x 28):\n", image.c_str(),
              shape_text(picture).c_str());
  std::fputs(ascii_picture(values(digit), digit.shape(0), digit.shape(1)).c_str(), stdout);
  std::vector<float> p(kClasses);
  softmax(row(logits, 0), p);
  for (std::size_t i = 0; i < kClasses; ++i)
    std::printf("  %zu  %s  %5.1f %%\n", i, bar(static_cast<double>(p[i]), 40).c_str(),
                static_cast<double>(100.0F * p[i]));
  std::printf("  the net takes it for a %d\n", found);
}

}  // namespace qfs::ch04
