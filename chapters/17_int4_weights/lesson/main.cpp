// Chapter 17: weights in 4 bits and fewer.
//
//   [1] on paper        [2] what few bits cost    [3] bytes on disk    [4] what a lane holds
//   [5] a large weight  [6] the MLP               [7] what goes wrong

#include "04_mnist_mlp/pretrained.hpp"
#include "17_int4_weights/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

struct ChapterOptions {
  bool full = false;
  std::string tables;
};

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  const qfs::Dataset data = qfs::load_dataset(options.data_dir);
  qfs::ch17::Study study{.data = data};
  study.start = qfs::ch17::make_start(data, qfs::trained_or_pretrained(options, data));
  qfs::ch17::on_paper(lesson);
  qfs::ch17::error(study, lesson);
  qfs::ch17::on_disk(study, lesson);
  qfs::ch17::the_lane(study, lesson);
  qfs::ch17::speed(chapter.tables, chapter.full || lesson.report.wants_csv(), lesson);
  qfs::ch17::in_a_network(study, chapter.tables, lesson);
  qfs::ch17::mistakes(study, lesson);
  if (options.trace) qfs::ch17::trace(study);
  if (chapter.full) qfs::ch17::all_seeds(study, chapter.tables, lesson);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("17 Int4 weights",
                       "Keep weights in 4, 3 or 2 bits, and multiply by them without unpacking "
                       "them in memory.");
  qfs::start_with_blas(program, argv);
  program.flag("--full", chapter.full, "five seeds beside it: a minute");
  program.output_dir("--tables", chapter.tables, "write the tables of --full there, as Markdown");
  program.needs("--tables", "--full");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(chapter, lesson); });
}
