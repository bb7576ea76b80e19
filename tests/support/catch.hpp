// Catch2 in the version that is installed: 2.13 (Debian 12) or 3.x.
#pragma once

#include <limits>

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#define QFS_CONTAINS(text) Catch::Matchers::ContainsSubstring(text)
#else
#include <catch2/catch.hpp>
#define QFS_CONTAINS(text) Catch::Matchers::Contains(text)
#endif

namespace qfs::test {
// Two floats that differ in the last bit must look different in a message.
inline const bool kAllDigitsShown = [] {
  Catch::StringMaker<float>::precision = std::numeric_limits<float>::max_digits10;
  return true;
}();
}  // namespace qfs::test
