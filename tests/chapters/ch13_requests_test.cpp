// An engine that has seen its batch sizes asks for no memory, whatever their order, on any backend
// and with any number of threads. Counts calls of operator new: a program of its own.
#include "07_layer_fusion/fuse.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/engine.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_requests.hpp"
#include "tests/support/random_mlp.hpp"

namespace {

using namespace qfs;

template <class Work>
std::size_t requests_of(Work&& work) {
  const std::size_t before = qfs::test::requests_so_far().count;
  work();
  return qfs::test::requests_so_far().count - before;
}

const Mlp kMlp = qfs::test::random_mlp(1351);
const ActivationIntervals kIntervals = {{-1.0F, 2.0F}, {{0.0F, 9.0F}, {0.0F, 9.0F}, {-9.0F, 9.0F}}};
constexpr std::size_t kIn = 23, kOut = 10, kMost = 1000;

std::vector<QuantizedNet> nets() {
  std::vector<QuantizedNet> all;
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const PtqOptions options = {unsigned_range(8), weights};
    all.push_back(quantize_mlp(kMlp, kIntervals, options));
    all.push_back(quantize_fused_mlp(kMlp, kIntervals, options));
    for (auto granularity : {InputGranularity::per_tensor, InputGranularity::per_row})
      all.push_back(
          quantize_dynamic(kMlp, weights, {unsigned_range(8), {granularity, RangeRule::pytorch}}));
  }
  return all;
}

}  // namespace

TEST_CASE("an engine takes no memory for a batch of a size that it has seen", "[isa]") {
  const Matrix<float> x = qfs::test::random_input(1352, kMost, kIn);
  std::vector<float> y(kMost * kOut);
  for (const KnownBackend& known : known_backends()) {
    if (!known.can_run()) continue;
    for (const QuantizedNet& net : nets())
      for (int threads : {1, 3}) {
        INFO(known.backend->name << ", " << threads << " threads, " << net.operations.size()
                                 << " operations");
        Engine engine(net, *known.backend, dynamic_operations(), threads);
        const auto run = [&](std::size_t rows) {
          engine.run(values(x).first(rows * kIn), rows, std::span(y).first(rows * kOut));
        };
        for (std::size_t rows : {1U, 64U, 1000U}) run(rows);
        for (std::size_t rows : {1U, 64U, 1000U, 64U, 1U, 1000U, 1U})
          CHECK(requests_of([&] { run(rows); }) == 0);
        CHECK(requests_of([&] { run(500); }) == 0);  // none that is smaller, either
      }
  }
}

TEST_CASE("what does not fit takes memory: the count sees an engine's threads", "[hand]") {
  const QuantizedNet net = nets()[0];
  CHECK(requests_of([&] { Engine(net, ref_backend(), static_operations(), 3); }) > 0);
  static std::vector<int> places;
  Workers workers(3);
  const std::function<void(int)> task = [](int worker) {
    if (worker == 2) places.resize(places.size() + 1000);
  };
  CHECK(requests_of([&] { workers.run(task); }) > 0);
}

// A thread takes memory, and so do its tensors.
TEST_CASE("a net whose batch is not split starts no threads", "[hand]") {
  const auto requests_to_make = [](const QuantizedNet& net, int threads) {
    return requests_of([&] { Engine(net, ref_backend(), dynamic_operations(), threads); });
  };
  const std::vector<QuantizedNet> all = nets();
  const QuantizedNet &is_split = all[0], &is_whole = all[2];  // static; one scale for the batch
  requests_to_make(is_whole, 1);
  CHECK(requests_to_make(is_whole, 100) == requests_to_make(is_whole, 1));
  CHECK(requests_to_make(is_split, 100) > requests_to_make(is_split, 1));
}
