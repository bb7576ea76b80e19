// OpenBLAS as a peer: the float product of the same numbers, and nets in float by chapter 04's and
// chapter 20's forward. Its kernels are those of the environment's OPENBLAS_CORETYPE, read once a
// process.
//   qfs_bench_openblas FOLDER    where the files of the nets are (bench/nets.hpp)
#include <cmath>
#include <limits>
#include <memory>

#include "04_mnist_mlp/mlp.hpp"
#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "21_int8_cnn/fold_bn.hpp"
#include "bench/gemm_task.hpp"
#include "bench/nets.hpp"
#include "bench/serve.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"
#include "common/matmul_f32.hpp"
#include "common/npy.hpp"
#include "common/print.hpp"

namespace qfs::bench {
namespace {

struct FloatProduct {
  Matrix<float> x, w, y;
};

template <class T>
Matrix<float> as_float(const Matrix<T>& integers) {
  auto real = make_tensor<float>({integers.shape(0), integers.shape(1)});
  std::ranges::transform(values(integers), values(real).begin(),
                         [](T value) { return static_cast<float>(value); });
  return real;
}

void multiply(FloatProduct& p) { matmul_blas(p.x, Transpose::no, p.w, Transpose::yes, p.y); }

// K products and K sums, each rounded once: the error of a sum stays below (K + 1) eps / 2 times
// the sum of what its products are at most, 255 |w|. Terms in eps^2 take less than the margin of
// 255.
std::size_t count_wrong(const GemmTask& task, const FloatProduct& p) {
  const Matrix<std::int32_t> exact = exact_sums(task);
  const double share = static_cast<double>(task.shape.K + 1) * 0.5 *
                       static_cast<double>(std::numeric_limits<float>::epsilon());
  std::size_t wrong = 0;
  for (std::size_t n = 0; n < task.shape.N; ++n) {
    double largest = 0;
    for (const std::int8_t w : row(task.w.q, n)) largest += 255.0 * std::abs(w);
    for (std::size_t m = 0; m < task.shape.M; ++m)
      if (!(std::abs(static_cast<double>(p.y(m, n)) - exact(m, n)) <= share * largest)) ++wrong;
  }
  return wrong;
}

Prepared prepare_gemm(std::istream& words) {
  GemmShape shape{};
  shape.M = next_number(words);
  shape.K = next_number(words);
  shape.N = next_number(words);
  const GemmTask task = make_gemm_task(shape, static_cast<int>(next_number(words)));
  set_blas_threads(1);
  const auto product = std::make_shared<FloatProduct>(
      FloatProduct{as_float(task.x), as_float(task.w.q), make_tensor<float>({shape.M, shape.N})});
  multiply(*product);
  return {std::to_string(count_wrong(task, *product)), [product] { multiply(*product); }};
}

// Either of the two, with its input and what its pass leaves.
struct FloatMlp {
  Mlp net;
  Matrix<float> x;
  MlpBuffers buffers{};
};
struct FloatCnn {
  Cnn net;
  Matrix<float> x;
  CnnBuffers buffers{};
};

template <class Model>
Prepared prepared(Model made) {
  const auto model = std::make_shared<Model>(std::move(made));
  std::string logits;
  for (const float logit : values(forward(model->net, model->x, model->buffers)))
    logits += (logits.empty() ? "" : " ") + general(logit, 9);
  return {logits, [model] { forward(model->net, model->x, model->buffers); }};
}

Prepared prepare_model(std::istream& words, const std::string& folder) {
  std::string net, kind;
  words >> net >> kind;
  require(kind == "float", "OpenBLAS has no such model", kind, "float", "see bench/serve.hpp");
  const std::size_t batch = next_number(words);
  set_blas_threads(static_cast<int>(next_number(words)));
  const auto all = load_npy<float, 2>(net_file(folder, net, "npy"));
  require(batch > 0 && batch <= all.shape(0), "there are not so many rows", batch, all.shape(0),
          "ask for fewer");
  auto x = make_tensor<float>({batch, all.shape(1)});
  std::ranges::copy(values(all).first(x.size()), values(x).begin());
  if (net == "mlp")
    return prepared(FloatMlp{load_mlp(datasets_dir() + "/pretrained"), std::move(x)});
  return prepared(
      FloatCnn{fold_batch_norm(load_cnn(net_file(folder, net, "qfs"), shape_of_conv_net(net))),
               std::move(x)});
}

}  // namespace
}  // namespace qfs::bench

int main(int argc, char** argv) {
  return qfs::run_guarded([&] {
    const std::string folder = argc > 1 ? argv[1] : ".";
    return qfs::bench::serve("OpenBLAS, kernels of " + qfs::blas_kernels(),
                             [&](const std::string& kind, std::istream& words) {
                               return kind == "gemm" ? qfs::bench::prepare_gemm(words)
                                                     : qfs::bench::prepare_model(words, folder);
                             });
  });
}
