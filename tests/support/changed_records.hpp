// Model files that are broken on purpose: one record changed, the checksum right.
#pragma once

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/container_file.hpp"

namespace qfs::test {

// Each has a name of its own.
struct TemporaryFile {
  static inline int made = 0;
  std::string path =
      (std::filesystem::temp_directory_path() /
       ("qfs_model_test_" + std::to_string(getpid()) + "_" + std::to_string(made++) + ".qfs"))
          .string();
  TemporaryFile() = default;
  ~TemporaryFile() { std::filesystem::remove(path); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
};

using RecordChange = std::function<void(Record&)>;

// `file` with the record `name` changed.
inline std::vector<std::byte> with_changed_record(const std::vector<std::byte>& file,
                                                  const std::string& name,
                                                  const RecordChange& change) {
  std::vector<Record> records = parse_container(file, "a good file");
  for (Record& record : records)
    if (record.name == name) change(record);
  const TemporaryFile changed;
  save_container(changed.path, records);
  return read_file(changed.path);
}

// Another value in place i.
template <class T>
RecordChange element(std::size_t i, T value) {
  return
      [=](Record& record) { std::memcpy(record.bytes.data() + i * sizeof(T), &value, sizeof(T)); };
}

// Another shape, and as many bytes as it needs.
inline RecordChange shape(std::vector<std::size_t> dims) {
  return [=](Record& record) {
    record.bytes.resize(element_count(dims) * size_of(record.dtype));
    record.dims = dims;
  };
}

// Another text.
inline RecordChange text(const std::string& letters) {
  return [=](Record& record) {
    const auto bytes = std::as_bytes(std::span(letters));
    record.bytes.assign(bytes.begin(), bytes.end());
    record.dims = {letters.size()};
  };
}

}  // namespace qfs::test
