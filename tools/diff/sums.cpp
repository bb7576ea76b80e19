// The sums of a layer by their definition (eq. 2.1), and by every mistake that changes them.
#include <algorithm>
#include <functional>

#include "common/tensor.hpp"
#include "diff/questions.hpp"

namespace qfs::diff {
namespace {

constexpr QuantRange kInt16 = signed_range(16);

// Rows of K inputs and of K weights, and the zero point of each row of weights.
struct Product {
  std::size_t rows = 0, outputs = 0, depth = 0;
  std::vector<std::int64_t> x, w;
  std::int64_t x_zero_point = 0;
  std::vector<std::int64_t> w_zero_points;
};

using SumOf = std::int64_t (*)(const Product& p, std::size_t m, std::size_t n);

// The sum over the first `places` of K.
std::int64_t sum_to(const Product& p, std::size_t m, std::size_t n, std::size_t places) {
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < places; ++k)
    sum += (p.x[m * p.depth + k] - p.x_zero_point) * (p.w[n * p.depth + k] - p.w_zero_points[n]);
  return sum;
}

std::int64_t by_definition(const Product& p, std::size_t m, std::size_t n) {
  return sum_to(p, m, n, p.depth);
}

// What the expansion of the product adds to the sum of q_x q_w (eq. 2.2).
std::int64_t zero_point_terms(const Product& p, std::size_t m, std::size_t n) {
  std::int64_t raw = 0;
  for (std::size_t k = 0; k < p.depth; ++k) raw += p.x[m * p.depth + k] * p.w[n * p.depth + k];
  return by_definition(p, m, n) - raw;
}

// vpmaddubsw: the products of two neighbours are added in 16 bits and saturate there.
std::int64_t saturating_pairs(const Product& p, std::size_t m, std::size_t n) {
  std::int64_t sum = zero_point_terms(p, m, n);
  for (std::size_t k = 0; k < p.depth; k += 2) {
    std::int64_t pair = 0;
    for (std::size_t i = k; i < std::min(k + 2, p.depth); ++i)
      pair += p.x[m * p.depth + i] * p.w[n * p.depth + i];
    sum += std::clamp<std::int64_t>(pair, kInt16.qmin, kInt16.qmax);
  }
  return sum;
}

std::int64_t wrapping_16_bits(const Product& p, std::size_t m, std::size_t n) {
  const std::int64_t terms = zero_point_terms(p, m, n);
  return terms + wrapped(by_definition(p, m, n) - terms, kInt16);
}

// One row per way to change what is multiplied, or how it is added.
struct ProductRow {
  Choice choice;
  std::function<void(Product&)> change;
  SumOf sum = by_definition;
};

void reinterpret(std::vector<std::int64_t>& values, QuantRange storage) {
  const QuantRange other = other_signedness(storage);
  for (std::int64_t& q : values) q = wrapped(q, other);
}

// The weights' memory, K x N, read as N x K.
void swap_weight_layout(Product& p) {
  const std::vector<std::int64_t> w = p.w;
  for (std::size_t n = 0; n < p.outputs; ++n)
    for (std::size_t k = 0; k < p.depth; ++k) p.w[n * p.depth + k] = w[k * p.outputs + n];
}

void ignore_weight_zero_points(Product& p) { std::ranges::fill(p.w_zero_points, 0); }

// Mistakes in what is multiplied.
std::vector<ProductRow> operand_rows(const ProductQuestion& question) {
  const QuantRange x_type = question.x.storage, w_type = question.w.storage;
  const std::string bytes = "a cast between int8 and uint8 keeps the bits, not the number";
  return {
      {{"the input's zero point ignored",
        "the term z_x sum q_w is left out: one constant a column"},
       [](Product& p) { p.x_zero_point = 0; }},
      {{"the input's zero point added", "the term z_x sum q_w has the wrong sign"},
       [](Product& p) { p.x_zero_point = -p.x_zero_point; }},
      {{"the weights' zero point ignored", "z_w times the row sums of q_x is left out"},
       ignore_weight_zero_points},
      {{"both zero points ignored", "the raw product q_x q_w, without the terms of eq. 2.4"},
       [](Product& p) {
         p.x_zero_point = 0;
         ignore_weight_zero_points(p);
       }},
      {{"the input's bytes read with the other sign", bytes},
       [=](Product& p) { reinterpret(p.x, x_type); }},
      {{"the weights' bytes read with the other sign", bytes},
       [=](Product& p) { reinterpret(p.w, w_type); }},
      {{"the weights stored K x N, read as N x K", "transpose the weights"}, swap_weight_layout}};
}

// Mistakes in how the products are added.
std::vector<ProductRow> addition_rows() {
  const auto nothing = [](Product&) {};
  const std::string tail = "the tail of a vector loop is missing";
  return {
      {{"without the term K z_x z_w", "the constant of eq. 2.2 is left out"},
       nothing,
       [](const Product& p, std::size_t m, std::size_t n) {
         return by_definition(p, m, n) -
                static_cast<std::int64_t>(p.depth) * p.x_zero_point * p.w_zero_points[n];
       }},
      {{"pairs of products saturate at 16 bits", "vpmaddubsw: use 7 bits on one side, or vpmaddwd"},
       nothing,
       saturating_pairs},
      {{"sums of 16 bits, which wrap around", "an int16 accumulator: use int32"},
       nothing,
       wrapping_16_bits},
      {{"the last place of K left out", "a loop ends one too early"},
       nothing,
       [](const Product& p, auto m, auto n) { return sum_to(p, m, n, p.depth - 1); }},
      {{"K cut to a multiple of 8", tail},
       nothing,
       [](const Product& p, auto m, auto n) { return sum_to(p, m, n, p.depth / 8 * 8); }},
      {{"K cut to a multiple of 16", tail},
       nothing,
       [](const Product& p, auto m, auto n) { return sum_to(p, m, n, p.depth / 16 * 16); }},
      {{"K cut to a multiple of 32", tail}, nothing, [](const Product& p, auto m, auto n) {
         return sum_to(p, m, n, p.depth / 32 * 32);
       }}};
}

Product product_of(const ProductQuestion& q) {
  Product p{q.x.shape[0], q.w.shape[0], q.x.shape[1], q.x.values, q.w.values, q.x_zero_point, {}};
  for (std::size_t n = 0; n < p.outputs; ++n)
    p.w_zero_points.push_back(static_cast<std::int64_t>(q.w_zero_points.of(n)));
  return p;
}

std::vector<std::int64_t> sums_of(Product p, const ProductRow& row) {
  row.change(p);
  std::vector<std::int64_t> sums;
  sums.reserve(p.rows * p.outputs);
  for (std::size_t m = 0; m < p.rows; ++m)
    for (std::size_t n = 0; n < p.outputs; ++n) sums.push_back(row.sum(p, m, n));
  return sums;
}

// A mistake that changes no sum, or changes them as one before it, is no rule of its own.
void add_if_new(SumsRule rule, std::vector<SumsRule>& rules) {
  const auto is_same = [&](const SumsRule& known) { return known.values == rule.values; };
  if (std::ranges::none_of(rules, is_same)) rules.push_back(std::move(rule));
}

}  // namespace

