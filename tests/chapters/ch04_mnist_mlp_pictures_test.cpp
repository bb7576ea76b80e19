// Chapter 04: the reader's own digit, and sheets of pictures.
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/lesson/pictures.hpp"
#include "04_mnist_mlp/lesson/study.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "common/image.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/run_program.hpp"

using qfs::Matrix;
using qfs::test::difference;
using qfs::test::message_of;
using qfs::test::Scratch;

namespace {

using Picture = Matrix<std::uint8_t>;

Picture blank(std::size_t rows, std::size_t cols, std::uint8_t grey) {
  return qfs::make_tensor<std::uint8_t>({rows, cols}, grey);
}

void fill(Picture& picture, std::size_t top, std::size_t left, std::size_t height,
          std::size_t width, std::uint8_t grey) {
  for (std::size_t r = top; r < top + height; ++r)
    for (std::size_t c = left; c < left + width; ++c) picture(r, c) = grey;
}

// A test digit as someone might hand it in: enlarged, moved, dark on light if asked for.
Picture enlarged(std::span<const std::uint8_t> digit, std::size_t zoom, bool dark_on_light) {
  Picture picture = blank(28 * zoom + 30, 28 * zoom + 60, dark_on_light ? 240 : 10);
  for (std::size_t r = 0; r < 28 * zoom; ++r)
    for (std::size_t c = 0; c < 28 * zoom; ++c) {
      const double ink = digit[r / zoom * 28 + c / zoom] / 255.0;
      picture(r + 5, c + 50) =
          static_cast<std::uint8_t>(dark_on_light ? 240.0 - 230.0 * ink : 10.0 + 230.0 * ink);
    }
  return picture;
}

}  // namespace

TEST_CASE("a bar is scaled to 20 rows and centred", "[hand]") {
  Picture picture = blank(100, 60, 0);
  fill(picture, 10, 7, 40, 8, 255);  // 40 x 8 becomes 20 x 4
  Picture expected = blank(28, 28, 0);
  fill(expected, 4, 12, 20, 4, 255);  // its centre at 14, 14
  CHECK(difference(qfs::ch04::like_mnist(picture), expected) == "");
}

TEST_CASE("dark on light is turned round, and faint ink made full", "[hand]") {
  Picture picture = blank(100, 60, 200);
  fill(picture, 10, 7, 40, 8, 150);
  Picture expected = blank(28, 28, 0);
  fill(expected, 4, 12, 20, 4, 255);
  CHECK(difference(qfs::ch04::like_mnist(picture), expected) == "");
}

TEST_CASE("the centre of mass, not of the box, comes to the middle", "[hand]") {
  Picture picture = blank(40, 40, 0);
  fill(picture, 5, 5, 20, 4, 255);   // an L: a bar of 20 x 4 ...
  fill(picture, 21, 9, 4, 16, 255);  // ... and a foot of 4 x 16; the box is 20 x 20 already
  // mass 80 + 64; rows (80 * 10 + 64 * 18) / 144 = 13.56, columns (80 * 2 + 64 * 12) / 144 = 6.44:
  // offsets floor(14 - 13.56 + 0.5) = 0 and floor(14 - 6.44 + 0.5) = 8.
  Picture expected = blank(28, 28, 0);
  fill(expected, 0, 8, 20, 4, 255);
  fill(expected, 16, 12, 4, 16, 255);
  CHECK(difference(qfs::ch04::like_mnist(picture), expected) == "");
}

TEST_CASE("a picture smaller than 20 pixels is enlarged, a wide one keeps its shape", "[hand]") {
  Picture picture = blank(4, 7, 0);
  fill(picture, 1, 1, 2, 5, 255);  // 2 x 5 becomes 8 x 20
  Picture expected = blank(28, 28, 0);
  fill(expected, 10, 4, 8, 20, 255);
  CHECK(difference(qfs::ch04::like_mnist(picture), expected) == "");
  Picture line = blank(3, 400, 255);
  fill(line, 1, 10, 1, 300, 0);  // 1 x 300 becomes 1 x 20, not 0 x 20
  CHECK(std::ranges::count(qfs::values(qfs::ch04::like_mnist(line)), 255) == 20);
}

TEST_CASE("shrinking averages", "[hand]") {
  Picture picture = blank(44, 44, 0);
  fill(picture, 2, 2, 40, 40, 255);
  for (std::size_t r = 2; r < 42; ++r) picture(r, 13) = 0;  // one column of two under a new pixel
  const Picture digit = qfs::ch04::like_mnist(picture);
  CHECK(digit(14, 4) == 255);
  CHECK(digit(14, 9) == 128);  // columns 12 and 13: (255 + 0) / 2, rounded
}

TEST_CASE("the sides of the crop are rounded to whole pixels", "[hand]") {
  // 30 x 8 becomes 20 x 5.33, 30 x 10 becomes 20 x 6.67.
  for (const auto& [width, fitted] : {std::pair(8U, 5), std::pair(10U, 7)}) {
    Picture picture = blank(40, 40, 0);
    fill(picture, 5, 5, 30, width, 255);
    CHECK(std::ranges::count(qfs::values(qfs::ch04::like_mnist(picture)), 255) == 20 * fitted);
  }
}

