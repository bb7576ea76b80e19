#include <cstdio>
#include <filesystem>

#include "bench/results.hpp"
#include "common/bytes.hpp"
#include "common/cpu.hpp"
#include "common/measured_table.hpp"
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

Table limits_table(const Results& results) {
  Table table({"instructions", "name", "GMAC/s"});
  for (const LimitRow& limit : results.limits)
    table.row({limit.instruction, limit.name, fixed(limit.gmacs, 1)});
  return table;
}

Table gemm_table(const Results& results) {
  Table table({"shape", "isa", "bits", "ours", "of limit", "oneDNN", "its wrong sums", "ratio",
               "OpenBLAS f32"});
  for (const GemmRow& row : results.gemm) {
    const std::optional<double> ours = gmacs(row.shape, row.ours);
    table.row({shape_name(row.shape), row.isa, std::to_string(row.bits), or_dash(ours, 1),
               ours && row.limit ? fixed(100 * *ours / *row.limit, 0) + " %" : "-",
               or_dash(gmacs(row.shape, row.onednn), 1), or_dash(row.onednn_wrong, 0),
               or_dash(ratio(row), 2), or_dash(gmacs(row.shape, row.openblas), 1)});
  }
  return table;
}

Table summary_table(const Results& results) {
  Table table({"isa", "bits", "x oneDNN", "shapes", "lowest", "at"});
  for (const GemmSummary& s : summaries(results.gemm))
    table.row({s.isa, std::to_string(s.bits), fixed(s.mean, 2), std::to_string(s.shapes),
               fixed(s.lowest, 2), shape_name(s.lowest_shape)});
  return table;
}

Table nets_table(const Results& results) {
  Table table({"batch", "threads", "isa", "bits", "ours", "ONNX Runtime", "PyTorch", "qnnpack",
               "dynamic", "best float"});
  for (const NetRow& row : results.models) {
    const FloatTiming* best = fastest_float(row);
    table.row({std::to_string(row.batch), std::to_string(row.threads), row.isa,
               std::to_string(row.bits), microseconds(row.ours), microseconds(row.onnxruntime),
               microseconds(row.pytorch), microseconds(row.pytorch_qnnpack),
               microseconds(row.pytorch_dynamic), best ? microseconds(best->timing) : "-"});
  }
  return table;
}

Table floats_table(const Results& results) {
  Table table({"batch", "threads", "isa", "OpenBLAS", "PyTorch", "frozen", "ONNX Runtime"});
  for (const NetRow& row : results.models) {
    if (row.bits != 8) continue;
    std::vector<std::string> cells = {std::to_string(row.batch), std::to_string(row.threads),
                                      row.isa};
    for (const FloatTiming& one : row.floats) cells.push_back(microseconds(one.timing));
    table.row(cells);
  }
  return table;
}

struct Titled {
  const char* title;
  Table table;
};
std::vector<Titled> products(const Results& results) {
  return {{"Limits of the instructions, on registers alone", limits_table(results)},
          {"Products M x K x N of u8 and s8, GMAC/s, one thread", gemm_table(results)},
          {"Geometric means of the ratios, and the lowest", summary_table(results)}};
}
std::vector<Titled> nets(const Results& results) {
  return {{"The MLP 784-100-100-10, float pixels to float logits, microseconds a batch\n"
           "Integers; PyTorch: static by onednn, static by qnnpack, dynamic by onednn",
           nets_table(results)},
          {"Float; beside avx2 held to AVX2, but for ONNX Runtime, which then does not count",
           floats_table(results)}};
}

void print(const std::vector<Titled>& tables) {
  for (const Titled& one : tables) {
    std::printf("%s\n", one.title);
    one.table.print();
    std::printf("\n");
  }
}

std::string markdown(const std::vector<Titled>& tables, const Results& results) {
  std::string text;
  for (const Titled& one : tables)
    text += "**" + std::string(one.title) + "**\n\n" + one.table.markdown() + "\n";
  text += "Medians of " + std::to_string(results.effort.rounds) + " rounds. ";
  for (const PeerResult& peer : results.peers)
    if (!peer.version.empty()) text += peer.name + ": " + peer.version + "; ";
  return text + cpu_text() + "; -O3; " + today() + ".\n";
}

}  // namespace

void print_tables(const Results& results) {
  print(products(results));
  std::printf("One thread reads main memory at %s GB/s.\n\n", fixed(results.memory_gbs, 1).c_str());
  print(nets(results));
  if (results.missing.empty()) return;
  std::printf("Missing, and \"-\" above:\n");
  for (const std::string& line : results.missing) std::printf("  %s\n", line.c_str());
}

void write_markdown(const Results& results, const std::string& folder) {
  std::filesystem::create_directories(folder);
  write_file_atomically(folder + "/products.md", markdown(products(results), results));
  write_file_atomically(folder + "/nets.md", markdown(nets(results), results));
}

bool Results::exact() const {
  return std::ranges::all_of(gemm, [](const GemmRow& row) { return row.wrong == 0; }) &&
         std::ranges::all_of(models, [](const NetRow& row) { return row.wrong == 0; });
}

}  // namespace qfs::bench
