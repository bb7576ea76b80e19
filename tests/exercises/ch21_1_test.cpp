// Judges exercise 21.1.
#include "1_dilated.hpp"

#include <vector>

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(108);

namespace {

using Integers = std::vector<std::uint8_t>;

// A picture of 5 x 5: 11 .. 55, the row and the column of each pixel.
Integers numbered() {
  Integers picture;
  for (int row = 1; row <= 5; ++row)
    for (int column = 1; column <= 5; ++column)
      picture.push_back(static_cast<std::uint8_t>(10 * row + column));
  return picture;
}

Integers patch_of(const Integers& picture, const qfs::PictureShape& shape,
                  const qfs::Window& window, std::size_t dilation, std::size_t row,
                  std::size_t column, std::uint8_t zero_point) {
  Integers to(window.pixels() * shape.channels, 255);
  exercise::dilated_patch(picture, shape, window, dilation, row, column, zero_point, to);
  return to;
}

}  // namespace

TEST_CASE("21.1 places, by hand") {
  CHECK(exercise::dilated_places(5, 0, 3, 1, 2) == 1);
  CHECK(exercise::dilated_places(7, 0, 3, 1, 2) == 3);
  CHECK(exercise::dilated_places(7, 0, 3, 2, 2) == 2);
  CHECK(exercise::dilated_places(5, 2, 3, 1, 2) == 5);
  CHECK(exercise::dilated_places(10, 1, 4, 3, 3) == 1);
  CHECK(exercise::dilated_places(6, 0, 1, 1, 9) == 6);
}

TEST_CASE("21.1 with dilation 1 it is the window of chapter 20") {
  for (std::size_t extent : {5U, 8U})
    for (std::size_t stride : {1U, 2U, 3U})
      for (std::size_t window : {1U, 2U, 3U})
        CHECK(exercise::dilated_places(extent, 0, window, stride, 1) ==
              qfs::places(extent, 0, window, stride));
}

TEST_CASE("21.1 every second pixel of 5 x 5") {
  CHECK(patch_of(numbered(), {5, 5, 1}, {3, 3, 1, 0}, 2, 0, 0, 9) ==
        Integers{11, 13, 15, 31, 33, 35, 51, 53, 55});
}

TEST_CASE("21.1 the border is the zero point, and only beyond the picture") {
  CHECK(patch_of(numbered(), {5, 5, 1}, {3, 3, 1, 2}, 2, 0, 0, 9) ==
        Integers{9, 9, 9, 9, 11, 13, 9, 31, 33});
  CHECK(patch_of(numbered(), {5, 5, 1}, {3, 3, 1, 2}, 2, 4, 4, 9) ==
        Integers{33, 35, 9, 53, 55, 9, 9, 9, 9});
  CHECK(patch_of(numbered(), {5, 5, 1}, {3, 3, 1, 1}, 2, 1, 0, 0) ==
        Integers{0, 12, 14, 0, 32, 34, 0, 52, 54});
}

TEST_CASE("21.1 the stride moves the window, the dilation spreads it") {
  CHECK(patch_of(numbered(), {5, 5, 1}, {2, 2, 2, 0}, 1, 1, 1, 9) == Integers{33, 34, 43, 44});
  CHECK(patch_of(numbered(), {5, 5, 1}, {2, 2, 1, 0}, 3, 1, 0, 9) == Integers{21, 24, 51, 54});
  CHECK(patch_of(numbered(), {5, 5, 1}, {2, 2, 2, 0}, 3, 0, 0, 9) == Integers{11, 14, 41, 44});
  CHECK(patch_of(numbered(), {5, 5, 1}, {2, 1, 2, 0}, 2, 1, 2, 9) == Integers{35, 55});
}

TEST_CASE("21.1 windows and pictures that are not square, channels together") {
  const Integers x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};  // 2 x 3 pixels of two channels
  CHECK(patch_of(x, {2, 3, 2}, {1, 2, 1, 0}, 2, 1, 0, 99) == Integers{7, 8, 11, 12});
  CHECK(patch_of(x, {2, 3, 2}, {2, 1, 1, 0}, 1, 0, 2, 99) == Integers{5, 6, 11, 12});
  CHECK(patch_of(x, {3, 2, 2}, {2, 2, 1, 1}, 2, 0, 0, 99) ==
        Integers{99, 99, 99, 99, 99, 99, 7, 8});
}

TEST_CASE("21.1 with dilation 1 every patch is that of chapter 20") {
  const Integers x = numbered();
  for (std::size_t stride : {1U, 2U}) {
    const qfs::Window window{3, 2, stride, 1};
    const qfs::PictureShape out = qfs::places_of({5, 5, 1}, window, 1);
    for (std::size_t row = 0; row < out.height; ++row)
      for (std::size_t column = 0; column < out.width; ++column) {
        Integers expected(6);
        qfs::copy_patch(x.data(), {5, 5, 1}, window, {0, 1}, row, column, std::uint8_t{7},
                        expected.data());
        CHECK(patch_of(x, {5, 5, 1}, window, 1, row, column, 7) == expected);
      }
  }
}

TEST_CASE("21.1 the whole picture of a dilated window adds up") {
  // Every pixel once: sums of patches over a window of 1 x 1, whatever the dilation.
  for (std::size_t place = 0; place < 25; ++place)
    CHECK(patch_of(numbered(), {5, 5, 1}, {1, 1, 1, 0}, 4, place / 5, place % 5, 0) ==
          Integers{numbered()[place]});
  for (std::size_t place = 0; place < 9; ++place)
    CHECK(patch_of(numbered(), {5, 5, 1}, {2, 2, 1, 0}, 2, place / 3, place % 3, 0)[3] ==
          numbered()[(place / 3 + 2) * 5 + place % 3 + 2]);
}
