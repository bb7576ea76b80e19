// tdpbusd: a tile of 16 x 64 u8 times one of 64 x 16 s8, added to 16 x 16 sums.
#include <immintrin.h>

#include "bench/limits/limits.hpp"

namespace qfs::bench {
namespace {

// The layout that ldtilecfg reads.
struct alignas(64) TileConfig {
  unsigned char palette = 1, start_row = 0, reserved[14] = {};
  unsigned short bytes_of_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  unsigned char rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

}  // namespace

// Four sums, as a kernel of 2 x 2 tiles has them.
double limit_tdpbusd(std::size_t rounds) {
  const TileConfig config;
  _tile_loadconfig(&config);
  for (std::size_t round = 0; round < rounds; ++round) {
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
  _tile_release();
  return static_cast<double>(rounds) * 4 * 16 * 16 * 64;
}

}  // namespace qfs::bench
