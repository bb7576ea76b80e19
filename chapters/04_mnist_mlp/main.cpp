// Chapter 04: train a network on real digits, forward and backward by hand.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/latency.hpp"
#include "04_mnist_mlp/pictures.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "04_mnist_mlp/sections.hpp"
#include "04_mnist_mlp/your_digit.hpp"
#include "common/cli.hpp"
#include "common/image.hpp"
#include "common/print.hpp"

namespace {

using qfs::Matrix;
using qfs::Mlp;

struct ChapterOptions {
  std::string image, save, pictures;
  int epochs = 10;
};

// What datasets/pretrained gets right of the 2 000 test digits: the same on every machine.
constexpr std::size_t kPretrainedCorrect = 1863;

void the_data(const qfs::Dataset& data, qfs::Lesson& lesson) {
  qfs::section(1, "The digits, and the split");
  std::printf("  %s: %zu x %zu pixels, 0 is paper, 255 is ink\n", data.name.c_str(),
              data.train.rows, data.train.cols);
  std::vector<std::string> header = {"class"}, train = {"train"}, test = {"test"};
  for (std::size_t c = 0; c < qfs::kClasses; ++c) {
    header.push_back(std::to_string(c));
    train.push_back(std::to_string(std::ranges::count(data.train.labels, c)));
    test.push_back(std::to_string(std::ranges::count(data.test.labels, c)));
  }
  header.push_back("all");
  train.push_back(std::to_string(data.train.size()));
  test.push_back(std::to_string(data.test.size()));
  qfs::Table(header).row(train).row(test).print();
  std::printf("  the first test picture, class %d:\n", data.test.labels[0]);
  std::fputs(
      qfs::ascii_picture(qfs::row(data.test.pixels, 0), data.test.rows, data.test.cols).c_str(),
      stdout);
  if (lesson.options.data_dir.empty())
    lesson.claims.expect(data.train.size() == 8000 && data.test.size() == 2000,
                         "8000 digits to learn from, 2000 others to be examined on");
}

Mlp training(const qfs::Dataset& data, int epochs, qfs::Lesson& lesson) {
  qfs::section(3, "Training");
  qfs::Rng rng(lesson.options.seed);
  Mlp net = qfs::make_recipe_net(data.train, rng);
  std::printf("  %s, batches of 32, Adam at 0.001, epochs: %d\n", qfs::widths_text(net).c_str(),
              epochs);
  const Matrix<float> test_x = qfs::normalized(data.test.pixels, 0, data.test.size());
  const qfs::Exam untrained = qfs::examine_ref(net, test_x, data.test);
  std::printf("  before training: test loss %.4f, test digits right %.2f %%\n", untrained.loss,
              100.0 * untrained.share);
  if (lesson.options.is_default_run())
    lesson.claims.expect(std::fabs(untrained.loss - std::log(10.0)) < 0.05,
                         "a net that knows nothing has a loss near log(10) = 2.3026");
  std::vector<std::vector<double>> curve;
  const auto after_epoch = [&](const qfs::EpochResult& r) {
    const qfs::Exam exam = qfs::examine(net, test_x, data.test);
    std::printf("  epoch %2d: loss %s train, %s test; right %s %%, %s s\n", r.epoch,
                qfs::measured(r.loss, 4).c_str(), qfs::measured(exam.loss, 4).c_str(),
                qfs::measured(100.0 * exam.share, 2).c_str(), qfs::measured(r.seconds, 3).c_str());
    curve.push_back(
        {static_cast<double>(r.epoch), r.loss, exam.loss, 100.0 * exam.share, r.seconds});
  };
  qfs::train_mlp(net, data.train, {.epochs = epochs, .after_epoch = after_epoch}, rng);
  lesson.report.csv("curve", {"epoch", "train_loss", "test_loss", "test_percent", "seconds"},
                    curve);
  const double share = curve.back()[3] / 100.0, loss = curve.back()[1];
  lesson.report.figure("trained_accuracy", share);
  std::ranges::sort(curve, {}, [](const auto& epoch) { return epoch[4]; });
  lesson.report.figure("epoch_seconds", curve[curve.size() / 2][4]);
  if (lesson.options.is_default_run() && epochs == 10) {
    lesson.claims.expect(loss < 0.05, "the loss on the training digits falls below 0.05");
    lesson.claims.expect(share > 0.915 && share < 0.95,
                         "the trained net gets between 91.5 and 95 % of the test digits right");
  }
  return net;
}

// The first layer's weights, and the first hundred wrong digits in test order, as PNG.
void write_pictures(const std::string& folder, const Mlp& net, const qfs::TestDigits& digits,
                    const std::vector<std::uint8_t>& predicted) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  qfs::require(!error, "cannot make the directory " + folder, error.message(), "a writable place",
               "choose another directory");
  qfs::save_png(
      folder + "/first_layer.png",
      qfs::sheet_of(qfs::weight_pictures(net.layers[0], digits.rows, digits.cols), 20, 1));
  std::vector<Matrix<std::uint8_t>> wrong;
  for (std::size_t i = 0; i < digits.size() && wrong.size() < 100; ++i) {
    if (predicted[i] == digits.labels[i]) continue;
    wrong.push_back(qfs::make_tensor<std::uint8_t>({digits.rows, digits.cols}));
    std::ranges::copy(qfs::row(digits.pixels, i), qfs::values(wrong.back()).begin());
  }
  if (!wrong.empty()) qfs::save_png(folder + "/wrong_digits.png", qfs::sheet_of(wrong, 20, 1));
}

