#include "20_float_cnn/lesson/study.hpp"

#include "20_float_cnn/plumbing/cnn_file.hpp"

namespace qfs::ch20 {

std::vector<NamedNet> nets_for(const Options& options, const YourNets& yours, const Dataset& data) {
  const PictureShape picture{data.train.rows, data.train.cols, 1};
  std::vector<NamedNet> nets;
  if (!yours.small.empty())
    nets.push_back({"small CNN", "", load_cnn_npy(yours.small, make_small_cnn(nullptr, picture))});
  if (!yours.residual.empty())
    nets.push_back(
        {"residual net", "", load_cnn_npy(yours.residual, make_residual_net(nullptr, picture))});
  if (!nets.empty()) return nets;
  const auto committed = [](const char* name, const char* file, Cnn cnn) {
    return NamedNet{name, file, load_committed_cnn(file, std::move(cnn))};
  };
  if (options.data_dir.empty())
    return {committed("small CNN", "small_mnist", make_small_cnn(nullptr)),
            committed("residual net", "residual_mnist", make_residual_net(nullptr))};
  if (options.data_dir == kFashionDir)
    return {committed("residual net", "residual_fashion", make_residual_net(nullptr))};
  Rng rng(options.seed);
  Cnn cnn = make_small_cnn(&rng, picture, kClasses);
  train_cnn(cnn, data.train, {.epochs = options.quick ? 1 : 5}, options.seed, rng);
  return {{"small CNN", "", std::move(cnn)}};
}

const std::vector<Plan>& plans() {
  static const std::vector<Plan> all = {
      {"small_mnist",
       "small CNN, MNIST",
       make_small_cnn,
       {.epochs = 30, .learning_rate = 0.002, .label = "small CNN"}},
      {"residual_mnist",
       "residual net, MNIST",
       make_residual_net,
       {.epochs = 15, .learning_rate = 0.003, .label = "residual net"}},
      {"residual_fashion",
       "residual net, Fashion-MNIST",
       make_residual_net,
       {.epochs = 12, .learning_rate = 0.003, .augment = {.mirror = true}, .label = "fashion"},
       true}};
  return all;
}

std::size_t products_of(const Cnn& cnn, const CnnLayer& layer) {
  if (layer.kind == LayerKind::conv2d)
    return cnn.tensors[layer.output].pixels() * cnn.convs[layer.index].weight.size();
  return layer.kind == LayerKind::linear ? cnn.linears[layer.index].weight.size() : 0;
}

Cost cost_of(Cnn cnn) {
  Cost cost;
  for (const ParamView& param : parameters(cnn)) cost.parameters += param.values.size();
  for (const CnnLayer& layer : cnn.layers) cost.products += products_of(cnn, layer);
  return cost;
}

std::vector<std::uint8_t> classify_ref(const Cnn& cnn, const TestDigits& test, std::size_t count) {
  constexpr std::size_t kAtOnce = 100;
  std::vector<std::uint8_t> classes;
  for (std::size_t begin = 0; begin < count; begin += kAtOnce) {
    const std::size_t end = std::min(begin + kAtOnce, count);
    const auto some = argmax_rows(forward_ref(cnn, normalized(test.pixels, begin, end)), begin);
    classes.insert(classes.end(), some.begin(), some.end());
  }
  return classes;
}

std::string share_text(std::size_t right, std::size_t total) {
  const WilsonInterval w = wilson_interval(right, total);
  return fixed(100.0 * w.share, 2) + " % (" + fixed(100.0 * w.low, 2) + ".." +
         fixed(100.0 * w.high, 2) + ")";
}

}  // namespace qfs::ch20
