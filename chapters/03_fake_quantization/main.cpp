// Chapter 03: quantize and dequantize in one step, its gradient and its error.

#include <stdlib.h>

#include <bit>
#include <cstdio>
#include <filesystem>
#include <set>

#include "03_fake_quantization/clipped_training.hpp"
#include "03_fake_quantization/experiments.hpp"
#include "03_fake_quantization/noise.hpp"
#include "03_fake_quantization/paper_example.hpp"
#include "common/dataset.hpp"
#include "common/npy.hpp"
#include "common/print.hpp"

namespace {

using qfs::QuantParams;
using qfs::QuantRange;

constexpr QuantParams kPaper{qfs::paper::kScale, qfs::paper::kZeroPoint};

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float left, float right) {
    return std::bit_cast<std::uint32_t>(left) == std::bit_cast<std::uint32_t>(right);
  });
}

std::string text(float value) { return qfs::number_text(value, 6); }

void forward(qfs::Lesson& lesson) {
  qfs::section(1, "Quantize and dequantize, all in float");
  const QuantRange range = qfs::paper::kRange;
  std::printf("  s = %g, z = %d, integers %d to %d: the reals %g to %g\n", kPaper.scale,
              kPaper.zero_point, range.qmin, range.qmax, qfs::dequantize_value(range.qmin, kPaper),
              qfs::dequantize_value(range.qmax, kPaper));
  qfs::Table table({"x", "x (1/s)", "rounded", "+ z", "clamped", "- z", "y", "by hand"});
  std::array<float, 7> y{};
  qfs::fake_quantize(qfs::paper::kX, kPaper, range, y);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const float steps = qfs::paper::kX[i] * (1.0F / kPaper.scale);
    const float r = std::nearbyint(steps);
    const std::int32_t q = qfs::quantize_value(qfs::paper::kX[i], kPaper, range);
    table.row({text(qfs::paper::kX[i]), text(steps), text(r),
               text(r + static_cast<float>(kPaper.zero_point)), std::to_string(q),
               std::to_string(q - kPaper.zero_point), text(y[i]), text(qfs::paper::kYByHand[i])});
  }
  table.print();
  lesson.claims.expect(same_bits(y, qfs::paper::kYByHand), "by hand = this program, all seven");
  const std::vector<float> x = qfs::normal_draws(lesson.options.seed);
  std::vector<float> fake(x.size()), real(x.size()), by_definition(x.size());
  std::vector<std::uint8_t> q(x.size());
  qfs::fake_quantize(x, kPaper, range, fake);
  qfs::quantize<std::uint8_t>(x, kPaper, range, q);
  qfs::dequantize<std::uint8_t>(q, kPaper, real);
  for (std::size_t i = 0; i < x.size(); ++i)
    by_definition[i] = qfs::fake_quantize_ref(x[i], kPaper, range).y;
  std::printf("  100 000 Gaussian numbers, compared bit for bit:\n");
  lesson.claims.expect(same_bits(fake, real), "fake quantization = through real 8-bit integers");
  lesson.claims.expect(same_bits(fake, by_definition), "the fast rounding = nearbyint");
}

void gradient(qfs::Lesson& lesson) {
  qfs::section(2, "The gradient: pass inside the range, stop outside");
  const QuantRange range = qfs::paper::kRange;
  std::array<float, 7> dx{};
  qfs::fake_quantize_backward(qfs::paper::kX, qfs::paper::kDy, kPaper, range, dx);
  qfs::Table table(
      {"x", "q unclamped", "mask", "mean slope, x - s to x + s", "dy", "dx", "by hand"});
  for (std::size_t i = 0; i < dx.size(); ++i) {
    const float x = qfs::paper::kX[i], s = kPaper.scale;
    const float q = std::nearbyint(x * (1.0F / s)) + static_cast<float>(kPaper.zero_point);
    const auto y = [&](float at) { return qfs::fake_quantize_ref(at, kPaper, range).y; };
    table.row({text(x), text(q), qfs::fake_quantize_ref(x, kPaper, range).inside ? "1" : "0",
               text((y(x + s) - y(x - s)) / (2.0F * s)), text(qfs::paper::kDy[i]),
               text(dx[i] + 0.0F), text(qfs::paper::kDxByHand[i])});
  }
  table.print();
  lesson.claims.expect(dx == qfs::paper::kDxByHand, "by hand = this program, all seven");
}

