// Chapter 09: train with quantization, and see what few bits can do.

#include <filesystem>

#include "04_mnist_mlp/pretrained.hpp"
#include "09_qat/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

struct ChapterOptions {
  int epochs = qfs::ch09::Recipe{}.epochs;
  double learning_rate = qfs::ch09::Recipe{}.learning_rate;
  bool full = false, search = false;
  std::string tables;
};

qfs::ch09::Start start_from(const qfs::Dataset& data, const qfs::Options& options) {
  return qfs::ch09::make_start(data.train, data.test.pixels, data.test.labels,
                               qfs::trained_or_pretrained(options, data), options.seed);
}

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  qfs::require(chapter.tables.empty() || chapter.full || chapter.search,
               "--tables has nothing to write", "neither --full nor --search", "one of them",
               "add it, or leave --tables out");
  const qfs::Dataset data = qfs::load_dataset(options.data_dir);
  qfs::ch09::Study study{.data = data, .start = start_from(data, options)};
  study.recipe.epochs = options.quick ? 1 : chapter.epochs;
  study.recipe.learning_rate = chapter.learning_rate;
  qfs::ch09::on_paper(lesson);
  qfs::ch09::without_training(study, lesson);
  qfs::ch09::with_training(study, lesson);
  qfs::ch09::three_ways(study, lesson);
  qfs::ch09::in_integers(study, lesson);
  qfs::ch09::file_and_time(study, lesson);
  qfs::ch09::mistakes(study, lesson);
  if (options.trace) qfs::ch09::trace(study);
  if (chapter.full || lesson.report.wants_csv())
    qfs::ch09::all_seeds(study, chapter.tables, lesson);
  if (chapter.search) qfs::ch09::search_recipe(study, chapter.tables);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("09 Quantization-aware training",
                       "Train with fake quantization, down to two bits, and run it in integers.");
  qfs::start_with_blas(program, argv);
  program.option("--epochs", chapter.epochs, "epochs of every training with quantization", 1, 1000);
  program.option("--learning-rate", chapter.learning_rate, "Adam's, of all of them", 1e-8, 1.0);
  program.flag("--full", chapter.full, "five seeds, all bits, all variants: some minutes");
  program.flag("--search", chapter.search,
               "how the recipe was chosen, on held-out training digits");
  program.output_dir("--tables", chapter.tables,
                     "write the tables of --full and --search there, as Markdown");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(chapter, lesson); });
}
