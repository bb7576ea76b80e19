// Section 1: what one batch spends its time on, before this chapter and with it (eq. 13.1).
#include <cstdio>

#include "04_mnist_mlp/plumbing/latency.hpp"
#include "11_avx2_kernel/avx2_backend.hpp"
#include "13_int8_engine/fast_backends.hpp"
#include "13_int8_engine/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch13 {
namespace {

// Microseconds that the operations called `kind` take of one batch.
double time_of_kind(const PackedNet& net, const Matrix<float>& x, NetBuffers& buffers,
                    std::string_view kind) {
  double time = 0.0;
  for (const PackedOperation& step : net.operations) {
    if (step.kind.name != kind) continue;
    const std::size_t from = step.operation.inputs[0], to = step.operation.output;
    const TensorView input = from == 0 ? TensorView{.f32 = values(x)}
                                       : TensorView{values(std::as_const(buffers.u8[from])),
                                                    values(std::as_const(buffers.f32[from]))};
    const TensorSlot output = {values(buffers.u8[to]), values(buffers.f32[to])};
    time += median_microseconds([&] {
      step.kind.run(step.packed, x.shape(0), {&input, 1}, output);
    });
  }
  return time;
}

void print_line(const Study& study, const char* name, const Backend& backend, std::size_t rows) {
  const PackedNet net = pack(study.fused(), backend);
  const Matrix<float> x = batch_to_time(study.data.test, rows);
  NetBuffers buffers;
  const double all = median_microseconds([&] { run(net, x, buffers); });
  std::printf("  %-6s  %4zu  %-22s", set_of(backend).c_str(), rows, name);
  for (std::string_view kind : {"quantize", "linear", "dequantize"})
    std::printf("  %10s", measured(time_of_kind(net, x, buffers, kind), 1).c_str());
  std::printf("  %10s\n", measured(all, 1).c_str());
}

}  // namespace

void where_time_goes(const Study& study, Lesson&) {
  section(1, "The fused net, one thread, microseconds");
  std::printf("  needs   rows  %-22s  %10s  %10s  %10s  %10s\n", "", "quantize", "linear",
              "dequantize", "all");
  std::printf(
      "  ------  ----  ----------------------  ----------  ----------  ----------  ----------\n");
  for (std::size_t rows : {1U, 64U}) {
    print_line(study, "plain loops (06)", ref_backend(), rows);
    if (!can_run_avx2()) continue;
    print_line(study, "kernel of chapter 11", avx2_backend(), rows);
    print_line(study, "with this chapter", fast_avx2_backend(), rows);
  }
}

}  // namespace qfs::ch13
