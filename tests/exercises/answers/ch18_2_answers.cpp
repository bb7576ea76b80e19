// Answers to exercise 18.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch18_2_test.cpp"

using Params = std::span<const qfs::QuantParams>;
using Order = std::vector<std::size_t>;

template <class Before>
Order sorted_by(std::size_t K, Before before) {
  Order order(K);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, before);
  return order;
}

inline Order by_falling_diagonal(const Matrix<float>& G) {
  return sorted_by(G.shape(0), [&](std::size_t a, std::size_t b) { return G(a, a) > G(b, b); });
}

inline Matrix<float> moved_columns(const Matrix<float>& w, const Order& from) {
  Matrix<float> moved = w;
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t j = 0; j < from.size(); ++j) moved(n, j) = w(n, from[j]);
  return moved;
}

inline Matrix<float> moved_rows(const Matrix<float>& G, const Order& from) {
  Matrix<float> moved = G;
  for (std::size_t i = 0; i < from.size(); ++i)
    for (std::size_t j = 0; j < G.shape(1); ++j) moved(i, j) = G(from[i], j);
  return moved;
}

inline QuantizedWeight put_back(const QuantizedWeight& sorted, const Order& order) {
  QuantizedWeight back = sorted;
  for (std::size_t n = 0; n < back.q.shape(0); ++n)
    for (std::size_t j = 0; j < order.size(); ++j) back.q(n, order[j]) = sorted.q(n, j);
  return back;
}

inline QuantizedWeight in_order(const Matrix<float>& w, Params params, qfs::QuantRange range,
                                const Matrix<float>& G, const Order& order) {
  return put_back(
      qfs::gptq(moved_columns(w, order), params, range, moved_rows(moved_columns(G, order), order)),
      order);
}

namespace by_inverse {
const Answer kAnswer = right("puts back by the inverse permutation");
namespace exercise {
inline QuantizedWeight gptq_act_order(const Matrix<float>& w, Params params, qfs::QuantRange range,
                                      const Matrix<float>& G) {
  const Order order = by_falling_diagonal(G);
  Order place(order.size());
  for (std::size_t j = 0; j < order.size(); ++j) place[order[j]] = j;
  const QuantizedWeight sorted =
      qfs::gptq(moved_columns(w, order), params, range, moved_columns(moved_rows(G, order), order));
  QuantizedWeight back = sorted;
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t k = 0; k < place.size(); ++k) back.q(n, k) = sorted.q(n, place[k]);
  return back;
}
}  // namespace exercise
#include "tests/exercises/ch18_2_test.cpp"
}  // namespace by_inverse

namespace with_indices {
const Answer kAnswer = right("compares the indices where the diagonal is equal");
namespace exercise {
inline QuantizedWeight gptq_act_order(const Matrix<float>& w, Params params, qfs::QuantRange range,
                                      const Matrix<float>& G) {
  Order order(G.shape(0));
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return G(a, a) != G(b, b) ? G(a, a) > G(b, b) : a < b;
  });
  return in_order(w, params, range, G, order);
}
}  // namespace exercise
#include "tests/exercises/ch18_2_test.cpp"
}  // namespace with_indices

namespace natural {
const Answer kAnswer = wrong("keeps the natural order");
namespace exercise {
inline QuantizedWeight gptq_act_order(const Matrix<float>& w, Params params, qfs::QuantRange range,
                                      const Matrix<float>& G) {
  return qfs::gptq(w, params, range, G);
}
}  // namespace exercise
#include "tests/exercises/ch18_2_test.cpp"
}  // namespace natural

namespace rising {
const Answer kAnswer = wrong("sorts by rising diagonal");
namespace exercise {
inline QuantizedWeight gptq_act_order(const Matrix<float>& w, Params params, qfs::QuantRange range,
                                      const Matrix<float>& G) {
  return in_order(w, params, range, G, sorted_by(G.shape(0), [&](std::size_t a, std::size_t b) {
                    return G(a, a) < G(b, b);
                  }));
}
}  // namespace exercise
#include "tests/exercises/ch18_2_test.cpp"
}  // namespace rising

namespace not_put_back {
const Answer kAnswer = wrong("leaves the integers in the new order");
namespace exercise {
inline QuantizedWeight gptq_act_order(const Matrix<float>& w, Params params, qfs::QuantRange range,
                                      const Matrix<float>& G) {
  const Order order = by_falling_diagonal(G);
  return qfs::gptq(moved_columns(w, order), params, range,
                   moved_rows(moved_columns(G, order), order));
}
}  // namespace exercise
#include "tests/exercises/ch18_2_test.cpp"
}  // namespace not_put_back

namespace put_back_twice {
const Answer kAnswer = wrong("orders the integers again in place of putting them back");
namespace exercise {
inline QuantizedWeight gptq_act_order(const Matrix<float>& w, Params params, qfs::QuantRange range,
                                      const Matrix<float>& G) {
  const Order order = by_falling_diagonal(G);
  const QuantizedWeight sorted =
      qfs::gptq(moved_columns(w, order), params, range, moved_rows(moved_columns(G, order), order));
  QuantizedWeight back = sorted;
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t j = 0; j < order.size(); ++j) back.q(n, j) = sorted.q(n, order[j]);
  return back;
}
}  // namespace exercise
#include "tests/exercises/ch18_2_test.cpp"
}  // namespace put_back_twice

namespace weights_alone {
const Answer kAnswer = wrong("orders the weights and forgets G");
namespace exercise {
inline QuantizedWeight gptq_act_order(const Matrix<float>& w, Params params, qfs::QuantRange range,
                                      const Matrix<float>& G) {
  const Order order = by_falling_diagonal(G);
  return put_back(qfs::gptq(moved_columns(w, order), params, range, G), order);
}
}  // namespace exercise
#include "tests/exercises/ch18_2_test.cpp"
}  // namespace weights_alone

namespace equal_reversed {
const Answer kAnswer = wrong("lets equal ones change places");
namespace exercise {
inline QuantizedWeight gptq_act_order(const Matrix<float>& w, Params params, qfs::QuantRange range,
                                      const Matrix<float>& G) {
  return in_order(w, params, range, G, sorted_by(G.shape(0), [&](std::size_t a, std::size_t b) {
                    return G(a, a) != G(b, b) ? G(a, a) > G(b, b) : a > b;
                  }));
}
}  // namespace exercise
#include "tests/exercises/ch18_2_test.cpp"
}  // namespace equal_reversed

namespace by_weights {
const Answer kAnswer = wrong("sorts by the weights' magnitudes");
namespace exercise {
inline QuantizedWeight gptq_act_order(const Matrix<float>& w, Params params, qfs::QuantRange range,
                                      const Matrix<float>& G) {
  return in_order(w, params, range, G, sorted_by(G.shape(0), [&](std::size_t a, std::size_t b) {
                    return w(0, a) * w(0, a) > w(0, b) * w(0, b);
                  }));
}
}  // namespace exercise
#include "tests/exercises/ch18_2_test.cpp"
}  // namespace by_weights

namespace by_nearest {
const Answer kAnswer = wrong("rounds to nearest");
namespace exercise {
inline QuantizedWeight gptq_act_order(const Matrix<float>& w, Params params, qfs::QuantRange range,
                                      const Matrix<float>&) {
  return qfs::quantize_weight(w, params, range);
}
}  // namespace exercise
#include "tests/exercises/ch18_2_test.cpp"
}  // namespace by_nearest
