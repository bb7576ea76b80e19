// Chapter 21: the CNN in integers.

#include "21_int8_cnn/lesson/study.hpp"
#include "common/blas_start.hpp"

int main(int argc, char** argv) {
  bool full = false;
  std::string tables;
  qfs::Program program("21 The CNN in integers",
                       "Fold batch norm, then convolve, pool and add in integers alone.");
  qfs::start_with_blas(program, argv);
  program.flag("--full", full, "the table of all nets, Fashion-MNIST's too: a minute or two");
  program.output_dir("--tables", tables, "write the table of --full there, as Markdown");
  program.needs("--tables", "--full");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    namespace ch21 = qfs::ch21;
    ch21::Study study{.data = qfs::load_dataset(lesson.options.data_dir)};
    if (lesson.options.quick) study.data.test = qfs::first_digits(study.data.test, 100);
    study.nets = ch21::make_nets(lesson.options, study.data);
    ch21::folding(study, lesson);
    ch21::border(study, lesson);
    ch21::pooling(lesson);
    ch21::residual_sum(study, lesson);
    ch21::operations_list(study, lesson);
    ch21::accuracy(study, lesson);
    ch21::same_numbers(study, lesson);
    ch21::mistakes(study, lesson);
    if (lesson.options.trace) ch21::trace(study);
    if (full) ch21::all_nets(lesson.options, tables);
  });
}
