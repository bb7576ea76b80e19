// libFuzzer: compressed streams, taken as they are, and bytes that are compressed first and must
// come back. The first two bytes choose the bound.
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "common/check.hpp"
#include "common/inflate.hpp"

namespace {

void inflate(std::span<const std::byte> stream, std::size_t bound) {
  for (const auto wrapper : {qfs::Wrapper::zlib, qfs::Wrapper::gzip}) try {
      const qfs::Inflated inflated = qfs::inflate_at_most(stream, wrapper, bound, "input");
      if (inflated.bytes.size() > bound || inflated.consumed > stream.size()) __builtin_trap();
    } catch (const qfs::Error&) {
    }
}

void deflate_and_inflate(std::span<const std::byte> bytes, std::size_t bound) {
  uLongf size = compressBound(bytes.size());
  std::vector<std::byte> stream(size);
  compress2(reinterpret_cast<Bytef*>(stream.data()), &size,
            reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), 1);
  const std::span<const std::byte> packed = std::span(stream).first(size);
  const qfs::Inflated all = qfs::inflate_at_most(packed, qfs::Wrapper::zlib, bound, "input");
  if (!std::ranges::equal(all.bytes, bytes.first(std::min(bound, bytes.size())))) __builtin_trap();
  if (bound > bytes.size() && !(all.ended && all.consumed == size)) __builtin_trap();
  const auto cut = qfs::inflate_at_most(packed.first(size - 1), qfs::Wrapper::zlib, bound, "input");
  if (cut.ended) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t bound = std::size_t{data[0]} << data[1] % 13;
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(2);
  inflate(bytes, bound);
  deflate_and_inflate(bytes, bound);
  return 0;
}
