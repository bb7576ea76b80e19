// Chapter 16: debugging.
//
//   [1] on paper               [2] a net without a fault      [3] files with a planted fault
//   [4] error against depth    [5] one layer at a time        [6] leave the worst in float
//   [7] the report card        [8] what goes wrong            [9] --trace   [10] --full

#include "16_debugging/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

struct ChapterOptions {
  std::string model, remake, tables;
  double target = -1.0;  // not asked for
  qfs::ch16::Choice choice;
  bool full = false;
};

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  qfs::require(chapter.tables.empty() || chapter.full, "--tables has nothing to write", "no --full",
               "--full", "add it, or leave --tables out");
  const qfs::ch16::Study study = qfs::ch16::make_study(lesson.options);
  qfs::ch16::Choice choice = chapter.choice;
  choice.asked = chapter.target >= 0.0;
  if (choice.asked) choice.target = chapter.target;
  if (!chapter.remake.empty()) return qfs::ch16::remake_files(study, chapter.remake);
  if (!chapter.model.empty()) return qfs::ch16::your_model(study, chapter.model, lesson);
  if (!choice.asked) {
    qfs::ch16::on_paper(lesson);
    qfs::ch16::right_net(study, lesson);
    qfs::ch16::faulty_files(study, lesson);
    qfs::ch16::depth(study, lesson);
  }
  qfs::ch16::one_at_a_time(study, lesson);
  qfs::ch16::until_within(study, choice, lesson);
  if (choice.asked) return;
  qfs::ch16::report_cards(study, lesson);
  qfs::ch16::mistakes(study, lesson);
  if (lesson.options.trace) qfs::ch16::trace(study);
  if (chapter.full) qfs::ch16::all_seeds(study, chapter.tables);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("16 Debugging",
                       "Find the layer at fault, the layers that need float, and what accuracy "
                       "hides.");
  qfs::start_with_blas(program, argv);
  program.option("--model", chapter.model, "debug this file of chapter 06's, beside its float net");
  program.option("--target", chapter.target,
                 "only sections 5 and 6: lose at most so many points of accuracy", 0.0, 100.0);
  program.option("--bits", chapter.choice.bits, "of the layers that are not left in float", 2, 8);
  program.flag("--full", chapter.full, "five trainings: the tables of measured/");
  program.output_dir("--tables", chapter.tables, "write the tables of --full there, as Markdown");
  program.output_dir("--remake", chapter.remake, "train the narrow nets, plant the faults there");
  program.excludes("--model", {"--target", "--bits", "--full", "--remake"});
  program.excludes("--target", {"--full", "--remake"});
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(chapter, lesson); });
}
