// Section 5: what goes wrong. Chapter 06's net on a backend whose sums saturate, as they do on a
// CPU without VNNI in libraries that trade exactness for speed.
#include <cstdio>
#include <functional>
#include <numeric>

#include "04_mnist_mlp/evaluate.hpp"
#include "06_static_ptq/operations.hpp"
#include "10_kernel_ladder/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch10 {
namespace {

struct Saturating {
  Matrix<std::int8_t> q_w;
  ToU8 to_u8;
};

PackedProduct pack_saturating(const Product& product) {
  PackedProduct packed = pack_shape(product, "saturating");
  packed.object = std::make_shared<const Saturating>(Saturating{product.weight->q, *product.to_u8});
  return packed;
}

// Chapter 06's run_u8_ref, with dot_saturating in place of the exact sum.
void run_u8_saturating(const PackedProduct& packed, const LeftSide& x, std::span<std::uint8_t> y) {
  require_fits(packed, "saturating", x, y.size());
  const auto& [q_w, to] = *static_cast<const Saturating*>(packed.object.get());
  const std::span q_x(static_cast<const std::uint8_t*>(x.source), x.rows * x.depth);
  for (std::size_t m = 0; m < x.rows; ++m)
    for (std::size_t n = 0; n < packed.outputs; ++n) {
      const std::int32_t sum =
          dot_saturating(q_x.subspan(m * x.depth, x.depth), row(q_w, n)) + to.bias(n);
      y[m * packed.outputs + n] = static_cast<std::uint8_t>(requantize_float(
          sum, of_channel(values(to.multiplier), n), to.output.zero_point, to.range));
    }
}

Backend saturating_backend() {
  Backend backend = ref_backend();
  backend.name = "saturating";
  backend.pack = pack_saturating;
  backend.run_u8 = run_u8_saturating;
  return backend;
}

struct Run {
  std::vector<std::uint8_t> classes;
  Matrix<std::uint8_t> layer_1;  // the integers that layer 1 writes
};

Run run_on(const Study& study, const QuantizedNet& net, const Backend& backend) {
  const PackedNet packed = pack(net, backend);
  NetBuffers buffers;
  const Matrix<float> x = normalized(study.data.test.pixels, 0, study.data.test.size());
  const Matrix<float>& logits = run(packed, x, buffers);
  return {argmax_rows(logits), buffers.u8[layers_of(net)[0].operation.output]};
}

std::size_t count_other_classes(const Run& a, const Run& b) {
  return std::inner_product(a.classes.begin(), a.classes.end(), b.classes.begin(), std::size_t{0},
                            std::plus<>(), std::not_equal_to<>());
}

}  // namespace

void in_a_network(const Study& study, Lesson& lesson) {
  section(5, "What goes wrong: a network whose sums saturate");
  Table table({"inputs", "weights", "layer 1 differs", "classes differ", "right", "exact"});
  const Backend saturating = saturating_backend();
  const std::span<const std::uint8_t> labels = study.data.test.labels;
  std::size_t changed_8 = 0, changed_7 = 0;
  for (int bits : {8, 7})
    for (WeightGranularity weights :
         {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
      const QuantizedNet net =
          quantized(study, {.activations = unsigned_range(bits), .weights = weights});
      const Run exact = run_on(study, net, ref_backend()), wrong = run_on(study, net, saturating);
      const std::size_t outputs = count_different(exact.layer_1, wrong.layer_1);
      (bits == 8 ? changed_8 : changed_7) += outputs;
      table.row({bits == 8 ? "0..255" : "0..127",
                 weights == WeightGranularity::per_tensor ? "per tensor" : "per channel",
                 percent(outputs, exact.layer_1.size()),
                 std::to_string(count_other_classes(exact, wrong)),
                 percent(count_correct(wrong.classes, labels), labels.size()),
                 percent(count_correct(exact.classes, labels), labels.size())});
    }
  table.print();
  lesson.claims.expect(changed_7 == 0, "with inputs of 7 bits every integer is right");
  if (study.by_default)
    lesson.claims.expect(changed_8 > 0,
                         "with 8 bits many are wrong, and the accuracy does not tell");
}

}  // namespace qfs::ch10
