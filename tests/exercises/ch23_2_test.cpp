// Judges exercise 23.2.
#include "2_from_nchw.hpp"

#include "23_onnx_export/onnx_write.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(12);

namespace {

using Numbers = std::vector<std::int8_t>;

// 0, 1, 2, ...
Numbers counted(std::size_t count) {
  Numbers numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<std::int8_t>(i);
  return numbers;
}

}  // namespace

TEST_CASE("23.2 on paper: two channels of two pixels") {
  // ONNX: the two pixels of channel 0, then those of channel 1. Ours: both channels of a pixel.
  CHECK(exercise::from_nchw(Numbers{1, 2, 3, 4}, {1, 2, 1, 2}) == Numbers{1, 3, 2, 4});
  CHECK(exercise::from_nchw(Numbers{1, 2, 3, 4}, {1, 2, 2, 1}) == Numbers{1, 3, 2, 4});
}

TEST_CASE("23.2 one channel, or one pixel, stays as it is") {
  CHECK(exercise::from_nchw(counted(18), {2, 1, 3, 3}) == counted(18));
  CHECK(exercise::from_nchw(counted(15), {3, 5, 1, 1}) == counted(15));
}

TEST_CASE("23.2 every extent another") {
  // 2 x 3 x 1 x 2 and 2 x 2 x 2 x 3, by hand.
  CHECK(exercise::from_nchw(counted(12), {2, 3, 1, 2}) ==
        Numbers{0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11});
  CHECK(exercise::from_nchw(counted(24), {2, 2, 2, 3}) == Numbers{0,  6,  1,  7,  2,  8,  3,  9,
                                                                  4,  10, 5,  11, 12, 18, 13, 19,
                                                                  14, 20, 15, 21, 16, 22, 17, 23});
}

TEST_CASE("23.2 the way there and back") {
  for (const exercise::ConvShape& shape :
       {exercise::ConvShape{3, 5, 2, 4}, {1, 4, 3, 3}, {4, 2, 5, 3}}) {
    const std::vector<std::size_t> patch = {shape.height, shape.width, shape.channels};
    const std::vector<std::size_t> to = qfs::nchw_positions(patch);
    const Numbers ours = counted(shape.outputs * to.size());
    Numbers theirs(ours.size());
    for (std::size_t i = 0; i < ours.size(); ++i)
      theirs[i / to.size() * to.size() + to[i % to.size()]] = ours[i];
    CHECK(exercise::from_nchw(theirs, shape) == ours);
  }
}

TEST_CASE("23.2 numbers that do not fill the shape are an Error") {
  CHECK_THROWS_AS(exercise::from_nchw(counted(11), {2, 3, 1, 2}), qfs::Error);
  CHECK_THROWS_AS(exercise::from_nchw(counted(13), {2, 3, 1, 2}), qfs::Error);
  CHECK(exercise::from_nchw({}, {0, 3, 1, 2}).empty());
}
