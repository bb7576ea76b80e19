// Section 1: the debugger and the report card on numbers small enough for paper.
#include <cmath>
#include <cstdio>

#include "16_debugging/lesson/paper_example.hpp"
#include "16_debugging/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch16 {
namespace {

namespace paper = paper_debugging;

bool agrees(double got, double by_hand, double half_a_digit) {
  return std::fabs(got - by_hand) <= half_a_digit;
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "Two layers of one number, four digits, four bits: SQNR in dB");
  const auto layers = diff_layers(paper::make_mlp(), paper::make_net(), paper::kX);
  Table table({"", "in turn", "by hand", "alone", "by hand", "promised", "by hand", "NumPy"});
  bool by_hand = true, by_numpy = true;
  for (std::size_t i = 0; i < 2; ++i) {
    const LayerDiff& layer = layers[i + 1];
    const paper::PaperRow hand = paper::kByHand[i], numpy = paper::kByNumpy[i];
    const double in_turn = layer.in_turn.error.sqnr_db, alone = layer.alone.error.sqnr_db;
    table.row({layer.name, fixed(in_turn, 3), fixed(hand.in_turn, 3), fixed(alone, 3),
               fixed(hand.alone, 3), fixed(layer.promised_db, 3), fixed(hand.promised, 3),
               fixed(numpy.promised, 3)});
    for (const auto& [row, same] : {std::pair(hand, &by_hand), std::pair(numpy, &by_numpy)})
      *same = *same && agrees(in_turn, row.in_turn, 6e-4) && agrees(alone, row.alone, 6e-4) &&
              agrees(layer.promised_db, row.promised, 6e-4);
  }
  table.print();
  lesson.claims.expect(by_hand, "by hand = this program, six SQNRs, to the third decimal");
  lesson.claims.expect(by_numpy, "and = NumPy");
  const Flips flips = count_flips(paper::kBefore, paper::kAfter, paper::kLabels);
  const double kl = kl_divergence(paper::kLogits, paper::kLogitsAfter);
  std::printf("  four digits, 2 right before and %zu after: lost %zu, gained %zu, moved %zu\n",
              2 - flips.lost + flips.gained, flips.lost, flips.gained, flips.moved);
  std::printf("  p = (3/4, 1/4) became (1/2, 1/2): KL = %.4f\n", kl);
  lesson.claims.expect(flips.lost == 1 && flips.gained == 1 && flips.moved == 1,
                       "equal accuracy, and three of four digits have another class");
  lesson.claims.expect(agrees(kl, paper::kKlByHand, 1e-6) && agrees(kl, paper::kKlByNumpy, 1e-6),
                       "KL by hand = this program = NumPy, to the sixth decimal");
}

}  // namespace qfs::ch16