// A directory under the system's temporary one, removed with all it holds.
struct TemporaryDirectory {
  TemporaryDirectory() {
    path = (std::filesystem::temp_directory_path() / "qfs_ch03_XXXXXX").string();
    qfs::require(mkdtemp(path.data()) != nullptr, "cannot make a temporary directory", path,
                 "a place to write to", "set TMPDIR to a directory of yours");
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string path;
};

void bytes_on_disk(qfs::Lesson& lesson, const qfs::Matrix<float>& weights) {
  qfs::section(7, "Fake against real: bytes on disk");
  const qfs::ParamLayout layout = qfs::make_layout(
      qfs::shape_of(weights), {.kind = qfs::GranularityKind::per_channel, .axis = 0});
  const QuantRange range = qfs::narrow_range(8);
  const auto params = qfs::choose_qparams(qfs::min_max_per_param(qfs::values(weights), layout),
                                          range, qfs::Scheme::symmetric);
  qfs::Matrix<float> fake = weights;
  qfs::fake_quantize(qfs::values(weights), layout, params, range, qfs::values(fake));
  auto real = qfs::make_tensor<std::int8_t>({weights.shape(0), weights.shape(1)});
  qfs::quantize(qfs::values(weights), layout, params, range, qfs::values(real));
  auto scales = qfs::make_tensor<float>({params.size()});
  for (std::size_t i = 0; i < params.size(); ++i) scales(i) = params[i].scale;

  const TemporaryDirectory directory;
  qfs::Table table(
      {"first layer, " + qfs::shape_text(weights), "bytes", "of float", "values in row 0"});
  std::size_t float_bytes = 0;
  const auto add = [&](const std::string& name, std::size_t bytes, std::size_t distinct) {
    if (float_bytes == 0) float_bytes = bytes;
    const double share = static_cast<double>(bytes) / static_cast<double>(float_bytes);
    table.row({name, std::to_string(bytes), qfs::fixed(100.0 * share, 1) + " %",
               std::to_string(distinct)});
    return bytes;
  };
  const auto file = [&](const char* name, const auto& tensor) {
    const std::string path = directory.path + "/" + name;
    qfs::save_npy(path, tensor);
    return static_cast<std::size_t>(std::filesystem::file_size(path));
  };
  const auto distinct = [](auto numbers) {
    return std::set<double>(numbers.begin(), numbers.end()).size();
  };
  add("float", file("float.npy", weights), distinct(qfs::row(weights, 0)));
  const std::size_t fake_bytes =
      add("fake-quantized, 8 bits", file("fake.npy", fake), distinct(qfs::row(fake, 0)));
  const std::size_t real_bytes =
      add("real int8 and its scales", file("int8.npy", real) + file("scales.npy", scales),
          distinct(qfs::row(real, 0)));
  table.print();
  qfs::Matrix<float> back = weights;
  const auto loaded = qfs::load_npy<std::int8_t, 2>(directory.path + "/int8.npy");
  qfs::dequantize(qfs::values(loaded), layout, params, qfs::values(back));
  lesson.claims.expect_equal(fake_bytes, float_bytes, "fake quantization saves not one byte");
  lesson.claims.expect(real_bytes * 100 < float_bytes * 27, "real int8 takes about a quarter");
  lesson.claims.expect(same_bits(qfs::values(back), qfs::values(fake)),
                       "and both files hold the same numbers");
  lesson.report.figure("float_bytes", static_cast<double>(float_bytes));
  lesson.report.figure("fake_bytes", static_cast<double>(fake_bytes));
  lesson.report.figure("int8_bytes", static_cast<double>(real_bytes));
}

void what_goes_wrong(qfs::Lesson& lesson) {
  qfs::section(8, "What goes wrong: the backward pass without the clip mask");
  std::printf(
      "  two weights, one fixed scale 1/8, integers -7 to 7; the targets are 1.5 and 0.25\n");
  std::array<float, 2> masked = {0.5F, 0.5F}, unmasked = masked;
  qfs::Table table({"step", "no mask: w0", "w1", "loss", "mask: w0", "w1", "loss"});
  qfs::ToyStep last_masked, last_unmasked;
  for (int step = 0; step <= 200; ++step) {
    last_unmasked = qfs::toy_step(unmasked, false);
    last_masked = qfs::toy_step(masked, true);
    if (step > 7 && step != 20 && step != 200) continue;
    table.row({std::to_string(step), qfs::fixed(last_unmasked.w[0], 6),
               qfs::fixed(last_unmasked.w[1], 4), qfs::fixed(last_unmasked.loss, 4),
               qfs::fixed(last_masked.w[0], 6), qfs::fixed(last_masked.w[1], 4),
               qfs::fixed(last_masked.loss, 4)});
  }
  table.print();
  lesson.claims.expect(last_masked.loss == last_unmasked.loss,
                       "the losses are equal: nothing to see");
  std::printf("  then the weights are converted, with a scale from their largest magnitude:\n");
  std::array<float, 2> kept{};
  std::array<std::array<float, 2>, 2> trained = {last_unmasked.w, last_masked.w};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto y =
        qfs::fake_quantize_min_max(trained[i], {.inner = 2, .group_size = 2}, qfs::kToyRange);
    kept[i] = y[1];
    std::printf("    %-8s w = (%.4f, %.4f) becomes (%.4f, %.4f)\n",
                i == 0 ? "no mask:" : "mask:", trained[i][0], trained[i][1], y[0], y[1]);
  }
  lesson.claims.expect(kept[0] == 0.0F && kept[1] != 0.0F,
                       "without the mask one weight ran away and the other became 0");
}

}  // namespace

int main(int argc, char** argv) {
  qfs::Program program("03 Fake quantization",
                       "Quantize and dequantize in one step, its gradient and its error.");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    const std::string weights_dir = lesson.options.weights_dir.empty()
                                        ? qfs::datasets_dir() + "/pretrained"
                                        : lesson.options.weights_dir;
    const auto weights = qfs::load_npy<float, 2>(weights_dir + "/fc1_weight.npy");
    forward(lesson);
    gradient(lesson);
    qfs::rounding_error(lesson);
    qfs::clipping_error(lesson);
    qfs::fewer_bits(lesson, weights);
    qfs::outliers(lesson, weights);
    bytes_on_disk(lesson, weights);
    what_goes_wrong(lesson);
  });
}
