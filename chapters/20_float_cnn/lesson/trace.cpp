// Section 8: one number of the first convolution, and of the batch norm behind it.
#include <cmath>
#include <cstdio>

#include "20_float_cnn/lesson/study.hpp"

namespace qfs::ch20 {

void trace(const Study& study) {
  const NamedNet& net = study.nets.back();
  const Conv2d& conv = net.cnn.convs.front();
  const PictureShape& in = net.cnn.input();
  const PictureShape out = output_shape(conv, in);
  const std::size_t row_at = in.height / 2, column_at = in.width / 2, n = 0;
  section(8, "Trace: output " + std::to_string(n) + " of conv1 at row " + std::to_string(row_at) +
                 ", column " + std::to_string(column_at) + ", first test picture");
  const Matrix<float> x = normalized(study.data.test.pixels, 0, 1);
  std::vector<float> patch(conv.weight.shape(1));
  copy_patch(x.data(), in, conv.window, {0, in.channels}, row_at, column_at, 0.0F, patch.data());
  Table table({"k", "row", "column", "x", "w", "product", "sum"});
  float sum = 0.0F;
  for (std::size_t k = 0; k < patch.size(); ++k) {
    const std::size_t pixel = k / in.channels;
    sum += patch[k] * conv.weight(n, k);
    table.row({std::to_string(k), std::to_string(pixel / conv.window.width),
               std::to_string(pixel % conv.window.width), fixed(patch[k], 6),
               fixed(conv.weight(n, k), 6), fixed(patch[k] * conv.weight(n, k), 6), fixed(sum, 6)});
  }
  table.print();
  if (conv.bias.size() > 0) sum += conv.bias(n);
  const std::size_t at = (row_at * out.width + column_at) * out.channels + n;
  const auto show = [&](const char* name, std::size_t tensor, std::span<const float> numbers) {
    if (tensor == 1 || tensor == 2)
      std::printf("  %s %.6f\n", name, static_cast<double>(numbers[at]));
  };
  if (conv.bias.size() > 0) std::printf("  with the bias %.6f\n", static_cast<double>(sum));
  forward_ref(net.cnn, x, [&](std::size_t tensor, std::span<const float> numbers) {
    show(tensor == 1 ? "conv1 gives" : "the layer after it", tensor, numbers);
  });
  if (net.cnn.norms.empty()) return;
  const BatchNorm& norm = net.cnn.norms.front();
  const double mean = static_cast<double>(norm.running_mean(n));
  const double variance = static_cast<double>(norm.running_variance(n));
  std::printf("  batch norm: %.6f (%.6f - %.6f) / sqrt(%.6f + %.0e) + %.6f\n",
              static_cast<double>(norm.gamma(n)), static_cast<double>(sum), mean, variance,
              static_cast<double>(norm.epsilon), static_cast<double>(norm.beta(n)));
}

}  // namespace qfs::ch20
