// Chapter 13, the engine: the nets of chapters 06 to 09 on every backend here, with batches around
// what goes through the net together and any number of threads: the bits of chapter 06's run. And
// its workers.
#include "13_int8_engine/engine.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "07_layer_fusion/fuse.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/guarded_array.hpp"
#include "tests/support/intervals.hpp"
#include "tests/support/qat_nets.hpp"
#include "tests/support/run_program.hpp"

namespace {

using namespace qfs;
using qfs::test::GuardedArray;
using qfs::test::random_input;
using qfs::test::same_bits;

#if defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer);
#elif defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr std::size_t kIn = 23, kOut = 10, kMost = 1000;

const Mlp& mlp() {
  static const Mlp once = qfs::test::random_mlp(1341);
  return once;
}
const Matrix<float>& inputs() {
  static const Matrix<float> once = random_input(1342, kMost, kIn);
  return once;
}
std::span<const float> first_rows(std::size_t rows) { return values(inputs()).first(rows * kIn); }

ActivationIntervals intervals(OutputPoint point) {
  return qfs::test::intervals_of(mlp(), inputs(), point);
}

struct NamedNet {
  std::string name;
  QuantizedNet net;
};

NamedNet dynamic_net(const char* name, WeightGranularity weights, DynamicOptions options,
                     QuantRange range = unsigned_range(8)) {
  return {name, quantize_dynamic(mlp(), weights, {range, options})};
}

NamedNet trained_net(const char* name, int bits) {
  QatOptions options;
  options.weight_bits = options.activation_bits = bits;
  return {name, convert(make_qat(mlp(), intervals(OutputPoint::after_relu), options))};
}

// Of each of chapters 06 to 09, and of each kind that the backends treat differently.
const std::vector<NamedNet>& nets() {
  constexpr auto kTensor = WeightGranularity::per_tensor, kChannel = WeightGranularity::per_channel;
  constexpr auto kRow = InputGranularity::per_row, kBatch = InputGranularity::per_tensor;
  static const std::vector<NamedNet> all = [&] {
    const auto linear = intervals(OutputPoint::after_linear);
    const auto relu = intervals(OutputPoint::after_relu);
    return std::vector<NamedNet>{
        {"static, 8 bits", quantize_mlp(mlp(), linear, {unsigned_range(8), kTensor})},
        {"static, 7 bits, per channel", quantize_mlp(mlp(), linear, {unsigned_range(7), kChannel})},
        {"rewritten", fuse(quantize_mlp(mlp(), linear, {unsigned_range(8), kChannel}))},
        {"fused", quantize_fused_mlp(mlp(), relu, {unsigned_range(7), kTensor})},
        dynamic_net("dynamic", kTensor, {kBatch, RangeRule::pytorch}),
        dynamic_net("dynamic, ONNX", kChannel, {kBatch, RangeRule::onnx}),
        dynamic_net("dynamic per row", kChannel, {kRow, RangeRule::pytorch}),
        dynamic_net("dynamic per row, ONNX", kTensor, {kRow, RangeRule::onnx}, unsigned_range(7)),
        trained_net("trained, 8 bits", 8),
        trained_net("trained, 3 bits", 3),
    };
  }();
  return all;
}

bool is_split(const NamedNet& net) { return net.name != "dynamic" && net.name != "dynamic, ONNX"; }

// By chapter 06: ref, and no engine.
std::vector<float> expected_of(const QuantizedNet& net, std::size_t rows) {
  NetBuffers buffers;
  auto x = make_tensor<float>({rows, kIn});
  std::ranges::copy(first_rows(rows), x.begin());
  const Matrix<float>& y = run(pack(net, ref_backend(), dynamic_operations()), x, buffers);
  return {y.begin(), y.end()};
}

std::vector<float> result_of(Engine& engine, std::size_t rows) {
  const GuardedArray<float> x(first_rows(rows)), y(rows * kOut);
  engine.run(x.values(), rows, y.values());
  CHECK((x.intact() && y.intact()));
  return {y.begin(), y.end()};
}

std::vector<const Backend*> backends_here() {
  std::vector<const Backend*> all;
  for (const KnownBackend& known : known_backends())
    if (known.can_run()) all.push_back(known.backend);
  return all;
}

constexpr std::size_t kBatches[] = {0, 1, 95, 96, 97, 191, 192, 193, kMost};

// ---- A net of one operation, what it does a test's own.

struct Seen {
  std::size_t rows;
  std::thread::id thread;
};
std::mutex seen_mutex;
std::vector<Seen> seen;  // by every call
float bad_input = 2.0F;  // an input above this throws

void check_any(const QuantizedNet&, const Operation&) {}
std::any pack_nothing(const QuantizedNet&, const Operation&, const Backend&) { return {}; }
void run_spy(const std::any&, std::size_t rows, std::span<const TensorView> inputs,
             TensorSlot output) {
  {
    const std::lock_guard lock(seen_mutex);
    seen.push_back({rows, std::this_thread::get_id()});
  }
  for (std::size_t i = 0; i < output.f32.size(); ++i) {
    require(!(inputs[0].f32[i] > bad_input), "the spy does not like", inputs[0].f32[i], "less", "");
    output.f32[i] = 2.0F * inputs[0].f32[i];
  }
}

QuantizedNet net_of(const char* kind) {
  const TensorSpec reals = {.shape = {3}, .type = DType::f32};
  return {.tensors = {reals, reals}, .operations = {{.kind = kind, .inputs = {0}, .output = 1}}};
}
// A row of that name that tells what it was given; what it says of its rows is all that differs.
std::vector<OperationKind> table_of(const char* kind, bool row_by_row) {
  return {{kind, check_any, pack_nothing, run_spy, nullptr, false, row_by_row}};
}

std::vector<Seen> what_runs(Engine& engine, std::size_t rows) {
  seen.clear();
  const std::vector<float> x(rows * 3, 1.0F);
  std::vector<float> y(rows * 3);
  engine.run(x, rows, y);
  CHECK(y == std::vector<float>(rows * 3, 2.0F));
  return seen;
}

}  // namespace

