// Chapter 22: from a trained graph to integers.
#include <cmath>

#include "06_static_ptq/plumbing/model_file.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/engine.hpp"
#include "20_float_cnn/nets.hpp"
#include "22_model_comparison/convert_cnn.hpp"
#include "22_model_comparison/lesson/agreement.hpp"
#include "22_model_comparison/lesson/paper_example.hpp"
#include "common/rng.hpp"
#include "common/temporary.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;

constexpr PictureShape kPicture = {8, 8, 1};

Matrix<float> some_pictures(std::uint64_t seed, std::size_t rows) {
  Rng rng(seed);
  auto x = make_tensor<float>({rows, kPicture.size()});
  for (float& value : values(x)) value = static_cast<float>(rng.normal());
  return x;
}

// A net whose running statistics are those of its activations, and its intervals.
struct Start {
  Cnn cnn;
  TensorIntervals intervals;
};
Start start_of(bool residual) {
  Rng rng(3);
  Start start{residual ? make_residual_net(&rng, kPicture) : make_small_cnn(&rng, kPicture), {}};
  const Matrix<float> x = some_pictures(4, 40);
  CnnBuffers buffers;
  for (int i = 0; i < 60; ++i)
    if (residual) forward_training(start.cnn, x, buffers);
  start.intervals.resize(start.cnn.tensors.size());
  forward_ref(start.cnn, x, [&](std::size_t t, std::span<const float> numbers) {
    start.intervals[t] = min_max(numbers);
  });
  return start;
}

QatCnn trained_a_little(const Start& start) {
  QatCnn net = make_qat(start.cnn, start.intervals, {});
  QatCnnBuffers buffers;
  const std::vector<std::uint8_t> labels = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  Adam adam(parameters(net), {.learning_rate = 1e-2});
  for (std::uint64_t step = 0; step < 10; ++step) {
    forward_backward(net, some_pictures(100 + step, 10), labels, buffers);
    adam.step();
  }
  settle(net);
  return net;
}

const Matrix<float>& logits_of(const PackedNet& net, const Matrix<float>& x, NetBuffers& buffers) {
  return run(net, x, buffers);
}

}  // namespace

TEST_CASE("one weight by hand, in integers", "[hand]") {
  QatCnn net{.tensors = {ch22::kPaperPicture, ch22::kPaperPicture},
             .input = {.range = unsigned_range(8), .params = {{1.0F, 0}}},
             .layers = {{.kind = LayerKind::conv2d, .inputs = {0}, .output = 1}},
             .convs = {ch22::paper_layer()}};
  settle(net);
  const QuantizedNet integers = convert(net);
  REQUIRE(integers.operations.size() == 3);
  CHECK(integers.operations[1].kind == "conv2d");  // and no relu
  CHECK(integers.weights[0].weight.q(0, 0) == 2);
  CHECK(integers.weights[0].bias(0) == 2);
  NetBuffers buffers;
  run(pack(integers, ref_backend(), cnn_operations()), ch22::paper_pixels(), buffers);
  const auto& q_y = buffers.u8[integers.operations[1].output];
  // (2 x + 2) / 3: 1.33, 2.67, 4
  CHECK(difference(q_y, Matrix<std::uint8_t>{{1, 3, 3, 3, 3, 3, 3, 4}}) == "");
}

TEST_CASE("a ReLU is the lower end of its output's range, wherever the zero point is", "[hand]") {
  for (bool relu : {true, false}) {
    QatCnn net{.tensors = {ch22::kPaperPicture, ch22::kPaperPicture},
               .input = {.range = unsigned_range(8), .params = {{1.0F, 0}}},
               .layers = {{.kind = LayerKind::conv2d, .inputs = {0}, .output = 1}},
               .convs = {ch22::paper_layer()}};
    net.convs[0].output.params = {{0.75F, 10}};
    net.convs[0].relu = relu;
    const QuantizedNet integers = convert(net);
    REQUIRE(integers.operations.size() == 3);
    CHECK(parts_of(integers, integers.operations[1]).output.range.qmin == (relu ? 10 : 0));
  }
}

