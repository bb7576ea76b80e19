// Answers to exercise 23.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch23_2_test.cpp"

using exercise::ConvShape;

// Every number of ours by a rule that says where it stands in ONNX's order.
template <class Place>
std::vector<std::int8_t> gather(std::span<const std::int8_t> w, const ConvShape& s,
                                const Place& place, bool checked = true) {
  const auto [N, C, H, W] = s;
  if (checked) qfs::require(w.size() == N * C * H * W, "another size", w.size(), 0, "?");
  std::vector<std::int8_t> ours;
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t i = 0; i < H; ++i)
      for (std::size_t j = 0; j < W; ++j)
        for (std::size_t c = 0; c < C; ++c) {
          const std::size_t at = place(s, n, c, i, j);
          ours.push_back(at < w.size() ? w[at] : std::int8_t{0});
        }
  return ours;
}
inline std::size_t place_in_onnx(const ConvShape& s, std::size_t n, std::size_t c, std::size_t i,
                                 std::size_t j) {
  return ((n * s.channels + c) * s.height + i) * s.width + j;
}

namespace gathered {
const Answer kAnswer = right("gathers in the order of the result");
namespace exercise {
using ::exercise::ConvShape;
inline std::vector<std::int8_t> from_nchw(std::span<const std::int8_t> w, const ConvShape& shape) {
  return gather(w, shape, place_in_onnx);
}
}  // namespace exercise
#include "tests/exercises/ch23_2_test.cpp"
}  // namespace gathered

namespace transposed_pages {
const Answer kAnswer = right("transposes C x (kh kw) of every output");
namespace exercise {
using ::exercise::ConvShape;
inline std::vector<std::int8_t> from_nchw(std::span<const std::int8_t> w, const ConvShape& shape) {
  const std::size_t P = shape.height * shape.width, page = P * shape.channels;
  qfs::require(w.size() == shape.outputs * page, "another size", w.size(), page, "look at it");
  std::vector<std::int8_t> ours(w.size());
  for (std::size_t at = 0; at < w.size(); ++at) {
    const std::size_t in_page = at % page;
    ours[at - in_page + in_page % P * shape.channels + in_page / P] = w[at];
  }
  return ours;
}
}  // namespace exercise
#include "tests/exercises/ch23_2_test.cpp"
}  // namespace transposed_pages

#define QFS_WRONG_23_2(space, mistake, ...)                                         \
  namespace space {                                                                 \
  const Answer kAnswer = wrong(mistake);                                            \
  namespace exercise {                                                              \
  using ::exercise::ConvShape;                                                      \
  inline std::vector<std::int8_t> from_nchw(std::span<const std::int8_t> w,         \
                                            const ConvShape& shape) {               \
    using Index = std::size_t;                                                      \
    const auto place = [](const ConvShape& s, Index n, Index c, Index i, Index j) { \
      static_cast<void>(s), static_cast<void>(n), static_cast<void>(c);             \
      static_cast<void>(i), static_cast<void>(j);                                   \
      return __VA_ARGS__;                                                           \
    };                                                                              \
    return gather(w, shape, place);                                                 \
  }                                                                                 \
  }

QFS_WRONG_23_2(as_it_is, "leaves the order as it is",
               ((n * s.height + i) * s.width + j) * s.channels + c)
#include "tests/exercises/ch23_2_test.cpp"
}
QFS_WRONG_23_2(columns_first, "turns the window, too",
               ((n * s.channels + c) * s.width + j) * s.height + i)
#include "tests/exercises/ch23_2_test.cpp"
}
QFS_WRONG_23_2(height_for_width, "takes the height for the width",
               ((n * s.channels + c) * s.height + i) * s.height + j)
#include "tests/exercises/ch23_2_test.cpp"
}
QFS_WRONG_23_2(channels_first, "takes C x N for N x C",
               ((c * s.outputs + n) * s.height + i) * s.width + j)
#include "tests/exercises/ch23_2_test.cpp"
}
QFS_WRONG_23_2(first_output, "gives every output the weights of the first",
               (c * s.height + i) * s.width + j)
#include "tests/exercises/ch23_2_test.cpp"
}
QFS_WRONG_23_2(upside_down, "turns the window upside down",
               ((n * s.channels + c) * s.height + s.height - 1 - i) * s.width + j)
#include "tests/exercises/ch23_2_test.cpp"
}

namespace the_way_there {
const Answer kAnswer = wrong("goes from ours to ONNX's, which is another way");
namespace exercise {
using ::exercise::ConvShape;
inline std::vector<std::int8_t> from_nchw(std::span<const std::int8_t> w, const ConvShape& s) {
  qfs::require(w.size() == s.outputs * s.channels * s.height * s.width, "another size", 0, 0, "?");
  const std::size_t P = s.height * s.width, page = P * s.channels;
  std::vector<std::int8_t> turned(w.size());
  for (std::size_t at = 0; at < w.size(); ++at) {
    const std::size_t in_page = at % page;
    turned[at - in_page + in_page % s.channels * P + in_page / s.channels] = w[at];
  }
  return turned;
}
}  // namespace exercise
#include "tests/exercises/ch23_2_test.cpp"
}  // namespace the_way_there

namespace unchecked {
const Answer kAnswer = wrong("does not look at the size");
namespace exercise {
using ::exercise::ConvShape;
inline std::vector<std::int8_t> from_nchw(std::span<const std::int8_t> w, const ConvShape& shape) {
  return gather(w, shape, place_in_onnx, false);
}
}  // namespace exercise
#include "tests/exercises/ch23_2_test.cpp"
}  // namespace unchecked
