// Chapter 05: where the scales of activations come from.

#include "04_mnist_mlp/pretrained.hpp"
#include "05_observers/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

void run(int activation_bits, qfs::Lesson& lesson) {
  qfs::ch05::on_paper(lesson);
  qfs::ch05::Study study{.mlp = {},
                         .dataset = qfs::load_dataset(lesson.options.data_dir),
                         .range = qfs::unsigned_range(activation_bits)};
  study.mlp = qfs::trained_or_pretrained(lesson.options, study.dataset);
  qfs::ch05::where_scales_come_from(study, lesson);
  qfs::ch05::how_many_digits(study, lesson);
  qfs::ch05::weights_per_channel(study, lesson);
  qfs::ch05::batches_and_order(study, lesson);
  qfs::ch05::mistakes(study, lesson);
  if (lesson.options.trace) qfs::ch05::trace(study);
}

}  // namespace

int main(int argc, char** argv) {
  int activation_bits = 8;
  qfs::Program program("05 Observers", "Where the scales of activations come from.");
  qfs::start_with_blas(program, argv);
  program.option("--activation-bits", activation_bits, "8: integers 0..255; 7: 0..127", 7, 8);
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(activation_bits, lesson); });
}
