// Observers: they watch tensors go by, and then say which interval of reals a quantizer must cover.
//
// Symbols as in the text: lo and hi the interval so far, c the averaging constant.
#pragma once

#include <concepts>
#include <span>
#include <vector>

#include "01_affine_math/granularity.hpp"

namespace qfs {

// [concept]
// All that calibration asks of an observer: it is shown batches, in order, and then names one
// interval. interval() is an Error before the first batch.
template <class O>
concept Observer = std::copyable<O> &&
    requires(O observer, const O& seen, std::span<const float> x) {
  observer.observe(x);
  { seen.interval() } -> std::same_as<Interval>;
};
// [/concept]

// Throws Error when an observer is asked before it was shown anything.
inline void require_seen(bool seen) {
  if (!seen)
    fail("an observer was asked before it saw anything", "no batch", "at least one batch",
         "run calibration first, on at least one digit");
}

inline void require_constant(float c) {
  require(c > 0.0F && c <= 1.0F, "a moving average needs its constant", c, "above 0 and at most 1",
          "0.01 is PyTorch's");
}

inline void require_same_channels(std::size_t now, std::size_t before) {
  require(now == before, "the number of channels changed", now, before,
          "observe tensors with one number of channels");
}

// [min_max]
// The smallest and the largest number ever seen (eq. 5.1): PyTorch's MinMaxObserver. The order of
// the batches and their size make no difference.
class MinMaxObserver {
 public:
  void observe(std::span<const float> x) {
    const Interval now = qfs::min_max(x);
    if (!seen_) so_far_ = now;
    seen_ = true;
    so_far_ = {std::min(so_far_.min, now.min), std::max(so_far_.max, now.max)};
  }
  Interval interval() const {
    require_seen(seen_);
    return so_far_;
  }

 private:
  bool seen_ = false;
  Interval so_far_;
};
// [/min_max]

// [moving_average]
// lo += c (min x - lo), hi += c (max x - hi) after each batch but the first, which sets them
// (eq. 5.2): PyTorch's MovingAverageMinMaxObserver, in its order of float32 operations. One batch
// counts c, however large it is. The first starts with all the weight, and each later batch leaves
// it 1 - c of that: with c = 0.01 and ten batches it still has 0.99^9 = 91 %.
class MovingAverageMinMaxObserver {
 public:
  explicit MovingAverageMinMaxObserver(float averaging_constant = 0.01F) : c_(averaging_constant) {
    require_constant(c_);
  }
  void observe(std::span<const float> x) {
    const Interval now = qfs::min_max(x);
    if (!seen_) so_far_ = now;
    seen_ = true;
    so_far_.min += c_ * (now.min - so_far_.min);  // adds 0 to the first batch
    so_far_.max += c_ * (now.max - so_far_.max);
  }
  Interval interval() const {
    require_seen(seen_);
    return so_far_;
  }

 private:
  float c_;
  bool seen_ = false;
  Interval so_far_;
};
// [/moving_average]

static_assert(Observer<MinMaxObserver> && Observer<MovingAverageMinMaxObserver>);

// [per_channel]
// The same as min-max for every index of one axis: PyTorch's PerChannelMinMaxObserver. Made for
// weights; activations have one scale, because a sum over k cannot have a scale per k.
class PerChannelMinMaxObserver {
 public:
  explicit PerChannelMinMaxObserver(std::size_t axis) : axis_(axis) {}
  // Every tensor must have as many channels as the first.
  void observe(std::span<const float> x, std::span<const std::size_t> shape) {
    const ParamLayout layout = make_layout(shape, {GranularityKind::per_channel, axis_, 0});
    const std::vector<Interval> now = min_max_per_param(x, layout);
    if (so_far_.empty()) so_far_ = now;
    require_same_channels(now.size(), so_far_.size());
    for (std::size_t i = 0; i < now.size(); ++i)
      so_far_[i] = {std::min(so_far_[i].min, now[i].min), std::max(so_far_[i].max, now[i].max)};
  }
  const std::vector<Interval>& intervals() const {
    require_seen(!so_far_.empty());
    return so_far_;
  }

 private:
  std::size_t axis_;
  std::vector<Interval> so_far_;
};
// [/per_channel]

}  // namespace qfs
