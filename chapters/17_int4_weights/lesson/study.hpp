// What the sections of this lesson share, in the order of the text.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "04_mnist_mlp/mcnemar.hpp"
#include "17_int4_weights/group_mlp.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch17 {

// A float net, the intervals of its activations, and what it says of the test digits.
struct Start {
  Mlp mlp{};
  ActivationIntervals intervals{};
  Matrix<float> x{};       // the test digits, normalized
  Matrix<float> logits{};  // of the float net, in fixed order
  std::vector<std::uint8_t> classes{};
  const std::vector<std::uint8_t>* labels = nullptr;
};

struct Study {
  const Dataset& data;
  Start start{};
};
Start make_start(const Dataset& data, Mlp mlp);

// Who shares a scale, as the tables name it.
struct Share {
  const char* name;
  Granularity granularity;
};
inline constexpr std::array<Share, 5> kShares = {{
    {"matrix", {GranularityKind::per_tensor, 0, 0}},
    {"output", {GranularityKind::per_channel, 0, 0}},
    {"128", {GranularityKind::per_group, 0, 128}},
    {"64", {GranularityKind::per_group, 0, 64}},
    {"32", {GranularityKind::per_group, 0, 32}},
}};
inline constexpr std::array<int, 3> kBits = {4, 3, 2};

// A net in few bits on the test digits, beside float.
struct Outcome {
  std::vector<std::uint8_t> classes{};
  std::vector<double> error{};  // of every digit: the sum over its logits of (logit - float's)^2
  double logit_error = 0.0;     // sqrt(sum of errors / sum of float's logits^2)
};
Outcome outcome_of(const Start& start, const GroupOptions& options);

// Two nets by the digits: on how many are the logits of each nearer to float's?
struct Nearer {
  std::size_t a = 0, b = 0;
  double p = 1.0;  // of a split as uneven by chance, as in (eq. 4.15)
};
Nearer compare_errors(const Outcome& a, const Outcome& b);

// Logits of all test digits.
Matrix<float> logits_of(PackedGroupMlp& net, const Matrix<float>& x);

// b plus the scales' share of a weight, of the whole net (eq. 17.4).
double bits_per_weight(const GroupMlp& net);

void on_paper(Lesson& lesson);                                                     // section 1
void error(const Study& study, Lesson& lesson);                                    // 2
void on_disk(const Study& study, Lesson& lesson);                                  // 3
void the_lane(const Study& study, Lesson& lesson);                                 // 4
void speed(const std::string& tables, bool full, Lesson& lesson);                  // 5
void in_a_network(const Study& study, const std::string& tables, Lesson& lesson);  // 6
void mistakes(const Study& study, Lesson& lesson);                                 // 7
void trace(const Study& study);                                                 // 8, with --trace
void all_seeds(const Study& study, const std::string& tables, Lesson& lesson);  // 9, with --full

}  // namespace qfs::ch17
