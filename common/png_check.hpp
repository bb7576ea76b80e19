// Whether a PNG file is whole and sound: what stb_image takes on trust is verified here first.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace qfs {

// Throws Error, with `name` in its message, unless `file` is a PNG signature and chunks whose CRCs
// are right, IHDR first and IEND last with nothing after it, and its IDAT chunks inflate (checksum
// right) to exactly the bytes that the picture's size needs. Sides must be 1 to max_side pixels.
// Source: PNG specification, second edition, https://www.w3.org/TR/2003/REC-PNG-20031110/
void check_png(std::span<const std::byte> file, const std::string& name, std::size_t max_side);

}  // namespace qfs
