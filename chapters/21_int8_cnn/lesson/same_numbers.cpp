// Section 7: every backend, any number of threads; and the time.
#include <cstdio>

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

void print_times(const char* set, const std::string& name,
                 const std::map<std::size_t, double>& us) {
  std::printf("  %-6s  %-16s", set, name.c_str());
  for (const auto& [rows, microseconds] : us)
    std::printf("  %11s", measured(microseconds / static_cast<double>(rows), 1).c_str());
  std::printf("\n");
}

}  // namespace

void same_numbers(const Study& study, Lesson& lesson) {
  section(7, "Every backend, the same integers; one thread, microseconds a picture");
  const TrainedNet& net = study.residual();
  const QuantizedNet integers = fused(net);
  const Matrix<float> x =
      normalized(study.data.test.pixels, 0,
                 std::min<std::size_t>(study.data.test.size(), lesson.options.quick ? 3 : 30));
  const NetBuffers expected = tensors_of(integers, x, ref_backend());
  std::size_t apart = 0;
  for (const KnownBackend& known : known_backends())
    if (known.can_run()) apart += count_apart(integers, x, expected, *known.backend);
  lesson.claims.expect(apart == 0, "every tensor, every backend here, one thread or three: equal");
  std::printf("  needs   residual net        1 picture  64 pictures\n");
  std::printf("  ------  ----------------  -----------  -----------\n");
  ModelRow row;
  CnnBuffers buffers;
  const auto time = [&](auto&& pass) {
    row.latency_us.clear();
    for (const std::size_t size : {std::size_t{1}, std::size_t{64}}) {
      const Matrix<float> batch = batch_to_time(study.data.test, size);
      row.latency_us[size] = median_microseconds([&] { pass(batch); }, 3, 0.05);
    }
  };
  time([&](const Matrix<float>& batch) { forward(net.folded, batch, buffers); });
  print_times("", "float, OpenBLAS", row.latency_us);
  for (const KnownBackend& known : known_backends()) {
    if (!known.can_run() || known.backend->name == "ref" || known.backend->name == "amx") continue;
    Engine engine(integers, *known.backend, cnn_operations());
    std::vector<float> y(64 * engine.outputs());
    time([&](const Matrix<float>& batch) {
      engine.run(values(batch), batch.shape(0), std::span(y).first(batch.shape(0) * 10));
    });
    print_times(set_of(*known.backend).c_str(), "int8, " + std::string(known.backend->name),
                row.latency_us);
  }
}

}  // namespace qfs::ch21