TEST_CASE("never trained, the converted net is post-training quantization", "[prop]") {
  for (bool residual : {false, true})
    for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
      const Start start = start_of(residual);
      QatCnn net = make_qat(start.cnn, start.intervals, {.quantizers = {.weights = weights}});
      settle(net);
      const QuantizedNet ours = convert(net);
      const Cnn folded = fold_batch_norm(start.cnn);
      TensorIntervals intervals(folded.tensors.size());
      forward_ref(folded, some_pictures(4, 40), [&](std::size_t t, std::span<const float> seen) {
        intervals[t] = min_max(seen);
      });
      const QuantizedNet theirs = quantize_fused_cnn(folded, intervals, {.weights = weights});
      REQUIRE(ours.operations.size() == theirs.operations.size());
      std::size_t differ = 0, all = 0;
      for (std::size_t i = 0; i < ours.operations.size(); ++i) {
        const OperationParts a = parts_of(ours, ours.operations[i]),
                             b = parts_of(theirs, theirs.operations[i]);
        CHECK(a.operation.kind == b.operation.kind);
        CHECK(a.operation.inputs == b.operation.inputs);
        CHECK(a.operation.output == b.operation.output);
        CHECK(a.operation.attributes == b.operation.attributes);
        CHECK(a.output.shape == b.output.shape);
        CHECK(a.output.range == b.output.range);
        // Chapter 21 folds in double, PyTorch's scheme in float32: the scales of a residual net
        // differ in the last digits (a dozen layers, each some units of 2^-24), and weights near
        // a tie by one.
        CHECK(std::fabs(a.output.params.scale / b.output.params.scale - 1.0F) <=
              (residual ? 1e-5F : 0.0F));
        if (a.weights == nullptr) continue;
        differ += count_different(a.weights->weight.q, b.weights->weight.q);
        all += a.weights->weight.q.size();
        if (!residual) CHECK(difference(a.weights->bias, b.weights->bias) == "");
      }
      CHECK(differ <= (residual ? all / 1000 : 0));
    }
}

TEST_CASE("the trained graph and its integers differ where rounding may", "[prop]") {
  for (bool residual : {false, true}) {
    const QatCnn net = trained_a_little(start_of(residual));
    const QuantizedNet integers = convert(net);
    const Matrix<float> x = some_pictures(7, 30);
    for (auto bias : {BiasRounding::as_integers, BiasRounding::none}) {
      std::size_t outputs = 0, differ = 0;
      for (const auto& [kind, agreement] : ch22::compare_graphs(net, integers, x, bias)) {
        INFO(kind);
        CHECK(agreement.explained == agreement.differ);
        CHECK(agreement.outputs > 0);
        if (kind == "max_pool") CHECK(agreement.differ == 0);
        if (bias == BiasRounding::as_integers) CHECK(agreement.farthest <= 0.01);
        outputs += agreement.outputs;
        differ += agreement.differ;
      }
      CHECK(outputs > 10000);
      CHECK(differ <= outputs / (bias == BiasRounding::none ? 20 : 1000));
    }
  }
}

TEST_CASE("a difference is explained only if rounding can have reached both integers", "[hand]") {
  Agreement far, near, shifted;
  ch22::add_difference(far, 3.2, 0.01, 0, 3, 4);  // 3.19 to 3.21: 3
  CHECK(far.differ == 1);
  CHECK(far.explained == 0);
  CHECK(std::fabs(far.farthest - 0.3) <= 1e-12);
  ch22::add_difference(near, 3.499, 0.01, 0, 3, 4);  // 3.489 to 3.509: 3 or 4
  CHECK(near.differ == 1);
  CHECK(near.explained == 1);
  CHECK(std::fabs(near.farthest - 0.001) <= 1e-12);
  ch22::add_difference(near, 3.499, 0.01, 0, 3, 5);  // one of the two lies outside
  ch22::add_difference(near, 3.499, 0.01, 0, 2, 4);
  CHECK(near.differ == 3);
  CHECK(near.explained == 1);
  ch22::add_difference(shifted, 3.499, 0.01, 10, 14, 13);
  CHECK(shifted.explained == 1);
}

