// Chapter 01: affine math.
#include "01_affine_math/affine.hpp"
#include "tests/support/catch.hpp"
TEST_CASE("placeholder to be replaced within minutes") { CHECK(qfs::unsigned_range(8).qmax == 255); }