TEST_CASE("the crop holds what has a quarter of the full ink", "[hand]") {
  for (int faint : {63, 64}) {
    Picture picture = blank(40, 40, 0);
    fill(picture, 5, 5, 20, 4, 255);
    picture(12, 11) = static_cast<std::uint8_t>(faint);  // two columns beside the bar
    const Picture digit = qfs::ch04::like_mnist(picture);
    CHECK(std::ranges::count(qfs::values(digit), 255) == 80);
    CHECK(std::ranges::count(qfs::values(digit), faint) == (faint == 64 ? 1 : 0));
  }
}

TEST_CASE("paper is the mean of all four borders", "[hand]") {
  // 24 x 24: 20 of the 92 pixels of the border are 255, so paper is 55.4. The other stroke, 200, is
  // 144.6 above it, and 144.6 * 255 / (255 - 55.4) = 184.7. The box is 20 x 20 already.
  for (int side = 0; side < 4; ++side) {
    Picture picture = blank(24, 24, 0);
    for (std::size_t c = 2; c < 22; ++c)
      for (const auto& [r, grey] : {std::pair<std::size_t, std::uint8_t>(0, 255), {19, 200}}) {
        const std::size_t near = side % 2 == 0 ? r : 23 - r;
        (side < 2 ? picture(near, c) : picture(c, near)) = grey;
      }
    const Picture digit = qfs::ch04::like_mnist(picture);
    INFO("side " << side);
    CHECK(std::ranges::count(qfs::values(digit), 255) == 20);
    CHECK(std::ranges::count(qfs::values(digit), 185) == 20);
  }
}

TEST_CASE("ink differs from the paper towards the other end, by 32 at least", "[hand]") {
  Picture expected = blank(28, 28, 0);
  fill(expected, 4, 12, 20, 4, 255);
  const auto bar = [](int paper, int ink) {
    Picture picture = blank(60, 60, static_cast<std::uint8_t>(paper));
    fill(picture, 10, 7, 40, 8, static_cast<std::uint8_t>(ink));
    return picture;
  };
  for (const auto& [paper, ink] : {std::pair(127, 250), {128, 10}, {0, 32}, {255, 223}})
    CHECK(difference(qfs::ch04::like_mnist(bar(paper, ink)), expected) == "");
  for (const auto& [on_paper, of_ink] : {std::pair(127, 10), {128, 250}, {0, 31}, {255, 224}})
    CHECK_THAT(
        message_of([&, paper = on_paper, ink = of_ink] { qfs::ch04::like_mnist(bar(paper, ink)); }),
        QFS_CONTAINS("shows no digit"));
  Picture glare = bar(200, 0);  // lighter than the paper is no ink
  fill(glare, 52, 52, 4, 4, 255);
  CHECK(difference(qfs::ch04::like_mnist(glare), expected) == "");
}

TEST_CASE("a picture without ink is refused", "[hand]") {
  const auto message = [](const Picture& picture) {
    return message_of([&] { qfs::ch04::like_mnist(picture); });
  };
  CHECK_THAT(message(blank(50, 50, 255)), QFS_CONTAINS("shows no digit"));
  CHECK_THAT(message(blank(50, 50, 0)), QFS_CONTAINS("shows no digit"));
  CHECK_THAT(message(blank(50, 50, 127)), QFS_CONTAINS("shows no digit"));
  CHECK_THAT(message(blank(1, 1, 0)), QFS_CONTAINS("shows no digit"));
  CHECK_THAT(message(blank(1, 1, 255)), QFS_CONTAINS("shows no digit"));
  CHECK_THAT(message(blank(0, 0, 0)), QFS_CONTAINS("empty"));
}

TEST_CASE("MNIST's own digits, enlarged and moved, come back", "[prop]") {
  const qfs::Dataset data = qfs::load_dataset("");
  const qfs::Mlp net = qfs::trained_or_pretrained({}, data);
  constexpr std::size_t kDigits = 100;
  Matrix<std::uint8_t> light = qfs::make_tensor<std::uint8_t>({kDigits, 784}), dark = light;
  for (std::size_t i = 0; i < kDigits; ++i) {
    const auto digit = qfs::row(data.test.pixels, i);
    const Picture from_light = qfs::ch04::like_mnist(enlarged(digit, 5, false));
    const Picture from_dark = qfs::ch04::like_mnist(enlarged(digit, 7, true));
    std::ranges::copy(qfs::values(from_light), qfs::row(light, i).begin());
    std::ranges::copy(qfs::values(from_dark), qfs::row(dark, i).begin());
  }
  const auto original = qfs::classify_ref(net, data.test.pixels);
  const std::span<const std::uint8_t> first(original.data(), kDigits);
  // Of 100, at most 5 may change class: the crop moves a faint edge, and the anti-aliasing of MNIST
  // differs from ours.
  CHECK(qfs::count_correct(qfs::classify_ref(net, light), first) >= 95);
  CHECK(qfs::count_correct(qfs::classify_ref(net, dark), first) >= 95);
}