TEST_CASE("all nets, backends, batches and numbers of threads: one set of bits", "[isa]") {
  for (const NamedNet& net : nets())
    for (std::size_t rows : kBatches) {
      const std::vector<float> expected = expected_of(net.net, rows);
      for (const Backend* backend : backends_here())
        for (int threads = 1; threads <= 5; ++threads) {
          INFO(net.name << ", " << backend->name << ", " << rows << " rows, " << threads
                        << " threads");
          Engine engine(net.net, *backend, dynamic_operations(), threads);
          CHECK(std::ranges::equal(result_of(engine, rows), expected, same_bits));
        }
    }
}

// `QFS_FORCE_ISA=avx2 ./learn test` runs this on avx2.
TEST_CASE("the chosen backend: one engine, batches of all sizes in turn", "[isa]") {
  const Backend& backend = choose_backend();
  for (const NamedNet& net : nets()) {
    Engine engine(net.net, backend, dynamic_operations(), 3);
    for (std::size_t rows : {kMost, std::size_t{1}, std::size_t{96}, std::size_t{0},
                             std::size_t{193}, std::size_t{2}, kMost}) {
      INFO(net.name << ", " << backend.name << ", " << rows << " rows");
      CHECK(std::ranges::equal(result_of(engine, rows), expected_of(net.net, rows), same_bits));
    }
  }
}

TEST_CASE("these nets do not give the same for every input", "[hand]") {
  for (const NamedNet& net : nets()) {
    INFO(net.name);
    const std::vector<float> y = expected_of(net.net, kMost);
    CHECK(std::set<float>(y.begin(), y.end()).size() >= 5);
  }
}

TEST_CASE("a dynamic net with one scale for the batch does depend on how it is split", "[hand]") {
  for (const NamedNet& net : nets()) {
    INFO(net.name);
    const std::vector<float> whole = expected_of(net.net, 500), part = expected_of(net.net, 250);
    CHECK(std::ranges::equal(part, std::span(whole).first(part.size())) == is_split(net));
  }
}

TEST_CASE("rows that are independent are split into blocks, among threads", "[hand]") {
  const auto table = table_of("spy", true);
  for (int threads : {1, 2, 3, 5}) {
    Engine engine(net_of("spy"), ref_backend(), table, threads);
    for (std::size_t rows : {0U, 1U, 95U, 96U})  // not worth waking anyone
      CHECK((what_runs(engine, rows).size() == 1 && seen[0].rows == rows &&
             seen[0].thread == std::this_thread::get_id()));
    for (std::size_t rows : {97U, 193U, 1000U}) {
      INFO(rows << " rows, " << threads << " threads");
      what_runs(engine, rows);
      const std::size_t blocks = (rows + kRowsTogether - 1) / kRowsTogether;
      REQUIRE(seen.size() == blocks);
      std::size_t sum = 0;
      std::set<std::thread::id> ids;
      for (const Seen& one : seen) {
        sum += one.rows;
        CHECK(one.rows <= kRowsTogether);
        ids.insert(one.thread);
      }
      CHECK(sum == rows);
      CHECK(ids.size() == std::min(blocks, static_cast<std::size_t>(threads)));
    }
  }
}

