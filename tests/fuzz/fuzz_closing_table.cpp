// libFuzzer: what the chapters write with --json, as the closing table reads and prints it.
#include <cstdint>
#include <cstdio>
#include <span>

#include "tests/fuzz/memory_file.hpp"

#define main closing_table_main
#include "tools/closing_table.cpp"
#undef main

extern "C" int LLVMFuzzerInitialize(int*, char***) {  // libFuzzer itself writes to stderr
  return std::freopen("/dev/null", "w", stdout) == nullptr ? 1 : 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile file;
  try {
    closing_table({.files = {file.holding(std::as_bytes(std::span(data, size)))}});
  } catch (const qfs::Error&) {
  }
  return 0;
}
