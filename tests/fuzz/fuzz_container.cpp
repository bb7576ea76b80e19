// libFuzzer: model files, as a container of records.
#include <cstdint>
#include <span>

#include "common/container_file.hpp"
#include "tests/fuzz/mend_checksum.hpp"

namespace {

void parse(std::span<const std::byte> file) {
  try {
    for (const qfs::Record& record : qfs::parse_container(file, "input"))
      if (record.bytes.size() != qfs::element_count(record.dims) * qfs::size_of(record.dtype))
        __builtin_trap();
  } catch (const qfs::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parse_as_it_is_and_mended(data, size, parse);
  return 0;
}
