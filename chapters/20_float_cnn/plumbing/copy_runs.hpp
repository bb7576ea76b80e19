// Copies of runs of a few bytes, all of one length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace qfs {

// Calls write(copy) with what copies a run of `size` bytes: by blocks, the last of which ends where
// the run does. How many blocks there are is known to the compiler, unless they are many: two
// instructions a block and no loop, where memcpy would first have to find out how long the run is.
template <class Write>
void by_size(std::size_t size, Write&& write) {
  const auto blocks = [&]<std::size_t block, std::size_t count>() {
    write([size](const std::uint8_t* from, std::uint8_t* to) {
      for (std::size_t i = 0; i + 1 < count; ++i)
        std::memcpy(to + i * block, from + i * block, block);
      std::memcpy(to + size - block, from + size - block, block);
    });
  };
  if (size == 1) return blocks.template operator()<1, 1>();
  if (size <= 3) return blocks.template operator()<2, 2>();
  if (size <= 8) return blocks.template operator()<4, 2>();
  if (size <= 16) return blocks.template operator()<8, 2>();
  if (size <= 32) return blocks.template operator()<16, 2>();
  if (size <= 48) return blocks.template operator()<16, 3>();
  if (size <= 64) return blocks.template operator()<16, 4>();
  write([size](const std::uint8_t* from, std::uint8_t* to) {
    for (std::size_t i = 0; i + 16 < size; i += 16) std::memcpy(to + i, from + i, 16);
    std::memcpy(to + size - 16, from + size - 16, 16);
  });
}

}  // namespace qfs
