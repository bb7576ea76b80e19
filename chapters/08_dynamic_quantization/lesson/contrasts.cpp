// Sections 7 and 8: what dynamic quantization is worth on digits of another contrast.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>

#include "08_dynamic_quantization/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch08 {
namespace {

using Classes = std::vector<std::uint8_t>;

WilsonInterval share_of(const Classes& classes, const Study& study) {
  return wilson_interval(count_correct(classes, study.labels()), classes.size());
}

// "78.45": percent, as everything in these tables.
std::string percent_text(double share) { return fixed(100.0 * share, 2); }

// [contrast]
// The contrast of picture m becomes contrast(m) times what it was: the distance of every pixel from
// the mean grey grows by it. 1/16 is a faded copy; 16 an amplifier turned up, and no longer a pixel
// in 0..255.
template <class Contrast>
Matrix<float> with_contrast(Matrix<float> x, const Contrast& contrast) {
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (float& value : row(x, m)) value *= contrast(m);
  return x;
}

// Another change: the ink is so many times as bright, the paper stays as it was.
Matrix<float> with_exposure(Matrix<float> x, float exposure) {
  const float paper = (0.0F - kPixelMean) / kPixelStd;
  for (float& value : values(x)) value = paper + exposure * (value - paper);
  return x;
}
// [/contrast]

// Four nets on the same pictures.
struct Four {
  Classes by_float, fixed, per_tensor, per_row;
};

Four run_all(const Study& study, const Matrix<float>& x) {
  return {argmax_rows(forward_ref(study.mlp, x)), argmax_rows(run_fixed(study.fixed, x)),
          classes_of(study.with(kPerTensor), x), classes_of(study.with(kPerRow), x)};
}

std::string contrast_text(float contrast) {
  return contrast < 1.0F ? "1/" + std::to_string(static_cast<int>(1.0F / contrast))
                         : std::to_string(static_cast<int>(contrast));
}

// How static quantization sees these pictures: how many of its integers occur, which share of the
// inputs lies beyond the calibrated interval.
struct Seen {
  std::size_t integers = 0;
  double clipped = 0.0;
};
Seen seen_by_static(const QuantizedNet& net, const Matrix<float>& x) {
  std::set<int> integers;
  std::size_t clipped = 0;
  const TensorSpec& input = layers_of(net)[0].input;
  const float half_step = input.params.scale / 2,
              low = dequantize_value(input.range.qmin, input.params) - half_step,
              high = dequantize_value(input.range.qmax, input.params) + half_step;
  for (float value : values(x)) {
    integers.insert(quantize_value(value, input.params, input.range));
    clipped += value < low || value > high ? 1 : 0;
  }
  return {integers.size(), static_cast<double>(clipped) / static_cast<double>(x.size())};
}

double p_against_float(const Four& four, const Classes& classes, const Study& study) {
  return compare_classes(four.by_float, classes, study.labels()).p;
}

void add_pictures(Table& table, const std::string& name, const Matrix<float>& x, const Four& four,
                  const Study& study) {
  const Seen seen = seen_by_static(study.fixed, x);
  std::vector<std::string> cells = {name, std::to_string(seen.integers), percent_text(seen.clipped),
                                    percent_text(share_of(four.by_float, study).share)};
  for (const Classes* classes : {&four.fixed, &four.per_tensor, &four.per_row}) {
    cells.push_back(percent_text(share_of(*classes, study).share));
    cells.push_back(p_text(p_against_float(four, *classes, study)));
  }
  table.row(cells);
}

void add_exposures(Table& table, const Study& study) {
  for (float exposure : {4.0F, 16.0F}) {
    const Matrix<float> x = with_exposure(study.x, exposure);
    add_pictures(table, "ink " + contrast_text(exposure), x, run_all(study, x), study);
  }
}

void print_intervals(const std::string& name, const Four& four, const Study& study) {
  const auto text = [&](const Classes& classes) {
    const WilsonInterval interval = share_of(classes, study);
    return percent_text(interval.low) + " to " + percent_text(interval.high);
  };
  std::printf("  95 %% intervals at %s:\n    float %s, static %s, per row %s\n", name.c_str(),
              text(four.by_float).c_str(), text(four.fixed).c_str(), text(four.per_row).c_str());
}

std::vector<double> csv_row(float contrast, const Four& four, const Study& study) {
  std::vector<double> cells = {static_cast<double>(contrast)};
  for (const Classes* classes : {&four.by_float, &four.fixed, &four.per_tensor, &four.per_row}) {
    const WilsonInterval share = share_of(*classes, study);
    cells.insert(cells.end(), {100.0 * share.share, 100.0 * share.low, 100.0 * share.high});
  }
  return cells;
}

void write_csv(const std::vector<std::vector<double>>& rows, const Lesson& lesson) {
  std::vector<std::string> header = {"contrast"};
  for (const char* net : {"float", "static", "per_tensor", "per_row"})
    for (const char* part : {"", "_low", "_high"}) header.push_back(std::string(net) + part);
  lesson.report.csv("contrast", header, rows);
}

}  // namespace

void contrasts(const Study& study, Lesson& lesson) {
  section(7, "Where dynamic wins: percent right at other contrasts; p: against float");
  Table table({"contrast", "used", "clipped", "float", "static", "p", "tensor", "p", "row", "p"});
  std::vector<std::vector<double>> rows;
  std::optional<Four> faintest;
  bool static_loses = true, dynamic_keeps = true;
  const int step = lesson.options.quick ? 6 : lesson.report.wants_csv() ? 1 : 2;
  for (int power = -6; power <= 6; power += step) {
    const float contrast = std::ldexp(1.0F, power);
    const Matrix<float> x = with_contrast(study.x, [&](std::size_t) { return contrast; });
    const Four four = run_all(study, x);
    rows.push_back(csv_row(contrast, four, study));
    if (!faintest) faintest = four;
    if (power % 2 != 0) continue;  // for the figure alone
    add_pictures(table, contrast_text(contrast), x, four, study);
    if (power <= -4) static_loses = static_loses && p_against_float(four, four.fixed, study) < 0.01;
    for (const Classes* dynamic : {&four.per_tensor, &four.per_row})
      dynamic_keeps = dynamic_keeps && p_against_float(four, *dynamic, study) > 0.05;
  }
  add_exposures(table, study);
  table.print();
  print_intervals("1/64", *faintest, study);
  write_csv(rows, lesson);
  if (!study.by_default) return;
  lesson.claims.expect(static_loses, "at contrast 1/16 and below static loses to float, p < 0.01");
  lesson.claims.expect(dynamic_keeps,
                       "at no contrast does dynamic differ from float by more than chance");
}

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
