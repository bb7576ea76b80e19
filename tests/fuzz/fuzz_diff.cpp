// libFuzzer: what ./learn diff is given. The input is four bytes that choose the options, then up
// to three .npy files, each after its length in two bytes: the integers, the floats or integers or
// sums they are compared with, and the scales or the bias.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>

#include "tests/fuzz/memory_file.hpp"

#include "diff/arguments.hpp"
#include "diff/report.hpp"

namespace {

constexpr std::array<const char*, 8> kNumbers = {"0.05", "1",     "0",    "-1",
                                                 "1e38", "1e-38", "1e99", "128"};

// Cuts the next file off the input.
std::span<const std::byte> next_file(std::span<const std::byte>& input) {
  if (input.size() < 2) return {};
  const std::size_t length =
      std::to_integer<std::size_t>(input[0]) + 256 * std::to_integer<std::size_t>(input[1]);
  const auto file = input.subspan(2).first(std::min(length, input.size() - 2));
  input = input.subspan(2 + file.size());
  return file;
}

// A number, or the third file.
std::string number_or_file(std::size_t choice, const std::string& file) {
  return choice % 16 < kNumbers.size() ? kNumbers[choice % 16] : file;
}

qfs::diff::Arguments arguments_of(std::span<const std::uint8_t, 4> choices,
                                  const std::string& second, const std::string& third) {
  const bool sums = (choices[0] & 1U) != 0, scales = (choices[0] & 2U) != 0;
  qfs::diff::Arguments a;
  (sums ? a.acc : a.theirs) = second;
  if ((choices[0] & 4U) != 0) a.bias = third;
  ((choices[0] & 8U) != 0 ? a.is_signed : a.is_unsigned) = true;
  a.bits = std::to_string(2 + choices[0] / 16 % 15);
  const std::string number = number_or_file(choices[1], third);
  if (!sums) a.scale = number;
  if (sums) (scales ? a.weight_scale : a.multiplier) = number;
  if (sums && scales) a.input_scale = "0.05", a.output_scale = "0.2";
  if (scales && !sums) a.weight = third;
  a.zero_point = number_or_file(choices[2], third);
  if (choices[3] % 4 != 3) a.axis = std::to_string(choices[3] % 4);
  return a;
}

// As ./learn diff answers.
int answer(const qfs::diff::Arguments& arguments) {
  const qfs::diff::Comparison comparison = qfs::diff::comparison(arguments);
  const auto findings = qfs::diff::search(comparison.rules, comparison.mine.values);
  return qfs::diff::print_findings(comparison.rules, findings, comparison.mine);
}

// ./learn diff knows a list of numbers by the end of its name.
struct NamedFile {
  MemoryFile file;
  std::string path = (std::filesystem::temp_directory_path() / "qfs-fuzz-XXXXXX").string();
  NamedFile() {
    if (::mkdtemp(path.data()) == nullptr) __builtin_trap();
    std::filesystem::create_symlink(file.holding({}), path + "/third.npy");
  }
  ~NamedFile() { std::filesystem::remove_all(path); }
  std::string holding(std::span<const std::byte> bytes) const {
    file.holding(bytes);
    return path + "/third.npy";
  }
};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {  // libFuzzer itself writes to stderr
  return std::freopen("/dev/null", "w", stdout) == nullptr ? 1 : 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile mine_file, theirs_file;
  static const NamedFile third_file;
  if (size < 4 || size > 2048) return 0;  // a thousand pairs of rules are tried on every element
  auto rest = std::as_bytes(std::span(data, size)).subspan(4);
  const std::string mine = mine_file.holding(next_file(rest)),
                    theirs = theirs_file.holding(next_file(rest)),
                    third = third_file.holding(next_file(rest));
  try {
    qfs::diff::Arguments a = arguments_of(std::span<const std::uint8_t, 4>(data, 4), theirs, third);
    a.mine = mine;
    const int code = answer(a);
    if (code != 0 && code != 1) __builtin_trap();
  } catch (const qfs::Error&) {
  }
  return 0;
}
