// What the sections of this lesson share. One file a section, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "07_layer_fusion/fuse.hpp"
#include "16_debugging/layer_diff.hpp"
#include "16_debugging/report_card.hpp"
#include "16_debugging/sensitivity.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch16 {

// A float net, what calibration found in it, and its integers: fused, 8 bits, per tensor.
struct Subject {
  Mlp mlp{};
  ActivationIntervals intervals{};  // after ReLU, min-max on the first 1000 training digits
  QuantizedNet net{};
};
Subject make_subject(Mlp mlp, const TrainDigits& digits);

struct Study {
  Dataset data;
  bool bundled = true;  // neither --data nor --weights: the nets of datasets/ are used
  Subject wide{};       // chapter 04's net, or that of --weights
  Subject narrow{};     // 784-16-16-16-10 of datasets/debugging; else the same as wide
  Matrix<float> x{};    // the test digits, normalized
  const std::vector<std::uint8_t>& labels() const { return data.test.labels; }
};
Study make_study(const Options& options);

// How the choice of layers is asked for.
struct Choice {
  int bits = 4;
  double target = 0.5;  // points of accuracy that may be lost
  bool asked = false;   // by --target: then one that cannot be met is an Error
};

void on_paper(Lesson& lesson);                                                // section 1
void right_net(const Study& study, Lesson& lesson);                           // 2
void faulty_files(const Study& study, Lesson& lesson);                        // 3
void depth(const Study& study, Lesson& lesson);                               // 4
void one_at_a_time(const Study& study, Lesson& lesson);                       // 5
void until_within(const Study& study, const Choice& choice, Lesson& lesson);  // 6
void report_cards(const Study& study, Lesson& lesson);                        // 7
void mistakes(const Study& study, Lesson& lesson);                            // 8
void trace(const Study& study);                                               // 9
void all_seeds(const Study& study, const std::string& tables);                // 10: --full
void remake_files(const Study& study, const std::string& directory);          // --remake

// --model FILE: the debugger on a file of yours, beside `wide`.
void your_model(const Study& study, const std::string& file, Lesson& lesson);

// The two tables of the debugger: what each tensor is like, and its own error in bars.
void print_diff(std::span<const LayerDiff> layers);

// Where the files of this chapter are: datasets/debugging.
std::string debugging_dir();
std::string faulty_file(std::size_t number);  // its 1.qfs, ...

// The layers that stay in float: "2", "1 2"; "none".
std::string float_layers_text(const InFloat& in_float);

inline double percent_of(std::size_t part, std::size_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}
// "40.8", "inf"
std::string db_text(double db);

}  // namespace qfs::ch16
