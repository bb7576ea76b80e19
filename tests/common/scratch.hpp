// What the tests of files need: a directory that goes away, bytes in and out of files, and the
// message of an Error.
#pragma once

#include <unistd.h>
#include <zlib.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/check.hpp"

namespace qfs::test {

using Bytes = std::vector<std::byte>;

inline Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// A u32 as four bytes, the highest first.
inline Bytes big_endian(std::uint32_t number) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::byte>(number >> shift & 0xff));
  return bytes;
}

// A directory of its own for one test, removed at the end with what is in it.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "qfs-test-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "no temporary directory", name, "", "");
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path(const std::string& name = "") const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }
  std::string write(const std::string& name, std::span<const std::byte> bytes) const {
    std::ofstream file(path_ / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return path(name);
  }
  std::string write(const std::string& name, std::string_view text) const {
    return write(name, std::as_bytes(std::span(text)));
  }
  std::string text_of(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Bytes content_of(const std::string& name) const { return bytes_of(text_of(name)); }
  std::size_t count_of_files() const {
    const std::filesystem::directory_iterator files(path_);
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }

 private:
  std::filesystem::path path_;
};

// Gives an environment variable another value until its end.
class OtherVariable {
 public:
  OtherVariable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~OtherVariable() {
    if (before_)
      ::setenv(name_, before_->c_str(), 1);
    else
      ::unsetenv(name_);
  }
  OtherVariable(const OtherVariable&) = delete;
  OtherVariable& operator=(const OtherVariable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

// Until its end the test runs as a user without privileges who owns these folders: root may do
// everything, which no test of a permission could see. Whoever is not root stays who they are.
class Nobody {
 public:
  explicit Nobody(const std::vector<std::string>& folders) {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() != 0) return;
    for (const std::string& folder : folders) {
      changed_ = ::chown(folder.c_str(), kNobody, kNobody) == 0;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        changed_ = ::lchown(entry.path().c_str(), kNobody, kNobody) == 0 && changed_;
    }
    changed_ = changed_ && ::seteuid(kNobody) == 0;
  }
  ~Nobody() {
    if (changed_ && ::seteuid(0) != 0) std::abort();
  }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;
  // False where even that is not allowed, as in some containers: such a test cannot be made there.
  bool is_somebody_else() const { return ::geteuid() != 0; }

 private:
  bool changed_ = false;
};

enum class Format { zlib, gzip };

// `bytes` compressed by zlib, framed as PNG's IDAT (zlib) or as a .gz file.
inline Bytes compressed(std::span<const std::byte> bytes, Format format) {
  z_stream z{};
  require(deflateInit2(&z, 9, Z_DEFLATED, format == Format::gzip ? 31 : 15, 9,
                       Z_DEFAULT_STRATEGY) == Z_OK,
          "deflateInit2 failed", "", "", "");
  Bytes result(deflateBound(&z, static_cast<uLong>(bytes.size())));
  z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(result.data());
  z.avail_out = static_cast<uInt>(result.size());
  const int status = deflate(&z, Z_FINISH);
  result.resize(z.total_out);
  deflateEnd(&z);
  require(status == Z_STREAM_END, "deflate failed", status, Z_STREAM_END, "");
  return result;
}

}  // namespace qfs::test
