// Chapter 10: why int8 was slower, and one idea a rung against it.
//
//   [1] four products on paper, in 16 bits and in 32    [2] every pair of products there is
//   [3] what helps against saturation                   [4] the ladder, rung by rung
//   [5] what goes wrong: a network whose sums saturate

#include "04_mnist_mlp/pretrained.hpp"
#include "10_kernel_ladder/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

void run(qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  qfs::ch10::Study study{.data = qfs::load_dataset(options.data_dir)};
  study.mlp = qfs::trained_or_pretrained(options, study.data);
  study.by_default = options.data_dir.empty() && options.weights_dir.empty();
  qfs::ch10::on_paper(lesson);
  qfs::ch10::every_pair(lesson);
  qfs::ch10::remedies(study, lesson);
  qfs::ch10::the_ladder(study, lesson);
  qfs::ch10::in_a_network(study, lesson);
  if (options.trace) qfs::ch10::trace(study);
}

}  // namespace

int main(int argc, char** argv) {
  qfs::Program program("10 The kernel ladder",
                       "Make an integer product fast, one idea a rung, and see what each bets on.");
  qfs::start_with_blas(program, argv);
  return program.run(argc, argv, [](qfs::Lesson& lesson) { run(lesson); });
}
