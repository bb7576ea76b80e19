// The parts of the lesson that have a file of their own.
#pragma once

#include <string>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs {

// on_paper.cpp, section 2: a 2-2-2 net, one picture, one step, every number shown and checked.
void on_paper(Lesson& lesson);

// Loss and share of right answers on the test digits.
struct Exam {
  double loss = 0.0, share = 0.0;
};
inline Exam exam_of(const Matrix<float>& logits, const TestDigits& digits) {
  auto gradient = make_tensor<float>({logits.shape(0), logits.shape(1)});  // of no use here
  const float loss = cross_entropy(logits, digits.labels, gradient);
  const std::size_t correct = count_correct(argmax_rows(logits), digits.labels);
  return {static_cast<double>(loss),
          static_cast<double>(correct) / static_cast<double>(digits.size())};
}
// By BLAS, so for curves only. x holds all of the digits, normalized.
inline Exam examine(const Mlp& net, const Matrix<float>& x, const TestDigits& digits) {
  MlpBuffers buffers;
  return exam_of(forward(net, x, buffers), digits);
}
// In fixed order: the same on every machine.
inline Exam examine_ref(const Mlp& net, const Matrix<float>& x, const TestDigits& digits) {
  return exam_of(forward_ref(net, x), digits);
}

// what_it_learned.cpp, section 4: the classes `predicted` for the test digits against the truth.
void what_it_learned(const Mlp& net, const std::vector<std::uint8_t>& predicted,
                     const TestDigits& digits, const std::string& name);

// softmax_twice.cpp, section 5: the mistake, trained beside the right thing.
void softmax_twice(const Dataset& data, Lesson& lesson);

// trace.cpp, section 7: one neuron, one logit, one gradient of the first digit the net gets wrong.
void trace(const Mlp& net, const TestDigits& digits, const std::vector<std::uint8_t>& predicted);

}  // namespace qfs
