// Section 7: what dynamic quantization is worth on digits of another contrast.
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>

#include "08_dynamic_quantization/lesson/contrasts.hpp"

namespace qfs::ch08 {
namespace {

// "78.45": percent, as everything in these tables.
std::string percent_text(double share) { return fixed(100.0 * share, 2); }

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

}  // namespace qfs::ch08
