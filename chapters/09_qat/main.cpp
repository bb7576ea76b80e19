// Chapter 09: train with quantization, and see what few bits can do.

#include <filesystem>

#include "04_mnist_mlp/pretrained.hpp"
#include "09_qat/sections.hpp"

namespace {

struct ChapterOptions {
  int epochs = qfs::Recipe{}.epochs;
  bool full = false, search = false;
  std::string tables;
};

qfs::Start start_from(const qfs::Dataset& data, const qfs::Options& options) {
  return qfs::make_start(data.train, data.test.pixels, data.test.labels,
                         qfs::trained_or_pretrained(options, data), options.seed);
}

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  qfs::require(chapter.tables.empty() || chapter.full || chapter.search,
               "--tables has nothing to write", "neither --full nor --search", "one of them",
               "add it, or leave --tables out");
  const qfs::Dataset data = qfs::load_dataset(options.data_dir);
  qfs::Study study{.data = data, .start = start_from(data, options)};
  study.recipe.epochs = options.quick ? 1 : chapter.epochs;
  qfs::on_paper(lesson);
  qfs::without_training(study, lesson);
  qfs::with_training(study, lesson);
  qfs::three_ways(study, lesson);
  qfs::in_integers(study, lesson);
  qfs::file_and_time(study, lesson);
  qfs::what_goes_wrong(study, lesson);
  if (options.trace) qfs::trace(study);
  if (chapter.full || lesson.report.wants_csv()) qfs::all_seeds(study, chapter.tables, lesson);
  if (chapter.search) qfs::search_recipe(study, chapter.tables);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("09 Quantization-aware training",
                       "Train with fake quantization, down to two bits, and run it in integers.");
  program.option("--epochs", chapter.epochs, "epochs of every training with quantization", 1, 1000);
  program.flag("--full", chapter.full, "five seeds, all bits, all ablations: some minutes");
  program.flag("--search", chapter.search,
               "how the recipe was chosen, on held-out training digits");
  program.output_dir("--tables", chapter.tables,
                     "write the tables of --full and --search there, as Markdown");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(chapter, lesson); });
}
