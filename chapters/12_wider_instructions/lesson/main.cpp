// Chapter 12: instructions that add products in 32 bits, and one that multiplies tiles.
//
//   [1] four products and a tile on paper    [2] full bytes    [3] the speed    [4] how many rows
//   [5] a network                            [6] what goes wrong

#include <cstdio>

#include "04_mnist_mlp/pretrained.hpp"
#include "05_observers/calibrate.hpp"
#include "12_wider_instructions/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

// On stderr: what this CPU has is not part of the lesson, whose text is the same everywhere.
void say_what_is_missing() {
  if (qfs::fours::vnni_here() == nullptr)
    std::fprintf(
        stderr,
        "this CPU has no VNNI: its lines are left out; bench/measured/products.md has a run "
        "and its CPU's name\n");
  if (qfs::fours::amx_here() == nullptr)
    std::fprintf(stderr, "this CPU has no AMX, or the system does not permit it: left out\n");
}

void run(qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  say_what_is_missing();
  qfs::ch12::Study study{.data = qfs::load_dataset(options.data_dir)};
  study.mlp = qfs::trained_or_pretrained(options, study.data);
  study.intervals = qfs::calibrate<qfs::MinMaxObserver>(
      study.mlp, qfs::CalibrationSet(study.data.train), qfs::OutputPoint::after_linear, 100);
  qfs::ch12::on_paper(lesson);
  qfs::ch12::full_bytes(lesson);
  qfs::ch12::speed(study, lesson);
  qfs::ch12::how_many_rows(study, lesson);
  qfs::ch12::in_a_network(study, lesson);
  qfs::ch12::mistakes(study, lesson);
  if (options.trace) qfs::ch12::trace(study);
}

}  // namespace

int main(int argc, char** argv) {
  qfs::Program program("12 Wider instructions",
                       "Four products in one instruction, products of tiles: exact, and no proof.");
  qfs::start_with_blas(program, argv);
  return program.run(argc, argv, [](qfs::Lesson& lesson) { run(lesson); });
}
