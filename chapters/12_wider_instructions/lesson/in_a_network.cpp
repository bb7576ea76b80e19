// Section 5: chapter 06's net on the backends of this chapter.
#include <cstdio>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/plumbing/latency.hpp"
#include "06_static_ptq/operations.hpp"
#include "11_avx2_kernel/avx2_backend.hpp"
#include "12_wider_instructions/lesson/study.hpp"
#include "12_wider_instructions/wide_backends.hpp"
#include "common/print.hpp"

namespace qfs::ch12 {
namespace {

std::size_t count_different_numbers(const NetBuffers& a, const NetBuffers& b) {
  std::size_t different = 0;
  for (std::size_t t = 1; t < a.u8.size(); ++t)
    different += count_different(a.u8[t], b.u8[t]) + count_different(a.f32[t], b.f32[t]);
  return different;
}

// Both nets, per tensor and per channel, all test digits, every tensor.
bool equals_ref(const Study& study, const Backend& backend) {
  const Matrix<float> x = normalized(study.data.test.pixels, 0, study.data.test.size());
  std::size_t different = 0;
  for (WeightGranularity weights :
       {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const QuantizedNet net = quantized(study, weights);
    NetBuffers ours, expected;
    run(pack(net, backend), x, ours);
    run(pack(net), x, expected);
    different += count_different_numbers(ours, expected);
  }
  return different == 0;
}

void print_times(const Study& study, const char* set, const Backend& backend) {
  const PackedNet net = pack(quantized(study, WeightGranularity::per_tensor), backend);
  NetBuffers buffers;
  std::printf("  %-7s  %-28s", set, ("int8, " + std::string(backend.name)).c_str());
  for (std::size_t size : kBatchesToTime) {
    const Matrix<float> x = batch_to_time(study.data.test, size);
    std::printf("  %11s", measured(median_microseconds([&] { run(net, x, buffers); }), 1).c_str());
  }
  std::printf("\n");
}

}  // namespace

void in_a_network(const Study& study, Lesson& lesson) {
  section(5, "Chapter 06's net on these backends");
  const bool has_vnni = fours::vnni_here() != nullptr, has_amx = fours::amx_here() != nullptr;
  if (has_vnni)
    lesson.claims.expect(equals_ref(study, vnni_backend()),
                         "vnni: every number of every tensor is ref's", "vnni");
  if (has_amx)
    lesson.claims.expect(equals_ref(study, amx_backend()),
                         "amx: every number of every tensor is ref's", "amx");
  std::printf("  needs    one thread, microseconds          1 digit    64 digits  1000 digits\n");
  std::printf("  -------  ----------------------------  -----------  -----------  -----------\n");
  print_times(study, "", ref_backend());
  if (has_avx2_kernel()) print_times(study, "[avx2]", avx2_backend());
  if (has_vnni) print_times(study, "[vnni]", vnni_backend());
  if (has_amx) print_times(study, "[amx]", amx_backend());
}

}  // namespace qfs::ch12
