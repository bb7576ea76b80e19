// What the kernel works on, and the kernel as three functions: by AVX2, and in plain C++ for any
// CPU, lane by lane the same.
//
// Rows stand in the lanes. A strip is eight rows, interleaved: for every four inputs, four bytes of
// each row, 32 bytes a step. The four weights of an output are broadcast to all of them. So a lane
// belongs to one output alone, and so does its proof.
//
// The file avx2_panel.cpp is compiled for AVX2. It sees this header and the intrinsics, and nothing
// of the standard library but std::memcpy (chapter 10, rungs.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

namespace qfs::panel {

inline constexpr std::size_t kStripRows = 8;  // the 32-bit lanes of a register
inline constexpr std::size_t kStrips = 4;     // at most at a time
inline constexpr std::size_t kRows = kStrips * kStripRows;
inline constexpr std::size_t kOutputs = 8;  // of a panel, at most
inline constexpr std::size_t kStepInputs = 4;
inline constexpr std::size_t kLongest = 8;  // steps of a group: 16 products a lane
inline constexpr std::size_t kTileOutputs = 8;

// [panel]
// Four weights of one output, and where their inputs lie.
struct Step {
  std::uint32_t k;  // of the first input; its bytes begin at 8 k of a strip
  std::int8_t w[kStepInputs];
};
// A few outputs, each with the same counts of groups: counts[i] groups of kLongest - i steps, in
// this order. The CPU learns where the loops end once for all of them.
struct Panel {
  const std::uint32_t* counts;
  std::size_t outputs;
  const std::uint32_t* output;  // which they are
  const Step* steps;            // of the first output, then of the second, ...
};
// [/panel]

struct Kernel {
  const char* name;
  // The products of the panel's outputs n with the rows of `strips` strips, each strip_bytes after
  // the other and 32-byte aligned, are added to sums[n * kRows + row]; or to start[n], if given.
  void (*multiply)(const Panel& panel, const std::uint8_t* x, std::size_t strip_bytes,
                   std::size_t strips, const std::int32_t* start, std::int32_t* sums);
  // Rows of K bytes, `stride` apart, 1 to 8 of them, to a strip of 8 (K rounded up to 4) bytes.
  // Rows that are not there are filled with some that are, inputs with 0.
  void (*interleave)(const std::uint8_t* rows, std::size_t stride, std::size_t count, std::size_t K,
                     std::uint8_t* strip);
  // The sums of eight outputs (kRows each) to rows of `outputs`, `stride` elements apart.
  void (*to_rows)(const std::int32_t* sums, std::size_t rows, std::size_t outputs,
                  std::int32_t* acc, std::size_t stride);
};

// avx2_panel.cpp
void multiply_avx2(const Panel& panel, const std::uint8_t* x, std::size_t strip_bytes,
                   std::size_t strips, const std::int32_t* start, std::int32_t* sums);
void interleave_avx2(const std::uint8_t* rows, std::size_t stride, std::size_t count, std::size_t K,
                     std::uint8_t* strip);
void to_rows_avx2(const std::int32_t* sums, std::size_t rows, std::size_t outputs,
                  std::int32_t* acc, std::size_t stride);

}  // namespace qfs::panel
