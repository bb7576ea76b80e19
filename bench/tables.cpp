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

std::string share(const std::optional<double>& gmacs, const std::optional<double>& limit) {
  return gmacs && limit ? fixed(100 * *gmacs / *limit, 0) + " %" : "-";
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
               share(ours, row.limit), or_dash(gmacs(row.shape, row.onednn), 1),
               or_dash(row.onednn_wrong, 0), or_dash(ratio(row), 2),
               or_dash(gmacs(row.shape, row.openblas), 1)});
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

bool is_mlp(const NetRow& row) { return row.net == "mlp"; }
bool is_cnn(const NetRow& row) { return !is_mlp(row); }

// The rows for which `counts` holds.
template <class Counts>
Table nets_table(const Results& results, Counts&& counts) {
  Table table({"batch", "threads", "isa", "bits", "ours", "ONNX Runtime", "PyTorch", "qnnpack",
               "dynamic", "best float"});
  for (const NetRow& row : results.models) {
    if (!counts(row)) continue;
    const FloatTiming* best = fastest_float(row);
    table.row({std::to_string(row.batch), std::to_string(row.threads), row.isa,
               std::to_string(row.bits), microseconds(row.ours), microseconds(row.onnxruntime),
               microseconds(row.pytorch), microseconds(row.pytorch_qnnpack),
               microseconds(row.pytorch_dynamic), best ? microseconds(best->timing) : "-"});
  }
  return table;
}

Table cnns_table(const Results& results) {
  Table table({"net", "batch", "isa", "bits", "ours", "GMAC/s", "of limit", "ONNX RT", "PyTorch",
               "qnnpack", "float", "ratio"});
  for (const NetRow& row : results.models) {
    if (!is_cnn(row)) continue;
    const FloatTiming* best = fastest_float(row);
    table.row({row.net, std::to_string(row.batch), row.isa, std::to_string(row.bits),
               microseconds(row.ours), or_dash(gmacs(row), 0), share(gmacs(row), row.limit),
               microseconds(row.onnxruntime), microseconds(row.pytorch),
               microseconds(row.pytorch_qnnpack), best ? microseconds(best->timing) : "-",
               or_dash(ratio(row), 2)});
  }
  return table;
}

template <class Counts>
Table floats_table(const Results& results, Counts&& counts) {
  Table table({"net", "batch", "threads", "isa", "OpenBLAS", "PyTorch", "frozen", "ONNX Runtime"});
  for (const NetRow& row : results.models) {
    if (row.bits != 8 || !counts(row)) continue;
    std::vector<std::string> cells = {row.net, std::to_string(row.batch),
                                      std::to_string(row.threads), row.isa};
    for (const FloatTiming& one : row.floats) cells.push_back(microseconds(one.timing));
    table.row(cells);
  }
  return table;
}

std::string extents(const std::vector<std::size_t>& shape) {
  std::string text;
  for (const std::size_t extent : shape)
    text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text;
}

// The operations of one net, those of each backend side by side.
Table layers_table(const Results& results, const std::string& net) {
  std::vector<std::vector<LayerRow>> sides;
  for (const LayerRow& row : results.layers) {
    if (row.net != net) continue;
    if (sides.empty() || sides.back().front().isa != row.isa) sides.emplace_back();
    sides.back().push_back(row);
  }
  std::vector<std::string> header = {"operation", "input", "output", "K", "MMAC"};
  for (const auto& side : sides)
    for (const char* column : {"us", "GMAC/s", "of limit"})
      header.push_back(side.front().isa + " " + column);
  Table table(header);
  for (std::size_t i = 0; i < sides.front().size(); ++i) {
    const LayerRow& any = sides.front()[i];
    std::vector<std::string> cells = {any.kind, extents(any.input), extents(any.output),
                                      any.depth > 0 ? std::to_string(any.depth) : "-",
                                      any.depth > 0 ? fixed(any.products / 1e6, 2) : "-"};
    for (const auto& side : sides) {
      cells.push_back(fixed(side[i].timing.median, 1));
      cells.push_back(or_dash(gmacs(side[i]), 0));
      cells.push_back(share(gmacs(side[i]), side[i].limit));
    }
    table.row(cells);
  }
  return table;
}

