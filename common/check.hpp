// Errors that say what, got, expected and what to do; and claims, the sentences a lesson prints
// only if they are true.
#pragma once

#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>

namespace qfs {

// Bad usage, or missing or broken data. A program that ends with it has exit code 2.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// An Error about what the user may read or write: its remedy is the same whatever the file holds.
class PermissionError : public Error {
 public:
  using Error::Error;
};

// The text of an Error. `got` and `expected` may be empty when the sentence `what` says it all.
std::string error_text(std::string_view what, std::string_view got, std::string_view expected,
                       std::string_view what_to_do, const char* file = __builtin_FILE(),
                       int line = __builtin_LINE());

// Throws Error with that text.
[[noreturn]] void fail(std::string_view what, std::string_view got, std::string_view expected,
                       std::string_view what_to_do, const char* file = __builtin_FILE(),
                       int line = __builtin_LINE());

namespace detail {
std::string number_text(double value);  // as printf's %g
std::string number_text(long long value);
std::string number_text(unsigned long long value);
}  // namespace detail

// The text of a text, of a number (int8 too), or of what a function without arguments returns.
template <class T>
std::string to_message(const T& value) {
  if constexpr (std::invocable<const T&>)
    return to_message(value());
  else if constexpr (std::convertible_to<const T&, std::string_view>)
    return std::string(std::string_view(value));
  else if constexpr (std::floating_point<T>)
    return detail::number_text(static_cast<double>(value));
  else if constexpr (std::signed_integral<T>)
    return detail::number_text(static_cast<long long>(value));
  else
    return detail::number_text(static_cast<unsigned long long>(value));
}

// A part of a message, whose text is made on failure alone: a reference to what to_message takes,
// for the length of one call. One type for all of them, so that a check compiles into a compare and
// a call.
class MessagePart {
 public:
  MessagePart(const char* text)
      : value_(text),
        text_([](const void* chars) { return std::string(static_cast<const char*>(chars)); }) {}
  template <class T>
  MessagePart(const T& value)
      : value_(&value),
        text_([](const void* it) { return to_message(*static_cast<const T*>(it)); }) {}
  std::string text() const { return text_(value_); }

 private:
  const void* value_;
  std::string (*text_)(const void*);
};

// fail, of parts.
[[noreturn]] void fail_with(MessagePart what, MessagePart got, MessagePart expected,
                            std::string_view what_to_do, const char* file, int line);

// Throws Error with file and line unless `condition` holds.
//   require(k > 0, "K must be positive", k, "at least 1", "check the shape of the weights");
// An argument is computed before the call, needed or not. Where that would be a text put together,
// and the check is made for every number of a tensor, `what`, `got` and `expected` may each be a
// function that returns it, called on failure alone:
//   require(label <= 9, [&] { return name + ": label " + std::to_string(i); }, label, 9, "...");
inline void require(bool condition, MessagePart what, MessagePart got, MessagePart expected,
                    std::string_view what_to_do, const char* file = __builtin_FILE(),
                    int line = __builtin_LINE()) {
  if (!condition) fail_with(what, got, expected, what_to_do, file, line);
}

// The text of an Error with another advice.
std::string with_other_advice(std::string_view error_text, std::string_view what_to_do);

// Runs `work`. An Error that it throws gets `what_to_do` for its advice: whoever knows where a file
// comes from knows a better remedy than the reader of its bytes. A PermissionError stays.
template <class Work>
auto with_advice(std::string_view what_to_do, Work&& work) {
  try {
    return work();
  } catch (const PermissionError&) {
    throw;
  } catch (const Error& error) {
    throw Error(with_other_advice(error.what(), what_to_do));
  }
}

// The claims of one lesson. Every sentence is printed with its verdict, and one false claim makes
// the program end with exit code 1.
class Claims {
 public:
  // Prints "  [ok] text" or "  [FAILED] text"; returns `holds`. A claim that only some CPUs can
  // make names the instruction set: "  [avx2] [ok] text" (tools/golden.cpp).
  bool expect(bool holds, std::string_view text, std::string_view instruction_set = {});
  // The same for two values that must be equal; a failure prints both.
  template <class T, class U>
  bool expect_equal(const T& got, const U& expected, std::string_view text) {
    if (got == expected) return expect(true, text);
    return expect(false, std::string(text) + ": got " + to_message(got) + ", expected " +
                             to_message(expected));
  }
  int failed() const { return failed_; }

 private:
  int failed_ = 0;
};

}  // namespace qfs
