// Chapter 23: our nets as ONNX files, so that another runtime gives the same integers.

#include "04_mnist_mlp/pretrained.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "20_float_cnn/nets.hpp"
#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "21_int8_cnn/quantized_cnn.hpp"
#include "23_onnx_export/lesson/study.hpp"
#include "23_onnx_export/portable_scales.hpp"
#include "common/blas_start.hpp"

namespace {

using qfs::ch23::Study;

Study prepare(const qfs::Options& options) {
  Study study{.data = qfs::load_dataset(options.data_dir)};
  study.mlp = qfs::trained_or_pretrained(options, study.data);
  study.small = qfs::load_committed_cnn("small_mnist", qfs::make_small_cnn(nullptr));
  const std::size_t digits = options.quick ? 200 : study.data.test.size();
  study.x = qfs::normalized(study.data.test.pixels, 0, std::min(digits, study.data.test.size()));
  study.by_default = options.is_default_run();
  // [prepare]
  const qfs::CalibrationSet calibration(study.data.train);
  const auto intervals = qfs::calibrate<qfs::MinMaxObserver>(study.mlp, calibration,
                                                             qfs::OutputPoint::after_relu, 100);
  const auto fused = [&](int bits) {
    return qfs::quantize_fused_mlp(
        study.mlp, intervals, {qfs::unsigned_range(bits), qfs::WeightGranularity::per_channel});
  };
  study.as_calibrated = fused(8);
  study.fused = qfs::with_portable_scales(study.as_calibrated);
  study.seven_bits = qfs::with_portable_scales(fused(7));
  study.dynamic =
      qfs::quantize_dynamic(study.mlp, qfs::WeightGranularity::per_channel,
                            {.options = {qfs::InputGranularity::per_tensor, qfs::RangeRule::onnx}});
  // [/prepare]
  const qfs::CalibrationSet fewer(study.data.train, 200);
  const auto of_pictures = qfs::calibrate<qfs::MinMaxObserver>(study.small, fewer, 100);
  study.pictures = qfs::with_portable_scales(qfs::quantize_fused_cnn(
      study.small, of_pictures, {qfs::unsigned_range(8), qfs::WeightGranularity::per_channel}));
  return study;
}

}  // namespace

int main(int argc, char** argv) {
  std::string directory;
  int neuron = 1;
  qfs::Program program("23 ONNX export",
                       "Our nets as ONNX files, so that another runtime gives the same integers.");
  qfs::start_with_blas(program, argv);
  program.output_dir("--export", directory, "write every form as a .onnx file into this directory");
  program.option("--neuron", neuron, "the output of layer 1 that --trace follows", 0, 99999);
  program.needs("--neuron", "--trace");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    const Study study = prepare(lesson.options);
    qfs::ch23::on_paper(lesson);
    qfs::ch23::five_forms(study, lesson);
    qfs::ch23::our_scales(study, lesson);
    qfs::ch23::narrow_ranges(study, lesson);
    qfs::ch23::as_it_stands(study, lesson);
    qfs::ch23::one_multiplier(study, lesson);
    qfs::ch23::order_of_pictures(study, lesson);
    qfs::ch23::bytes_on_disk(study, lesson);
    qfs::ch23::mistakes(study, lesson);
    if (lesson.options.trace) qfs::ch23::trace(study, static_cast<std::size_t>(neuron));
    if (!directory.empty()) qfs::ch23::export_all(study, directory);
  });
}
