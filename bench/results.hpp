// All that a run has measured, and what is made of it: JSON, tables, the figures' points.
#pragma once

#include "bench/gemm.hpp"
#include "bench/layers.hpp"
#include "bench/model.hpp"

namespace qfs::bench {

struct PeerResult {
  std::string name;
  std::string version;  // empty: it was not there
  std::string why;      // it was not there, or failed last
};

struct Results {
  Effort effort{};
  bool quick = false;
  std::vector<PeerResult> peers{};
  std::vector<std::string> missing{};  // for people: peer_set.hpp
  std::vector<LimitRow> limits{};
  double memory_gbs = 0;
  std::vector<GemmRow> gemm{};
  std::vector<NetRow> models{};
  std::vector<LayerRow> layers{};

  // Whether every integer of ours was right.
  bool exact() const;
};

// One object, with the machine, the compiler and the date (UTC). What was not measured is null.
std::string json_text(const Results& results);

// At most 100 columns.
void print_tables(const Results& results);

// The same as Markdown: FOLDER/products.md, nets.md (the MLP), cnns.md and layers.md, those of them
// that were measured, with the machine, the peers and the date (UTC).
void write_markdown(const Results& results, const std::string& folder);

// FOLDER/points.csv (series, products per byte, GMAC/s) and FOLDER/roofs.csv (limit, GMAC/s,
// GB/s), drawn by figures/roofline.gp into `figure`. Throws Error where gnuplot fails.
void draw_roofline(const Results& results, const std::string& folder, const std::string& figure);

// Throws Error where there is no gnuplot.
void require_gnuplot();

}  // namespace qfs::bench
