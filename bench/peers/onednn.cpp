// oneDNN as a peer: u8 x s8 to 32-bit sums, weights laid out once as it likes them. Its instruction
// set is the environment's DNNL_MAX_CPU_ISA, read once a process.
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>

#include "bench/gemm_task.hpp"
#include "bench/serve.hpp"
#include "common/cli.hpp"

namespace qfs::bench {
namespace {

using dnnl::memory;

// Everything one product needs. `task` and `sums` are read and written in place.
struct Product {
  GemmTask task;
  Matrix<std::int32_t> sums;
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  dnnl::matmul matmul{};
  memory x{}, w{}, y{};
};

std::unique_ptr<Product> make_product(GemmShape shape, int bits) {
  auto product = std::make_unique<Product>();
  Product& p = *product;
  p.task = make_gemm_task(shape, bits);
  p.sums = make_tensor<std::int32_t>({shape.M, shape.N});
  const auto M = static_cast<memory::dim>(shape.M), K = static_cast<memory::dim>(shape.K),
             N = static_cast<memory::dim>(shape.N);
  using Type = memory::data_type;
  using Tag = memory::format_tag;
  const memory::desc x({M, K}, Type::u8, Tag::ab), y({M, N}, Type::s32, Tag::ab);
  const memory::desc plain_w({K, N}, Type::s8, Tag::ba), any_w({K, N}, Type::s8, Tag::any);
  const dnnl::matmul::primitive_desc kernel(dnnl::matmul::desc(x, any_w, y), p.engine);
  p.x = memory(x, p.engine, p.task.x.data());
  p.y = memory(y, p.engine, p.sums.data());
  memory given(plain_w, p.engine, p.task.w.q.data());
  p.w = memory(kernel.weights_desc(), p.engine);
  dnnl::reorder(given, p.w).execute(p.stream, given, p.w);
  p.stream.wait();
  p.matmul = dnnl::matmul(kernel);
  return product;
}

void multiply(Product& p) {
  p.matmul.execute(p.stream, {{DNNL_ARG_SRC, p.x}, {DNNL_ARG_WEIGHTS, p.w}, {DNNL_ARG_DST, p.y}});
  p.stream.wait();
}

Prepared prepare(const std::string& kind, std::istream& words) {
  require(kind == "gemm", "oneDNN is not asked for this", kind, "gemm", "see bench/serve.hpp");
  GemmShape shape{};
  shape.M = next_number(words);
  shape.K = next_number(words);
  shape.N = next_number(words);
  const std::shared_ptr<Product> product =
      make_product(shape, static_cast<int>(next_number(words)));
  multiply(*product);
  const std::size_t wrong = count_different(exact_sums(product->task), product->sums);
  return {std::to_string(wrong), [product] { multiply(*product); }};
}

std::string version() {
  const dnnl_version_t* v = dnnl::version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
         std::to_string(v->patch);
}

}  // namespace
}  // namespace qfs::bench

int main() {
  return qfs::run_guarded(
      [] { return qfs::bench::serve(qfs::bench::version(), qfs::bench::prepare); });
}
