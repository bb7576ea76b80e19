// A 64-bit integer that knows no float: it is neither made from one nor turned into one. A function
// template that compiles and runs with it in place of std::int64_t holds no float arithmetic.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <type_traits>

namespace qfs::test {

class IntegerOnly {
 public:
  constexpr IntegerOnly() = default;
  template <std::integral T>
  constexpr explicit IntegerOnly(T value) : value_(value) {}
  template <std::floating_point T>
  IntegerOnly(T) = delete;
  template <std::integral T>
  constexpr explicit operator T() const {
    return static_cast<T>(value_);
  }

  friend constexpr auto operator<=>(IntegerOnly, IntegerOnly) = default;
  friend constexpr IntegerOnly operator+(IntegerOnly a, IntegerOnly b) {
    return IntegerOnly(a.value_ + b.value_);
  }
  friend constexpr IntegerOnly operator-(IntegerOnly a, IntegerOnly b) {
    return IntegerOnly(a.value_ - b.value_);
  }
  friend constexpr IntegerOnly operator*(IntegerOnly a, IntegerOnly b) {
    return IntegerOnly(a.value_ * b.value_);
  }
  friend constexpr IntegerOnly operator&(IntegerOnly a, IntegerOnly b) {
    return IntegerOnly(a.value_ & b.value_);
  }
  friend constexpr IntegerOnly operator>>(IntegerOnly a, int shift) {
    return IntegerOnly(a.value_ >> shift);
  }
  friend constexpr IntegerOnly operator<<(IntegerOnly a, int shift) {
    return IntegerOnly(a.value_ << shift);
  }

 private:
  std::int64_t value_ = 0;
};

static_assert(!std::is_constructible_v<IntegerOnly, float> &&
              !std::is_constructible_v<IntegerOnly, double>);
static_assert(!std::is_constructible_v<float, IntegerOnly> &&
              !std::is_constructible_v<double, IntegerOnly>);

}  // namespace qfs::test
