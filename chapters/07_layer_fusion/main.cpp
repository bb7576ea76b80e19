// Chapter 07: a Linear and its ReLU as one operation.

#include <cstdio>

#include "04_mnist_mlp/pretrained.hpp"
#include "07_layer_fusion/sections.hpp"
#include "common/print.hpp"

namespace {

using qfs::Operation;
using qfs::OperationKind;
using qfs::OutputPoint;
using qfs::Study;

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
  study.unfused_run = qfs::run_on_test_digits(study.unfused, study.data.test);
  study.fused_run = qfs::run_on_test_digits(study.fused, study.data.test);
  qfs::Matrix<float> x = qfs::normalized(study.data.test.pixels, 0, study.data.test.size());
  for (std::size_t i = 0; i <= study.hidden(); ++i) {
    x = qfs::linear_forward_ref(study.mlp.layers[i], x);
    if (i < study.hidden()) qfs::relu_forward(x);
    study.real.push_back(x);
  }
  return study;
}

const char* name_of(OperationKind kind) {
  if (kind == OperationKind::linear) return "Linear";
  return kind == OperationKind::relu ? "ReLU" : "LinearReLU";
}

// Bytes of activations and multiplications of one digit.
struct Cost {
  std::size_t read = 0, written = 0, products = 0;
};

Cost cost_of(Operation operation, const qfs::QuantizedMlp& net) {
  const qfs::QuantizedLinear& layer = net.layers[operation.layer];
  if (operation.kind == OperationKind::relu) return {layer.outputs(), layer.outputs(), 0};
  return {layer.inputs(), layer.outputs(), layer.inputs() * layer.outputs()};
}

Cost print_operations(std::span<const Operation> list, const Study& study, const char* title) {
  qfs::Table table({title, "layer", "bytes read", "bytes written", "multiplications"});
  Cost sum;
  for (Operation operation : list) {
    const Cost cost = cost_of(operation, study.unfused);
    sum = {sum.read + cost.read, sum.written + cost.written, sum.products + cost.products};
    table.row({name_of(operation.kind), std::to_string(operation.layer + 1),
               std::to_string(cost.read), std::to_string(cost.written),
               std::to_string(cost.products)});
  }
  table.row({"together " + std::to_string(list.size()), "", std::to_string(sum.read),
             std::to_string(sum.written), std::to_string(sum.products)});
  table.print();
  return sum;
}

void no_relu_left(const Study& study, qfs::Lesson& lesson) {
  qfs::section(2, "Why no ReLU layer is left: one digit's activations");
  const auto list = qfs::operations(study.mlp.layers.size());
  const auto fused = qfs::fuse_operations(list);
  const Cost before = print_operations(list, study, "unfused");
  const Cost after = print_operations(fused, study, "fused");
  lesson.claims.expect(fused.size() == study.mlp.layers.size(), "one operation a layer is left");
  lesson.claims.expect(after.products == before.products,
                       "and every multiplication is still there");
  lesson.report.figure("activation_bytes_unfused",
                       static_cast<double>(before.read + before.written));
  lesson.report.figure("activation_bytes_fused", static_cast<double>(after.read + after.written));
}

// Nothing but the clamp changes: the integers must be the same.
void same_parameters(const Study& study, qfs::Lesson& lesson) {
  qfs::section(3, "The same parameters, the clamp raised to the zero point");
  const qfs::QuantizedMlp same = qfs::fuse(study.unfused);
  const qfs::TestRun run = qfs::run_on_test_digits(same, study.data.test);
  qfs::Table table({"", "zero point", "clamp before", "clamp now", "outputs", "that differ"});
  std::size_t differ = 0;
  for (std::size_t i = 0; i <= study.hidden(); ++i) {
    const qfs::QuantizedLinear &a = study.unfused.layers[i], &b = same.layers[i];
    const std::size_t count = qfs::count_different(study.unfused_run.outputs[i], run.outputs[i]);
    const auto text = [](qfs::QuantRange range) {
      return std::to_string(range.qmin) + ".." + std::to_string(range.qmax);
    };
    table.row({"layer " + std::to_string(i + 1), std::to_string(a.output.zero_point),
               text(a.output_range), text(b.output_range), std::to_string(run.outputs[i].size()),
               std::to_string(count)});
    differ += count;
  }
  table.print();
  lesson.claims.expect(differ == 0, "Linear then ReLU = LinearReLU, every output of every digit");
}

}  // namespace

qfs::TestRun qfs::run_on_test_digits(const QuantizedMlp& net, const TestDigits& digits) {
  const PackedMlp packed = pack(net);
  TestRun run;
  const auto q = forward_u8(
      packed, quantize_input(packed, normalized(digits.pixels, 0, digits.size())), &run.outputs);
  for (std::size_t i = 0; i + 1 < run.outputs.size() && !net.fused; ++i)
    relu_u8(values(run.outputs[i]), net.layers[i].output.zero_point);
  run.classes = argmax_rows(dequantize_logits(packed, q));
  return run;
}

int main(int argc, char** argv) {
  ChapterOptions chapter;
  qfs::Program program("07 Layer fusion", "A Linear and its ReLU as one operation.");
  program.option("--activation-bits", chapter.activation_bits, "8: integers 0..255; 7: 0..127", 7,
                 8);
  program.flag("--per-channel", chapter.per_channel, "one weight scale per output");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    const Study study = prepare(chapter, lesson.options);
    qfs::on_paper(lesson);
    no_relu_left(study, lesson);
    same_parameters(study, lesson);
    qfs::twice_the_resolution(study, lesson);
    qfs::where_they_differ(study, lesson);
    qfs::accuracy(study, lesson);
    qfs::file_and_time(study, lesson);
    qfs::what_goes_wrong(study, lesson);
    if (lesson.options.trace) qfs::trace(study);
    qfs::write_staircase(study, lesson);
  });
}
