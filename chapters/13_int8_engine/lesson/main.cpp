// Chapter 13: the int8 engine.
//
//   [1] where the time goes            [2] eight sums to eight bytes    [3] few rows
//   [4] the same numbers everywhere    [5] how fast                     [6] what goes wrong
//
// QFS_FORCE_ISA=ref (or avx2, vnni, amx) makes choose_backend() take another. It is named beside
// the CPU, and section 6 runs on it; the tables show all.

#include <cstdio>
#include <string>

#include "04_mnist_mlp/pretrained.hpp"
#include "13_int8_engine/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

void run(qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  std::fprintf(stderr, "backend %s\n", std::string(qfs::choose_backend().name).c_str());
  qfs::ch13::Study study{.data = qfs::load_dataset(options.data_dir)};
  study.mlp = qfs::trained_or_pretrained(options, study.data);
  study.nets = qfs::ch13::make_nets(study, options);
  qfs::ch13::where_time_goes(study, lesson);
  qfs::ch13::on_paper(lesson);
  qfs::ch13::few_rows(study, lesson);
  qfs::ch13::same_numbers(study, lesson);
  qfs::ch13::how_fast(study, lesson);
  qfs::ch13::mistakes(study, lesson);
  if (options.trace) qfs::ch13::trace(study);
}

}  // namespace

int main(int argc, char** argv) {
  qfs::Program program(
      "13 The int8 engine",
      "Make an engine of the kernels: little is wasted, the same bits everywhere.");
  qfs::start_with_blas(program, argv);
  return program.run(argc, argv, [](qfs::Lesson& lesson) { run(lesson); });
}
