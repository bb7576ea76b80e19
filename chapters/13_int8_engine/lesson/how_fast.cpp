// Section 5: what it comes to. Every net on every backend here, beside float.
#include <cstdio>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/plumbing/latency.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "13_int8_engine/lesson/study.hpp"
#include "common/print.hpp"
#include "common/temporary.hpp"

namespace qfs::ch13 {
namespace {

std::size_t bytes_on_disk(const NamedNet& net) {
  const TemporaryDirectory folder;
  return save_model(folder.path("net.qfs"), net.net, net.table);
}

void print_line(const std::string& set, const std::string& model, const std::string& accuracy,
                const std::map<std::size_t, double>& times) {
  std::printf("  %-6s  %-16s  %9s", set.c_str(), model.c_str(), accuracy.c_str());
  for (const auto& [rows, microseconds] : times)
    std::printf("  %11s", measured(microseconds, 1).c_str());
  std::printf("\n");
}

// The closing table's row of one net on one backend.
ModelRow measure(const Study& study, const NamedNet& net, const Backend& backend,
                 const Options& options) {
  Engine engine(net.net, backend, net.table);
  const Matrix<float> x = normalized(study.data.test.pixels, 0, study.data.test.size());
  ModelRow result = model_row(net.model + "_" + std::string(backend.name), study.mlp, options,
                              argmax_rows(forward_ref(study.mlp, x)),
                              argmax_rows(logits_of(engine, x, net.batch)), study.data.test.labels);
  result.bytes = bytes_on_disk(net);
  std::vector<float> y(kBatchesToTime.back() * engine.outputs());
  time_batches(study.data.test, result, [&](const Matrix<float>& batch) {
    engine.run(values(batch), batch.shape(0),
               std::span(y).first(batch.shape(0) * engine.outputs()));
  });
  return result;
}

std::map<std::size_t, double> float_times(const Study& study) {
  MlpBuffers buffers;
  ModelRow row;
  time_batches(study.data.test, row,
               [&](const Matrix<float>& x) { forward(study.mlp, x, buffers); });
  return row.latency_us;
}

}  // namespace

void how_fast(const Study& study, Lesson& lesson) {
  section(5, "All nets on all backends, one thread, microseconds");
  std::printf("  needs   net               accuracy       1 digit    64 digits  1000 digits\n");
  std::printf("  ------  ----------------  ---------  -----------  -----------  -----------\n");
  print_line("", "fp32, OpenBLAS", "", float_times(study));
  for (const KnownBackend& known : known_backends()) {
    if (!known.can_run() || known.backend->name == "ref") continue;
    for (const NamedNet& net : study.nets) {
      const ModelRow row = measure(study, net, *known.backend, lesson.options);
      const std::string right = fixed(100.0 * row.accuracy, 2) + " %";
      print_line(set_of(*known.backend), row.model, net.model == "qat" ? measured(right) : right,
                 row.latency_us);
      lesson.report.model(row);
    }
  }
}

}  // namespace qfs::ch13
