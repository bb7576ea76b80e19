#include "22_model_comparison/qat_cnn.hpp"

namespace qfs {

// This swallows what it calls, or the linker might take the copies of a program
// (cmake/QfsPrecompile.cmake).
[[gnu::flatten]] void settle(QatCnn& net);

void settle(QatCnn& net) {
  for (QatConv& layer : net.convs)
    update_weight_scales(layer.weight, values(folded_weight(layer)), net.observing);
  for (QatLinear& layer : net.linears)
    update_weight_scales(layer.weight, values(std::as_const(layer.real.weight)), net.observing);
  net.observing = false;
  net.statistics = NormStatistics::running;
}

// [train_qat]
std::vector<EpochResult> train_qat(QatCnn& net, const TrainDigits& digits,
                                   const QatCnnOptions& options, TrainOptions training, Rng& rng) {
  QatCnnBuffers buffers;
  const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t> labels) {
    return forward_backward(net, x, labels, buffers);
  };
  const auto after = [&](int epochs) {
    const auto lasts = [&](std::optional<int> until) { return !until || epochs < *until; };
    net.observing = lasts(options.quantizers.observe_epochs);
    net.statistics = lasts(options.norm_epochs) ? NormStatistics::batch : NormStatistics::running;
  };
  after(0);
  training.after_epoch = [&, then = training.after_epoch](const EpochResult& result) {
    after(result.epoch);
    if (then) then(result);
  };
  auto history = train(parameters(net), pass, digits, training, rng);
  settle(net);
  return history;
}
// [/train_qat]

}  // namespace qfs