TEST_CASE("no thread has more than its share of the blocks, and one more", "[hand]") {
  Engine engine(net_of("spy"), ref_backend(), table_of("spy", true), 4);
  what_runs(engine, 11 * kRowsTogether);  // 2, 3, 3, 3
  std::map<std::thread::id, int> blocks;
  for (const Seen& one : seen) ++blocks[one.thread];
  CHECK(blocks[std::this_thread::get_id()] == 2);
  for (const auto& [id, count] : blocks) CHECK((count == 2 || count == 3));
}

TEST_CASE("a kind that looks across rows gets all of them at once, on one thread", "[hand]") {
  Engine engine(net_of("spy"), ref_backend(), table_of("spy", false), 4);
  for (std::size_t rows : {1U, 97U, 1000U}) {
    what_runs(engine, rows);
    REQUIRE(seen.size() == 1);
    CHECK((seen[0].rows == rows && seen[0].thread == std::this_thread::get_id()));
  }
}

TEST_CASE("what a thread throws reaches the caller, and the engine works afterwards", "[hand]") {
  constexpr std::size_t kRows = 12 * kRowsTogether;
  Engine engine(net_of("spy"), ref_backend(), table_of("spy", true), 4);
  std::vector<float> x(kRows * 3, 1.0F), y(kRows * 3);
  for (std::size_t block = 0; block < 12; ++block) {  // on each of the threads
    x[block * kRowsTogether * 3] = 3.0F;
    for (int again = 0; again < 3; ++again)
      CHECK_THROWS_WITH(engine.run(x, kRows, y), QFS_CONTAINS("the spy does not like"));
    x[block * kRowsTogether * 3] = 1.0F;
    what_runs(engine, kRows);
  }
  std::ranges::fill(x, 3.0F);  // on all of them
  CHECK_THROWS_WITH(engine.run(x, kRows, y), QFS_CONTAINS("the spy does not like"));
  what_runs(engine, kRows);
}

TEST_CASE("a real that is not finite, in the middle of a batch", "[isa]") {
  for (const NamedNet& net : nets()) {
    if (net.name.find("dynamic") != 0) continue;
    for (const Backend* backend : backends_here()) {
      INFO(net.name << ", " << backend->name);
      Engine engine(net.net, *backend, dynamic_operations(), 3);
      std::vector<float> x(first_rows(300).begin(), first_rows(300).end()), y(300 * kOut);
      x[222 * kIn + 7] = std::numeric_limits<float>::quiet_NaN();
      CHECK_THROWS_WITH(engine.run(x, 300, y), QFS_CONTAINS("not finite"));
      CHECK(std::ranges::equal(result_of(engine, 300), expected_of(net.net, 300), same_bits));
    }
  }
}

TEST_CASE("numbers of threads that are refused, whether the net is split or not", "[hand]") {
  for (const NamedNet& net : {nets()[0], nets()[4]})
    for (int threads :
         {0, -1, std::numeric_limits<int>::min(), 1025, 2000, std::numeric_limits<int>::max()}) {
      INFO(net.name << ", " << threads);
      CHECK_THROWS_WITH(
          Engine(net.net, ref_backend(), dynamic_operations(), threads),
          QFS_CONTAINS("no such number of threads") && QFS_CONTAINS(std::to_string(threads)));
    }
}

TEST_CASE("sizes that do not fit are refused, and the engine works afterwards", "[hand]") {
  Engine engine(nets()[0].net, ref_backend(), static_operations(), 2);
  CHECK((engine.inputs() == kIn && engine.outputs() == kOut));
  std::vector<float> y(2 * kOut);
  const auto run = [&](std::size_t x_size, std::size_t rows, std::size_t y_size) {
    engine.run(values(inputs()).first(x_size), rows, std::span(y).first(y_size));
  };
  for (const auto& [x_size, rows, y_size] :
       std::vector<std::array<std::size_t, 3>>{{kIn - 1, 1, kOut},
                                               {kIn + 1, 1, kOut},
                                               {kIn, 1, kOut - 1},
                                               {kIn, 1, kOut + 1},
                                               {kIn, 2, 2 * kOut},
                                               {2 * kIn, 2, kOut},
                                               {kIn, 0, 0},
                                               {0, 0, kOut},
                                               {kIn - 1, 1, kOut + 1}}) {
    INFO(x_size << " " << rows << " " << y_size);
    CHECK_THROWS_WITH(run(x_size, rows, y_size), QFS_CONTAINS("the batch does not fit the net"));
  }
  CHECK(std::ranges::equal(result_of(engine, 2), expected_of(nets()[0].net, 2), same_bits));
}

