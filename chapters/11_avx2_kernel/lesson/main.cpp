// Chapter 11: the AVX2 kernel, exact by proof and at full speed.
//
//   [1] four steps on paper      [2] what is proven, layer by layer   [3] who must agree
//   [4] the worst inputs         [5] the speed                        [6] a network
//   [7] what goes wrong

#include "04_mnist_mlp/pretrained.hpp"
#include "05_observers/calibrate.hpp"
#include "11_avx2_kernel/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

void run(qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  qfs::ch11::Study study{.data = qfs::load_dataset(options.data_dir)};
  study.mlp = qfs::trained_or_pretrained(options, study.data);
  study.intervals = qfs::calibrate<qfs::MinMaxObserver>(
      study.mlp, qfs::CalibrationSet(study.data.train), qfs::OutputPoint::after_linear, 100);
  study.by_default = options.data_dir.empty() && options.weights_dir.empty();
  qfs::ch11::on_paper(lesson);
  qfs::ch11::what_is_proven(study, lesson);
  qfs::ch11::who_shares(study, lesson);
  qfs::ch11::worst_inputs(study, lesson);
  qfs::ch11::speed(study, lesson);
  qfs::ch11::in_a_network(study, lesson);
  qfs::ch11::mistakes(study, lesson);
  if (options.trace) qfs::ch11::trace(study);
}

}  // namespace

int main(int argc, char** argv) {
  qfs::Program program(
      "11 The AVX2 kernel",
      "Add products in 16 bits as often as the weights allow, proven, and no more.");
  qfs::start_with_blas(program, argv);
  return program.run(argc, argv, [](qfs::Lesson& lesson) { run(lesson); });
}
