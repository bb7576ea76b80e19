// All that toy.cpp needs, as files.
#include <filesystem>

#include "06_static_ptq/lesson/study.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "common/bytes.hpp"

namespace qfs::ch06 {
namespace {

// An IDX file: 0, 0, 8 (bytes), the number of dimensions; each dimension as 4 bytes, highest first.
std::string idx_file(std::initializer_list<std::size_t> dims,
                     std::span<const std::uint8_t> content) {
  std::string file = {0, 0, 8, static_cast<char>(dims.size())};
  for (std::size_t extent : dims)
    for (int shift : {24, 16, 8, 0}) file += static_cast<char>(extent >> shift & 0xff);
  for (std::uint8_t byte : content) file += static_cast<char>(byte);
  return file;
}

}  // namespace

void export_for_toy(const Study& study, const std::string& directory) {
  const TestDigits& digits = study.data.test;
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  require(!failed, "cannot make the directory " + directory, failed.message(),
          "a place to write to", "choose another directory for --export");
  save_model(directory + "/net.qfs", study.net);
  write_file_atomically(directory + "/digits.idx",
                        idx_file({digits.size(), digits.rows, digits.cols}, values(digits.pixels)));
  write_file_atomically(directory + "/labels.idx", idx_file({digits.size()}, digits.labels));
}

}  // namespace qfs::ch06
