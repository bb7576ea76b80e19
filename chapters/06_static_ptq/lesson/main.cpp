// Chapter 06: the whole net in integers, from pixels to the class.

#include <cstdio>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "06_static_ptq/lesson/study.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "common/blas_start.hpp"

namespace {

using qfs::ch06::Study;

struct ChapterOptions {
  int activation_bits = 8, neuron = 1;
  bool per_channel = false;
  std::string export_dir, model;
};

Study prepare(const ChapterOptions& chapter, const qfs::Options& options) {
  Study study;
  study.data = qfs::load_dataset(options.data_dir);
  study.mlp = qfs::trained_or_pretrained(options, study.data);
  // [prepare]
  study.intervals = qfs::calibrate<qfs::MinMaxObserver>(
      study.mlp, qfs::CalibrationSet(study.data.train), qfs::OutputPoint::after_linear, 100);
  study.options = {.activations = qfs::unsigned_range(chapter.activation_bits),
                   .weights = chapter.per_channel ? qfs::WeightGranularity::per_channel
                                                  : qfs::WeightGranularity::per_tensor};
  study.net = qfs::quantize_mlp(study.mlp, study.intervals, study.options);
  // [/prepare]
  study.as_pytorch =
      options.data_dir.empty() && options.weights_dir.empty() && chapter.activation_bits == 8;
  return study;
}

// --model FILE: what a model file makes of the test digits.
void classify_with(const std::string& path, const qfs::Options& options) {
  const qfs::PackedNet net = qfs::pack(qfs::load_model(path));
  const qfs::Dataset data = qfs::load_dataset(options.data_dir);
  qfs::require(net.input().size() == data.test.rows * data.test.cols &&
                   net.output().size() == qfs::kClasses && net.input().type == qfs::DType::f32 &&
                   net.output().type == qfs::DType::f32,
               path + " does not fit the digits", net.input().size(),
               data.test.rows * data.test.cols, "use a net made for pictures of this size");
  const std::size_t right =
      qfs::count_correct(qfs::classify_u8(net, data.test.pixels), data.test.labels);
  const qfs::WilsonInterval share = qfs::wilson_interval(right, data.test.size());
  std::printf("  %s: %zu of %zu right, %.2f %% (95 %% interval %.2f to %.2f)\n", path.c_str(),
              right, data.test.size(), 100.0 * share.share, 100.0 * share.low, 100.0 * share.high);
}

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  const Study study = prepare(chapter, lesson.options);
  if (!chapter.export_dir.empty()) qfs::ch06::export_for_toy(study, chapter.export_dir);
  qfs::ch06::on_paper(lesson);
  qfs::ch06::offline(study, lesson);
  qfs::ch06::layer_by_formulas(study, lesson);
  qfs::ch06::all_digits(study, lesson);
  qfs::ch06::two_rules(study, lesson);
  qfs::ch06::simulation(study, lesson);
  const std::size_t bytes = qfs::ch06::model_on_disk(study, lesson);
  qfs::ch06::honest_time(study, bytes, lesson);
  qfs::ch06::mistakes(study, lesson);
  if (lesson.options.trace) qfs::ch06::trace(study, static_cast<std::size_t>(chapter.neuron));
  qfs::ch06::write_output_histograms(study, lesson);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("06 Static post-training quantization",
                       "The whole net in integers, layer by layer, from pixels to the class.");
  qfs::start_with_blas(program, argv);
  program.option("--activation-bits", chapter.activation_bits, "8: integers 0..255; 7: 0..127", 7,
                 8);
  program.flag("--per-channel", chapter.per_channel, "one weight scale per output");
  program.option("--neuron", chapter.neuron,
                 "the output of layer 1 that --trace follows; the last one where there are fewer",
                 0, 99999);
  program.needs("--neuron", "--trace");
  program.output_dir("--export", chapter.export_dir,
                     "write net.qfs, digits.idx and labels.idx, for toy.cpp, to this directory");
  program.option("--model", chapter.model, "classify the test digits with this model file");
  program.excludes("--model", {"--export", "--csv", "--json", "--trace"});
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    if (chapter.model.empty())
      run(chapter, lesson);
    else
      classify_with(chapter.model, lesson.options);
  });
}
