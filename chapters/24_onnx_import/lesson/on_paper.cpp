// Section 1: one Linear in three spellings, beside the integers worked out by hand.
#include <algorithm>
#include <cstdio>

#include "24_onnx_import/lesson/paper_example.hpp"
#include "24_onnx_import/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch24 {
namespace {

namespace paper = paper_onnx;

struct Spelled {
  const char* name;
  paper::Spelling spelling;
};
constexpr Spelled kSpellings[] = {{"QDQ", paper::Spelling::qdq},
                                  {"QDQ, int8 x and y, uint8 w", paper::Spelling::qdq_s8},
                                  {"QOperator", paper::Spelling::qoperator}};

std::string stored(const OnnxModel& model, const char* name) {
  const Record& tensor = *find_initializer(model, name);
  if (tensor.dtype == DType::s8)
    return list_text(std::span<const std::int8_t>(elements<std::int8_t>(tensor)));
  return list_text(std::span<const std::uint8_t>(elements<std::uint8_t>(tensor)));
}

std::vector<std::uint8_t> tensor_of(const QuantizedNet& net, std::size_t tensor) {
  const Matrix<float> x = {{paper::kInput[0], paper::kInput[1]}};
  NetBuffers buffers;
  run(pack(net, ref_backend(), onnx_operations()), x, buffers);
  return {buffers.u8[tensor].begin(), buffers.u8[tensor].end()};
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "A Linear of two inputs in three spellings");
  bool by_hand = true, one_net = true;
  for (const auto& [name, spelling] : kSpellings) {
    const OnnxModel model = paper::make_model(spelling);
    std::printf("  %s: w %s, zero points of x %s, w %s, y %s\n", name, stored(model, "w").c_str(),
                stored(model, "q_zero_point").c_str(), stored(model, "w_zero_point").c_str(),
                stored(model, "y_zero_point").c_str());
    for (const OnnxNode& node : model.nodes) std::printf("    %s\n", line_of(model, node).c_str());
    const QuantizedNet net = import_onnx(model, name);
    const auto q = tensor_of(net, 1), y = tensor_of(net, 2);
    const std::vector<int> q_ints(q.begin(), q.end()), y_ints(y.begin(), y.end());
    std::printf("    becomes %s; q_x %s, q_y %s\n", line_of(net.operations[1]).c_str(),
                list_text(std::span<const int>(q_ints)).c_str(),
                list_text(std::span<const int>(y_ints)).c_str());
    by_hand = by_hand && std::ranges::equal(q, paper::kQuantized) &&
              std::ranges::equal(y, paper::kOutput);
    one_net = one_net && net.operations.size() == 3 &&
              std::ranges::equal(net.weights[0].weight.q, paper::kWeight) &&
              net.tensors[1].params == paper::kX && net.tensors[2].params == paper::kY;
  }
  lesson.claims.expect(by_hand, "by hand = this program, in every spelling");
  lesson.claims.expect(one_net, "and one net: the same weights, scales and zero points");
}

}  // namespace qfs::ch24
