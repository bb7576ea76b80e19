// Section 6: the MLP, beside chapter 13's engine and float.
#include <cstdio>

#include "04_mnist_mlp/plumbing/latency.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/engine.hpp"
#include "17_int4_weights/lesson/study.hpp"
#include "17_int4_weights/lesson/timing.hpp"
#include "common/cpu.hpp"
#include "common/measured_table.hpp"
#include "common/print.hpp"

namespace qfs::ch17 {
namespace {

constexpr std::array<std::size_t, 5> kBatches = {1, 8, 64, 256, 1000};

// The fused net of chapter 07: the same activations.
std::shared_ptr<Engine> engine_of(const Study& study, const Backend& backend) {
  const QuantizedNet net = quantize_fused_mlp(study.start.mlp, study.start.intervals, {});
  return std::make_shared<Engine>(net, backend);
}

std::vector<Line> make_lines(const Study& study) {
  auto x = std::make_shared<std::vector<Matrix<float>>>();
  for (std::size_t rows : kBatches) x->push_back(batch_to_time(study.data.test, rows));
  auto y = std::make_shared<std::vector<float>>(kBatches.back() * study.start.mlp.outputs());
  auto buffers = std::make_shared<MlpBuffers>();
  const std::size_t outputs = study.start.mlp.outputs();
  std::vector<Line> lines = {{"", "float, OpenBLAS", "float", [=, &study](std::size_t i) {
                                forward(study.start.mlp, (*x)[i], *buffers);
                              }}};
  for (const KnownBackend& known : known_backends()) {
    if (!known.can_run() || known.backend->name == "ref" || known.backend->name == "amx") continue;
    const auto engine = engine_of(study, *known.backend);
    const std::string name(known.backend->name);
    lines.push_back({"[" + name + "]", "int8, " + name + " (13)", name, [=](std::size_t i) {
                       engine->run(values(std::as_const((*x)[i])), kBatches[i],
                                   std::span(*y).first(kBatches[i] * outputs));
                     }});
  }
#if defined(__x86_64__)
  if (!cpu_features().avx2) return lines;
  for (std::size_t group : {128U, 32U}) {
    const auto net = std::make_shared<PackedGroupMlp>(
        quantize_groups(study.start.mlp, study.start.intervals,
                        {4, {GranularityKind::per_group, 0, group}, ScaleFormat::float16}),
        u8s4::multiply_avx2);
    lines.push_back({"[avx2]", "int4, groups of " + std::to_string(group),
                     "int4_" + std::to_string(group), [=](std::size_t i) {
                       net->run(values(std::as_const((*x)[i])), kBatches[i],
                                std::span(*y).first(kBatches[i] * outputs));
                     }});
  }
#endif
  return lines;
}

}  // namespace

void in_a_network(const Study& study, const std::string& tables, Lesson& lesson) {
  section(6, "The MLP, float in and logits out, one thread, microseconds");
  std::vector<Line> lines = make_lines(study);
  time_in_turn(lines, kBatches.size(), lesson.options.quick ? 1 : 7,
               lesson.options.quick ? 0.0 : 0.004);
  print_lines(lines, kBatches, [](double microseconds, std::size_t) { return microseconds; });
  write_measured_table(tables, "mlp", table_of(lines, kBatches, 1),
                       widths_text(study.start.mlp) + ", one thread; medians, all lines in turn.");
  const GroupMlp net = quantize_groups(study.start.mlp, study.start.intervals, {});
  const std::size_t some = std::min<std::size_t>(200, study.start.x.shape(0));
  const Matrix<float> x = normalized(study.data.test.pixels, 0, some);
  PackedGroupMlp packed(net);
  lesson.claims.expect(count_other_bits(logits_of(packed, x), forward_ref(net, x)) == 0,
                       "the kernel's logits are the reference's, every bit");
}

}  // namespace qfs::ch17
