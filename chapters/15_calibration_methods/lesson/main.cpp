// Chapter 15: where to cut, percentile, entropy and squared error, compared.

#include "15_calibration_methods/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

struct ChapterOptions {
  bool full = false;
  double share = qfs::ch15::Hits{}.share, size = 100.0;
  std::string tables;
};

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  qfs::require(chapter.tables.empty() || chapter.full, "--tables has nothing to write", "no --full",
               "--full", "add it, or leave --tables out");
  qfs::ch15::Study study = qfs::ch15::make_study(lesson.options);
  study.hits = {.share = chapter.share, .size = static_cast<float>(chapter.size)};
  qfs::ch15::on_paper(lesson);
  qfs::ch15::histograms(study, lesson);
  qfs::ch15::clean(study, lesson);
  qfs::ch15::outliers(study, lesson);
  qfs::ch15::in_integers(study, lesson);
  qfs::ch15::infinite(study, lesson);
  qfs::ch15::one_candidate(study, lesson);
  qfs::ch15::uncounted(study, lesson);
  if (lesson.options.trace) qfs::ch15::trace(study, lesson.options.seed);
  if (chapter.full || lesson.report.wants_csv())
    qfs::ch15::all_seeds(study, chapter.tables, chapter.full, lesson);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("15 Calibration methods",
                       "Where to cut: percentile, entropy and squared error, compared.");
  qfs::start_with_blas(program, argv);
  program.flag("--full", chapter.full, "five draws, all bits, all tables: some minutes");
  program.output_dir("--tables", chapter.tables, "write the tables of --full there, as Markdown");
  program.option("--outlier-share", chapter.share, "of all values, in section 4 and --full", 0.0,
                 0.5);
  program.option("--outlier-size", chapter.size, "times the largest of the tensor", 1.0, 1e4);
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(chapter, lesson); });
}