TEST_CASE("--image refuses what is no picture, and weights of another size", "[hand]") {
  const Scratch scratch;
  qfs::save_png(scratch.path("bar.png"), [] {
    Picture picture = blank(30, 30, 255);
    fill(picture, 5, 13, 20, 4, 0);
    return picture;
  }());
  scratch.write("text.png", "this is no picture");
  qfs::Rng rng(1);
  const std::vector<std::size_t> widths = {100, 10};
  qfs::save_mlp(qfs::make_mlp(widths, rng), scratch.path("small"));
  qfs::Options options;
  CHECK_THAT(message_of([&] { qfs::ch04::classify_your_digit(scratch.path("text.png"), options); }),
             QFS_CONTAINS("text.png"));
  CHECK_THAT(message_of([&] { qfs::ch04::classify_your_digit(scratch.path("none.png"), options); }),
             QFS_CONTAINS("none.png"));
  options.weights_dir = scratch.path("small");
  CHECK_THAT(message_of([&] { qfs::ch04::classify_your_digit(scratch.path("bar.png"), options); }),
             QFS_CONTAINS("do not fit the pictures"));
}

TEST_CASE("--image with a net that overflows prints no answer", "[hand]") {
  const Scratch scratch;
  Picture picture = blank(30, 30, 255);
  fill(picture, 5, 13, 20, 4, 0);
  qfs::save_png(scratch.path("bar.png"), picture);
  qfs::Rng rng(1);
  const std::vector<std::size_t> widths = {784, 10};
  qfs::Mlp net = qfs::make_mlp(widths, rng);
  for (float& w : qfs::values(net.layers[0].weight)) w = 3e38F;
  qfs::save_mlp(net, scratch.path("huge"));
  const auto outcome =
      qfs::test::run_program(QFS_CH04_PROGRAM, "--image '" + scratch.path("bar.png") +
                                                   "' --weights '" + scratch.path("huge") + "'");
  CHECK(outcome.code == 2);
  CHECK(outcome.out == "04 MNIST MLP\n");
  CHECK_THAT(outcome.err, QFS_CONTAINS("not finite"));
}

TEST_CASE("a picture as text has two characters per pixel", "[hand]") {
  const std::vector<std::uint8_t> pixels = {0, 255, 128, 30};
  CHECK(qfs::ch04::ascii_picture(pixels, 2, 2) == "  |  @@|\n  |++..|\n");  // ten shades of 25.6
}

TEST_CASE("a sheet sets pictures side by side, with lines between", "[hand]") {
  const std::vector<Picture> pictures = {blank(1, 1, 10), blank(1, 1, 20), blank(1, 1, 30)};
  const Picture sheet = qfs::ch04::sheet_of(pictures, 2, 3);
  CHECK(qfs::shape_text(sheet) == "12 x 12");  // two of 3 pixels, three lines of 2
  CHECK(sheet(0, 0) == 96);
  CHECK(sheet(2, 2) == 10);
  CHECK(sheet(4, 9) == 20);
  CHECK(sheet(9, 4) == 30);
  CHECK(sheet(9, 9) == 96);
  CHECK_THROWS_AS(qfs::ch04::sheet_of({}, 2, 3), qfs::Error);
}

TEST_CASE("weights as grey: 128 is 0, the largest magnitude is an end", "[hand]") {
  const qfs::Linear layer = {.weight = {{0.5F, 0.0F, -0.25F, 0.125F}, {0, 0, 0, 0}},
                             .bias = {0, 0},
                             .weight_gradient = qfs::make_tensor<float>({2, 4}),
                             .bias_gradient = qfs::make_tensor<float>({2})};
  const auto pictures = qfs::ch04::weight_pictures(layer, 2, 2);
  REQUIRE(pictures.size() == 2);
  CHECK(difference(pictures[0], Picture{{255, 128}, {65, 160}}) == "");  // 128.5 - 63.5 = 65
  CHECK(difference(pictures[1], blank(2, 2, 128)) == "");
  CHECK_THROWS_AS(qfs::ch04::weight_pictures(layer, 28, 28), qfs::Error);
}

TEST_CASE("weights as grey: tiny weights look like large ones of the same proportions", "[hand]") {
  const qfs::Linear layer = {
      .weight = {{0.5e-30F, 0.0F, -0.25e-30F, 0.125e-30F}, {1e-44F, 0, 0, -1e-44F}},
      .bias = {0, 0},
      .weight_gradient = qfs::make_tensor<float>({2, 4}),
      .bias_gradient = qfs::make_tensor<float>({2})};
  const auto pictures = qfs::ch04::weight_pictures(layer, 2, 2);
  CHECK(difference(pictures[0], Picture{{255, 128}, {65, 160}}) == "");
  CHECK(difference(pictures[1], Picture{{255, 128}, {128, 1}}) == "");  // 128.5 - 127
}
