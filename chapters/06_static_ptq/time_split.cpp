// Section 8 of the lesson: how long the integers take, and where.
#include <cstdio>

#include "06_static_ptq/sections.hpp"
#include "common/print.hpp"
#include "common/stopwatch.hpp"

namespace qfs {
namespace {

// Microseconds for one batch: the whole forward pass, and its parts.
struct TimeSplit {
  double all = 0.0, quantize = 0.0, product = 0.0, requantize = 0.0;
};

TimeSplit time_of(const PackedMlp& net, const Matrix<float>& x) {
  TimeSplit time;
  time.all = median_microseconds([&] { forward(net, x); });
  time.quantize = median_microseconds([&] { quantize_input(net, x); });
  Matrix<std::uint8_t> q = quantize_input(net, x);
  for (const PackedLayer& layer : net.layers) {
    auto acc = make_tensor<std::int32_t>({q.shape(0), layer.linear.outputs});
    auto y = make_tensor<std::uint8_t>({q.shape(0), layer.linear.outputs});
    time.product += median_microseconds(
        [&] { ref_product(layer.linear, values(std::as_const(q)), q.shape(0), values(acc)); });
    time.requantize += median_microseconds(
        [&] { ref_requantize(layer.linear, values(std::as_const(acc)), values(y)); });
    q = std::move(y);
  }
  return time;
}

}  // namespace

void honest_time(const Study& study, std::size_t bytes, Lesson& lesson) {
  section(8, "The honest result: how long it takes, one thread, microseconds");
  const PackedMlp net = pack(study.net);
  ModelRow result{.model = "static_ptq", .images = study.data.test.size(), .bytes = bytes};
  const auto classes = classify_u8(net, study.data.test.pixels);
  result.accuracy = static_cast<double>(count_correct(classes, study.data.test.labels)) /
                    static_cast<double>(result.images);
  std::printf("  digits        float   integers = quantize + product + requantize\n");
  double* const latency[] = {&result.latency_us_1, &result.latency_us_64, &result.latency_us_1000};
  const std::size_t sizes[] = {1, 64, 1000};
  for (std::size_t i = 0; i < 3; ++i) {
    const Matrix<float> x = batch_to_time(study.data.test, sizes[i]);
    MlpBuffers buffers;
    const double by_float = median_microseconds([&] { forward(study.mlp, x, buffers); });
    const TimeSplit time = time_of(net, x);
    *latency[i] = time.all;
    std::printf("  %6zu   ", sizes[i]);
    std::printf("%10s %10s", measured(by_float, 1).c_str(), measured(time.all, 1).c_str());
    std::printf("   %8s %10s %10s", measured(time.quantize, 1).c_str(),
                measured(time.product, 1).c_str(), measured(time.requantize, 1).c_str());
    std::printf("   %s times slower\n", measured(time.all / by_float, 1).c_str());
    lesson.report.figure("slower_than_float_batch_" + std::to_string(sizes[i]),
                         time.all / by_float);
  }
  lesson.report.model(result);
}

}  // namespace qfs
