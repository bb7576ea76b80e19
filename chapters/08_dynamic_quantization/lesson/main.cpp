// Chapter 08: the activations' scales are found when the activations come.

#include "04_mnist_mlp/pretrained.hpp"
#include "08_dynamic_quantization/lesson/study.hpp"
#include "common/blas_start.hpp"

namespace {

using qfs::ch08::Study;

struct ChapterOptions {
  int activation_bits = 8, neuron = 1;
  bool per_channel = false, per_row = false;
};

Study prepare(const ChapterOptions& chapter, const qfs::Options& options) {
  Study study{.data = qfs::load_dataset(options.data_dir)};
  study.mlp = qfs::trained_or_pretrained(options, study.data);
  study.x = qfs::normalized(study.data.test.pixels, 0, study.data.test.size());
  study.weights = chapter.per_channel ? qfs::WeightGranularity::per_channel
                                      : qfs::WeightGranularity::per_tensor;
  study.input.range = qfs::unsigned_range(chapter.activation_bits);
  study.input.options.granularity =
      chapter.per_row ? qfs::InputGranularity::per_row : qfs::InputGranularity::per_tensor;
  // [prepare]
  // Dynamic: the float net and a range of integers.
  study.net = qfs::quantize_dynamic(study.mlp, study.weights, study.input);
  // Static (chapter 06): the same, and a thousand digits to calibrate on.
  study.fixed = qfs::quantize_mlp(
      study.mlp,
      qfs::calibrate<qfs::MinMaxObserver>(study.mlp, qfs::CalibrationSet(study.data.train),
                                          qfs::OutputPoint::after_linear, 100),
      {study.input.range, study.weights});
  // [/prepare]
  study.as_pytorch = options.data_dir.empty() && options.weights_dir.empty();
  study.by_default = options.is_default_run() && chapter.activation_bits == 8 &&
                     !chapter.per_channel && !chapter.per_row;
  return study;
}

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  const Study study = prepare(chapter, lesson.options);
  qfs::ch08::on_paper(lesson);
  qfs::ch08::parameters_at_run_time(study, lesson);
  qfs::ch08::same_as_pytorch(study, lesson);
  qfs::ch08::same_as_onnx(lesson);
  qfs::ch08::batch_mates(study, lesson);
  qfs::ch08::accuracy(study, lesson);
  qfs::ch08::contrasts(study, lesson);
  qfs::ch08::mixed_contrasts(study, lesson);
  qfs::ch08::file_and_time(study, lesson);
  qfs::ch08::mistakes(study, lesson);
  if (lesson.options.trace) qfs::ch08::trace(study, static_cast<std::size_t>(chapter.neuron));
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("08 Dynamic quantization",
                       "The activations' scales are found when the activations come.");
  qfs::start_with_blas(program, argv);
  program.option("--activation-bits", chapter.activation_bits, "8: integers 0..255; 7: 0..127", 7,
                 8);
  program.flag("--per-channel", chapter.per_channel, "one weight scale per output");
  program.flag("--per-row", chapter.per_row, "a scale for each row in sections 9 to 11");
  program.option("--neuron", chapter.neuron,
                 "the output of layer 1 that --trace follows; the last one where there are fewer",
                 0, 99999);
  program.needs("--neuron", "--trace");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) { run(chapter, lesson); });
}
