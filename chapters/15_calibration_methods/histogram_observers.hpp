// The calibrators as observers (chapter 05's concept): `calibrate` takes them, and so chapters 06
// and 07 build nets with them.
#pragma once

#include "05_observers/observer.hpp"
#include "15_calibration_methods/calibrators.hpp"
#include "15_calibration_methods/signed_histogram.hpp"

namespace qfs {

// [magnitude_observer]
// What all observers of magnitudes share. A tensor that was never below 0 is unsigned and has all
// integers for its magnitudes, any other half of them. T cuts both sides: the interval is
// that of the extremes seen, each brought into [-T, T].
class MagnitudeObserver {
 public:
  void observe(std::span<const float> x) { collector_.observe(x); }
  const Histogram& histogram() const {
    require_seen(collector_.seen_values() > 0);
    return collector_.histogram();
  }
  Interval seen() const { return collector_.seen(); }
  bool is_signed() const { return seen().min < 0.0F; }

  // The interval of a threshold T. Throws Error where T is 0 although not everything was: the net
  // would see nothing but zeros.
  Interval clipped_at(double threshold) const {
    const auto [min, max] = seen();
    require(threshold > 0.0 || (min == 0.0F && max == 0.0F),
            "the threshold is 0, and the tensor is not: nearly all values lie in the first bin",
            threshold, "above 0", "use a larger percentile, or another calibrator");
    const float t = static_cast<float>(threshold);
    return {std::clamp(min, -t, t), std::clamp(max, -t, t)};
  }

 private:
  MagnitudeCollector collector_;
};
// [/magnitude_observer]

class PercentileObserver : public MagnitudeObserver {
 public:
  explicit PercentileObserver(double percent = 99.99) : percent_(percent) {
    require(percent > 0.0 && percent <= 100.0, "a percentile outside (0, 100]", percent,
            "above 0 and at most 100", "99.99 is usual");
  }
  Interval interval() const { return clipped_at(percentile_threshold(histogram(), percent_)); }

 private:
  double percent_;
};

class EntropyObserver : public MagnitudeObserver {
 public:
  explicit EntropyObserver(int bits = 8) : bits_(bits) { magnitude_levels(bits, true); }
  Search search() const {
    return entropy_search(histogram(), magnitude_levels(bits_, is_signed()));
  }
  Interval interval() const { return clipped_at(search().threshold); }

 private:
  int bits_;
};

class MseObserver : public MagnitudeObserver {
 public:
  explicit MseObserver(int bits = 8) : bits_(bits) { magnitude_levels(bits, true); }
  Search search() const { return mse_search(histogram(), magnitude_levels(bits_, is_signed())); }
  Interval interval() const { return clipped_at(search().threshold); }

 private:
  int bits_;
};

// PyTorch's. Its search is for 256 levels, whatever the bits.
class HistogramObserver {
 public:
  explicit HistogramObserver(HistogramEnds ends = HistogramEnds::as_seen) : histogram_(ends) {}
  void observe(std::span<const float> x) { histogram_.observe(x); }
  Interval interval() const { return histogram_.search(); }

 private:
  SignedHistogram histogram_;
};

static_assert(Observer<PercentileObserver> && Observer<EntropyObserver> && Observer<MseObserver> &&
              Observer<HistogramObserver>);

}  // namespace qfs
