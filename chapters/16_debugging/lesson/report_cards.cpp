// Section 7: what accuracy hides.
#include <cstdio>

#include "16_debugging/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch16 {
namespace {

void add(Table& table, const std::string& name, const ReportCard& card) {
  table.row({name, std::to_string(card.right), std::to_string(card.flips.lost),
             std::to_string(card.flips.gained), std::to_string(card.flips.moved),
             std::to_string(card.flips.all()), percent(card.flips.all(), card.flips.digits),
             p_text(card.pair.p), general(card.kl, 3)});
}

Table cards_table() {
  return Table({"net", "right", "lost", "gained", "moved", "flips", "of all", "p", "KL"});
}

void fewer_bits(const Study& study) {
  std::printf("  %s, all layers in b bits, beside float\n", widths_text(study.wide.mlp).c_str());
  const Matrix<float> by_float = forward_ref(study.wide.mlp, study.x);
  Table table = cards_table();
  add(table, "float", report_card(by_float, by_float, study.labels()));
  const InFloat none(study.wide.mlp.layers.size(), false);
  for (int bits : {8, 4, 3, 2})
    add(table, std::to_string(bits) + " bits",
        report_card(
            by_float,
            forward_ref(quantize_partly(study.wide.mlp, study.wide.intervals, bits, none), study.x),
            study.labels()));
  table.print();
}

// Two nets in 8-bit integers: of the narrow float net, and of one trained from another seed, which
// was chosen because it gets as many digits right.
void planted_pair(const Study& study, Lesson& lesson) {
  const Subject other = make_subject(load_mlp(debugging_dir() + "/second"), study.data.train);
  const Matrix<float> by_float = forward_ref(study.narrow.mlp, study.x);
  NetBuffers buffers;
  const ReportCard first = report_card(by_float, run(pack(study.narrow.net), study.x, buffers),
                                       study.labels()),
                   second = report_card(by_float, run(pack(other.net), study.x, buffers),
                                        study.labels());
  std::printf("  %s, two 8-bit files, beside the float net of the first\n",
              widths_text(study.narrow.mlp).c_str());
  Table table = cards_table();
  add(table, "float", report_card(by_float, by_float, study.labels()));
  add(table, "first", first);
  add(table, "second", second);
  table.print();
  lesson.report.figure("planted_pair_flips", percent_of(second.flips.all(), second.flips.digits));
  const std::size_t by_float_right = count_correct(argmax_rows(by_float), study.labels());
  lesson.claims.expect(first.right == by_float_right && second.right == by_float_right,
                       "both get as many digits right as the float net, to the digit");
  lesson.claims.expect(20 * second.flips.all() >= second.flips.digits &&
                           100 * first.flips.all() < first.flips.digits,
                       "one flips less than 1 % of the digits, the other at least 5 %");
  lesson.claims.expect(second.kl > 100.0 * first.kl, "and its KL is over a hundred times as large");
}

}  // namespace

void report_cards(const Study& study, Lesson& lesson) {
  section(7, "The report card: flips and KL beside accuracy, test digits");
  fewer_bits(study);
  if (study.bundled) planted_pair(study, lesson);
}

}  // namespace qfs::ch16
