// Section 8: how long the integers take, and where.
#include <cstdio>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/plumbing/latency.hpp"
#include "06_static_ptq/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch06 {
namespace {

// Microseconds for one batch: OpenBLAS, plain float loops, the integers and parts of them.
struct Times {
  double blas = 0.0, loops = 0.0, integers = 0.0, quantize = 0.0, product = 0.0;
};

// The time of one batch that the operations called `kind` take.
double time_of_kind(const PackedNet& net, const Matrix<float>& x, NetBuffers& tensors,
                    std::string_view kind) {
  double time = 0.0;
  for (const PackedOperation& step : net.operations) {
    if (step.kind.name != kind) continue;
    const std::size_t x_tensor = step.operation.inputs[0];
    const TensorView input = x_tensor == 0
                                 ? TensorView{.f32 = values(x)}
                                 : TensorView{.u8 = values(std::as_const(tensors.u8[x_tensor]))};
    const TensorSlot output = {.u8 = values(tensors.u8[step.operation.output])};
    time += median_microseconds([&] {
      step.kind.run(step.packed, x.shape(0), {&input, 1}, output);
    });
  }
  return time;
}

Times time_all(const Study& study, const PackedNet& net, const Matrix<float>& x) {
  Times times;
  MlpBuffers buffers;
  NetBuffers tensors;
  times.blas = median_microseconds([&] { forward(study.mlp, x, buffers); });
  times.loops = median_microseconds([&] { forward_ref(study.mlp, x); });
  times.integers = median_microseconds([&] { run(net, x, tensors); });
  times.quantize = time_of_kind(net, x, tensors, "quantize");
  times.product = time_of_kind(net, x, tensors, "linear");
  return times;
}

}  // namespace

void honest_time(const Study& study, std::size_t bytes, Lesson& lesson) {
  section(8, "The honest result: how long it takes, one thread, microseconds");
  const PackedNet net = pack(study.net);
  const TestDigits& test = study.data.test;
  ModelRow result =
      model_row("static_ptq", study.mlp, lesson.options, classify_ref(study.mlp, test.pixels),
                classify_u8(net, test.pixels), test.labels);
  result.bytes = bytes;
  // Columns of measured numbers are as wide as those of a slow machine: the golden text has the
  // same rule under the header everywhere.
  Table table({"digits", "OpenBLAS", "float loops", " integers", "quantize", "   linear", "/ BLAS",
               "/ loops"});
  for (std::size_t size : kBatchesToTime) {
    const Times t = time_all(study, net, batch_to_time(study.data.test, size));
    result.latency_us[size] = t.integers;
    table.row({std::to_string(size), measured(t.blas, 1), measured(t.loops, 1),
               measured(t.integers, 1), measured(t.quantize, 1), measured(t.product, 1),
               measured(t.integers / t.blas, 1), measured(t.integers / t.loops, 2)});
    const std::string batch = "_batch_" + std::to_string(size);
    lesson.report.figure("slower_than_float" + batch, t.integers / t.blas);
    lesson.report.figure("slower_than_float_loops" + batch, t.integers / t.loops);
  }
  table.print();
  lesson.report.model(result);
}

}  // namespace qfs::ch06
