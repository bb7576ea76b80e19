// Section 7: fake against real, in bytes.
#include <filesystem>
#include <set>

#include "03_fake_quantization/lesson/study.hpp"
#include "common/npy.hpp"
#include "common/print.hpp"
#include "common/temporary.hpp"

namespace qfs::ch03 {
namespace {

// Weights fake-quantized, and as integers with their scales.
struct FakeAndReal {
  Matrix<float> fake;
  Matrix<std::int8_t> real;
  Vector<float> scales;  // one per output channel
  ParamLayout layout;
  std::vector<QuantParams> params;
};

FakeAndReal quantize_per_channel(const Matrix<float>& weights) {
  FakeAndReal forms;
  forms.fake = weights;
  const QuantRange range = narrow_range(8);
  forms.layout = make_layout(shape_of(weights), {.kind = GranularityKind::per_channel, .axis = 0});
  forms.params =
      choose_qparams(min_max_per_param(values(weights), forms.layout), range, Scheme::symmetric);
  fake_quantize(values(weights), forms.layout, forms.params, range, values(forms.fake));
  forms.real = make_tensor<std::int8_t>({weights.shape(0), weights.shape(1)});
  quantize(values(weights), forms.layout, forms.params, range, values(forms.real));
  forms.scales = make_tensor<float>({forms.params.size()});
  for (std::size_t i = 0; i < forms.params.size(); ++i) forms.scales(i) = forms.params[i].scale;
  return forms;
}

template <class T, std::size_t N>
std::size_t bytes_of_file(const std::string& path, const Tensor<T, N>& tensor) {
  save_npy(path, tensor);
  return std::filesystem::file_size(path);
}

template <class T>
std::size_t distinct_values(std::span<const T> numbers) {
  return std::set<T>(numbers.begin(), numbers.end()).size();
}

}  // namespace

void bytes_on_disk(Lesson& lesson, const Matrix<float>& weights) {
  section(7, "Fake against real: bytes on disk");
  const FakeAndReal forms = quantize_per_channel(weights);
  const TemporaryDirectory directory;
  const std::size_t float_bytes = bytes_of_file(directory.path("float.npy"), weights);
  const std::size_t fake_bytes = bytes_of_file(directory.path("fake.npy"), forms.fake);
  const std::size_t real_bytes = bytes_of_file(directory.path("int8.npy"), forms.real) +
                                 bytes_of_file(directory.path("scales.npy"), forms.scales);
  const auto share = [&](std::size_t bytes) {
    return fixed(100.0 * static_cast<double>(bytes) / static_cast<double>(float_bytes), 1) + " %";
  };
  Table table({"first layer, " + shape_text(weights), "bytes", "of float", "values in row 0"});
  table.row({"float", std::to_string(float_bytes), share(float_bytes),
             std::to_string(distinct_values(row(weights, 0)))});
  table.row({"fake-quantized, 8 bits", std::to_string(fake_bytes), share(fake_bytes),
             std::to_string(distinct_values(row(forms.fake, 0)))});
  table.row({"real int8 and its scales", std::to_string(real_bytes), share(real_bytes),
             std::to_string(distinct_values(row(forms.real, 0)))});
  table.print();
  Matrix<float> back = weights;
  const auto loaded = load_npy<std::int8_t, 2>(directory.path("int8.npy"));
  dequantize(values(loaded), forms.layout, forms.params, values(back));
  lesson.claims.expect_equal(fake_bytes, float_bytes, "fake quantization saves not one byte");
  if (lesson.options.weights_dir.empty())  // in a tiny file the header of 128 bytes would count
    lesson.claims.expect(real_bytes * 100 < float_bytes * 26, "real int8 takes about a quarter");
  lesson.claims.expect(back == forms.fake, "and both files hold the same numbers");
  lesson.report.figure("float_bytes", static_cast<double>(float_bytes));
  lesson.report.figure("fake_bytes", static_cast<double>(fake_bytes));
  lesson.report.figure("int8_bytes", static_cast<double>(real_bytes));
}

}  // namespace qfs::ch03