TEST_CASE("nets that begin or end in integers are refused", "[hand]") {
  QuantizedNet ends = nets()[0].net;
  ends.operations.pop_back();
  ends.tensors.pop_back();
  CHECK_THROWS_WITH(Engine(ends, ref_backend()), QFS_CONTAINS("an engine takes reals"));
  QuantizedNet begins = nets()[0].net;
  begins.operations.erase(begins.operations.begin());
  begins.tensors[0] = begins.tensors[1];
  begins.operations[0].inputs = {0};
  CHECK_THROWS_AS(Engine(begins, ref_backend()), Error);
}

TEST_CASE("an engine describes what its net packed", "[hand]") {
  const Engine engine(nets()[0].net, ref_backend());
  CHECK(engine.describe() == describe(pack(nets()[0].net)));
  CHECK(engine.describe().size() == 3);
}

TEST_CASE("workers: each task once a round, the first on the caller's thread", "[hand]") {
  for (int count : {1, 2, 5, 9}) {
    Workers workers(count);
    CHECK(workers.count() == count);
    std::vector<int> calls(static_cast<std::size_t>(count));
    std::thread::id first;
    const std::function<void(int)> task = [&](int worker) {
      ++calls[static_cast<std::size_t>(worker)];
      if (worker == 0) first = std::this_thread::get_id();
    };
    for (int round = 1; round <= 200; ++round) {
      workers.run(task);
      REQUIRE(calls == std::vector<int>(calls.size(), round));
    }
    CHECK(first == std::this_thread::get_id());
  }
}

// One after the other they would wait in vain; a minute, so that the test ends then, too.
TEST_CASE("workers: the tasks of a round run at once, the caller's among them", "[hand]") {
  for (int count : {2, 5}) {
    Workers workers(count);
    std::atomic<int> arrived = 0, met = 0;
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    workers.run([&](int) {
      ++arrived;
      while (arrived < count && std::chrono::steady_clock::now() < end) std::this_thread::yield();
      if (arrived == count) ++met;
    });
    CHECK(met == count);
  }
}

TEST_CASE("workers that never work end as well", "[hand]") {
  for (int i = 0; i < 50; ++i) CHECK(Workers(4).count() == 4);
}

TEST_CASE("workers: where the system gives no more threads, an exception, and no abort", "[hand]") {
  constexpr int kException = 99, kNoLimit = 98;
  const int end = qfs::test::end_of_child([] {
    constexpr std::size_t kGigabyte = std::size_t{1} << 30;
    const rlimit few = {kGigabyte, kGigabyte};
    if (::setrlimit(RLIMIT_AS, &few) != 0 ||
        ::mmap(nullptr, 2 * kGigabyte, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
      ::_exit(kNoLimit);
    const Workers workers(1024);  // with 8 MB of stack each
  });
  constexpr int kOfSanitizer = 1;  // which wants memory for each thread, and ends the program
  if (end == kNoLimit || (kSanitized && end == kOfSanitizer))
    WARN("no limit of memory here: not tested");
  else
    CHECK(end == kException);
}

TEST_CASE("workers: whoever throws, all others finish before the caller hears of it", "[hand]") {
  Workers workers(4);
  for (int thrower = 0; thrower < 4; ++thrower) {
    std::atomic<int> done = 0;
    const std::function<void(int)> task = [&](int worker) {
      if (worker == thrower) throw std::runtime_error("worker " + std::to_string(worker));
      std::this_thread::yield();
      ++done;
    };
    CHECK_THROWS_WITH(workers.run(task), "worker " + std::to_string(thrower));
    CHECK(done == 3);
  }
  std::atomic<int> done = 0;
  workers.run([&](int) { ++done; });  // no exception is left over
  CHECK(done == 4);
  CHECK_THROWS_WITH(workers.run([](int) { throw std::runtime_error("all"); }), "all");
}
