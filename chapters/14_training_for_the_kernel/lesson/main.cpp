// Chapter 14: training for the kernel.
//
//   [1] lanes that hold too much, on paper    [2] depth against accuracy    [3] the speed
//   [4] the worst inputs                      [5] what goes wrong

#include "04_mnist_mlp/pretrained.hpp"
#include "05_observers/calibrate.hpp"
#include "14_training_for_the_kernel/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

void run(qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  qfs::ch14::Study study{.data = qfs::load_dataset(options.data_dir)};
  study.mlp = qfs::trained_or_pretrained(options, study.data);
  study.intervals = qfs::calibrate<qfs::MinMaxObserver>(
      study.mlp, qfs::CalibrationSet(study.data.train), qfs::OutputPoint::after_relu, 100);
  study.by_default = options.data_dir.empty() && options.weights_dir.empty();
  qfs::ch14::on_paper(lesson);
  qfs::ch14::train_all(study, lesson);
  qfs::ch14::speed(study, lesson);
  qfs::ch14::worst_inputs(study, lesson);
  qfs::ch14::mistakes(study, lesson);
  if (options.trace) qfs::ch14::trace(study);
}

}  // namespace

int main(int argc, char** argv) {
  qfs::Program program("14 Training for the kernel",
                       "Train weights whose sums provably fit 16 bits, at no loss of accuracy.");
  qfs::start_with_blas(program, argv);
  return program.run(argc, argv, [](qfs::Lesson& lesson) { run(lesson); });
}
