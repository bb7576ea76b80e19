// Judges exercise 2.4.
#include "4_find_the_rule.hpp"

#include "01_affine_math/affine.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/reference.hpp"

const qfs::test::Assertions kAssertions(132);

TEST_CASE("2.4 every integer of the colleague") {
  const auto floats = qfs::test::load_reference<float, 2>("ch02/mystery_floats");
  const auto integers = qfs::test::load_reference<std::uint8_t, 2>("ch02/mystery_integers");
  int chapter_01_differs = 0;
  for (std::size_t i = 0; i < floats.size(); ++i) {
    const float x = qfs::values(floats)[i];
    INFO("x = " << x << ", which is " << x / 0.25F << " steps");
    CHECK(exercise::quantize_as_they_do(x) == +qfs::values(integers)[i]);
    chapter_01_differs +=
        qfs::quantize_value(x, {0.25F, 7}, qfs::unsigned_range(5)) != qfs::values(integers)[i] ? 1
                                                                                               : 0;
  }
  CHECK(chapter_01_differs == 13);
}

TEST_CASE("2.4 and what they would make of floats outside the range") {
  CHECK(exercise::quantize_as_they_do(100.0F) == 31);
  CHECK(exercise::quantize_as_they_do(-100.0F) == 0);
  CHECK(exercise::quantize_as_they_do(1e30F) == 31);
}