std::vector<SumsRule> sums_of_product(const ProductQuestion& question) {
  const Integers& x = question.x;
  const Integers& w = question.w;
  require(x.shape.size() == 2 && w.shape.size() == 2 && x.shape[1] == w.shape[1],
          "the inputs and the weights do not fit together",
          shape_text(x.shape) + " and " + shape_text(w.shape), "M x K and N x K",
          "store the weights as one row per output");
  const std::size_t zeros = question.w_zero_points.values.size();
  require(zeros == 1 || zeros == w.shape[0], "the weights' zero points do not fit", zeros,
          w.shape[0], "give one, or one per row of the weights");
  const Product product = product_of(question);
  std::vector<SumsRule> rules;
  const ProductRow ours{{"sum of (q_x - z_x)(q_w - z_w)", ""}, [](Product&) {}};
  add_if_new({ours.choice, sums_of(product, ours)}, rules);
  for (const ProductRow& row : operand_rows(question))
    add_if_new({row.choice, sums_of(product, row)}, rules);
  for (const ProductRow& row : addition_rows())
    add_if_new({row.choice, sums_of(product, row)}, rules);
  return rules;
}

std::vector<SumsRule> sums_as_given(const std::vector<std::int64_t>& sums) {
  std::vector<SumsRule> rules = {{{"as given", ""}, sums}};
  std::vector<std::int64_t> saturated, wrapping;
  for (const std::int64_t sum : sums) {
    saturated.push_back(std::clamp<std::int64_t>(sum, kInt16.qmin, kInt16.qmax));
    wrapping.push_back(wrapped(sum, kInt16));
  }
  add_if_new({{"saturated at 16 bits", "an int16 accumulator: use int32"}, saturated}, rules);
  add_if_new({{"wrapped around at 16 bits", "an int16 accumulator: use int32"}, wrapping}, rules);
  return rules;
}

}  // namespace qfs::diff
