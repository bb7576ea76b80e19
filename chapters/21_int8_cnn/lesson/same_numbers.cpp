// Section 7: every backend, any number of threads; and the time.
#include <cstdio>
#include <functional>
#include <map>
#include <memory>

#include "04_mnist_mlp/plumbing/latency.hpp"
#include "21_int8_cnn/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch21 {
namespace {

std::string set_of(const Backend& backend) {
  return backend.name == "ref" ? "" : "[" + std::string(backend.name) + "]";
}

// Integers of any tensor that differ, and logits of the engine with three threads.
std::size_t count_apart(const QuantizedNet& net, const Matrix<float>& x, const NetBuffers& expected,
                        const Backend& backend) {
  const NetBuffers got = tensors_of(net, x, backend);
  std::size_t apart = 0;
  for (std::size_t t = 1; t < net.tensors.size(); ++t)
    if (net.tensors[t].type == DType::u8) apart += count_different(got.u8[t], expected.u8[t]);
  Engine engine(net, backend, cnn_operations(), 3);
  auto logits = make_tensor<float>({x.shape(0), engine.outputs()});
  engine.run(values(x), x.shape(0), values(logits));
  return apart + count_different(logits, expected.f32[net.operations.back().output]);
}

// A line of the table of times: a net, and what it does with a batch.
struct Line {
  std::string set, name;
  std::function<void(const Matrix<float>&)> pass;
  std::map<std::size_t, std::vector<double>> us{};  // of a batch of so many pictures, each round
};

// Float, and the integers by every backend here that is not slow (ref) or seldom there (amx).
std::vector<Line> make_lines(const Cnn& folded, const QuantizedNet& integers) {
  const auto buffers = std::make_shared<CnnBuffers>();
  std::vector<Line> lines = {{"", "float, OpenBLAS", [buffers, &folded](const Matrix<float>& x) {
                                forward(folded, x, *buffers);
                              }}};
  for (const KnownBackend& known : known_backends()) {
    const Backend& backend = *known.backend;
    if (!known.can_run() || backend.name == "ref" || backend.name == "amx") continue;
    const auto engine = std::make_shared<Engine>(integers, backend, cnn_operations());
    const auto y = std::make_shared<std::vector<float>>(64 * engine->outputs());
    lines.push_back({set_of(backend), "int8, " + std::string(backend.name),
                     [engine, y](const Matrix<float>& x) {
                       const std::size_t rows = x.shape(0);
                       engine->run(values(x), rows, std::span(*y).first(rows * engine->outputs()));
                     }});
  }
  return lines;
}

// All lines in turn, round after round: a burst of other work meets all of them, and no median.
void time_in_turn(std::vector<Line>& lines, const TestDigits& digits, bool quick) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{64}}) {
    const Matrix<float> x = batch_to_time(digits, size);
    for (int round = 0; round < (quick ? 1 : 9); ++round)
      for (Line& line : lines)
        line.us[size].push_back(median_microseconds([&] { line.pass(x); }, 1, quick ? 0.0 : 0.01));
  }
}

void print_times(const Line& line) {
  std::printf("  %-6s  %-16s", line.set.c_str(), line.name.c_str());
  for (const auto& [size, rounds] : line.us)
    std::printf("  %11s", measured(median(rounds) / static_cast<double>(size), 1).c_str());
  std::printf("\n");
}

}  // namespace

void same_numbers(const Study& study, Lesson& lesson) {
  section(7, "Every backend, the same integers; one thread, microseconds a picture");
  const TrainedNet& net = study.residual();
  const QuantizedNet integers = fused(net);
  const Matrix<float> x =
      normalized(study.data.test.pixels, 0,
                 std::min<std::size_t>(study.data.test.size(), lesson.options.quick ? 12 : 30));
  const NetBuffers expected = tensors_of(integers, x, ref_backend());
  std::size_t apart = 0;
  for (const KnownBackend& known : known_backends())
    if (known.can_run()) apart += count_apart(integers, x, expected, *known.backend);
  lesson.claims.expect(apart == 0, "every tensor, every backend here, one thread or three: equal");
  std::printf("  needs   residual net        1 picture  64 pictures\n");
  std::printf("  ------  ----------------  -----------  -----------\n");
  std::vector<Line> lines = make_lines(net.folded, integers);
  time_in_turn(lines, study.data.test, lesson.options.quick);
  for (const Line& line : lines) print_times(line);
}

}  // namespace qfs::ch21
