// A quantizer for a reader's own tensor: calibrate, quantize, dequantize, keep the
// parameters as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "01_affine_math/errors.hpp"
#include "01_affine_math/granularity.hpp"

namespace qfs {

struct QuantizerConfig {
  QuantRange range = unsigned_range(8);
  Scheme scheme = Scheme::affine;
  Granularity granularity;
  Rounding rounding = Rounding::half_even;
};

// A tensor in integers: what a file of a quantized model holds.
struct QuantizedArray {
  std::vector<std::size_t> shape;
  std::vector<std::int32_t> values;  // each within the quantizer's range
};

// [quantizer]
class Quantizer {
 public:
  explicit Quantizer(QuantizerConfig config);

  // Chooses the parameters from the minima and maxima of this tensor. Throws Error when it is empty
  // or holds NaN or infinity.
  void calibrate(std::span<const float> x, std::span<const std::size_t> shape);

  // Both need calibrate() or load() first. The shape may differ from the calibrated one as long as
  // it has as many channels or groups.
  QuantizedArray quantize(std::span<const float> x, std::span<const std::size_t> shape) const;
  std::vector<float> dequantize(const QuantizedArray& q) const;

  void save(const std::string& path) const;  // JSON, written atomically
  static Quantizer load(const std::string& path);

  const QuantizerConfig& config() const { return config_; }
  const std::vector<QuantParams>& params() const { return params_; }
  // [/quantizer]

  // A few lines: the scheme, the range, the parameters, and the errors on this tensor.
  std::string summary(std::span<const float> x, std::span<const std::size_t> shape) const;

 private:
  ParamLayout layout_for(std::span<const float> x, std::span<const std::size_t> shape) const;

  QuantizerConfig config_;
  std::vector<QuantParams> params_;
};

}  // namespace qfs
