// Answers to exercise 21.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch21_3_test.cpp"

namespace two_passes {
const Answer kAnswer = right("scales the weight first, then adds up the bias");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0 || offset[c] == 0.0,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k)
      folded.weight(n, k) = static_cast<float>(static_cast<double>(conv.weight(n, k)) * g[k % C]);
    for (std::size_t k = 0; k < K; ++k)
      bias += static_cast<double>(conv.weight(n, k)) * offset[k % C];
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace two_passes

namespace refuses_late {
const Answer kAnswer = right("looks for the border at the end");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
      bias += w * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  for (double o : offset)
    if (conv.window.padding > 0 && o != 0.0)
      qfs::fail("a border", "an offset", "none", "fold behind");
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace refuses_late

namespace output_channels {
const Answer kAnswer = wrong("scales by output, as behind a convolution");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0 || offset[c] == 0.0,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[n % C]);
      bias += w * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace output_channels

namespace channel_slowest {
const Answer kAnswer = wrong("takes the channel to run slowest");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0 || offset[c] == 0.0,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k / (K / C)]);
      bias += w * offset[k / (K / C)];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace channel_slowest

namespace no_offset {
const Answer kAnswer = wrong("leaves the offset out");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0 || offset[c] == 0.0,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace no_offset

namespace offset_times_g {
const Answer kAnswer = wrong("scales the offset as well");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0 || offset[c] == 0.0,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
      bias += w * g[k % C] * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace offset_times_g

namespace bias_lost {
const Answer kAnswer = wrong("forgets the bias of the layer");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0 || offset[c] == 0.0,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
      bias += w * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace bias_lost

namespace no_epsilon {
const Answer kAnswer = wrong("forgets epsilon");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0 || offset[c] == 0.0,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
      bias += w * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace no_epsilon

namespace no_root {
const Answer kAnswer = wrong("divides by the variance");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           (static_cast<double>(norm.running_variance(c)) + static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0 || offset[c] == 0.0,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
      bias += w * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace no_root

namespace mean_not_scaled {
const Answer kAnswer = wrong("subtracts the mean as it is");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] = static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c));
    qfs::require(conv.window.padding == 0 || offset[c] == 0.0,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
      bias += w * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace mean_not_scaled

namespace any_border {
const Answer kAnswer = wrong("folds over a border as well");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(true || offset[c] == 0.0, "a batch norm before a convolution with a border",
                 offset[c], "an offset of 0, or no border",
                 "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
      bias += w * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace any_border

namespace no_border {
const Answer kAnswer = wrong("refuses every border");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0, "a batch norm before a convolution with a border",
                 offset[c], "an offset of 0, or no border",
                 "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
      bias += w * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace no_border

namespace first_offset {
const Answer kAnswer = wrong("looks at the first offset only");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0 || offset[0] == 0.0,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
      bias += w * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace first_offset

namespace beta_only {
const Answer kAnswer = wrong("takes beta for the offset when it looks at the border");
namespace exercise {
inline qfs::Conv2d fold_before(const qfs::BatchNorm& norm, const qfs::Conv2d& conv) {
  const std::size_t C = norm.channels(), N = conv.outputs(), K = conv.weight.shape(1);
  std::vector<double> g(C), offset(C);
  for (std::size_t c = 0; c < C; ++c) {
    g[c] = static_cast<double>(norm.gamma(c)) /
           std::sqrt(static_cast<double>(norm.running_variance(c)) +
                     static_cast<double>(norm.epsilon));
    offset[c] =
        static_cast<double>(norm.beta(c)) - static_cast<double>(norm.running_mean(c)) * g[c];
    qfs::require(conv.window.padding == 0 || norm.beta(c) == 0.0F,
                 "a batch norm before a convolution with a border", offset[c],
                 "an offset of 0, or no border", "put the batch norm behind the convolution");
  }
  qfs::Conv2d folded = conv;
  folded.bias = qfs::make_tensor<float>({N});
  folded.bias_gradient = folded.bias;
  for (std::size_t n = 0; n < N; ++n) {
    double bias = conv.bias.size() > 0 ? static_cast<double>(conv.bias(n)) : 0.0;
    for (std::size_t k = 0; k < K; ++k) {
      const double w = static_cast<double>(conv.weight(n, k));
      folded.weight(n, k) = static_cast<float>(w * g[k % C]);
      bias += w * offset[k % C];
    }
    folded.bias(n) = static_cast<float>(bias);
  }
  return folded;
}
}  // namespace exercise
#include "tests/exercises/ch21_3_test.cpp"
}  // namespace beta_only
