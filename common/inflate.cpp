#include "common/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "common/check.hpp"

namespace qfs {
namespace {

// Ends the stream when the inflating function returns or throws.
struct InflateStream {
  explicit InflateStream(Wrapper wrapper) {
    const int window_bits = 15 + (wrapper == Wrapper::gzip ? 16 : 0);  // zlib.h: + 16 means gzip
    require(inflateInit2(&z, window_bits) == Z_OK, "zlib cannot start", "", "", "free some memory");
  }
  ~InflateStream() { inflateEnd(&z); }
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;
  z_stream z{};
};

}  // namespace

Inflated inflate_at_most(std::span<const std::byte> compressed, Wrapper wrapper,
                         std::size_t max_bytes, const std::string& name) {
  require(compressed.size() <= std::numeric_limits<uInt>::max(), name + " is too large to inflate",
          compressed.size(), "less than 4 GiB", "check that this is the file you meant");
  InflateStream stream(wrapper);
  z_stream& z = stream.z;
  z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(compressed.data()));  // only read
  z.avail_in = static_cast<uInt>(compressed.size());

  constexpr std::size_t kFirst = std::size_t{1} << 16, kLargest = std::size_t{1} << 28;
  Inflated result;
  std::size_t filled = 0;
  while (!result.ended && filled < max_bytes) {
    const std::size_t room = std::min(std::clamp(filled, kFirst, kLargest), max_bytes - filled);
    result.bytes.resize(filled + room);
    z.next_out = reinterpret_cast<Bytef*>(result.bytes.data() + filled);
    z.avail_out = static_cast<uInt>(room);
    const int status = inflate(&z, Z_NO_FLUSH);
    filled += room - z.avail_out;
    if (status == Z_BUF_ERROR) break;  // neither input left nor room: the stream is cut off
    require(status == Z_OK || status == Z_STREAM_END, name + " is damaged: it cannot be inflated",
            z.msg != nullptr ? z.msg : "an unknown defect", "a sound compressed stream",
            "make or fetch the file again");
    result.ended = status == Z_STREAM_END;
  }
  result.bytes.resize(filled);
  result.consumed = compressed.size() - z.avail_in;
  return result;
}

}  // namespace qfs
