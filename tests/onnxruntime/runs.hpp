// What ONNX Runtime is asked to run: every net in every form, with its optimizations and without.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/onnxruntime/nets.hpp"

namespace qfs {

// One way to run a net.
struct Run {
  const NamedNet* net;
  std::string form;  // "qdq", "qoperator", "standard", "dynamic": a column of the table
  OnnxOptions options{};
  std::size_t batch = kDynamicBatch;
  bool optimized = true;
  bool wrong_bias_scale = false;  // a mistake made on purpose
  std::string model() const;      // the file's name
  std::string name() const;       // one for each run
};
std::vector<Run> runs_of(const std::vector<NamedNet>& nets);

// What differs between us and ONNX Runtime on all test digits. Logits differ in a bit, or not.
struct Difference {
  std::size_t integers = 0, of_integers = 0, logits = 0, classes = 0;
  std::map<std::string, std::size_t> by_tensor{};  // of the integers
  Difference& operator+=(const Difference& other);
  bool none() const { return integers + logits + classes == 0; }
};

// On the test digits `x`; run.cjs has left its results in `folder`.
Difference compare(const Run& run, const Matrix<float>& x, const std::string& folder);

// "QuantizeLinear, 3 QGemm, DequantizeLinear": the graph that ONNX Runtime has made of it.
std::string operators_of(const Run& run, const std::string& folder);

// The same in the order of the alphabet, without what only turns pictures: Transpose, and the Nhwc
// of NhwcMaxPool. DynamicQuantizeMatMul, whose integers nobody could see, is the two operators that
// it is made of. To name a tensor of integers an output must not change these.
std::vector<std::string> arithmetic_of(const Run& run, const std::string& folder);

}  // namespace qfs
