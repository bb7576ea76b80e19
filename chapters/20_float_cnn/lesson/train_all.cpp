// Section 9, with --full: the committed nets. Section 10, with --train: the same from nothing.
#include <cstdio>
#include <filesystem>

#include "04_mnist_mlp/plumbing/flush_denormals.hpp"
#include "20_float_cnn/lesson/study.hpp"
#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "common/measured_table.hpp"
#include "common/stopwatch.hpp"

namespace qfs::ch20 {
namespace {

std::size_t count_right(const Cnn& cnn, const TestDigits& test) {
  CnnBuffers buffers;
  const auto classes =
      classify(test.pixels, [&](const Matrix<float>& x) { return forward(cnn, x, buffers); });
  return count_correct(classes, test.labels);
}

// Whether the plan's pictures are here; says so where they are not.
bool has_pictures(const Plan& plan) {
  if (!plan.fashion || std::filesystem::is_directory(kFashionDir)) return true;
  std::printf("  %s is left out: apt-get install dataset-fashion-mnist\n", plan.title.c_str());
  return false;
}

// How long an epoch takes, from its first batches, as train() runs them. The net is a copy.
double seconds_an_epoch(Cnn cnn, const TrainDigits& pictures, const Plan& plan) {
  const FlushDenormals flush_denormals;
  constexpr std::size_t kBatches = 30;
  Batches batches(pictures, plan.recipe.batch_size);
  Adam adam(parameters(cnn), {.learning_rate = plan.recipe.learning_rate});
  CnnBuffers buffers;
  Rng rng(1);
  Matrix<float> moved;
  const auto step = [&](std::size_t batch) {
    batches.take(batch);
    augment(plan.recipe.augment, cnn.input(), batches.x(), paper_value(), rng, moved);
    forward_backward(cnn, moved, batches.labels(), buffers);
    adam.step();
  };
  step(0);  // which allocates
  const Stopwatch watch;
  for (std::size_t batch = 1; batch <= kBatches; ++batch) step(batch);
  return watch.seconds() * static_cast<double>(batches.count()) / static_cast<double>(kBatches);
}

}  // namespace

void all_nets(const std::string& tables, Lesson& lesson) {
  section(9, "The committed nets on all of their test pictures");
  Table table({"net", "parameters", "products", "bytes on disk", "epochs", "s an epoch", "right",
               "share, 95 % interval"});
  for (const Plan& plan : plans()) {
    if (!has_pictures(plan)) continue;
    const Dataset data = load_dataset(plan.fashion ? kFashionDir : "");
    const Cnn cnn = load_committed_cnn(plan.file, plan.make(nullptr, {28, 28, 1}, kClasses));
    const std::size_t right = count_right(cnn, data.test);
    const Cost cost = cost_of(cnn);
    table.row({plan.title, std::to_string(cost.parameters), std::to_string(cost.products),
               std::to_string(std::filesystem::file_size(cnn_path(plan.file))),
               std::to_string(plan.recipe.epochs),
               measured(seconds_an_epoch(cnn, data.train, plan), 1),
               std::to_string(right) + " of " + std::to_string(data.test.size()),
               share_text(right, data.test.size())});
    if (plan.fashion)
      lesson.claims.expect(right * 100 >= 91 * data.test.size(),
                           "Fashion-MNIST: at least 91 % of the test pictures right");
  }
  table.print();
  write_measured_table(tables, "nets", table,
                       "Trained on 8 000 digits of MNIST, tested on 2 000; on 60 000 pictures of "
                       "Fashion-MNIST, tested on 10 000. Products: multiplications for one "
                       "picture. Seconds: from 30 batches, one thread; the classes go through "
                       "BLAS, which may move one or two.",
                       "Seed 1");
}

void train_all(const std::string& save, Lesson& lesson) {
  section(10, "The nets of part V, trained from nothing");
  std::error_code ignored;
  if (!save.empty()) std::filesystem::create_directories(save, ignored);
  for (const Plan& plan : plans()) {
    if (!has_pictures(plan)) continue;
    const Dataset data = load_dataset(plan.fashion ? kFashionDir : "");
    Rng rng(lesson.options.seed);
    Cnn cnn = plan.make(&rng, {28, 28, 1}, kClasses);
    const auto epochs = train_cnn(cnn, data.train, plan.recipe, lesson.options.seed, rng);
    if (!save.empty()) save_cnn(cnn, save + "/" + plan.file + ".qfs");
    const std::size_t right = count_right(cnn, data.test);
    std::printf("  %s: loss %s, %s test pictures right, %s\n", plan.title.c_str(),
                measured(epochs.back().loss, 4).c_str(), measured(std::to_string(right)).c_str(),
                share_text(right, data.test.size()).c_str());
    lesson.report.figure(plan.file,
                         static_cast<double>(right) / static_cast<double>(data.test.size()));
    if (plan.fashion && lesson.options.seed == 1)
      lesson.claims.expect(right * 100 >= 91 * data.test.size(),
                           "Fashion-MNIST: at least 91 % right");
  }
}

}  // namespace qfs::ch20
