// Sections 4 and 5: what a layer gains by observing after the ReLU, and where the two nets differ
// for it.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "01_affine_math/errors.hpp"
#include "04_mnist_mlp/mcnemar.hpp"
#include "07_layer_fusion/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch07 {
namespace {

// How many integers the layer can put out: those the ReLU does not cut.
int integers_left(const TensorSpec& output) {
  return output.range.qmax - std::max(output.range.qmin, output.params.zero_point) + 1;
}

// What rounding alone costs: the float net's own outputs, quantized and back.
double sqnr_of_rounding(const TensorSpec& output, const Matrix<float>& real) {
  auto q = make_tensor<std::uint8_t>({real.shape(0), real.shape(1)});
  quantize(values(real), output.params, output.range, values(q));
  return sqnr_of(q, output.params, real);
}

}  // namespace

double sqnr_of(const Matrix<std::uint8_t>& q, QuantParams params, const Matrix<float>& real) {
  auto back = make_tensor<float>({q.shape(0), q.shape(1)});
  dequantize(values(q), params, values(back));
  return measure_error(values(real), values(std::as_const(back))).sqnr_db;
}

void finer_steps(const Study& study, Lesson& lesson) {
  section(4, "What observing after the ReLU gains: finer steps for what is left");
  Table table({"layer", "s_y, z_y", "integers left", "SQNR of rounding", "SQNR of the net"});
  bool finer = true;
  const auto unfused_layers = layers_of(study.unfused), fused_layers = layers_of(study.fused);
  for (std::size_t i = 0; i <= study.hidden(); ++i)
    for (bool fused : {false, true}) {
      const TensorSpec& output = (fused ? fused_layers : unfused_layers)[i].output;
      const TestRun& run = fused ? study.fused_run : study.unfused_run;
      const bool hidden = i < study.hidden();
      table.row({std::to_string(i + 1) + (fused ? ", fused" : ", unfused"),
                 fixed(output.params.scale, 6) + ", " + std::to_string(output.params.zero_point),
                 std::to_string(hidden ? integers_left(output) : output.range.qmax + 1),
                 fixed(sqnr_of_rounding(output, study.real[i]), 1) + " dB",
                 fixed(sqnr_of(run.outputs[i], output.params, study.real[i]), 1) + " dB"});
    }
  table.print();
  for (std::size_t i = 0; i < study.hidden(); ++i) {
    const TensorSpec &a = unfused_layers[i].output, &b = fused_layers[i].output;
    const double ratio = static_cast<double>(a.params.scale / b.params.scale);
    const double gain = sqnr_of_rounding(b, study.real[i]) - sqnr_of_rounding(a, study.real[i]);
    std::printf("  %s: steps %.2f times finer, by (7.4) worth %.1f dB; rounding gained %.1f dB\n",
                layer_name(i).c_str(), ratio, 20.0 * std::log10(ratio), gain);  // (eq. 7.4)
    lesson.report.figure("rounding_gain_db_layer_" + std::to_string(i + 1), gain);
    finer = finer && ratio > 1.7 && gain > 0.0;
  }
  if (lesson.options.is_default_run())
    lesson.claims.expect(finer, "every hidden layer rounds more finely, for the same eight bits");
}

namespace {

// Both outputs of a layer as reals; how far apart they are at most, and on how many the fused one
// would be another integer on the unfused layer's grid.
struct Apart {
  std::size_t count = 0;
  double most = 0.0;
};

Apart compare(const TensorSpec& a, const Matrix<std::uint8_t>& q_a, const TensorSpec& b,
              const Matrix<std::uint8_t>& q_b) {
  Apart apart;
  for (std::size_t i = 0; i < q_a.size(); ++i) {
    const int q = values(q_a)[i];
    const float real_a = dequantize_value(q, a.params),
                real_b = dequantize_value(values(q_b)[i], b.params);
    apart.count += quantize_value(real_b, a.params, a.range) != q ? 1 : 0;
    apart.most = std::max(apart.most, std::fabs(static_cast<double>(real_a) - real_b));
  }
  return apart;
}

}  // namespace

void where_they_differ(const Study& study, Lesson& lesson) {
  section(5, "Where fused and unfused differ, as reals, on all test digits");
  Table table({"", "outputs", "another step", "share", "apart at most", "(s + s') / 2"});
  bool within = true;
  std::size_t last = 0;
  const auto unfused_layers = layers_of(study.unfused), fused_layers = layers_of(study.fused);
  for (std::size_t i = 0; i <= study.hidden(); ++i) {
    const TensorSpec &a = unfused_layers[i].output, &b = fused_layers[i].output;
    const Matrix<std::uint8_t>&q_a = study.unfused_run.outputs[i],
          &q_b = study.fused_run.outputs[i];
    const Apart apart = compare(a, q_a, b, q_b);
    const double bound = (static_cast<double>(a.params.scale) + b.params.scale) / 2.0;
    // One sum, rounded to two grids: half a step each (eq. 7.5). 1e-5 of the largest real for
    // float32.
    if (i == 0) within = apart.most <= bound + 1e-5 * 256 * static_cast<double>(a.params.scale);
    last = apart.count;
    table.row({layer_name(i), std::to_string(q_a.size()), std::to_string(apart.count),
               percent(apart.count, q_a.size()), fixed(apart.most, 4), fixed(bound, 4)});
  }
  table.print();
  lesson.claims.expect(within,
                       "layer 1 has the same sums: only their rounding differs, half a step each");
  const PairedResult pair =
      compare_classes(study.unfused_run.classes, study.fused_run.classes, study.data.test.labels);
  std::printf("  %zu of %zu logits and %zu of %zu classes differ\n", last,
              study.fused_run.outputs.back().size(), pair.classes_differ, study.data.test.size());
  lesson.report.figure("classes_that_differ", static_cast<double>(pair.classes_differ));
}

// csv: a real sum of layer 1, and what each net makes of it.
void write_staircase(const Study& study, const Lesson& lesson) {
  if (!lesson.report.wants_csv() || study.hidden() == 0) return;
  const auto unfused_layers = layers_of(study.unfused), fused_layers = layers_of(study.fused);
  const TensorSpec &a = unfused_layers[0].output, &b = fused_layers[0].output;
  std::vector<std::vector<double>> rows;
  for (int i = -100; i <= 300; ++i) {
    const float x = static_cast<float>(i) / 200.0F;
    const int q_a = std::max(quantize_value(x, a.params, a.range), a.params.zero_point);
    const int q_b = quantize_value(x, b.params, b.range);
    rows.push_back({x, dequantize_value(q_a, a.params), dequantize_value(q_b, b.params)});
  }
  lesson.report.csv("staircase", {"real", "unfused", "fused"}, rows);
}

}  // namespace qfs::ch07
