// One node of a graph, read so that nothing in it goes unread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "23_onnx_export/onnx_model.hpp"

namespace qfs {

// "node '/fc1/Gemm' (Gemm)"; of a node without a name, that of its first output.
std::string name_of(const OnnxNode& node);

class NodeReader {
 public:
  explicit NodeReader(const OnnxNode& node) : node_(node) {}

  const OnnxNode& node() const { return node_; }
  std::string name() const { return name_of(node_); }

  // Input i has a name. Inputs at the end, and those with an empty name, are left out.
  bool has(std::size_t i) const;
  // Throws Error where it is left out.
  const std::string& input(std::size_t i) const;
  // Throws Error unless there are so many inputs, and exactly these outputs.
  void require_ends(std::size_t least_inputs, std::size_t most_inputs, std::size_t outputs = 1);

  // An attribute, or what counts where it is not given. Throws Error where it is of another type.
  std::int64_t integer(const std::string& attribute, std::int64_t otherwise);
  float real(const std::string& attribute, float otherwise);
  std::string text(const std::string& attribute, const std::string& otherwise);
  std::vector<std::int64_t> integers(const std::string& attribute,
                                     std::vector<std::int64_t> otherwise);
  const Record* tensor(const std::string& attribute);

  // Throws Error unless the attribute has this value, or is not given.
  void require_integer(const std::string& attribute, std::int64_t value);

  // An attribute that nobody has asked for would mean something that is not done.
  void require_all_read() const;

  [[noreturn]] void refuse(const std::string& what, const std::string& got,
                           const std::string& expected, const std::string& what_to_do) const;

 private:
  template <class T>
  const T* find(const std::string& attribute);
  const OnnxNode& node_;
  std::set<std::string> read_{};
};

}  // namespace qfs
