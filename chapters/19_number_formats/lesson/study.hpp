// What the sections of this lesson share, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mcnemar.hpp"
#include "04_mnist_mlp/mean_interval.hpp"
#include "19_number_formats/lesson/formats.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch19 {

// How many seeds a mean and its interval come from.
inline constexpr std::uint64_t kSeeds = 5;

// McNemar tests of one table: every format against float, and every other against int4 per channel.
// Of so many, one counts whose p is below kCounts.
inline constexpr std::size_t kComparisons = 2 * kFormats.size() - 1;
inline constexpr double kCounts = 0.05 / static_cast<double>(kComparisons);

struct Study {
  Dataset data{};
  Mlp mlp{};
  std::vector<std::uint8_t> by_float{};  // its classes of the test digits, in fixed order
};

// The net with the weights of all layers as `format` stores them; biases stay float32.
struct StoredNet {
  Mlp mlp{};
  std::size_t weights = 0, bits = 0;
  double signal = 0.0, noise = 0.0;  // sums of squares over all weights, in order
  double bits_each() const { return static_cast<double>(bits) / static_cast<double>(weights); }
  double sqnr_db() const { return decibels(signal / noise); }
};
StoredNet stored_net(const Mlp& mlp, const Format& format);

// Numbers of a known distribution, rows of 1024.
enum class Shape { uniform, normal, laplace, outliers };
inline constexpr Shape kShapes[] = {Shape::uniform, Shape::normal, Shape::laplace, Shape::outliers};
const char* name_of(Shape shape);
Matrix<float> draw(Shape shape, std::uint64_t seed, std::size_t rows = 64);

void on_paper(Lesson& lesson);                                                  // section 1
void code_points(Lesson& lesson);                                               // 2
void distributions(Lesson& lesson);                                             // 3
void equal_shares(Lesson& lesson);                                              // 4
void trained_weights(const Study& study, Lesson& lesson);                       // 5
void accuracy(const Study& study, Lesson& lesson);                              // 6
void mistakes(const Study& study, Lesson& lesson);                              // 7
void trace(const Study& study);                                                 // 8
void all_seeds(const Study& study, const std::string& tables, Lesson& lesson);  // 9: --full

}  // namespace qfs::ch19
