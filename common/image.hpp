// PNG pictures in and out. PNG is the only format that is compiled in, and the header is checked
// before the decoder allocates anything.
#pragma once

#include <cstdint>
#include <string>

#include "common/tensor.hpp"

namespace qfs {

// A grey picture, rows x cols; colour is converted to grey. Throws Error on a file that is missing,
// truncated, not a PNG, or larger than max_side in either direction.
Matrix<std::uint8_t> load_png(const std::string& path, std::size_t max_side = 4096);

// The same from memory; `name` is for messages.
Matrix<std::uint8_t> decode_png(std::span<const std::byte> file, const std::string& name,
                                std::size_t max_side = 4096);

// Writes a grey PNG, atomically.
void save_png(const std::string& path, const Matrix<std::uint8_t>& picture);

}  // namespace qfs
