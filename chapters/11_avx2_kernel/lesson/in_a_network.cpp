// Section 6: chapter 06's net on the backend of this chapter.
#include <cstdio>
#include <utility>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/plumbing/latency.hpp"
#include "06_static_ptq/operations.hpp"
#include "11_avx2_kernel/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch11 {
namespace {

// How many numbers of the net's tensors differ from those of ref, for all test digits.
std::pair<std::size_t, std::size_t> different_numbers(const Study& study, const QuantizedNet& net) {
  NetBuffers ours, expected;
  const Matrix<float> x = normalized(study.data.test.pixels, 0, study.data.test.size());
  run(pack(net, avx2_backend()), x, ours);
  run(pack(net), x, expected);
  std::size_t different = 0, all = 0;
  for (std::size_t t = 1; t < net.tensors.size(); ++t) {
    different += count_different(ours.u8[t], expected.u8[t]);
    different += count_different(ours.f32[t], expected.f32[t]);
    all += expected.u8[t].size() + expected.f32[t].size();
  }
  return {different, all};
}

void compare(const Study& study, Lesson& lesson) {
  std::size_t different = 0, all = 0;
  for (int bits : {7, 8})
    for (WeightGranularity weights :
         {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
      const auto [wrong, numbers] = different_numbers(study, quantized(study, bits, weights));
      different += wrong;
      all += numbers;
    }
  std::printf("  [avx2] %zu numbers of four nets compared with ref, %zu differ\n", all, different);
  lesson.claims.expect(different == 0, "every number of every tensor is ref's", "avx2");
}

void print_times(const Study& study) {
  const QuantizedNet net = quantized(study, 8, WeightGranularity::per_tensor);
  const PackedNet by_ref = pack(net);
  const bool has_avx2 = has_avx2_kernel();
  const PackedNet by_avx2 = pack(net, has_avx2 ? avx2_backend() : ref_backend());
  std::printf("  needs   one thread, microseconds         1 digit  64 digits  1000 digits\n");
  std::printf("  ------  ----------------------------  ----------  ---------  -----------\n");
  MlpBuffers floats;
  NetBuffers buffers;
  const auto line = [&](const char* set, const char* name, auto&& pass) {
    std::printf("  %-6s  %-28s", set, name);
    for (std::size_t i = 0; i < kBatchesToTime.size(); ++i) {
      const Matrix<float> x = batch_to_time(study.data.test, kBatchesToTime[i]);
      const std::string time = measured(median_microseconds([&] { pass(x); }), 1);
      std::printf("  %*s", i == 0 ? 10 : i == 1 ? 9 : 11, time.c_str());
    }
    std::printf("\n");
  };
  line("", "float, OpenBLAS", [&](const Matrix<float>& x) { forward(study.mlp, x, floats); });
  line("", "int8, ref", [&](const Matrix<float>& x) { run(by_ref, x, buffers); });
  if (has_avx2)
    line("[avx2]", "int8, avx2", [&](const Matrix<float>& x) { run(by_avx2, x, buffers); });
}

}  // namespace

void in_a_network(const Study& study, Lesson& lesson) {
  section(6, "Chapter 06's net on this backend");
  if (has_avx2_kernel()) compare(study, lesson);
  print_times(study);
}

}  // namespace qfs::ch11
