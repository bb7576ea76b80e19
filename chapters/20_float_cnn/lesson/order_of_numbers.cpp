// Section 4: channels last or channels first.
#include <cstdio>

#include "20_float_cnn/lesson/study.hpp"

namespace qfs::ch20 {
namespace {

// The columns of a Linear that reads a picture, in the order channels x height x width.
Linear channels_first(Linear layer, const PictureShape& picture) {
  const Matrix<float> ours = layer.weight;
  for (std::size_t n = 0; n < ours.shape(0); ++n)
    for (std::size_t p = 0; p < picture.pixels(); ++p)
      for (std::size_t c = 0; c < picture.channels; ++c)
        layer.weight(n, c * picture.pixels() + p) = ours(n, p * picture.channels + c);
  return layer;
}

}  // namespace

void order_of_numbers(const Study& study, Lesson& lesson) {
  section(4, "The order of the numbers: channels last (ours) or first (PyTorch's)");
  std::printf("  2 x 2 pixels a b c d of 3 channels 1 2 3\n");
  std::printf(
      "  NHWC: a1 a2 a3  b1 b2 b3  c1 c2 c3  d1 d2 d3    NCHW: a1 b1 c1 d1  a2 b2 c2 d2  "
      "a3 b3 c3 d3\n");
  const NamedNet& net = study.nets.front();
  const CnnLayer& last = net.cnn.layers.back();
  const PictureShape& picture = net.cnn.tensors[last.inputs[0]];
  const std::size_t count = std::min<std::size_t>(500, study.tested);
  const auto labels = std::span(study.data.test.labels).first(count);
  Cnn mixed = net.cnn;
  mixed.linears[last.index] = channels_first(mixed.linears[last.index], picture);
  const std::size_t right = count_correct(classify_ref(net.cnn, study.data.test, count), labels);
  const std::size_t wrong = count_correct(classify_ref(mixed, study.data.test, count), labels);
  std::printf("  %s, Linear reads %s; right of the first %zu test pictures: %zu\n",
              net.name.c_str(), shape_text(picture).c_str(), count, right);
  std::printf("  the same weights with Linear's columns left in PyTorch's order: %zu\n", wrong);
  if (study.may_claim(lesson.options))
    lesson.claims.expect(wrong * 2 < right, "the shapes fit, nothing complains, and it guesses");
}

}  // namespace qfs::ch20
