#include "bench/gemm.hpp"

#include <cmath>
#include <cstdio>

#include "bench/race.hpp"

namespace qfs::bench {
namespace {

// A kernel of ours with one product to compute.
struct OurProduct {
  const Backend* backend;
  PackedProduct packed;
  const GemmTask* task;
  Matrix<std::int32_t> sums;

  OurProduct(const Backend& b, const GemmTask& t)
      : backend(&b),
        packed(b.pack({.weight = &t.w, .input_range = t.input_range})),
        task(&t),
        sums(make_tensor<std::int32_t>({t.shape.M, t.shape.N})) {}
  void run() {
    backend->run_s32(packed, matrix_left_side(values(task->x), task->shape.M), values(sums));
  }
};

std::string request_of(GemmShape shape, int bits) {
  return "gemm " + std::to_string(shape.M) + " " + std::to_string(shape.K) + " " +
         std::to_string(shape.N) + " " + std::to_string(bits);
}

// OpenBLAS, once for the rows that are compared with it held to AVX2, once for the others. A float
// product with a wrong sum is a failure, and is not timed.
void add_openblas(Race& race, PeerSet& peers, const std::vector<TimedBackend>& backends,
                  std::span<GemmRow> rows, const std::string& request) {
  for (const bool held : {true, false}) {
    Race::Results results;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (backends[i].float_held_to_avx2 == held) results.push_back(&rows[i].openblas);
    Peer* openblas = peers.openblas(held);
    if (results.empty() || openblas == nullptr) continue;
    const std::optional<double> wrong = openblas->ask_number(request);
    if (!wrong) continue;
    if (*wrong == 0.0)
      race.peer(*openblas, request, results);
    else
      std::fprintf(stderr, "bench: %s: %s: %.0f wrong sums, not timed\n", openblas->name().c_str(),
                   request.c_str(), *wrong);
  }
}

// One product on every backend.
std::vector<GemmRow> measure_product(GemmShape shape, int bits,
                                     const std::vector<TimedBackend>& backends, PeerSet& peers,
                                     const Effort& effort) {
  const GemmTask task = make_gemm_task(shape, bits);
  const Matrix<std::int32_t> exact = exact_sums(task);
  const std::string request = request_of(shape, bits);
  std::vector<GemmRow> rows;
  std::vector<std::unique_ptr<OurProduct>> products;
  for (const TimedBackend& entry : backends) {
    products.push_back(std::make_unique<OurProduct>(entry.backend(), task));
    products.back()->run();
    rows.push_back({.shape = shape,
                    .isa = std::string(entry.backend().name),
                    .bits = bits,
                    .wrong = count_different(exact, products.back()->sums)});
  }
  Race race;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    race.ours([product = products[i].get()] { product->run(); }, {&rows[i].ours});
    Peer* onednn = peers.onednn(backends[i]);
    if (onednn == nullptr) continue;
    rows[i].onednn_wrong = onednn->ask_number(request);
    if (rows[i].onednn_wrong) race.peer(*onednn, request, {&rows[i].onednn});
  }
  add_openblas(race, peers, backends, rows, request);
  race.run(effort);
  peers.forget();
  return rows;
}

}  // namespace

double gmacs(GemmShape shape, const Timing& timing) {
  return products_of(shape) / (timing.median * 1e3);
}

std::optional<double> gmacs(GemmShape shape, const std::optional<Timing>& timing) {
  return timing ? std::optional(gmacs(shape, *timing)) : std::nullopt;
}

std::optional<double> ratio(const GemmRow& row) {
  if (!row.ours || !row.onednn) return std::nullopt;
  return row.onednn->median / row.ours->median;
}

std::vector<GemmRow> measure_gemm(std::span<const GemmShape> shapes,
                                  const std::vector<TimedBackend>& backends, PeerSet& peers,
                                  std::span<const LimitRow> limits, const Effort& effort) {
  std::vector<GemmRow> rows;
  for (const GemmShape& shape : shapes)
    for (const int bits : {7, 8}) {
      std::fprintf(stderr, "product %zu x %zu x %zu, %d-bit activations\n", shape.M, shape.K,
                   shape.N, bits);
      std::vector<GemmRow> some = measure_product(shape, bits, backends, peers, effort);
      for (std::size_t i = 0; i < some.size(); ++i) some[i].limit = limit_of(backends[i], limits);
      rows.insert(rows.end(), some.begin(), some.end());
    }
  return rows;
}

std::vector<GemmSummary> summaries(std::span<const GemmRow> rows) {
  std::vector<GemmSummary> all;
  for (const GemmRow& row : rows) {
    const std::optional<double> r = ratio(row);
    if (!r) continue;
    auto summary = std::ranges::find_if(
        all, [&](const GemmSummary& s) { return s.isa == row.isa && s.bits == row.bits; });
    if (summary == all.end())
      summary = all.insert(all.end(), {.isa = row.isa, .bits = row.bits, .lowest = *r});
    if (*r <= summary->lowest) {
      summary->lowest = *r;
      summary->lowest_shape = row.shape;
    }
    summary->mean += std::log(*r);
    ++summary->shapes;
  }
  for (GemmSummary& summary : all)
    summary.mean = std::exp(summary.mean / static_cast<double>(summary.shapes));
  return all;
}

}  // namespace qfs::bench
