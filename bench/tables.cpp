#include <cstdio>

#include "bench/results.hpp"
#include "common/print.hpp"

namespace qfs::bench {
namespace {

std::string or_dash(const std::optional<double>& number, int decimals) {
  return number ? fixed(*number, decimals) : "-";
}
std::string microseconds(const std::optional<Timing>& timing) {
  return timing ? fixed(timing->median, timing->median < 100 ? 1 : 0) : "-";
}

std::string shape_name(GemmShape shape) {
  return std::to_string(shape.M) + " x " + std::to_string(shape.K) + " x " +
         std::to_string(shape.N);
}

void print_limits(const Results& results) {
  std::printf("Limits of the instructions, on registers alone\n");
  Table table({"instructions", "name", "GMAC/s"});
  for (const LimitRow& limit : results.limits)
    table.row({limit.instruction, limit.name, fixed(limit.gmacs, 1)});
  table.print();
  std::printf("  One thread reads main memory at %s GB/s.\n\n",
              fixed(results.memory_gbs, 1).c_str());
}

void print_gemm(const Results& results) {
  std::printf("Products M x K x N of u8 and s8, GMAC/s, one thread\n");
  Table table({"shape", "isa", "bits", "ours", "of limit", "oneDNN", "its wrong sums", "ratio",
               "OpenBLAS f32"});
  for (const GemmRow& row : results.gemm) {
    const std::optional<double> ours = gmacs(row.shape, row.ours);
    table.row({shape_name(row.shape), row.isa, std::to_string(row.bits), or_dash(ours, 1),
               ours && row.limit ? fixed(100 * *ours / *row.limit, 0) + " %" : "-",
               or_dash(gmacs(row.shape, row.onednn), 1), or_dash(row.onednn_wrong, 0),
               or_dash(ratio(row), 2), or_dash(gmacs(row.shape, row.openblas), 1)});
  }
  table.print();
  for (const GemmSummary& s : summaries(results.gemm))
    std::printf("  %s, %d bits: %.2f x oneDNN (geometric mean of %zu shapes), lowest %.2f at %s\n",
                s.isa.c_str(), s.bits, s.mean, s.shapes, s.lowest,
                shape_name(s.lowest_shape).c_str());
  std::printf("\n");
}

void print_models(const Results& results) {
  std::printf("The MLP 784-100-100-10, float pixels to float logits, microseconds a batch\n");
  Table quantized({"batch", "threads", "isa", "bits", "ours", "ONNX Runtime", "PyTorch", "qnnpack",
                   "dynamic", "best float"});
  Table floats({"batch", "threads", "isa", "OpenBLAS", "PyTorch", "frozen", "ONNX Runtime"});
  for (const NetRow& row : results.models) {
    const FloatTiming* best = fastest_float(row);
    const std::string batch = std::to_string(row.batch), threads = std::to_string(row.threads);
    quantized.row({batch, threads, row.isa, std::to_string(row.bits), microseconds(row.ours),
                   microseconds(row.onnxruntime), microseconds(row.pytorch),
                   microseconds(row.pytorch_qnnpack), microseconds(row.pytorch_dynamic),
                   best ? microseconds(best->timing) : "-"});
    if (row.bits != 8) continue;
    std::vector<std::string> cells = {batch, threads, row.isa};
    for (const FloatTiming& one : row.floats) cells.push_back(microseconds(one.timing));
    floats.row(cells);
  }
  std::printf("Integers; PyTorch: static by onednn, static by qnnpack, dynamic by onednn\n");
  quantized.print();
  std::printf("Float; beside avx2 held to AVX2, but for ONNX Runtime, which then does not count\n");
  floats.print();
}

}  // namespace

void print_tables(const Results& results) {
  print_limits(results);
  print_gemm(results);
  print_models(results);
  if (results.missing.empty()) return;
  std::printf("\nMissing, and \"-\" above:\n");
  for (const std::string& line : results.missing) std::printf("  %s\n", line.c_str());
}

bool Results::exact() const {
  return std::ranges::all_of(gemm, [](const GemmRow& row) { return row.wrong == 0; }) &&
         std::ranges::all_of(models, [](const NetRow& row) { return row.wrong == 0; });
}

}  // namespace qfs::bench
