#include "bench/nets.hpp"

#include "04_mnist_mlp/plumbing/latency.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "20_float_cnn/nets.hpp"
#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "21_int8_cnn/quantized_cnn.hpp"
#include "bench/resnet18.hpp"

namespace qfs::bench {
namespace {

constexpr std::uint64_t kSeed = 18;
constexpr std::size_t kDigits = 64;  // the largest batch of digits

bool is_resnet18(const std::string& name) { return name.starts_with("resnet18_"); }

Matrix<float> seeded_pictures(const PictureShape& shape, std::size_t count, Rng& rng) {
  auto x = make_tensor<float>({count, shape.size()});
  for (float& pixel : values(x)) pixel = static_cast<float>(rng.normal());
  return x;
}

// ResNet-18's statistics are those of small pictures, also where it is timed on large ones: the
// pixels are as large.
Cnn seeded_resnet18(const PictureShape& picture) {
  constexpr std::size_t kPictures = 32;
  Rng rng(kSeed);
  Cnn small = make_resnet18({32, 32, 3});
  draw_numbers(small, seeded_pictures(small.input(), kPictures, rng), rng);
  if (picture == small.input()) return small;
  Cnn cnn = make_resnet18(picture);
  cnn.convs = std::move(small.convs);
  cnn.norms = std::move(small.norms);
  cnn.linears = std::move(small.linears);
  return cnn;
}

Matrix<float> rows_of(const std::string& name, const PictureShape& picture) {
  Rng rng(kSeed + 1);
  if (is_resnet18(name)) return seeded_pictures(picture, 1, rng);
  return batch_to_time(load_dataset("").test, kDigits);
}

}  // namespace

double products_of(const QuantizedNet& net) {
  double products = 0;
  for (const OperationParts& layer : layers_of(net))
    products += static_cast<double>(layer.output.size() * layer.weights->weight.inputs());
  return products;
}

TimedNet make_mlp() {
  const Dataset data = load_dataset("");
  const Mlp mlp = load_mlp(datasets_dir() + "/pretrained");
  const ActivationIntervals intervals =
      calibrate<MinMaxObserver>(mlp, CalibrationSet(data.train), OutputPoint::after_relu, 100);
  TimedNet net{.name = "mlp"};
  net.x = batch_to_time(data.test, kBatchesToTime.back());
  net.logits = forward_ref(mlp, net.x);
  net.eight = quantize_fused_mlp(mlp, intervals, {.activations = unsigned_range(8)});
  net.seven = quantize_fused_mlp(mlp, intervals, {.activations = unsigned_range(7)});
  net.products = products_of(net.eight);
  return net;
}

Cnn shape_of_conv_net(const std::string& name) {
  if (name == "small") return make_small_cnn(nullptr);
  if (name == "residual") return make_residual_net(nullptr);
  if (name == "resnet18_32") return make_resnet18({32, 32, 3});
  if (name == "resnet18_224") return make_resnet18({224, 224, 3});
  fail("there is no such net of convolutions", name, "small, residual, resnet18_32, resnet18_224",
       "ask for one of them");
}

Cnn load_conv_net(const std::string& name) {
  Cnn cnn = shape_of_conv_net(name);
  if (is_resnet18(name)) return seeded_resnet18(cnn.input());
  return load_committed_cnn(name + "_mnist", std::move(cnn));
}

TimedNet make_conv_net(const std::string& name, const Cnn& cnn) {
  const Cnn folded = fold_batch_norm(cnn);
  TimedNet net{.name = name, .x = rows_of(name, cnn.input())};
  std::vector<MinMaxObserver> observers(folded.tensors.size());
  net.logits = forward_ref(folded, net.x, [&](std::size_t tensor, std::span<const float> numbers) {
    observers[tensor].observe(numbers);
  });
  TensorIntervals intervals;
  for (const MinMaxObserver& observer : observers) intervals.push_back(observer.interval());
  const auto quantized = [&](int bits) {
    return quantize_fused_cnn(
        folded, intervals,
        {.activations = unsigned_range(bits), .weights = WeightGranularity::per_channel});
  };
  net.eight = quantized(8);
  net.seven = quantized(7);
  net.products = products_of(net.eight);
  return net;
}

}  // namespace qfs::bench
