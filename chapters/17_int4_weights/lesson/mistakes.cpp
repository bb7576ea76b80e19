// Section 7: codes that one program packs and another unpacks.
#include <cstdio>

#include "04_mnist_mlp/evaluate.hpp"
#include "17_int4_weights/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch17 {
namespace {

// The high half of a byte first: neighbours change places. Of a row of odd length the last stays.
void swap_halves(Matrix<std::int8_t>& q) {
  for (std::size_t n = 0; n < q.shape(0); ++n)
    for (std::size_t k = 0; k + 1 < q.shape(1); k += 2) std::swap(q(n, k), q(n, k + 1));
}

// Two's complement where the offset 8 is meant, or the other way round: the top bit is flipped.
void other_sign(Matrix<std::int8_t>& q) {
  for (std::int8_t& value : values(q))
    value = static_cast<std::int8_t>(value < 0 ? value + 8 : value - 8);
}

std::vector<std::uint8_t> classes_of(const GroupMlp& net, const Matrix<float>& x) {
  PackedGroupMlp packed(net);
  return argmax_rows(logits_of(packed, x));
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(7, "What goes wrong: the file has no fault, and its reader another order");
  const Start& start = study.start;
  const GroupMlp right = quantize_groups(start.mlp, start.intervals, {});
  GroupMlp first_layer = right, all = right, sign = right;
  swap_halves(first_layer.layers[0].weight.q);
  for (GroupLayer& layer : all.layers) swap_halves(layer.weight.q);
  for (GroupLayer& layer : sign.layers) other_sign(layer.weight.q);
  Table table({"codes are read", "right", "accuracy", "95 % interval", "only right order",
               "only this", "p"});
  const auto classes = classes_of(right, start.x);
  add_compared(table, "as they were written", classes, nullptr, *start.labels);
  const auto swapped = classes_of(first_layer, start.x);
  const PairedResult pair =
      add_compared(table, "high half first, layer 1", swapped, &classes, *start.labels);
  const auto swapped_all = classes_of(all, start.x);
  add_compared(table, "high half first, all layers", swapped_all, &classes, *start.labels);
  const auto other = classes_of(sign, start.x);
  add_compared(table, "as two's complement", other, &classes, *start.labels);
  table.print();
  if (!lesson.options.is_default_run()) return;
  const double digits = static_cast<double>(start.labels->size());
  const auto share_of = [&](const std::vector<std::uint8_t>& some) {
    return static_cast<double>(count_correct(some, *start.labels)) / digits;
  };
  lesson.claims.expect(pair.p > 0.05, "layer 1 alone: the accuracy does not show it");
  lesson.claims.expect(share_of(swapped_all) < 0.2 && share_of(other) < 0.2,
                       "all layers, or another sign: near chance or below it");
}

}  // namespace qfs::ch17
