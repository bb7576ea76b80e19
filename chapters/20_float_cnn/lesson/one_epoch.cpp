// Section 6: the small net learns, once through the training pictures.
#include <cstdio>

#include "20_float_cnn/lesson/study.hpp"

namespace qfs::ch20 {

void one_epoch(const Study& study, Lesson& lesson) {
  section(6, "One epoch of the small CNN, from nothing");
  const Dataset& data = study.data;
  Rng rng(lesson.options.seed);
  Cnn cnn = make_small_cnn(&rng, {data.train.rows, data.train.cols, 1}, kClasses);
  CnnBuffers buffers;
  const auto share = [&] {
    const auto classes = classify(data.test.pixels,
                                  [&](const Matrix<float>& x) { return forward(cnn, x, buffers); });
    return wilson_interval(count_correct(classes, data.test.labels), data.test.size()).share;
  };
  const double before = share();
  const EpochResult epoch =
      train_cnn(cnn, data.train, {.epochs = 1}, lesson.options.seed, rng).back();
  const double after = share();
  std::printf("  %zu pictures, batches of 64: mean loss %s, %s s\n", data.train.size(),
              measured(epoch.loss, 3).c_str(), measured(epoch.seconds, 2).c_str());
  std::printf("  test pictures right: %s %% before, %s %% after\n",
              measured(100 * before, 1).c_str(), measured(100 * after, 1).c_str());
  lesson.report.figure("epoch_seconds", epoch.seconds);
  lesson.report.figure("one_epoch_accuracy", after);
  if (lesson.options.is_default_run())
    lesson.claims.expect(after > 0.8 && after < 0.95,
                         "once through the digits: between 80 and 95 % right");
}

}  // namespace qfs::ch20
