// Chapter 20: convolution, batch norm, pooling and residuals, forward and backward.

#include "04_mnist_mlp/pretrained.hpp"
#include "20_float_cnn/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

struct ChapterOptions {
  bool full = false, train = false;
  std::string save, tables;
  qfs::ch20::YourNets yours;
};

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  qfs::ch20::on_paper(lesson);
  qfs::ch20::sizes(lesson);
  const qfs::Dataset data = qfs::load_dataset(options.data_dir);
  const std::size_t at_most = options.quick ? 100 : 2000;
  qfs::ch20::Study study{.data = data, .tested = std::min(at_most, data.test.size())};
  study.mlp = qfs::trained_or_pretrained(options, data);
  study.nets = qfs::ch20::nets_for(options, chapter.yours, data);
  qfs::ch20::patches(study, lesson);
  qfs::ch20::order_of_numbers(study, lesson);
  qfs::ch20::what_they_learned(study, lesson);
  qfs::ch20::one_epoch(study, lesson);
  qfs::ch20::mistakes(study, lesson);
  if (options.trace) qfs::ch20::trace(study);
  if (chapter.full) qfs::ch20::all_nets(chapter.tables, lesson);
  if (chapter.train) qfs::ch20::train_all(chapter.save, lesson);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("20 A float CNN",
                       "Convolution, batch norm, pooling and residuals, forward and backward.");
  qfs::start_with_blas(program, argv);
  program.flag("--full", chapter.full, "the table of all committed nets");
  program.output_dir("--tables", chapter.tables, "write the table of --full there, as Markdown");
  program.flag("--train", chapter.train, "train them from nothing; measured/nets.md says how long");
  program.output_dir("--save", chapter.save, "keep the nets of --train there");
  program.option("--small", chapter.yours.small, "directory of the small CNN's numbers as .npy");
  program.option("--residual", chapter.yours.residual,
                 "directory of the residual net's numbers as .npy");
  program.needs("--save", "--train");
  program.needs("--tables", "--full");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(chapter, lesson); });
}