void the_float_row(const Mlp& net, const std::string& folder, const qfs::TestDigits& digits,
                   const std::vector<std::uint8_t>& predicted, qfs::Lesson& lesson) {
  qfs::section(6, "The float net in numbers, for the chapters to come");
  qfs::ModelRow row{.model = "fp32",
                    .net = qfs::widths_text(net),
                    .data = qfs::data_name(lesson.options),
                    .images = digits.size()};
  row.accuracy = static_cast<double>(qfs::count_correct(predicted, digits.labels)) /
                 static_cast<double>(digits.size());
  row.bytes = qfs::mlp_bytes_on_disk(folder);
  qfs::MlpBuffers buffers;
  qfs::time_batches(digits, row, [&](const Matrix<float>& x) { qfs::forward(net, x, buffers); });
  lesson.report.model(row);
  std::printf("  %s on disk: %zu bytes\n", qfs::widths_text(net).c_str(), row.bytes);
  std::printf("  one forward pass: %s us for 1 picture, %s us for 64, %s us for 1000\n",
              qfs::measured(row.latency_us[1], 1).c_str(),
              qfs::measured(row.latency_us[64], 1).c_str(),
              qfs::measured(row.latency_us[1000], 1).c_str());
}

std::string name_of_net(const qfs::Options& options) {
  if (!options.weights_dir.empty()) return options.weights_dir;
  return options.data_dir.empty() ? "datasets/pretrained" : "the recipe on " + options.data_dir;
}

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  const qfs::Options& options = lesson.options;
  const qfs::Dataset data = qfs::load_dataset(options.data_dir);
  if (!options.weights_dir.empty()) qfs::trained_or_pretrained(options, data);  // refuse them first
  the_data(data, lesson);
  qfs::on_paper(lesson);
  const Mlp trained = training(data, options.quick ? 1 : chapter.epochs, lesson);
  if (!chapter.save.empty()) qfs::save_mlp(trained, chapter.save);
  if (chapter.epochs == 10 && !options.quick) qfs::keep_trained(trained, options, data);

  const Mlp net = qfs::trained_or_pretrained(options, data);
  const std::string folder = qfs::weights_directory(options, data);
  const std::vector<std::uint8_t> predicted = qfs::classify_ref(net, data.test.pixels);
  qfs::what_it_learned(net, predicted, data.test, name_of_net(options));
  if (options.is_default_run() && chapter.save.empty())
    lesson.claims.expect_equal(qfs::count_correct(predicted, data.test.labels), kPretrainedCorrect,
                               "1863 right: in fixed order, on every machine");
  if (!chapter.pictures.empty()) write_pictures(chapter.pictures, net, data.test, predicted);
  qfs::softmax_twice(data, lesson);
  the_float_row(net, folder, data.test, predicted, lesson);
  if (options.trace) qfs::trace(net, data.test, predicted);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("04 MNIST MLP",
                       "Train 784-100-100-10 on real digits, forward and backward by hand.");
  program.option("--image", chapter.image, "classify your own digit: a PNG of any size");
  program.option("--epochs", chapter.epochs, "epochs of training", 1, 1000);
  program.output_dir("--save", chapter.save,
                     "write the trained weights to this directory, as .npy");
  program.output_dir(
      "--pictures", chapter.pictures,
      "write the first layer's weights and the wrong digits to this directory, as PNG");
  program.excludes("--image", {"--epochs", "--save", "--pictures", "--csv", "--json", "--trace"});
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    if (chapter.image.empty())
      run(chapter, lesson);
    else
      qfs::classify_your_digit(chapter.image, lesson.options);
  });
}
