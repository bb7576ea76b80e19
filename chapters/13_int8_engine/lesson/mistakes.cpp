// Section 6: what goes wrong. Rows are split among threads, and one net's rows are not independent.
// It runs on the backend that this process chooses.
#include <cstdio>

#include "04_mnist_mlp/evaluate.hpp"
#include "13_int8_engine/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch13 {
namespace {

// The logits when the batch is cut into parts, each run by itself: what threads would do.
std::size_t count_changed(const NamedNet& net, const Matrix<float>& x, std::size_t parts,
                          const Matrix<float>& together) {
  Engine engine(net.net, choose_backend(), net.table);
  return count_different(logits_of(engine, x, (x.shape(0) + parts - 1) / parts), together);
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(6, "What goes wrong: splitting a batch of 100 whose rows are not independent");
  const Matrix<float> x = normalized(study.data.test.pixels, 0, 100);
  Table table({"net", "logits", "in 2 parts, other", "in 4 parts, other"});
  std::size_t changed = 0, changed_dynamic = 0;
  bool whole = true;  // four threads give what one gives
  for (const NamedNet& net : study.nets) {
    Engine engine(net.net, choose_backend(), net.table),
        threads(net.net, choose_backend(), net.table, 4);
    const Matrix<float> together = logits_of(engine, x, x.shape(0));
    const std::size_t two = count_changed(net, x, 2, together),
                      four = count_changed(net, x, 4, together);
    table.row(
        {net.model, std::to_string(together.size()), std::to_string(two), std::to_string(four)});
    (net.model == "dynamic" ? changed_dynamic : changed) += two + four;
    whole = whole && count_different(logits_of(threads, x, x.shape(0)), together) == 0;
  }
  table.print();
  lesson.claims.expect(changed == 0, "scales that are known beforehand: any split gives the same");
  if (lesson.options.is_default_run())
    lesson.claims.expect(changed_dynamic > 0 && whole,
                         "one scale for the batch: the engine runs it whole, on one thread");
}

}  // namespace qfs::ch13
