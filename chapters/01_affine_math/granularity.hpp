// Who shares a scale: the whole tensor, one channel of it, or a group of neighbours.
#pragma once

#include <string>
#include <vector>

#include "01_affine_math/affine.hpp"
#include "common/tensor.hpp"

namespace qfs {

// [granularity]
enum class GranularityKind { per_tensor, per_channel, per_group };

struct Granularity {
  GranularityKind kind = GranularityKind::per_tensor;
  std::size_t axis = 0;  // per_channel: the axis that has one scale per index
  // per_group: neighbours along the last axis; the last group may be short
  std::size_t group_size = 0;
};

// Which parameter an element uses. The elements are seen as outer x channels x inner (row-major);
// along `inner` they are cut into groups.
struct ParamLayout {
  std::size_t outer = 1, channels = 1, inner = 1;
  std::size_t group_size = 1;  // inner, unless per_group
  std::size_t groups = 1;      // groups of one channel: ceil(inner / group_size)

  std::size_t param_count() const { return channels * groups; }
  std::size_t param_of(std::size_t element) const {
    const std::size_t channel = element / inner % channels;
    return channel * groups + element % inner / group_size;
  }
};
// [/granularity]

// Throws Error when the axis does not exist or the group size is 0.
inline ParamLayout make_layout(std::span<const std::size_t> shape, Granularity granularity) {
  ParamLayout layout;
  if (granularity.kind == GranularityKind::per_tensor) {
    layout.inner = element_count(shape);
  } else if (granularity.kind == GranularityKind::per_channel) {
    require(granularity.axis < shape.size(), "the tensor has no such axis", granularity.axis,
            "an axis below the rank " + std::to_string(shape.size()), "axes count from 0");
    layout.outer = element_count(shape.first(granularity.axis));
    layout.channels = shape[granularity.axis];
    layout.inner = element_count(shape.subspan(granularity.axis + 1));
  } else {
    require(granularity.group_size > 0 && !shape.empty(),
            "groups need a size and a tensor with an axis", granularity.group_size,
            "a group size of at least 1", "32, 64 and 128 are usual");
    layout.channels = element_count(shape.first(shape.size() - 1));
    layout.inner = shape.back();
  }
  layout.group_size =
      granularity.kind == GranularityKind::per_group ? granularity.group_size : layout.inner;
  if (layout.inner > 0) layout.groups = (layout.inner + layout.group_size - 1) / layout.group_size;
  return layout;
}

// The minimum and maximum of the elements that share each parameter.
inline std::vector<Interval> min_max_per_param(std::span<const float> x,
                                               const ParamLayout& layout) {
  min_max(x);  // refuses an empty tensor, NaN and infinity
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<Interval> intervals(layout.param_count(), Interval{kInfinity, -kInfinity});
  for (std::size_t i = 0; i < x.size(); ++i) {
    Interval& interval = intervals[layout.param_of(i)];
    interval.min = std::min(interval.min, x[i]);
    interval.max = std::max(interval.max, x[i]);
  }
  return intervals;
}

inline std::vector<QuantParams> choose_qparams(std::span<const Interval> intervals,
                                               QuantRange range, Scheme scheme) {
  std::vector<QuantParams> params;
  for (const Interval& interval : intervals)
    params.push_back(choose_qparams(interval.min, interval.max, range, scheme));
  return params;
}

// Every element with the parameters of its channel or group. Q must hold the range.
template <class Q>
void quantize(std::span<const float> x, const ParamLayout& layout,
              std::span<const QuantParams> params, QuantRange range, std::span<Q> q,
              Rounding rounding = Rounding::half_even) {
  require(params.size() == layout.param_count() && x.size() == q.size(),
          "quantize: one pair of parameters per channel or group, one integer per real",
          params.size(), layout.param_count(), "choose the parameters from this very layout");
  for (std::size_t i = 0; i < x.size(); ++i)
    q[i] = static_cast<Q>(quantize_value(x[i], params[layout.param_of(i)], range, rounding));
}

template <class Q>
void dequantize(std::span<const Q> q, const ParamLayout& layout,
                std::span<const QuantParams> params, std::span<float> x) {
  require(params.size() == layout.param_count() && x.size() == q.size(),
          "dequantize: one pair of parameters per channel or group, one real per integer",
          params.size(), layout.param_count(), "use the parameters the tensor was quantized with");
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = dequantize_value(q[i], params[layout.param_of(i)]);
}

}  // namespace qfs
