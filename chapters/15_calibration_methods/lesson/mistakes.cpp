// Sections 6 to 8: searches that fail without a word.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "15_calibration_methods/lesson/study.hpp"
#include "15_calibration_methods/lesson/two_sided.hpp"
#include "common/print.hpp"

namespace qfs::ch15 {
namespace {
// The mistake: P is the whole histogram, Q only its first i bins. Where anything lies beyond, Q is
// 0 and P is not.
double whole_p_divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                          std::size_t levels) {
  const bool beyond = std::any_of(counts.begin() + static_cast<std::ptrdiff_t>(i), counts.end(),
                                  [](std::uint64_t count) { return count > 0; });
  return beyond ? HUGE_VAL : clip_divergence(counts, i, levels);
}

// The search over i = 128 ... n - 1, as on the slides; of equal divergences the last.
Search whole_p_search(const Histogram& h, std::size_t levels) {
  Search search{.loss = HUGE_VAL};
  for (std::size_t i = kStartBin; i < h.counts.size(); ++i) {
    const double divergence = whole_p_divergence(h.counts, i, levels);
    ++search.candidates;
    search.finite += divergence < HUGE_VAL ? 1 : 0;
    if (divergence > search.loss) continue;
    search.loss = divergence;
    search.bin = i;
  }
  search.threshold = h.edge(search.bin);
  return search;
}

void add_search(Table& table, const std::string& name, const Search& search, double largest) {
  table.row({name, std::to_string(search.finite) + " of " + std::to_string(search.candidates),
             fixed(search.threshold, 4), fixed(100.0 * search.threshold / largest, 1) + " %"});
}

}  // namespace

void infinite(const Study& study, Lesson& lesson) {
  const std::size_t t = shown_tensor(study);
  section(6, "What goes wrong: a divergence that is infinite, " + tensor_name(t) + ", 8 bits");
  struct Case {
    std::string name;
    std::size_t digits;
    Condition condition;
  };
  const std::string some = std::to_string(study.digits) + " digits";
  const Case cases[] = {{some, study.digits, Condition::clean},
                        {"1 digit", 1, Condition::clean},
                        {some + ", outliers", study.digits, Condition::calibration_only}};
  const std::uint64_t seed = lesson.options.seed;
  Table table({"", "finite", "T", "of the largest"});
  std::size_t whole_finite = 0;
  std::vector<std::size_t> finite;
  for (const Case& c : cases) {
    const Tensors drawn = drawn_tensors(study, seed, c.digits);
    const Watch seen = watch(study, drawn, c.digits, c.condition, seed)[t];
    const Histogram& h = seen.magnitudes.histogram();
    const Interval ends = seen.magnitudes.seen();
    const double largest = std::max(-ends.min, ends.max);
    const std::size_t levels = magnitude_levels(8, seen.magnitudes.is_signed());
    const Search whole = whole_p_search(h, levels), search = entropy_search(h, levels);
    add_search(table, c.name + ", P unclipped", whole, largest);
    add_search(table, c.name + ", P clipped", search, largest);
    whole_finite += whole.finite;
    finite.push_back(search.finite);
  }
  table.print();
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(whole_finite == 0,
                       "P unclipped: no candidate is finite, and T is the last of all");
  lesson.claims.expect(finite[1] < 100, "one digit: fewer than 100 of the candidates are finite");
  lesson.claims.expect(finite[2] == 1, "an outlier in the first batch: one, the maximum");
}

void one_candidate(const Study& study, Lesson& lesson) {
  const std::size_t t = shown_tensor(study);
  section(7, "What goes wrong: an entropy search with one candidate, " + tensor_name(t));
  const std::uint64_t seed = lesson.options.seed;
  const Tensors drawn = drawn_tensors(study, seed, study.digits);
  const std::span<const float> x = values(std::as_const(drawn[t]));
  const Interval seen = min_max(x);
  Table table({"bins", "quantized bins", "candidates", "interval"});
  std::vector<Interval> found;
  for (std::size_t bins : {std::size_t{128}, std::size_t{512}, std::size_t{2048}}) {
    const TwoSided search = two_sided_search(x, bins, 128);
    found.push_back(search.interval);
    table.row({std::to_string(bins), "128", std::to_string(search.candidates),
               "[" + fixed(search.interval.min, 2) + ", " + fixed(search.interval.max, 2) + "]"});
  }
  table.print();
  std::printf("  min-max: [%.2f, %.2f]\n", seen.min, seen.max);
  lesson.claims.expect(found[0] == seen, "128 bins in 128: entropy is min-max under another name");
}

void uncounted(const Study& study, Lesson& lesson) {
  section(8, "What goes wrong: ends cut to integers before counting (PyTorch 1.13), the input");
  const Tensors drawn = drawn_tensors(study, lesson.options.seed, study.digits);
  const std::span<const float> x = values(std::as_const(drawn[0]));
  Table table({"ends", "counted between", "counted", "interval", "SQNR, 8 bits"});
  std::vector<double> shares;
  for (HistogramEnds ends : {HistogramEnds::as_seen, HistogramEnds::truncated_to_int}) {
    SignedHistogram h(ends);
    h.observe(x);
    const double counted = std::accumulate(h.counts().begin(), h.counts().end(), 0.0);
    shares.push_back(counted / static_cast<double>(x.size()));
    const Interval span = h.span(), found = h.search();
    const bool seen = ends == HistogramEnds::as_seen;
    const auto text = [](double a, double b) {
      return "[" + fixed(a, 2) + ", " + fixed(b, 2) + "]";
    };
    table.row(
        {seen ? "as seen" : "int(end)",
         seen ? text(span.min, span.max) : text(std::trunc(span.min) + 0.0F, std::trunc(span.max)),
         fixed(100.0 * shares.back(), 1) + " %", text(found.min, found.max),
         fixed(sqnr_of(study, 0, found, 8), 1)});
  }
  table.print();
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(
      shares[0] == 1.0 && shares[1] < 0.25,
      "int(end): fewer than a quarter of the pixels are counted, the background is not");
}

}  // namespace qfs::ch15
