// Section 5: what its neighbours in a batch do to a row.
#include <algorithm>
#include <cmath>

#include "08_dynamic_quantization/lesson/study.hpp"

namespace qfs::ch08 {
namespace {

// The rows `order` of x.
Matrix<float> picked(const Matrix<float>& x, std::span<const std::size_t> order) {
  auto some = make_tensor<float>({order.size(), x.shape(1)});
  for (std::size_t m = 0; m < order.size(); ++m)
    std::ranges::copy(row(x, order[m]), row(some, m).begin());
  return some;
}

// Digit 0 as the first row of some batch.
struct Guest {
  std::vector<QuantizedInput> inputs;
  Matrix<float> logits;
};

Guest run_guest(const Study& study, std::span<const std::size_t> order,
                const DynamicOptions& options) {
  const PackedNet net = pack_dynamic(study.with(options));
  const Matrix<float> x = picked(study.x, order);
  Guest guest;
  for (const Matrix<float>& input : layer_inputs(net, x))
    guest.inputs.push_back(quantize_input(input, study.input.range, options));
  guest.logits = run_in_batches(net, x);
  return guest;
}

std::size_t count_different_in_row_0(const Matrix<std::uint8_t>& a, const Matrix<std::uint8_t>& b) {
  std::size_t count = 0;
  for (std::size_t k = 0; k < a.shape(1); ++k) count += a(0, k) != b(0, k) ? 1 : 0;
  return count;
}

// Adds how far digit 0 in this batch is from digit 0 alone; whether anything differs.
bool add_guest(Table& table, const std::string& name, const Guest& guest, const Guest& alone) {
  std::vector<std::string> cells = {name};
  std::size_t all = 0;
  for (std::size_t i = 0; i < alone.inputs.size() && i < 3; ++i) {
    const std::size_t differ = count_different_in_row_0(guest.inputs[i].q, alone.inputs[i].q);
    cells.push_back(fixed(static_cast<double>(guest.inputs[i].params[0].scale), 5));
    cells.push_back(std::to_string(differ));
    all += differ;
  }
  cells.resize(7, "-");
  double most = 0.0;
  for (std::size_t n = 0; n < alone.logits.shape(1); ++n)
    most = std::max(most, std::fabs(static_cast<double>(guest.logits(0, n)) -
                                    static_cast<double>(alone.logits(0, n))));
  cells.push_back(fixed(most, 4));
  table.row(cells);
  return all > 0 || most > 0.0;
}

}  // namespace

void batch_mates(const Study& study, Lesson& lesson) {
  section(5, "Digit 0 alone and with 99 others: its integers and logits that change");
  const std::size_t some = std::min(kDynamicBatch, study.x.shape(0));
  std::vector<std::size_t> first = {0}, last = {0};
  for (std::size_t m = 1; m < some; ++m) {
    first.push_back(m);
    last.push_back(study.x.shape(0) - m);
  }
  Table table({"", "1: s_x", "differ", "2: s_x", "differ", "3: s_x", "differ", "logits"});
  bool neighbours_show = false, rows_differ = false;
  for (const DynamicOptions& options : {kPerTensor, kPerRow}) {
    const std::string name =
        options.granularity == InputGranularity::per_row ? "row, " : "tensor, ";
    const Guest alone = run_guest(study, std::span(first).first(1), options);
    add_guest(table, name + "alone", alone, alone);
    const bool a = add_guest(table, name + "first 99", run_guest(study, first, options), alone),
               b = add_guest(table, name + "last 99", run_guest(study, last, options), alone);
    (options.granularity == InputGranularity::per_row ? rows_differ : neighbours_show) = a || b;
  }
  table.print();
  if (study.by_default)
    lesson.claims.expect(neighbours_show,
                         "per tensor the neighbours change the integers of this digit");
  lesson.claims.expect(!rows_differ, "per row they change nothing, not one bit of a logit");
}

}  // namespace qfs::ch08
