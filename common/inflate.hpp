// Decompression (zlib's) with a bound on what comes out, so that no small file can fill the memory.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace qfs {

enum class Wrapper { zlib, gzip };  // the framing around the deflate stream: PNG's, and .gz files'

struct Inflated {
  std::vector<std::byte> bytes;  // at most the bound
  bool ended = false;        // the stream's end was reached, and its checksum and length are right
  std::size_t consumed = 0;  // bytes of the input that were used
};

// Inflates until the stream ends, the input ends, or `max_bytes` have come out. Memory is taken as
// bytes come: at most twice as many bytes as came out, and three times while they are moved to a
// larger place; 64 KB at the least. Throws Error, with `name` in its message, where
// the stream is damaged.
Inflated inflate_at_most(std::span<const std::byte> compressed, Wrapper wrapper,
                         std::size_t max_bytes, const std::string& name);

}  // namespace qfs
