// Chapter 18: round weights better than one by one.

#include "04_mnist_mlp/pretrained.hpp"
#include "18_better_rounding/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

struct ChapterOptions {
  bool full = false, search = false;
  std::string tables;
};

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  qfs::require(chapter.tables.empty() || chapter.full || chapter.search,
               "--tables has nothing to write", "neither --full nor --search", "one of them",
               "add it, or leave --tables out");
  qfs::ch18::on_paper(lesson);
  const qfs::Dataset data = qfs::load_dataset(options.data_dir);
  qfs::ch18::Study study{.data = data, .as_trained = qfs::trained_or_pretrained(options, data)};
  study.start = qfs::ch18::make_start(qfs::takes_ink(study.as_trained),
                                      qfs::first_digits(data.train, qfs::ch18::kCalibrationDigits),
                                      data.test);
  qfs::ch18::equalization(study, lesson);
  qfs::ch18::methods(study, lesson);
  qfs::ch18::draws(study, lesson);
  qfs::ch18::mistakes(study, lesson);
  if (options.trace) qfs::ch18::trace(study);
  if (chapter.full || lesson.report.wants_csv())
    qfs::ch18::five_nets(study, chapter.tables, lesson);
  if (chapter.search) qfs::ch18::search_recipe(study, chapter.tables);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("18 Better rounding",
                       "Round weights to 4, 3 and 2 bits by what the layer's outputs lose.");
  qfs::start_with_blas(program, argv);
  program.flag("--full", chapter.full, "five nets, all ways: some minutes");
  program.flag("--search", chapter.search, "how AdaRound's recipe was chosen: some minutes");
  program.output_dir("--tables", chapter.tables,
                     "write the tables of --full and --search there, as Markdown");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(chapter, lesson); });
}
