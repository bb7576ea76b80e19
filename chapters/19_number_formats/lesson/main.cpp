// Chapter 19: one weight, many formats.

#include "04_mnist_mlp/pretrained.hpp"
#include "19_number_formats/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

struct ChapterOptions {
  bool full = false;
  std::string tables;
};

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  qfs::require(chapter.tables.empty() || chapter.full, "--tables has nothing to write", "no --full",
               "--full", "add it, or leave --tables out");
  qfs::ch19::Study study{.data = qfs::load_dataset(lesson.options.data_dir)};
  study.mlp = qfs::trained_or_pretrained(lesson.options, study.data);
  study.by_float = qfs::classify_ref(study.mlp, study.data.test.pixels);
  qfs::ch19::on_paper(lesson);
  qfs::ch19::code_points(lesson);
  qfs::ch19::distributions(lesson);
  qfs::ch19::equal_shares(lesson);
  qfs::ch19::trained_weights(study, lesson);
  if (!lesson.options.quick) qfs::ch19::accuracy(study, lesson);
  qfs::ch19::mistakes(study, lesson);
  if (lesson.options.trace) qfs::ch19::trace(study);
  if (chapter.full) qfs::ch19::all_seeds(study, chapter.tables, lesson);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("19 Number formats",
                       "Integers, block formats, NF4, FP8 and MXFP4 on the same weights.");
  qfs::start_with_blas(program, argv);
  program.flag("--full", chapter.full, "the tables again on five nets of five seeds");
  program.output_dir("--tables", chapter.tables, "write the table of --full there, as Markdown");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(chapter, lesson); });
}
