// Adam (Kingma and Ba, 2014) by the formula, and in the order of operations, of torch.optim.Adam.
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "common/check.hpp"
#include "common/param_view.hpp"
#include "common/tensor.hpp"

namespace qfs {

struct AdamOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;    // memory of the mean of the gradient: about 10 steps
  double beta2 = 0.999;  // memory of the mean of its square: about 1000 steps
  double eps = 1e-8;     // keeps the division finite where the gradient has always been 0
};

class Adam {
 public:
  // The views must stay valid as long as the optimiser.
  Adam(std::vector<ParamView> params, AdamOptions options)
      : params_(std::move(params)), options_(options) {
    for (const ParamView& param : params_) {
      require(param.values.size() == param.gradients.size(),
              "Adam: " + param.name + " needs one gradient per value", param.gradients.size(),
              param.values.size(), "give the gradient the shape of the parameter");
      require(element_count(param.shape) == param.values.size(),
              "Adam: " + param.name + " has another shape than values", shape_text(param.shape),
              param.values.size(), "give the view the shape of its tensor");
      mean_.emplace_back(param.values.size(), 0.0F);
      square_.emplace_back(param.values.size(), 0.0F);
    }
  }

  // [adam_step]
  // One step along the gradients that stand in the views (eq. 4.9 to 4.12).
  void step() {
    power1_ *= options_.beta1;  // beta1^t and beta2^t at step t = 1, 2, ...
    power2_ *= options_.beta2;
    const float beta1 = static_cast<float>(options_.beta1);
    const float beta2 = static_cast<float>(options_.beta2);
    const float rest1 = static_cast<float>(1.0 - options_.beta1);
    const float rest2 = static_cast<float>(1.0 - options_.beta2);
    const float step_size = static_cast<float>(options_.learning_rate / (1.0 - power1_));
    const float correction = static_cast<float>(std::sqrt(1.0 - power2_));  // (eq. 4.11)
    const float eps = static_cast<float>(options_.eps);
    for (std::size_t p = 0; p < params_.size(); ++p) {
      const std::size_t count = params_[p].values.size();
      float* w = params_[p].values.data();
      const float* g = params_[p].gradients.data();
      float* m = mean_[p].data();
      float* v = square_[p].data();
      for (std::size_t i = 0; i < count; ++i) {     // vectorizes: sqrt sets no errno here
        m[i] = beta1 * m[i] + rest1 * g[i];         // (eq. 4.9)
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];  // (eq. 4.10)
        w[i] -= step_size * m[i] / (std::sqrt(v[i]) / correction + eps);
      }
    }
  }
  // [/adam_step]

  // From the next step on.
  void set_learning_rate(double rate) { options_.learning_rate = rate; }

  // The running means m and v of parameter p, for those who look on.
  std::span<const float> mean(std::size_t p) const { return mean_.at(p); }
  std::span<const float> square(std::size_t p) const { return square_.at(p); }

 private:
  std::vector<ParamView> params_;
  AdamOptions options_;
  std::vector<std::vector<float>> mean_, square_;
  double power1_ = 1.0, power2_ = 1.0;
};

}  // namespace qfs
