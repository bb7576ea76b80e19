#include "common/matmul_f32.hpp"

#include <cblas.h>
#include <sys/mman.h>

#include <algorithm>
#include <latch>
#include <system_error>
#include <thread>

#include "common/signals.hpp"

namespace qfs {

namespace {

std::string shape_text(MatrixView<const float> view) {
  return std::to_string(view.rows) + " x " + std::to_string(view.columns);
}

MatrixView<const float> view(const Matrix<float>& matrix) {
  return {matrix.data(), matrix.shape(0), matrix.shape(1)};
}

}  // namespace

Matrix<float> matmul_f32(const Matrix<float>& x, const Matrix<float>& w) {
  Matrix<float> y = make_tensor<float>({x.shape(0), w.shape(0)});
  matmul_f32(view(x), view(w), {y.data(), y.shape(0), y.shape(1)});
  return y;
}

void matmul_f32(MatrixView<const float> x, MatrixView<const float> w, MatrixView<float> y) {
  const std::size_t M = x.rows, K = x.columns, N = w.rows;
  require(
      w.columns == K && y.rows == M && y.columns == N, "matmul_f32: the inner dimensions differ",
      [&] { return shape_text(w); }, [&] { return "N x " + std::to_string(K); },
      "pass the weights as one row per output");
  // With w transposed the inner loop runs over n, so it vectorizes without reordering any sum.
  std::vector<float> w_t(K * N);
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t k = 0; k < K; ++k) w_t[k * N + n] = w.data[n * K + k];

  std::fill_n(y.data, M * N, 0.0F);
  for (std::size_t m = 0; m < M; ++m) {
    float* y_row = y.data + m * N;
    for (std::size_t k = 0; k < K; ++k) {
      const float x_mk = x.data[m * K + k];
      const float* w_k = w_t.data() + k * N;
      for (std::size_t n = 0; n < N; ++n) y_row[n] += x_mk * w_k[n];
    }
  }
}

namespace {

// OpenBLAS works in one such piece of memory a thread, and asks for it without end where there is
// none (seen: 0.3.21 takes 128 MB; its other builds take less).
constexpr std::size_t kBlasBuffer = std::size_t{128} << 20;

// How many such pieces can be had at once, at most `count`; they are given back.
int count_of_blas_buffers(int count) {
  std::vector<void*> pieces;
  while (static_cast<int>(pieces.size()) < count) {
    void* piece =
        ::mmap(nullptr, kBlasBuffer, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (piece == MAP_FAILED) break;
    pieces.push_back(piece);
  }
  for (void* piece : pieces) ::munmap(piece, kBlasBuffer);
  return static_cast<int>(pieces.size());
}

void require_blas_buffers(int count) {
  const int found = count_of_blas_buffers(count);
  require(
      found == count, "too little memory for the float products of OpenBLAS",
      [&] { return std::to_string(found) + " piece(s) of 128 MB"; },
      [&] { return "one for each of " + std::to_string(count) + " thread(s)"; },
      "raise ulimit -v, free some memory, or ask for fewer --threads");
}

// Threads that wait until the last of them was started.
struct WaitingThreads {
  ~WaitingThreads() {
    end.count_down();
    for (std::thread& thread : threads) thread.join();
  }
  std::latch end{1};
  std::vector<std::thread> threads;
};

// OpenBLAS does not see that a thread could not be started, and waits for it without end. Here as
// many are tried, and the memory that they would take beside their stacks.
void require_threads(int count) {
  WaitingThreads waiting;
  std::string reason;
  try {
    while (static_cast<int>(waiting.threads.size()) < count)
      waiting.threads.emplace_back([&waiting] { waiting.end.wait(); });
  } catch (const std::system_error& error) {
    reason = error.code().message();
  }
  require(
      reason.empty(), "cannot start as many threads as asked for",
      [&] { return std::to_string(waiting.threads.size()) + ", then: " + reason; },
      [&] { return std::to_string(count) + " beside the first"; },
      "ask for fewer --threads, or raise ulimit -u");
  require_blas_buffers(count);
}

}  // namespace

void matmul_blas(const Matrix<float>& a, Transpose transpose_a, const Matrix<float>& b,
                 Transpose transpose_b, Matrix<float>& c, float beta) {
  matmul_blas(view(a), transpose_a, view(b), transpose_b, {c.data(), c.shape(0), c.shape(1)}, beta);
}

void matmul_blas(MatrixView<const float> a, Transpose transpose_a, MatrixView<const float> b,
                 Transpose transpose_b, MatrixView<float> c, float beta) {
  const bool ta = transpose_a == Transpose::yes;
  const bool tb = transpose_b == Transpose::yes;
  const std::size_t M = ta ? a.columns : a.rows, K = ta ? a.rows : a.columns;
  const std::size_t N = tb ? b.rows : b.columns;
  const auto shapes = [&] {
    return shape_text(a) + (ta ? " transposed" : "") + " times " + shape_text(b) +
           (tb ? " transposed" : "") + " into " +
           shape_text(MatrixView<const float>{c.data, c.rows, c.columns});
  };
  require((tb ? b.columns : b.rows) == K && c.rows == M && c.columns == N,
          "matmul_blas: the shapes do not chain", shapes, "M x K times K x N into M x N",
          "check which operand is transposed");
  if (M == 0 || N == 0) return;
  if (K == 0) {  // BLAS demands leading dimensions of at least 1; an empty sum is 0
    for (float& value : std::span(c.data, M * N)) value = beta == 0.0F ? 0.0F : value * beta;
    return;
  }
  [[maybe_unused]] static const bool once = (require_blas_buffers(1), true);
  const auto dim = [](std::size_t n) { return static_cast<blasint>(n); };
  cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, dim(M),
              dim(N), dim(K), 1.0F, a.data, dim(a.columns), b.data, dim(b.columns), beta, c.data,
              dim(N));
}

void set_blas_threads(int threads) {
  const int more = threads - openblas_get_num_threads();
  if (more > 0) require_threads(more);
  const HeldSignals held;  // a signal is for the thread that knows what it writes: the first
  openblas_set_num_threads(threads);
}

std::string blas_kernels() { return openblas_get_corename(); }

}  // namespace qfs
