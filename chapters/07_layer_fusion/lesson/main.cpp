// Chapter 07: a Linear and its ReLU as one operation.

#include "04_mnist_mlp/pretrained.hpp"
#include "07_layer_fusion/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

using qfs::OutputPoint;
using qfs::ch07::Study;

struct ChapterOptions {
  int activation_bits = 8;
  bool per_channel = false;
};

// What is done before the first digit comes; then both nets run on all of them.
Study prepare(const ChapterOptions& chapter, const qfs::Options& options) {
  Study study{.data = qfs::load_dataset(options.data_dir)};
  study.mlp = qfs::trained_or_pretrained(options, study.data);
  study.options = {.activations = qfs::unsigned_range(chapter.activation_bits),
                   .weights = chapter.per_channel ? qfs::WeightGranularity::per_channel
                                                  : qfs::WeightGranularity::per_tensor};
  // [prepare]
  const qfs::CalibrationSet digits(study.data.train);
  study.before_relu =
      qfs::calibrate<qfs::MinMaxObserver>(study.mlp, digits, OutputPoint::after_linear, 100);
  study.after_relu =
      qfs::calibrate<qfs::MinMaxObserver>(study.mlp, digits, OutputPoint::after_relu, 100);
  study.unfused = qfs::quantize_mlp(study.mlp, study.before_relu, study.options);
  study.fused = qfs::quantize_fused_mlp(study.mlp, study.after_relu, study.options);
  // [/prepare]
  study.unfused_run = qfs::ch07::run_on_test_digits(study.unfused, study.data.test);
  study.fused_run = qfs::ch07::run_on_test_digits(study.fused, study.data.test);
  qfs::Matrix<float> x = qfs::normalized(study.data.test.pixels, 0, study.data.test.size());
  for (std::size_t i = 0; i <= study.hidden(); ++i) {
    x = qfs::linear_forward_ref(study.mlp.layers[i], x);
    if (i < study.hidden()) qfs::relu_forward(x);
    study.real.push_back(x);
  }
  return study;
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("07 Layer fusion", "A Linear and its ReLU as one operation.");
  qfs::start_with_blas(program, argv);
  program.option("--activation-bits", chapter.activation_bits, "8: integers 0..255; 7: 0..127", 7,
                 8);
  program.flag("--per-channel", chapter.per_channel, "one weight scale per output");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    const Study study = prepare(chapter, lesson.options);
    qfs::ch07::on_paper(lesson);
    qfs::ch07::no_relu_left(study, lesson);
    qfs::ch07::same_parameters(study, lesson);
    qfs::ch07::finer_steps(study, lesson);
    qfs::ch07::where_they_differ(study, lesson);
    qfs::ch07::accuracy(study, lesson);
    qfs::ch07::file_and_time(study, lesson);
    qfs::ch07::mistakes(study, lesson);
    if (lesson.options.trace) qfs::ch07::trace(study);
    qfs::ch07::write_staircase(study, lesson);
  });
}