struct Titled {
  std::string title;
  Table table;
};
Titled limits(const Results& results) {
  return {"Limits of the instructions, on registers alone", limits_table(results)};
}
std::vector<Titled> products(const Results& results) {
  return {{"Products M x K x N of u8 and s8, GMAC/s, one thread", gemm_table(results)},
          {"Geometric means of the ratios, and the lowest", summary_table(results)}};
}
constexpr const char* kFloats =
    "Float; beside avx2 held to AVX2, but for ONNX Runtime, which then does not count";

std::vector<Titled> nets(const Results& results) {
  return {{"The MLP 784-100-100-10, float pixels to float logits, microseconds a batch\n"
           "Integers; PyTorch: static by onednn, static by qnnpack, dynamic by onednn",
           nets_table(results, is_mlp)},
          {kFloats, floats_table(results, is_mlp)}};
}
std::vector<Titled> cnns(const Results& results) {
  return {{"Nets of convolutions, one thread, float pixels to float logits, microseconds a batch\n"
           "Integers; PyTorch: static by onednn, by qnnpack; float: the best; ratio: float by ours",
           cnns_table(results)},
          {kFloats, floats_table(results, is_cnn)}};
}
std::vector<Titled> layers(const Results& results) {
  std::vector<Titled> tables;
  std::vector<std::string> seen;
  for (const LayerRow& row : results.layers) {
    if (std::ranges::find(seen, row.net) != seen.end()) continue;
    seen.push_back(row.net);
    tables.push_back({row.net + ": one picture, operation by operation; avx2 with 7 bits",
                      layers_table(results, row.net)});
  }
  return tables;
}

void print(const std::vector<Titled>& tables) {
  for (const Titled& one : tables) {
    std::printf("%s\n", one.title.c_str());
    one.table.print();
    std::printf("\n");
  }
}

std::string markdown(const std::vector<Titled>& tables, const Results& results) {
  std::string text;
  for (const Titled& one : tables)
    text += "**" + one.title + "**\n\n" + one.table.markdown() + "\n";
  text += "Medians of " + std::to_string(results.effort.rounds) + " rounds. ";
  for (const PeerResult& peer : results.peers)
    if (!peer.version.empty()) text += peer.name + ": " + peer.version + "; ";
  return text + cpu_text() + "; -O3; " + today() + ".\n";
}

}  // namespace

void print_tables(const Results& results) {
  print({limits(results)});
  if (!results.gemm.empty()) print(products(results));
  std::printf("One thread reads main memory at %s GB/s.\n\n", fixed(results.memory_gbs, 1).c_str());
  if (std::ranges::any_of(results.models, is_mlp)) print(nets(results));
  if (std::ranges::any_of(results.models, is_cnn)) print(cnns(results));
  if (!results.layers.empty())
    std::printf("Operation by operation: --markdown DIR, in layers.md, or --json FILE.\n\n");
  if (results.missing.empty()) return;
  std::printf("Missing, and \"-\" above:\n");
  for (const std::string& line : results.missing) std::printf("  %s\n", line.c_str());
}

void write_markdown(const Results& results, const std::string& folder) {
  std::filesystem::create_directories(folder);
  const auto write = [&](bool measured, const char* file, const std::vector<Titled>& tables) {
    if (measured) write_file_atomically(folder + "/" + file, markdown(tables, results));
  };
  std::vector<Titled> of_products = products(results);
  of_products.insert(of_products.begin(), limits(results));
  write(!results.gemm.empty(), "products.md", of_products);
  write(std::ranges::any_of(results.models, is_mlp), "nets.md", nets(results));
  write(std::ranges::any_of(results.models, is_cnn), "cnns.md", cnns(results));
  write(!results.layers.empty(), "layers.md", layers(results));
}

bool Results::exact() const {
  return std::ranges::all_of(gemm, [](const GemmRow& row) { return row.wrong == 0; }) &&
         std::ranges::all_of(models, [](const NetRow& row) { return row.wrong == 0; });
}

}  // namespace qfs::bench