TEST_CASE("the comparison notices an integer net that is another", "[prop]") {
  const QatCnn net = trained_a_little(start_of(true));
  const Matrix<float> x = some_pictures(7, 10);
  const auto unexplained = [&](const QuantizedNet& integers) {
    std::size_t count = 0;
    for (const auto& [kind, agreement] :
         ch22::compare_graphs(net, integers, x, BiasRounding::as_integers))
      count += agreement.differ - agreement.explained;
    return count;
  };
  const QuantizedNet right = convert(net);
  CHECK(unexplained(right) == 0);
  QuantizedNet wrong = right;  // a sum of the wrong scale
  for (Operation& operation : wrong.operations)
    if (operation.kind == "add") wrong.tensors[operation.inputs[0]].params.scale *= 1.001F;
  CHECK(unexplained(wrong) == 0);  // both sides read the scale: not seen here, but ...
  NetBuffers buffers;
  const Matrix<float> logits = logits_of(pack(right, ref_backend(), cnn_operations()), x, buffers);
  CHECK(difference(logits_of(pack(wrong, ref_backend(), cnn_operations()), x, buffers), logits) !=
        "");
  QatCnn moved = net;  // ... biases that are other numbers are
  values(moved.convs[0].norm->beta)[0] += 0.5F;
  std::size_t far = 0;
  for (const auto& [kind, agreement] : ch22::compare_graphs(moved, right, x, BiasRounding::none))
    far += agreement.differ - agreement.explained;
  CHECK(far > 0);
}

TEST_CASE("every backend, any number of threads, and the file give the same integers", "[isa]") {
  for (bool residual : {false, true}) {
    const QuantizedNet net = convert(trained_a_little(start_of(residual)));
    const Matrix<float> x = some_pictures(8, 20);
    NetBuffers buffers, again;
    const Matrix<float> expected = run(pack(net, ref_backend(), cnn_operations()), x, buffers);
    std::size_t backends = 0;
    for (const KnownBackend& known : known_backends()) {
      if (!known.can_run()) continue;
      ++backends;
      for (int threads : {1, 2, 5}) {
        INFO(known.backend->name << ", " << threads << " threads, residual: " << residual);
        Engine engine(net, *known.backend, cnn_operations(), threads);
        for (const std::size_t rows : {std::size_t{20}, std::size_t{1}, std::size_t{7}}) {
          auto got = make_tensor<float>({rows, 10});
          engine.run(values(x).first(rows * kPicture.size()), rows, values(got));
          CHECK(difference(values(std::as_const(got)), values(expected).first(rows * 10)) == "");
        }
      }
    }
    CHECK(backends >= 1);  // ref is everywhere
    const TemporaryDirectory folder;
    save_model(folder.path("net.qfs"), net, cnn_operations());
    const QuantizedNet loaded = load_model(folder.path("net.qfs"), cnn_operations());
    CHECK(difference(run(pack(loaded, ref_backend(), cnn_operations()), x, again), expected) == "");
  }
}

TEST_CASE("dynamic quantization of a net of convolutions is that of its last layer", "[prop]") {
  for (bool residual : {false, true}) {
    const Cnn cnn = start_of(residual).cnn;
    const DynamicCnn net = quantize_dynamic(cnn, WeightGranularity::per_tensor);
    CHECK(net.features.layers.size() + 1 == cnn.layers.size());
    CHECK(net.features.linears.empty());
    const Matrix<float> x = some_pictures(9, 6);
    CnnBuffers as_float;
    DynamicCnnBuffers buffers;
    const PackedNet packed = pack(net.head, ref_backend(), dynamic_operations());
    const Matrix<float> logits = run(net, packed, x, buffers);
    const Matrix<float>& expected = forward(cnn, x, as_float);
    // What the last layer reads is float32's own; the logits are those of chapter 08.
    const std::size_t last = cnn.layers.back().inputs[0];
    CHECK(difference(buffers.features.activations[last], as_float.activations[last]) == "");
    NetBuffers head;
    CHECK(difference(logits, run(packed, as_float.activations[last], head)) == "");
    CHECK(difference(logits, expected) != "");
    // N products of a range of at most max|x| max|w| K / 127: generously below 0.1 here.
    CHECK(difference(logits, expected, 0.1) == "");
  }
  Cnn without{.tensors = {kPicture}};
  add_max_pool(without, 0, {2, 2, 2, 0});
  CHECK_THROWS_AS(quantize_dynamic(without, WeightGranularity::per_tensor), Error);
}
