// What the kernels of this chapter work on. Their instructions multiply four inputs at once, u8 by
// s8, and add the four products to a lane of 32 bits: nothing in between that could saturate, and
// so nothing to prove (chapter 11).
//
// The weights lie in fours, for all of them alike. A line is 64 bytes: four inputs of 16 outputs.
//
// [line]
//   output      |      n      |     n+1     | ... |    n+15     |
//   a line of w | k k+1 k+2 k+3 k k+1 k+2 k+3 ...   k k+1 k+2 k+3   64 s8
//   a row of x  | k k+1 k+2 k+3 |                                    4 u8, met by all 16 outputs
// [/line]
//
// A block is the lines of 16 outputs, one after the other for all inputs. The rows of x stay in
// memory as they are.
//
// The files vnni256_tile.cpp, vnni512_tile.cpp and amx_tile.cpp are compiled for what their names
// say. They see this header, the intrinsics and C's memcpy: no inline function that another file
// might share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace qfs::fours {

inline constexpr std::size_t kInputs = 4;    // of a line
inline constexpr std::size_t kOutputs = 16;  // of a line, and of a block
inline constexpr std::size_t kLineBytes = kInputs * kOutputs;
inline constexpr std::size_t kTileRows = 16;  // of a tile register: rows of x, or lines of w
inline constexpr std::size_t kTileInputs = kTileRows * kInputs;

// [part]
// A part of a product: some rows, some blocks of outputs, all inputs.
struct Part {
  const std::uint8_t* x;  // of the first row
  std::size_t x_stride;   // bytes from row to row
  std::size_t rows;
  const std::int8_t* w;      // the first line of the first block, 64-byte aligned
  std::size_t block_stride;  // bytes from block to block
  std::size_t blocks;
  std::size_t lines;          // of each block: 4 inputs each
  std::size_t run_lines;      // so many of them (AMX: all) find their inputs side by side, ...
  std::size_t run_step;       // ... the next ones so many bytes further
  const std::int32_t* start;  // what the sums begin with, one an output
  std::int32_t* sums;         // of the first row
  std::size_t sums_stride;    // numbers from row to row
};
// [/part]

struct Kernel {
  const char* name;
  // Of a whole tile (chapter 10), whose sums stay in registers; one of fewer blocks may have more
  // rows. AMX's takes 2 x 2 tile registers of sums.
  std::size_t rows;
  std::size_t blocks;  // of a tile; a Part has as many, or fewer
  std::size_t inputs;  // of a step: a Part has a multiple of them
  void (*multiply)(const Part& part);
  // Both null; or configure is called before Parts of so many rows (a multiple of `rows`, or fewer
  // than them), and release after them.
  void (*configure)(std::size_t rows);
  void (*release)();
};

void multiply_vnni256(const Part& part);  // vnni256_tile.cpp
void multiply_vnni512(const Part& part);  // vnni512_tile.cpp
// amx_tile.cpp
void multiply_amx(const Part& part);
void load_tile_configuration(const void* bytes);  // 64 of them: amx.hpp
void release_tiles();

}  // namespace qfs::fours
