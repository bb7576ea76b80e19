// Chapter 22: quantization-aware training with batch norm, and the table of models.

#include "22_model_comparison/lesson/replicate.hpp"
#include "common/blas_start.hpp"

namespace {

struct ChapterOptions {
  bool full = false, replicate = false;
  std::string tables, models, train;
};

// The committed files that belong to the data.
std::vector<std::string> names_of(const qfs::Options& options) {
  if (options.data_dir.empty()) return {"small_mnist", "residual_mnist"};
  qfs::require(options.data_dir == qfs::kFashionDir, "no trained nets for this data",
               options.data_dir, "the bundled digits, or fashion",
               "add --replicate: it trains the nets of the table on these pictures");
  return {"residual_fashion"};
}

std::vector<qfs::ch22::Models> models_of(const ChapterOptions& chapter, const qfs::Dataset& data,
                                         const qfs::Options& options) {
  if (chapter.replicate) return qfs::ch22::replicate(data, options);
  std::vector<qfs::ch22::Models> models;
  for (const std::string& name : names_of(options))
    models.push_back(chapter.train.empty()
                         ? qfs::ch22::load_models(qfs::datasets_dir() + "/cnn", name)
                         : qfs::ch22::retrain_models(name, data.train, options.seed));
  return models;
}

// What sections 2 and 4 read, asked for before anything is trained.
void require_enough(const qfs::Dataset& data) {
  qfs::require(data.train.size() >= 1024 && data.test.size() >= 20,
               "too few pictures for this lesson",
               std::to_string(data.train.size()) + " to train and " +
                   std::to_string(data.test.size()) + " to test",
               "at least 1024 to train and 20 to test", "use a larger set with --data");
}

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  const qfs::Dataset data = qfs::load_dataset(options.data_dir);
  require_enough(data);
  const qfs::ch22::Study study{.data = data,
                               .nets = models_of(chapter, data, options),
                               .committed = !chapter.replicate && chapter.train.empty()};
  const std::string& into = chapter.train.empty() ? chapter.models : chapter.train;
  for (const qfs::ch22::Models& models : study.nets)
    if (!into.empty()) save_models(models, into);
  qfs::ch22::on_paper(lesson);
  qfs::ch22::what_moves(study, lesson);
  qfs::ch22::frozen_late(study, lesson);
  qfs::ch22::in_integers(study, lesson);
  qfs::ch22::the_table(study, chapter.full, chapter.tables, lesson);
  qfs::ch22::mistakes(study, lesson);
  if (options.trace) qfs::ch22::trace(study);
  if (chapter.full) qfs::ch22::all_seeds(study, chapter.tables, lesson);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("22 The model comparison table",
                       "Train convolutions with batch norm in integers; compare the four models.");
  qfs::start_with_blas(program, argv);
  program.flag(
      "--full", chapter.full,
      "float in fixed order, the float control, when to freeze over five seeds: ten minutes");
  program.flag("--replicate", chapter.replicate,
               "make every model of the table from scratch: minutes (the digits: two and a half), "
               "said before it begins");
  program.output_dir("--models", chapter.models, "with --replicate: keep the models there");
  program.output_dir("--train", chapter.train,
                     "train the committed float nets with quantization again, and write the "
                     "models there");
  program.output_dir("--tables", chapter.tables, "write the tables of --full there, as Markdown");
  program.needs("--models", "--replicate");
  program.needs("--tables", "--full");
  program.excludes("--train", {"--replicate", "--full"});
  // What --full measures, it says of the committed nets.
  program.excludes("--full", {"--replicate"});
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(chapter, lesson); });
}
