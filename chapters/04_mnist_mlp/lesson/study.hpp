// What the sections of this lesson share. One file a section, in the order of the text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mlp.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch04 {

// How to train.
struct Plan {
  int epochs = 10;
  int digits = 0;  // the first so many training digits; 0: all

  bool is_recipe() const { return epochs == 10 && digits == 0; }
};

void the_data(const Dataset& data, Lesson& lesson);  // section 1
void on_paper(Lesson& lesson);                       // 2
Mlp training(const TrainDigits& digits, const TestDigits& test, const Plan& plan,
             Lesson& lesson);  // 3
// `predicted`: the classes of the test digits by `net`, which is called `name`.
void what_it_learned(const Mlp& net, const std::vector<std::uint8_t>& predicted,
                     const TestDigits& digits, const std::string& name);  // 4
void mistakes(const Dataset& data, Lesson& lesson);                       // 5
// `folder` holds the weights of `net`.
void the_float_row(const Mlp& net, const std::string& folder, const TestDigits& digits,
                   const std::vector<std::uint8_t>& predicted, Lesson& lesson);  // 6
// The first digit that the net gets wrong.
void trace(const Mlp& net, const TestDigits& digits,
           const std::vector<std::uint8_t>& predicted);  // 7

// --digits: the first `count` of them; all where it is 0. Throws Error where there are fewer.
TrainDigits digits_to_learn(const TrainDigits& all, int count);

// --pictures: the first layer's weights, and the first hundred wrong digits in test order, as PNG.
void write_pictures(const std::string& folder, const Mlp& net, const TestDigits& digits,
                    const std::vector<std::uint8_t>& predicted);

// `./learn 4 --image my.png`: what the net makes of a digit of the reader's own. Throws Error when
// the file is no PNG or shows no digit, or the weights take other pictures.
void classify_your_digit(const std::string& image, const Options& options);

// Neurons of the first layer whose output is 0 on every one of these digits.
std::size_t count_silent(const Linear& layer, const Matrix<std::uint8_t>& pixels);

// Loss and share of right answers on the test digits.
struct Exam {
  double loss = 0.0, share = 0.0;
};
// By BLAS, so for curves only. x holds all of the digits, normalized.
Exam examine(const Mlp& net, const Matrix<float>& x, const TestDigits& digits);
// In fixed order: the same on every machine.
Exam examine_ref(const Mlp& net, const Matrix<float>& x, const TestDigits& digits);

}  // namespace qfs::ch04
