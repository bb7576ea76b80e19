#include "17_int4_weights/lesson/study.hpp"

#include <cmath>

#include "17_int4_weights/group_linear.hpp"

namespace qfs::ch17 {

Start make_start(const Dataset& data, Mlp mlp) {
  Start start{.mlp = std::move(mlp), .labels = &data.test.labels};
  start.intervals = calibrate<MinMaxObserver>(start.mlp, CalibrationSet(data.train),
                                              OutputPoint::after_relu, 100);
  start.x = normalized(data.test.pixels, 0, data.test.size());
  start.logits = forward_ref(start.mlp, start.x);
  start.classes = argmax_rows(start.logits);
  return start;
}

Matrix<float> logits_of(PackedGroupMlp& net, const Matrix<float>& x) {
  auto y = make_tensor<float>({x.shape(0), net.outputs()});
  net.run(values(x), x.shape(0), values(y));
  return y;
}

Outcome outcome_of(const Start& start, const GroupOptions& options) {
  const GroupMlp net = quantize_groups(start.mlp, start.intervals, options);
  Matrix<float> logits;
  if (options.bits <= 4) {
    PackedGroupMlp packed(net);
    logits = logits_of(packed, start.x);
  } else {
    logits = forward_ref(net, start.x);
  }
  Outcome outcome{.classes = argmax_rows(logits)};
  double errors = 0.0, squares = 0.0;
  for (std::size_t m = 0; m < logits.shape(0); ++m) {
    double of_digit = 0.0;
    for (std::size_t c = 0; c < logits.shape(1); ++c) {
      const double real = start.logits(m, c), error = logits(m, c) - real;
      of_digit += error * error;
      squares += real * real;
    }
    outcome.error.push_back(of_digit);
    errors += of_digit;
  }
  outcome.logit_error = std::sqrt(errors / squares);
  return outcome;
}

Nearer compare_errors(const Outcome& a, const Outcome& b) {
  Nearer nearer;
  for (std::size_t m = 0; m < a.error.size(); ++m) {
    nearer.a += a.error[m] < b.error[m] ? 1 : 0;
    nearer.b += b.error[m] < a.error[m] ? 1 : 0;
  }
  nearer.p = mcnemar_p(nearer.a, nearer.b);
  return nearer;
}

double bits_per_weight(const GroupMlp& net) {
  std::size_t bytes = 0, weights = 0;
  for (const GroupLayer& layer : net.layers) {
    bytes += stored_bytes(layer.weight);
    weights += layer.weight.q.size();
  }
  return 8.0 * static_cast<double>(bytes) / static_cast<double>(weights);
}

}  // namespace qfs::ch17
