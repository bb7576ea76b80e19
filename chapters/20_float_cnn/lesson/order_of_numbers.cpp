// Section 4: channels last or channels first.
#include <cstdio>

#include "20_float_cnn/lesson/study.hpp"

namespace qfs::ch20 {
namespace {

// A weight whose rows are pixels x channels, in the order channels x pixels.
Matrix<float> channels_first(const Matrix<float>& ours, std::size_t channels) {
  Matrix<float> theirs = ours;
  const std::size_t pixels = ours.shape(1) / channels;
  for (std::size_t n = 0; n < ours.shape(0); ++n)
    for (std::size_t p = 0; p < pixels; ++p)
      for (std::size_t c = 0; c < channels; ++c)
        theirs(n, c * pixels + p) = ours(n, p * channels + c);
  return theirs;
}

// The net with one of the two permutations forgotten: that of Linear's columns, or, where Linear
// reads a single pixel and has nothing to permute, that of the convolutions' weights.
Cnn half_permuted(Cnn cnn, const CnnLayer& last) {
  const PictureShape& picture = cnn.tensors[last.inputs[0]];
  Linear& linear = cnn.linears[last.index];
  linear.weight = channels_first(linear.weight, picture.channels);
  if (picture.pixels() == 1)
    for (Conv2d& conv : cnn.convs)
      conv.weight = channels_first(conv.weight, conv.channels() / conv.groups);
  return cnn;
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
  const Cnn mixed = half_permuted(net.cnn, last);
  const bool one_pixel = picture.pixels() == 1;
  const std::size_t right = count_correct(classify_ref(net.cnn, study.data.test, count), labels);
  const std::size_t wrong = count_correct(classify_ref(mixed, study.data.test, count), labels);
  std::printf("  %s, Linear reads %s%s; right of the first %zu test pictures: %zu\n",
              net.name.c_str(), shape_text(picture).c_str(),
              one_pixel ? ", a single pixel: one order" : "", count, right);
  std::printf("  the same weights with %s left in PyTorch's order: %zu\n",
              one_pixel ? "the convolutions'" : "Linear's columns", wrong);
  if (study.may_claim(lesson.options))
    lesson.claims.expect(wrong * 2 < right, "the shapes fit, nothing complains, and it guesses");
}

}  // namespace qfs::ch20
