// Exercise 22.2, solved.
#pragma once

#include <cmath>

namespace exercise {

struct Channel {
  float gamma, beta, running_variance, epsilon;
  float mean, variance;  // of the batch
};
struct Correction {
  float c, o;
};

// [solution]
inline Correction correction(const Channel& channel) {
  const float batch_std = std::sqrt(channel.variance + channel.epsilon);
  const float running_std = std::sqrt(channel.running_variance + channel.epsilon);
  return {running_std / batch_std, channel.beta - channel.gamma * channel.mean / batch_std};
}
// [/solution]

}  // namespace exercise
