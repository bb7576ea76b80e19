// A start, a training, a control: what the sections of this lesson share.
#include "09_qat/lesson/study.hpp"

#include "04_mnist_mlp/pretrained.hpp"

namespace qfs::ch09 {

Start make_start(const TrainDigits& train, const Matrix<std::uint8_t>& pixels,
                 const std::vector<std::uint8_t>& labels, Mlp mlp, std::uint64_t seed) {
  Start start{
      .train = &train, .pixels = &pixels, .labels = &labels, .mlp = std::move(mlp), .seed = seed};
  start.intervals =
      calibrate<MinMaxObserver>(start.mlp, CalibrationSet(train), OutputPoint::after_relu, 100);
  start.by_float = classify_ref(start.mlp, pixels);
  return start;
}

// [train_from]
Trained train_from(const Start& start, const QatOptions& options, const Recipe& recipe) {
  Rng rng(start.seed);
  Trained trained{.net = make_qat(start.mlp, start.intervals, options)};
  const TrainOptions training = {.epochs = recipe.epochs,
                                 .adam = {.learning_rate = recipe.learning_rate},
                                 .label = "training with quantization"};
  trained.history = train_qat(trained.net, *start.train, options, training, rng);
  trained.integers = convert(trained.net);
  trained.classes = classify_u8(pack(trained.integers), *start.pixels);
  return trained;
}
// [/train_from]

Start train_control(const Start& start, const Recipe& recipe, std::vector<EpochResult>* history) {
  Rng rng(start.seed);
  Mlp mlp = start.mlp;
  const TrainOptions training = {.epochs = recipe.epochs,
                                 .adam = {.learning_rate = recipe.learning_rate},
                                 .label = "training the float control"};
  const auto epochs = train_mlp(mlp, *start.train, training, rng);
  if (history != nullptr) *history = epochs;
  return make_start(*start.train, *start.pixels, *start.labels, std::move(mlp), start.seed);
}

std::vector<std::uint8_t> classes_by_ptq(const Start& start, const QatOptions& options) {
  return classify_u8(pack(convert(make_qat(start.mlp, start.intervals, options))), *start.pixels);
}

QatOptions in_bits(int bits, ScaleSource scales, WeightGranularity weights) {
  return {.weight_bits = bits, .activation_bits = bits, .weights = weights, .scales = scales};
}

const char* name_of(ScaleSource source) {
  if (source == ScaleSource::frozen) return "frozen from PTQ";
  return source == ScaleSource::observed ? "moving average" : "learned (LSQ)";
}

double percent_right(const Start& start, std::span<const std::uint8_t> classes) {
  return 100.0 * static_cast<double>(count_correct(classes, *start.labels)) /
         static_cast<double>(start.labels->size());
}

}  // namespace qfs::ch09
