// One layer, step by step, and what the layers of a net are given: for several sections.
#include "08_dynamic_quantization/lesson/study.hpp"

namespace qfs::ch08 {

std::vector<Matrix<float>> layer_inputs(const PackedNet& net, const Matrix<float>& x) {
  NetBuffers tensors;
  run(net, x, tensors);
  std::vector<Matrix<float>> inputs;
  for (const PackedOperation& step : net.operations) {
    if (!step.operation.weights) continue;
    const std::size_t input = step.operation.inputs[0];
    inputs.push_back(input == 0 ? x : tensors.f32[input]);
  }
  return inputs;
}

Steps run_layer(const OperationParts& layer, const Matrix<float>& x, const DynamicInput& input) {
  const Backend& ref = ref_backend();
  const ToF32 to_f32 = make_to_f32(*layer.weights);
  const PackedProduct product =
      ref.pack({.weight = &layer.weights->weight, .input_range = input.range, .to_f32 = &to_f32});
  const std::size_t B = x.shape(0), N = layer.output.size();
  Steps steps{quantize_input(x, input.range, input.options),
              make_tensor<std::int32_t>({B, N}),
              {},
              make_tensor<float>({B, N})};
  const LeftSide q_x = matrix_left_side(values(std::as_const(steps.input.q)), B);
  ref.run_s32(product, q_x, values(steps.acc));
  ref.run_f32(product, q_x, steps.input.params, values(steps.y));
  steps.sum = steps.acc;
  for (std::size_t m = 0; m < B; ++m)
    for (std::size_t n = 0; n < N; ++n)
      steps.sum(m, n) -=
          of_channel(std::span<const QuantParams>(steps.input.params), m).zero_point *
          to_f32.weight_sum(n);
  return steps;
}

Matrix<float> run_fixed(const QuantizedNet& net, const Matrix<float>& x) {
  NetBuffers tensors;
  return run(pack(net), x, tensors);
}

}  // namespace qfs::ch08
