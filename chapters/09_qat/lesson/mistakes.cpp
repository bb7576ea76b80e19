// Section 7: three trainings that run to the end and are not what they seem.
#include <algorithm>
#include <cstdio>

#include "04_mnist_mlp/pretrained.hpp"
#include "09_qat/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch09 {
namespace {

// How many real weights of layer 1 the training has moved.
std::size_t moved_weights(const Mlp& before, const Linear& after) {
  const std::span<const float> a = values(before.layers[0].weight), b = values(after.weight);
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

// [detached]
// The quantizer is given a copy of the weights, not the weights: no gradient finds its way back.
std::vector<EpochResult> train_detached(QatMlp& net, const Start& start,
                                        const TrainOptions& options, Rng& rng) {
  QatPassBuffers buffers;
  const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t> labels) {
    const float loss = forward_backward(net, x, labels, buffers);
    for (QatLinear& layer : net.layers) std::ranges::fill(values(layer.real.weight_gradient), 0.0F);
    return loss;
  };
  auto history = train(parameters(net), pass, *start.train, options, rng);
  settle(net);
  return history;
}
// [/detached]

void add(Table& table, const char* name, double loss, const std::string& moved, double right) {
  table.row({name, measured(loss, 3), moved, measured(right, 2) + " %"});
}

// Somebody measures the ranges of the trained weights anew, and throws the trained scales away.
double right_measured_anew(const Start& start, QatMlp net) {
  for (QatLinear& layer : net.layers) {
    layer.weight.source = ScaleSource::observed;
    update_weight_scales(layer.weight, values(layer.real.weight), true);
  }
  return percent_right(start, classify_u8(pack(convert(net)), *start.pixels));
}

float largest_weight(const QatMlp& net) {
  float largest = 0.0F;
  for (const QatLinear& layer : net.layers)
    largest = std::max(largest, max_magnitude(values(layer.real.weight)));
  return largest;
}

void without_the_mask(const Study& study, Lesson& lesson) {
  Recipe faster = study.recipe;
  faster.learning_rate = 10.0 * study.recipe.learning_rate;
  std::printf("  the clip mask, Adam at %g: so far do the weights run\n", faster.learning_rate);
  Table table({"", "right", "largest weight", "right, scales measured anew"});
  QatOptions options = in_bits(2, study.recipe.scales);
  std::vector<float> largest;
  for (bool clip_mask : {true, false}) {
    options.clip_mask = clip_mask;
    const Trained trained = train_from(study.start, options, faster);
    largest.push_back(largest_weight(trained.net));
    table.row({clip_mask ? "mask" : "no mask",
               measured(percent_right(study.start, trained.classes), 2) + " %",
               measured(static_cast<double>(largest.back()), 2),
               measured(right_measured_anew(study.start, trained.net), 2) + " %"});
  }
  table.print();
  if (lesson.options.is_default_run() && study.recipe == Recipe{})
    lesson.claims.expect(largest[1] > largest[0], "without the mask weights run away, unseen");
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(7, "What goes wrong: trained in 2 bits, it seems");
  const Start& start = study.start;
  Table table({"", "  loss", "moved in layer 1", "   right"});
  add(table, "as it should be", study.two.history.back().loss,
      measured(std::to_string(moved_weights(start.mlp, study.two.net.layers[0].real))),
      percent_right(start, study.two.classes));
  // Observers watch and change nothing: the training is a float training, and PTQ comes after.
  const QatOptions options = in_bits(2, ScaleSource::observed);
  const double observers = percent_right(start, classes_by_ptq(study.control, options));
  add(table, "observers, no fake quantization", study.control_history.back().loss,
      measured(std::to_string(moved_weights(start.mlp, study.control.mlp.layers[0]))), observers);
  Rng rng(start.seed);
  QatMlp net = make_qat(start.mlp, start.intervals, options);
  const auto history = train_detached(net, start,
                                      {.epochs = study.recipe.epochs,
                                       .adam = {.learning_rate = study.recipe.learning_rate},
                                       .label = "what goes wrong"},
                                      rng);
  const double detached = percent_right(start, classify_u8(pack(convert(net)), *start.pixels));
  const std::size_t moved = moved_weights(start.mlp, net.layers[0].real);
  add(table, "weights detached", history.back().loss, std::to_string(moved), detached);
  table.print();
  lesson.claims.expect(moved == 0, "detached, no weight has moved: only the biases were trained");
  if (lesson.options.is_default_run() && study.recipe == Recipe{})
    lesson.claims.expect(
        std::max(observers, detached) < percent_right(start, study.two.classes) - 10.0,
        "both end more than 10 points below the right way");
  without_the_mask(study, lesson);
}

}  // namespace qfs::ch09
