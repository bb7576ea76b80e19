// OpenBLAS as a peer: the float product of the same numbers, and the MLP in float by chapter 04's
// forward. Its kernels are those of the environment's OPENBLAS_CORETYPE, read once a process.
//   qfs_bench_openblas FOLDER    where x.npy is, the rows of "model"
#include <cmath>
#include <limits>
#include <memory>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mlp.hpp"
#include "bench/gemm_task.hpp"
#include "bench/serve.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"
#include "common/matmul_f32.hpp"
#include "common/npy.hpp"

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

struct FloatModel {
  Mlp mlp;
  Matrix<float> x;
  MlpBuffers buffers;
};

Prepared prepare_model(std::istream& words, const std::string& folder) {
  std::string kind;
  words >> kind;
  require(kind == "float", "OpenBLAS has no such model", kind, "float", "see bench/serve.hpp");
  const std::size_t batch = next_number(words);
  set_blas_threads(static_cast<int>(next_number(words)));
  const auto all = load_npy<float, 2>(folder + "/x.npy");
  require(batch > 0 && batch <= all.shape(0), "there are not so many rows", batch, all.shape(0),
          "ask for fewer");
  const auto model = std::make_shared<FloatModel>();
  model->mlp = load_mlp(datasets_dir() + "/pretrained");
  model->x = make_tensor<float>({batch, all.shape(1)});
  std::ranges::copy(values(all).first(model->x.size()), values(model->x).begin());
  std::string classes;
  for (const std::uint8_t c : argmax_rows(forward(model->mlp, model->x, model->buffers)))
    classes += static_cast<char>('0' + c);
  return {classes, [model] { forward(model->mlp, model->x, model->buffers); }};
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
