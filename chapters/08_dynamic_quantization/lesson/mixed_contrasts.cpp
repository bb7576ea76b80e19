// Section 8: digits of several contrasts in one batch.
#include <algorithm>
#include <cstdio>
#include <set>

#include "08_dynamic_quantization/lesson/contrasts.hpp"

namespace qfs::ch08 {
namespace {

// The accuracy of each net on the digits that count.
template <class Counts>
void add_share_of(Table& table, const std::string& name, std::span<const Classes* const> nets,
                  const Study& study, const Counts& counts) {
  std::size_t digits = 0;
  std::vector<std::size_t> right(nets.size());
  for (std::size_t m = 0; m < study.labels().size(); ++m) {
    if (!counts(m)) continue;
    ++digits;
    for (std::size_t i = 0; i < nets.size(); ++i)
      right[i] += (*nets[i])[m] == study.labels()[m] ? 1 : 0;
  }
  std::vector<std::string> cells = {name, std::to_string(digits)};
  for (std::size_t count : right) cells.push_back(digits == 0 ? "-" : percent(count, digits));
  table.row(cells);
}

// How many integers the inputs of one row become at most, over the rows for which `counts`.
template <class Counts>
std::size_t integers_at_most(const Study& study, const Matrix<float>& x,
                             const DynamicOptions& options, const Counts& counts) {
  std::size_t most = 0;
  for (std::size_t begin = 0; begin < x.shape(0); begin += kDynamicBatch) {
    const std::size_t end = std::min(begin + kDynamicBatch, x.shape(0));
    const QuantizedInput input = quantize_input(rows_of(x, begin, end), study.input.range, options);
    for (std::size_t m = begin; m < end; ++m) {
      if (!counts(m)) continue;
      const std::span<const std::uint8_t> q = row(input.q, m - begin);
      most = std::max(most, std::set<std::uint8_t>(q.begin(), q.end()).size());
    }
  }
  return most;
}

}  // namespace

void mixed_contrasts(const Study& study, Lesson& lesson) {
  section(8, "Contrasts mixed in one batch: ten digits of each in turn");
  static constexpr float kContrasts[] = {1.0F / 16, 1.0F / 4, 1.0F, 4.0F, 16.0F};
  const auto kind = [](std::size_t m) { return m / 10 % std::size(kContrasts); };
  const Matrix<float> x =
      with_contrast(study.x, [&](std::size_t m) { return kContrasts[kind(m)]; });
  const Four four = run_all(study, x);
  const Classes* const nets[] = {&four.by_float, &four.fixed, &four.per_tensor, &four.per_row};
  Table table({"contrast", "digits", "float", "static", "per tensor", "per row"});
  for (std::size_t k = 0; k < std::size(kContrasts); ++k)
    add_share_of(table, contrast_text(kContrasts[k]), nets, study,
                 [&](std::size_t m) { return kind(m) == k; });
  std::vector<std::string> all = {"all", std::to_string(study.labels().size())}, p = {"p", ""};
  for (const Classes* net : nets) {
    all.push_back(percent(share_of(*net, study).share));
    p.push_back(net == nets[0] ? "-" : p_text(p_against_float(four, *net, study)));
  }
  table.row(all);
  table.row(p);
  table.print();
  const auto faint = [&](std::size_t m) { return kind(m) == 0; };
  std::printf("  integers a digit of contrast 1/16 has, at most: per tensor %zu, per row %zu\n",
              integers_at_most(study, x, kPerTensor, faint),
              integers_at_most(study, x, kPerRow, faint));
  if (!study.by_default) return;
  lesson.claims.expect(p_against_float(four, four.per_tensor, study) < 0.001,
                       "per tensor the strong digits take the range from the faint");
  lesson.claims.expect(p_against_float(four, four.per_row, study) > 0.05,
                       "per row every digit has its own: no more than chance");
}

}  // namespace qfs::ch08
