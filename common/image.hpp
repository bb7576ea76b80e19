// PNG pictures in and out. PNG is the only format that is compiled in, and the whole file is
// checked before the decoder sees it.
#pragma once

#include <cstdint>
#include <string>

#include "common/tensor.hpp"

namespace qfs {

// A grey picture, rows x cols, 0 black and 255 white; colour is converted to grey, and what
// is transparent shows white paper. Throws Error on a file that is missing, not a PNG,
// truncated, damaged in any bit (every checksum is verified), longer than its last chunk, or
// larger than max_side in either direction. Memory follows what the file really holds, not
// what its header claims.
Matrix<std::uint8_t> load_png(const std::string& path, std::size_t max_side = 4096);

// The same from memory; `name` is for messages.
Matrix<std::uint8_t> decode_png(std::span<const std::byte> file, const std::string& name,
                                std::size_t max_side = 4096);

// Writes a grey PNG, atomically.
void save_png(const std::string& path, const Matrix<std::uint8_t>& picture);

}  // namespace qfs
