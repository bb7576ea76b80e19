// Chapter 06: the whole net in integers, from pixels to the class.

#include <cstdio>
#include <numeric>

#include "04_mnist_mlp/pretrained.hpp"
#include "06_static_ptq/model_file.hpp"
#include "06_static_ptq/sections.hpp"
#include "common/print.hpp"
#include "common/temporary.hpp"

namespace {

using qfs::QuantizedMlp;
using qfs::Study;

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

// Calibration saw paper and full ink, so the 256 integers fall on the 256 pixel values.
bool inputs_are_pixels(const QuantizedMlp& net) {
  auto pixels = qfs::make_tensor<std::uint8_t>({1, 256});
  std::iota(pixels.begin(), pixels.end(), std::uint8_t{0});
  auto q = qfs::make_tensor<std::uint8_t>({1, 256});
  const qfs::Matrix<float> x = qfs::normalized(pixels, 0, 1);
  qfs::quantize(qfs::values(x), net.input, net.input_range, qfs::values(q));
  return q == pixels;
}

// What is computed before the first digit comes.
void offline(const Study& study, qfs::Lesson& lesson) {
  qfs::section(2, "Offline: every tensor of the net gets its integers");
  qfs::Table table({"tensor", "shape", "reals", "scale", "zero point", "integers"});
  const auto activation = [&](const std::string& name, std::size_t width, qfs::Interval interval,
                              qfs::QuantParams p, qfs::QuantRange range) {
    table.row({name, "B x " + std::to_string(width),
               qfs::fixed(interval.min, 2) + " to " + qfs::fixed(interval.max, 2),
               qfs::fixed(p.scale, 6), std::to_string(p.zero_point),
               std::to_string(range.qmin) + ".." + std::to_string(range.qmax)});
  };
  const QuantizedMlp& net = study.net;
  activation("input", net.layers[0].inputs(), study.intervals.input, net.input, net.input_range);
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const qfs::QuantizedLinear& layer = net.layers[i];
    const std::string number = std::to_string(i + 1);
    const auto [w_min, w_max] = qfs::min_max(qfs::values(study.mlp.layers[i].weight));
    table.row({"weight " + number, qfs::shape_text(layer.weight),
               qfs::fixed(w_min, 2) + " to " + qfs::fixed(w_max, 2),
               layer.weight_scale.size() == 1 ? qfs::fixed(layer.weight_scale(0), 6) : "one each",
               "0", "-128..127"});
    table.row({"bias " + number, std::to_string(layer.outputs()), "",
               layer.weight_scale.size() == 1
                   ? qfs::fixed(layer.input.scale * layer.weight_scale(0), 6)
                   : "one each",
               "0", "32 bits"});
    activation("output " + number, layer.outputs(), study.intervals.outputs[i], layer.output,
               layer.output_range);
  }
  table.print();
  bool below_one = true;
  for (const qfs::QuantizedLinear& layer : net.layers)
    for (float m : qfs::values(layer.multiplier)) below_one = below_one && m < 1.0F;
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(below_one, "every multiplier s_x s_w / s_y is below 1");
  if (study.as_pytorch)
    lesson.claims.expect(inputs_are_pixels(net), "q_x of every pixel 0..255 is the pixel itself");
}

// The size of the written file is the only size worth quoting.
std::size_t model_file(const Study& study, qfs::Lesson& lesson) {
  qfs::section(7, "The model file: its size on disk");
  const qfs::TemporaryDirectory folder;
  const std::size_t bytes = qfs::save_model(folder.path("net.qfs"), study.net);
  const QuantizedMlp loaded = qfs::load_model(folder.path("net.qfs"));
  const std::size_t float_bytes =
      qfs::mlp_bytes_on_disk(qfs::weights_directory(lesson.options, study.data));
  std::size_t weights = 0;
  for (const qfs::QuantizedLinear& layer : study.net.layers) weights += layer.weight.size();
  const double share = static_cast<double>(bytes) / static_cast<double>(float_bytes);
  std::printf("  float net, .npy files  %7zu bytes\n", float_bytes);
  std::printf("  integer net, one file  %7zu bytes = %.2f %%\n", bytes, 100.0 * share);
  std::printf("    of it weights        %7zu\n", weights);
  std::printf("    everything else      %7zu (biases, scales, names, checksum)\n", bytes - weights);
  lesson.report.figure("model_bytes_share", share);
  const auto& pixels = study.data.test.pixels;
  lesson.claims.expect(
      qfs::classify_u8(qfs::pack(loaded), pixels) == qfs::classify_u8(qfs::pack(study.net), pixels),
      "read back, it gives every digit the same class");
  if (lesson.options.is_default_run())
    lesson.claims.expect(share <= 0.26, "at most 26 % of the float weights' bytes");
  return bytes;
}

// --model FILE: what a model file makes of the test digits.
void classify_with(const std::string& path, const qfs::Options& options) {
  const qfs::PackedMlp net = qfs::pack(qfs::load_model(path));
  const qfs::Dataset data = qfs::load_dataset(options.data_dir);
  qfs::require(net.layers.front().linear.inputs == data.test.rows * data.test.cols &&
                   net.layers.back().linear.outputs == qfs::kClasses,
               path + " does not fit the digits", net.layers.front().linear.inputs,
               data.test.rows * data.test.cols, "use a net made for pictures of this size");
  const std::size_t right =
      qfs::count_correct(qfs::classify_u8(net, data.test.pixels), data.test.labels);
  const qfs::WilsonInterval share = qfs::wilson_interval(right, data.test.size());
  std::printf("  %s: %zu of %zu right, %.2f %% (95 %% interval %.2f to %.2f)\n", path.c_str(),
              right, data.test.size(), 100.0 * share.share, 100.0 * share.low, 100.0 * share.high);
}

void run(const ChapterOptions& chapter, qfs::Lesson& lesson) {
  const Study study = prepare(chapter, lesson.options);
  if (!chapter.export_dir.empty()) qfs::export_for_toy(study, chapter.export_dir);
  qfs::on_paper(lesson);
  offline(study, lesson);
  qfs::layer_one_by_formulas(study, lesson);
  qfs::all_digits(study, lesson);
  qfs::both_rules(study, lesson);
  qfs::float_simulation(study, lesson);
  const std::size_t bytes = model_file(study, lesson);
  qfs::honest_time(study, bytes, lesson);
  qfs::what_goes_wrong(study, lesson);
  if (lesson.options.trace) qfs::trace(study, static_cast<std::size_t>(chapter.neuron));
  qfs::write_output_histograms(study, lesson);
}

}  // namespace

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("06 Static post-training quantization",
                       "The whole net in integers, layer by layer, from pixels to the class.");
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
