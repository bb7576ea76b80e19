// A file of named, typed, checked records: the container of every model file of this course.
//
// Layout, all numbers little-endian:
//   8 bytes   magic "QFSMODEL"
//   u32       version (1)
//   u32       number of records
//   per record: u32 name length, name; u8 dtype; u8 rank; u64 per dimension; u64 byte count; bytes
//   u32       CRC-32 of everything before it
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/tensor.hpp"

namespace qfs {

enum class DType : std::uint8_t { u8 = 1, s8 = 2, s32 = 3, s64 = 4, f32 = 5, f64 = 6 };

std::size_t size_of(DType dtype);  // bytes of one element

struct Record {
  std::string name;
  DType dtype = DType::u8;
  std::vector<std::size_t> dims;
  std::vector<std::byte> bytes;  // element_count(dims) * size_of(dtype)
};

// Writes atomically; returns the file's size in bytes.
std::size_t save_container(const std::string& path, const std::vector<Record>& records);

// Throws Error when the file is missing, is not a container, has another version, is
// truncated or longer than its records say, or when one bit of it has changed. Allocates at
// most the file's size.
std::vector<Record> load_container(const std::string& path);

// The same from memory; `name` is for messages.
std::vector<Record> parse_container(std::span<const std::byte> file, const std::string& name);

// The record called `name` with this type and rank; Error when there is none.
const Record& find_record(const std::vector<Record>& records, const std::string& name, DType dtype,
                          std::size_t rank);

}  // namespace qfs
