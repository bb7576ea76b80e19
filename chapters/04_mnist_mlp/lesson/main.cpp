// Chapter 04: train a network on real digits, forward and backward by hand.

#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/lesson/study.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "common/blas_start.hpp"

namespace {

struct ChapterOptions {
  std::string image, save, pictures;
  qfs::ch04::Plan plan;
};

// What datasets/pretrained gets right of the 2 000 test digits: the same on every machine.
constexpr std::size_t kPretrainedCorrect = 1863;

std::string name_of_net(const qfs::Options& options) {
  if (!options.weights_dir.empty()) return options.weights_dir;
  return options.data_dir.empty() ? "datasets/pretrained" : "the recipe on " + options.data_dir;
}

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  const qfs::Dataset data = qfs::load_dataset(options.data_dir);
  if (!options.weights_dir.empty()) qfs::trained_or_pretrained(options, data);  // refuse them first
  qfs::ch04::Plan plan = chapter.plan;
  if (options.quick) plan.epochs = 1;
  const qfs::TrainDigits digits = qfs::ch04::digits_to_learn(data.train, plan.digits);
  qfs::ch04::the_data(data, lesson);
  qfs::ch04::on_paper(lesson);
  const qfs::Mlp trained = qfs::ch04::training(digits, data.test, plan, lesson);
  if (!chapter.save.empty()) qfs::save_mlp(trained, chapter.save);
  if (plan.is_recipe()) qfs::keep_trained(trained, options, data);

  const qfs::Mlp net = qfs::trained_or_pretrained(options, data);
  const std::string folder = qfs::weights_directory(options, data);
  const std::vector<std::uint8_t> predicted = qfs::classify_ref(net, data.test.pixels);
  qfs::ch04::what_it_learned(net, predicted, data.test, name_of_net(options));
  if (options.is_default_run() && chapter.save.empty())
    lesson.claims.expect_equal(qfs::count_correct(predicted, data.test.labels), kPretrainedCorrect,
                               "1863 right: in fixed order, on every machine");
  if (!chapter.pictures.empty())
    qfs::ch04::write_pictures(chapter.pictures, net, data.test, predicted);
  qfs::ch04::mistakes(data, lesson);
  qfs::ch04::the_float_row(net, folder, data.test, predicted, lesson);
  if (options.trace) qfs::ch04::trace(net, data.test, predicted);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("04 MNIST MLP",
                       "Train 784-100-100-10 on real digits, forward and backward by hand.");
  qfs::start_with_blas(program, argv);
  program.option("--image", chapter.image, "classify your own digit: a PNG of any size");
  program.option("--epochs", chapter.plan.epochs, "epochs of training", 1, 1000);
  program.option("--digits", chapter.plan.digits,
                 "train on the first so many training digits; 0: on all", 0, 1 << 30);
  program.output_dir("--save", chapter.save,
                     "write the trained weights to this directory, as .npy");
  program.output_dir(
      "--pictures", chapter.pictures,
      "write the first layer's weights and the wrong digits to this directory, as PNG");
  program.excludes("--image",
                   {"--epochs", "--digits", "--save", "--pictures", "--csv", "--json", "--trace"});
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    if (chapter.image.empty())
      run(chapter, lesson);
    else
      qfs::ch04::classify_your_digit(chapter.image, lesson.options);
  });
}
