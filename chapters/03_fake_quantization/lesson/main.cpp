// Chapter 03: quantize and dequantize in one step, its gradient and its error.

#include "03_fake_quantization/lesson/study.hpp"
#include "common/dataset.hpp"
#include "common/npy.hpp"

namespace {

// The first layer of a trained network, out x in: --weights, or the one that comes with the course.
qfs::Matrix<float> first_layer(const qfs::Options& options) {
  const std::string directory =
      options.weights_dir.empty() ? qfs::datasets_dir() + "/pretrained" : options.weights_dir;
  const auto weights = qfs::load_npy<float, 2>(directory + "/fc1_weight.npy");
  qfs::min_max(qfs::values(weights));  // refuses an empty tensor, NaN and infinity
  return weights;
}

void run(qfs::Lesson& lesson) {
  const qfs::Matrix<float> weights = first_layer(lesson.options);
  qfs::ch03::forward(lesson);
  qfs::ch03::gradient(lesson);
  qfs::ch03::rounding_error(lesson);
  qfs::ch03::clipping_error(lesson);
  qfs::ch03::fewer_bits(lesson, weights);
  qfs::ch03::outliers(lesson, weights);
  qfs::ch03::bytes_on_disk(lesson, weights);
  qfs::ch03::mistakes(lesson);
  if (lesson.options.trace) qfs::ch03::trace(weights);
}

}  // namespace

int main(int argc, char** argv) {
  qfs::Program program("03 Fake quantization",
                       "Quantize and dequantize in one step, its gradient and its error.");
  return program.run(argc, argv, run);
}
