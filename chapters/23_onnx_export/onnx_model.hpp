// An ONNX model as plain data: what a file holds of it, and nothing of how the file holds it. Bytes
// become this, and the other way round, in plumbing/onnx_file.hpp.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/container_file.hpp"

namespace qfs {

// [onnx_model]
// What an operator must know beside its inputs. A tensor is a Record: name, type, extents, bytes.
using OnnxAttribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                                   std::vector<float>, Record>;

// One operator of the graph. An input without a name is one that is left out.
struct OnnxNode {
  std::string op;  // "Gemm"
  std::vector<std::string> inputs, outputs;
  std::map<std::string, OnnxAttribute> attributes{};
  std::string domain{};  // empty: ONNX's own; "com.microsoft": ONNX Runtime's
  std::string name{};
};

// What goes into the graph or comes out of it. An extent without a number is the batch.
struct OnnxValue {
  std::string name;
  DType type = DType::f32;
  std::vector<std::optional<std::size_t>> dims{};
};

struct OnnxModel {
  std::int64_t ir_version = 7;                   // of the file's form
  std::map<std::string, std::int64_t> opsets{};  // domain to version: what its operators mean
  std::vector<OnnxNode> nodes{};                 // none before what it reads
  std::vector<Record> initializers{};            // the tensors that are known: weights, scales
  std::vector<OnnxValue> inputs{}, outputs{};
};
// [/onnx_model]

// A name out of a file, for messages: in quotes, cut to 60 letters, nothing unprintable in it.
std::string in_quotes(std::string_view name);

// The domain of the operators that only ONNX Runtime has.
inline constexpr const char* kMicrosoft = "com.microsoft";

// The initializer called `name`, or null.
const Record* find_initializer(const OnnxModel& model, std::string_view name);

// The node that writes `name`, or null.
const OnnxNode* find_writer(const OnnxModel& model, std::string_view name);

std::string_view name_of(DType type);  // "u8"

// "u8 [batch, 100]", "s8 [100, 784]", "f32 []"
std::string type_text(const OnnxValue& value);
std::string type_text(const Record& tensor);

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::same_as<T, std::uint8_t>) return DType::u8;
  if constexpr (std::same_as<T, std::int8_t>) return DType::s8;
  if constexpr (std::same_as<T, std::int32_t>) return DType::s32;
  if constexpr (std::same_as<T, std::int64_t>) return DType::s64;
  if constexpr (std::same_as<T, float>) return DType::f32;
}

// An initializer of some numbers. Throws Error where they do not fill the extents.
template <class T>
Record make_initializer(std::string name, std::span<const T> numbers,
                        std::vector<std::size_t> dims) {
  require(element_count(dims) == numbers.size(), "the numbers do not fill the initializer",
          numbers.size(), element_count(dims), "pass as many as its extents say");
  const auto bytes = std::as_bytes(numbers);
  return {std::move(name), dtype_of<T>(), std::move(dims), {bytes.begin(), bytes.end()}};
}

// Its numbers again. Throws Error where they are of another type.
template <class T>
std::vector<T> elements(const Record& tensor) {
  require(tensor.dtype == dtype_of<T>(), "the elements are of another type", name_of(tensor.dtype),
          name_of(dtype_of<T>()), "look at the tensor's type first");
  std::vector<T> numbers(tensor.bytes.size() / sizeof(T));
  if (!numbers.empty())
    std::memcpy(numbers.data(), tensor.bytes.data(), numbers.size() * sizeof(T));
  return numbers;
}

}  // namespace qfs
