// Section 6: the 8-bit net on disk and in time, and what an epoch costs.
#include <cmath>
#include <cstdio>
#include <ctime>

#include "04_mnist_mlp/plumbing/latency.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "09_qat/lesson/study.hpp"
#include "common/print.hpp"
#include "common/temporary.hpp"

namespace qfs::ch09 {
namespace {

// The file of the 8-bit net; read back, it must be the same net.
std::size_t bytes_on_disk(const QuantizedNet& net, const Study& study, Lesson& lesson) {
  const TemporaryDirectory folder;
  const std::size_t bytes = save_model(folder.path("net.qfs"), net);
  const QuantizedNet loaded = load_model(folder.path("net.qfs"));
  lesson.claims.expect(classify_u8(pack(loaded), study.data.test.pixels) == study.eight.classes,
                       "read back from its file, it gives every digit the same class");
  return bytes;
}

// Loops that are not vectorized say nothing about time: in such a build the claim is not put to the
// test.
#ifdef NDEBUG
constexpr bool kOptimised = true;
#else
constexpr bool kOptimised = false;
#endif

template <class Work>
double processor_seconds(Work&& work) {
  const std::clock_t begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// An epoch, float and with quantization, in turns, of each the least; in processor time, which does
// not count the other programs on the machine.
void epoch_times(const Study& study, Lesson& lesson) {
  const TrainOptions one = {.epochs = 1, .adam = {.learning_rate = study.recipe.learning_rate}};
  const QatOptions options = in_bits(8, study.recipe.scales);
  double as_float = HUGE_VAL, with_qat = HUGE_VAL;
  for (int turn = 0; turn < (lesson.options.quick ? 1 : 5); ++turn) {
    Mlp mlp = study.start.mlp;
    QatMlp net = make_qat(mlp, study.start.intervals, options);
    Rng rng(study.start.seed), same(study.start.seed);
    const TrainDigits& digits = study.data.train;
    as_float = std::min(as_float, processor_seconds([&] { train_mlp(mlp, digits, one, rng); }));
    with_qat =
        std::min(with_qat, processor_seconds([&] { train_qat(net, digits, options, one, same); }));
  }
  std::printf("  an epoch: float %s s, with quantization %s s, %s times\n",
              measured(as_float, 3).c_str(), measured(with_qat, 3).c_str(),
              measured(with_qat / as_float, 2).c_str());
  lesson.report.figure("epoch_ratio", with_qat / as_float);
  if (lesson.options.is_default_run() && lesson.options.threads == 1)
    lesson.claims.expect(!kOptimised || with_qat <= 3.0 * as_float,
                         "an epoch takes at most 3 times a float epoch");
}

}  // namespace

void file_and_time(const Study& study, Lesson& lesson) {
  section(6, "The 8-bit net on disk and in time, one thread");
  ModelRow result = model_row("qat", study.start.mlp, lesson.options, study.start.by_float,
                              study.eight.classes, study.data.test.labels);
  result.note = "trained " + std::to_string(study.recipe.epochs) +
                " epochs more than fp32; the float net, trained as long, has " +
                fixed(percent_right(study.start, study.control.by_float), 2) + " %";
  result.bytes = bytes_on_disk(study.eight.integers, study, lesson);
  std::printf("  %zu bytes, as without training: the integers are others, not more\n",
              result.bytes);
  const PackedNet packed = pack(study.eight.integers);
  NetBuffers tensors;
  time_batches(study.data.test, result, [&](const Matrix<float>& x) { run(packed, x, tensors); });
  for (const auto& [batch, microseconds] : result.latency_us)
    std::printf("  batch of %4zu: %10s microseconds\n", batch, measured(microseconds, 1).c_str());
  lesson.report.model(result);
  epoch_times(study, lesson);
}

}  // namespace qfs::ch09
