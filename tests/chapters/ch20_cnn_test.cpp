// Chapter 20: nets of layers, their gradients, their files, and what the committed ones know.
#include <bit>
#include <numeric>
#include <vector>

#include "04_mnist_mlp/adam.hpp"
#include "04_mnist_mlp/evaluate.hpp"
#include "20_float_cnn/nets.hpp"
#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "20_float_cnn/train_cnn.hpp"
#include "common/bytes.hpp"
#include "common/container_file.hpp"
#include "common/npy.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/changed_records.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/flat_parameters.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/reference.hpp"

using namespace qfs;
using qfs::test::difference;
using qfs::test::flat_gradients;
using qfs::test::flat_values;
using qfs::test::load_reference;
using qfs::test::looseness;
using qfs::test::message_of;
using qfs::test::outside;
using qfs::test::outside_where_known;

namespace {

const Dataset& digits() {
  static const Dataset data = load_dataset("");
  return data;
}

Matrix<float> random_rows(std::size_t rows, std::size_t size, Rng& rng) {
  Matrix<float> x = make_tensor<float>({rows, size});
  for (float& number : values(x)) number = static_cast<float>(rng.normal());
  return x;
}

std::vector<float> running_statistics(const Cnn& cnn) {
  std::vector<float> all;
  for (const BatchNorm& norm : cnn.norms) {
    all.insert(all.end(), norm.running_mean.begin(), norm.running_mean.end());
    all.insert(all.end(), norm.running_variance.begin(), norm.running_variance.end());
  }
  return all;
}

// SmallResidualNet of ch20.py, with every kind of layer.
Cnn reference_net() {
  Cnn cnn{.tensors = {{8, 8, 1}}};
  const auto conv_norm = [&](std::size_t x, std::size_t channels, const Window& window,
                             std::size_t groups = 1) {
    return add_batch_norm(cnn, add_conv2d(cnn, x, {channels, window, groups, false}, nullptr));
  };
  std::size_t x = add_relu(cnn, conv_norm(0, 4, {3, 3, 1, 1}));
  x = add_max_pool(cnn, x, {3, 3, 2, 1});
  std::size_t long_way = add_relu(cnn, conv_norm(x, 6, {3, 3, 2, 1}));
  long_way = conv_norm(long_way, 6, {3, 3, 1, 1}, 2);
  x = add_relu(cnn, add_sum(cnn, long_way, conv_norm(x, 6, {1, 1, 2, 0})));
  x = add_average_pool(cnn, x, {2, 2, 1, 1});
  add_linear(cnn, x, 5, nullptr);
  const auto start = load_reference<float, 1>("ch20/net_start");
  auto from = start.begin();
  for (const ParamView& param : parameters(cnn))
    for (float& value : param.values) value = *from++;
  return cnn;
}

std::vector<std::uint8_t> reference_labels() {
  const auto labels = load_reference<std::uint8_t, 1>("ch20/net_labels");
  return {labels.begin(), labels.end()};
}

// The loss in double of a net in training; the running statistics play no part.
double loss_of(Cnn cnn, const Matrix<float>& x, std::span<const std::uint8_t> labels) {
  CnnBuffers buffers;
  const Matrix<float> logits = forward_training(cnn, x, buffers);
  double loss = 0.0;
  for (std::size_t m = 0; m < x.shape(0); ++m) {
    double sum = 0.0;
    for (float z : row(logits, m)) sum += std::exp(static_cast<double>(z));
    loss += std::log(sum) - static_cast<double>(logits(m, labels[m]));
  }
  return loss / static_cast<double>(x.shape(0));
}

std::uint64_t bits_hash(std::span<const float> numbers) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (float number : numbers)
    hash = (hash ^ std::bit_cast<std::uint32_t>(number)) * 1099511628211U;
  return hash;
}

template <class Net>
std::size_t right(const Net& cnn, const TestDigits& test, std::size_t count) {
  const Matrix<float> logits = forward_ref(cnn, normalized(test.pixels, 0, count));
  return count_correct(argmax_rows(logits), std::span(test.labels).first(count));
}

}  // namespace

TEST_CASE("gradients, one step and the running statistics of a residual net are PyTorch's",
          "[ref]") {
  // ch20.py, save_net
  Cnn cnn = reference_net();
  const auto x = load_reference<float, 2>("ch20/net_x");
  const auto labels = reference_labels();
  CnnBuffers buffers;
  const float loss = forward_backward(cnn, x, labels, buffers);
  const auto expected_loss = load_reference<double, 1>("ch20/net_loss");  // and its radius
  CHECK(std::fabs(static_cast<double>(loss) - expected_loss(0)) <= 2.0 * expected_loss(1));
  CHECK(expected_loss(1) <= 1e-4);
  const auto gradients = load_reference<float, 1>("ch20/net_gradients");
  const auto radii = load_reference<float, 1>("ch20/net_radii");
  CHECK(looseness(values(radii), values(gradients)) <= 4e-3);
  CHECK(outside(flat_gradients(parameters(cnn)), values(gradients), values(radii), 2.0) == "");
  const auto statistics = load_reference<float, 1>("ch20/net_statistics");
  const auto statistics_radii = load_reference<float, 1>("ch20/net_statistics_radii");
  CHECK(looseness(values(statistics_radii), values(statistics)) <= 1e-4);
  CHECK(outside(running_statistics(cnn), values(statistics), values(statistics_radii), 2.0) == "");
  Adam adam(parameters(cnn), {});
  adam.step();
  const auto after = load_reference<float, 1>("ch20/net_after");
  const auto after_radii = load_reference<float, 1>("ch20/net_after_radii");
  const auto unsure = std::ranges::count_if(after_radii, [](float r) { return r < 0.0F; });
  CHECK(static_cast<std::size_t>(unsure) <= after.size() / 8);
  CHECK(outside_where_known(flat_values(parameters(cnn)), values(after), values(after_radii),
                            1.0) == "");
}

TEST_CASE("gradients are those of finite differences", "[prop]") {
  Cnn cnn = reference_net();
  const auto x = load_reference<float, 2>("ch20/net_x");
  const auto labels = reference_labels();
  CnnBuffers buffers;
  forward_backward(cnn, x, labels, buffers);
  const std::vector<float> gradients = flat_gradients(parameters(cnn));
  // h = 2^-9: the loss is rounded by less than 1e-6, which moves the quotient by 1e-6 / 2h = 3e-4;
  // curvature and ReLUs that switch add some thousandths, allowed to be more for one in twenty.
  constexpr float kStep = 1.0F / 512;
  std::size_t at = 0, far = 0;
  for (const ParamView& param : parameters(cnn))
    for (float& value : param.values) {
      const float kept = value;
      value = kept + kStep;
      const double up = loss_of(cnn, x, labels);
      value = kept - kStep;
      const double down = loss_of(cnn, x, labels);
      value = kept;
      const double numeric = (up - down) / (2.0 * static_cast<double>(kStep));
      const double distance = std::fabs(numeric - static_cast<double>(gradients[at++]));
      far += distance <= 4e-3 ? 0 : 1;
      INFO(param.name << ", number " << at);
      CHECK(distance <= 5e-2);
    }
  CHECK(at == gradients.size());
  CHECK(far <= at / 20);
}

TEST_CASE("a tensor read twice gets both gradients", "[hand]") {
  // y = relu(x + x) of one number, then Linear to two classes: dL/dw = 2 x (p - onehot).
  Cnn cnn{.tensors = {{1, 1, 1}}};
  const std::size_t y = add_conv2d(cnn, 0, {.window = {1, 1, 1, 0}, .bias = false}, nullptr);
  add_linear(cnn, add_relu(cnn, add_sum(cnn, y, y)), 2, nullptr);
  cnn.convs[0].weight(0, 0) = 3.0F;
  cnn.linears[0].weight(0, 0) = 0.5F;
  CnnBuffers buffers;
  const std::vector<std::uint8_t> labels = {1};
  // x = 1: y = 3, sum 6, logits 3 and 0, p0 = 0.952574
  forward_backward(cnn, {{1.0F}}, labels, buffers);
  CHECK(std::fabs(cnn.linears[0].weight_gradient(0, 0) - 6.0F * 0.952574F) <= 1e-5F);
  CHECK(std::fabs(cnn.convs[0].weight_gradient(0, 0) - 2.0F * 0.5F * 0.952574F) <= 1e-6F);
}

TEST_CASE("count_readers: who reads each tensor", "[hand]") {
  // Tensors 1 conv, 2 norm, 3 ReLU, which the block and its sum read; 4 to 8 conv, norm, ReLU,
  // conv, norm; 9 sum, 10 ReLU, 11 Linear.
  Cnn cnn{.tensors = {{6, 6, 4}}};
  const std::size_t x = add_relu(cnn, add_conv_norm(cnn, 0, 4, {3, 3, 1, 1}, nullptr));
  add_linear(cnn, add_residual_block(cnn, x, 4, 1, nullptr), 2, nullptr);
  CHECK(count_readers(cnn) == std::vector<std::size_t>{1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 0});
  // a tensor read twice by one layer, beside another that reads it too
  Cnn twice{.tensors = {{1, 1, 1}}};
  const std::size_t y = add_relu(twice, 0);
  add_sum(twice, add_sum(twice, y, y), y);
  CHECK(count_readers(twice) == std::vector<std::size_t>{1, 3, 1, 0});
}

TEST_CASE("the nets: tensors, parameters and operations", "[hand]") {
  Rng rng(1);
  Cnn small = make_small_cnn(&rng), residual = make_residual_net(&rng);
  const auto count = [](Cnn& cnn) { return flat_values(parameters(cnn)).size(); };
  // 9 8 + 8, 72 16 + 16, 784 10 + 10
  CHECK(count(small) == 80 + 1168 + 7850);
  // 9 16; 2 144 16; 144 32 + 288 32 + 16 32; 288 64 + 576 64 + 32 64; gammas and betas of 16, 16,
  // 16, 32, 32, 32, 64, 64, 64; 64 10 + 10
  CHECK(count(residual) == 144 + 4608 + 14336 + 57344 + 2 * 336 + 650);
  CHECK(small.output() == PictureShape{1, 1, 10});
  CHECK(residual.output() == PictureShape{1, 1, 10});
  CHECK(residual.layers.size() == 30);
  CHECK(residual.tensors[residual.layers[27].output] == PictureShape{7, 7, 64});
  CHECK(describe(small) ==
        "0 = input: 28 x 28 x 1\n"
        "1 = conv2d(0) 3 x 3 stride 1 padding 1 bias: 28 x 28 x 8\n"
        "2 = relu(1): 28 x 28 x 8\n"
        "3 = max_pool(2) 2 x 2 stride 2 padding 0: 14 x 14 x 8\n"
        "4 = conv2d(3) 3 x 3 stride 1 padding 1 bias: 14 x 14 x 16\n"
        "5 = relu(4): 14 x 14 x 16\n"
        "6 = max_pool(5) 2 x 2 stride 2 padding 0: 7 x 7 x 16\n"
        "7 = linear(6): 1 x 1 x 10\n");
  for (const ParamView& param : parameters(small)) {
    const double inputs = param.name.starts_with("conv1") ? 9
                          : param.name.starts_with("fc")  ? 784
                                                          : 72;
    for (float value : param.values)
      CHECK(std::fabs(static_cast<double>(value)) <= 1.0 / std::sqrt(inputs) + 1e-7);
  }
}

TEST_CASE("parameters: the convolutions', the norms', the Linears', each with its gradient",
          "[hand]") {
  Cnn cnn{.tensors = {{4, 4, 1}}};
  const std::size_t x = add_conv2d(cnn, 0, {.channels = 2, .bias = false}, nullptr);
  add_linear(cnn, add_conv2d(cnn, add_batch_norm(cnn, x), {.window = {2, 2, 1, 0}}, nullptr), 3,
             nullptr);
  const std::vector<ParamView> params = parameters(cnn);
  std::vector<std::string> names;
  for (const ParamView& param : params) names.push_back(param.name);
  // Adam's state, and the files of trained nets, follow this order.
  CHECK(names == std::vector<std::string>{"conv1_weight", "conv2_weight", "conv2_bias",
                                          "norm1_gamma", "norm1_beta", "fc1_weight", "fc1_bias"});
  const auto shows = [&](std::size_t i, const auto& tensor, const auto& gradient) {
    return params[i].values.data() == tensor.data() && params[i].values.size() == tensor.size() &&
           params[i].gradients.data() == gradient.data() && params[i].shape == shape_of(tensor);
  };
  CHECK(shows(0, cnn.convs[0].weight, cnn.convs[0].weight_gradient));
  CHECK(shows(1, cnn.convs[1].weight, cnn.convs[1].weight_gradient));
  CHECK(shows(2, cnn.convs[1].bias, cnn.convs[1].bias_gradient));
  CHECK(shows(3, cnn.norms[0].gamma, cnn.norms[0].gamma_gradient));
  CHECK(shows(4, cnn.norms[0].beta, cnn.norms[0].beta_gradient));
  CHECK(shows(5, cnn.linears[0].weight, cnn.linears[0].weight_gradient));
  CHECK(shows(6, cnn.linears[0].bias, cnn.linears[0].bias_gradient));
}

TEST_CASE("a layer that does not fit its tensor is refused", "[hand]") {
  Cnn cnn{.tensors = {{6, 6, 4}}};
  CHECK_THAT(message_of([&] { add_conv2d(cnn, 0, {.channels = 2, .groups = 3}, nullptr); }),
             QFS_CONTAINS("groups do not divide"));
  CHECK_THAT(message_of([&] { add_conv2d(cnn, 0, {.channels = 2, .groups = 0}, nullptr); }),
             QFS_CONTAINS("groups do not divide"));
  CHECK_THAT(message_of([&] { add_conv2d(cnn, 0, {.channels = 3, .groups = 2}, nullptr); }),
             QFS_CONTAINS("the weight does not fit the picture's channels"));
  CHECK_THAT(message_of([&] {
               add_max_pool(cnn, 0, {7, 7, 1, 0});
             }),
             QFS_CONTAINS("the window does not fit the picture"));
  const std::size_t half = add_max_pool(cnn, 0, {2, 2, 2, 0});
  CHECK_THAT(message_of([&] { add_sum(cnn, 0, half); }),
             QFS_CONTAINS("the pictures differ in shape") && QFS_CONTAINS("3 x 3 x 4") &&
                 QFS_CONTAINS("6 x 6 x 4"));
  CHECK(cnn.layers.size() == 1);  // nothing of the refused ones is left
  CHECK(cnn.convs.empty());
  CnnBuffers buffers;
  CHECK_THAT(message_of([&] {
               forward(cnn, make_tensor<float>({1, 143}), buffers);
             }),
             QFS_CONTAINS("the batch does not fit the net"));
}

TEST_CASE("in use the statistics of training serve, and one picture is like a batch", "[prop]") {
  Cnn cnn = reference_net();
  const auto x = load_reference<float, 2>("ch20/net_x");
  CnnBuffers buffers;
  const std::vector<float> start = running_statistics(cnn);
  forward_training(cnn, x, buffers);
  CHECK(running_statistics(cnn) != start);
  for (int step = 0; step < 200; ++step) forward_training(cnn, x, buffers);
  // The running statistics have come to those of the batch, but for 0.9^200 and the M - 1: with 16
  // pixels a channel at least (in the last block), sqrt(15 / 16) changes 3 % at most a layer.
  const std::vector<float> kept = running_statistics(cnn);
  const Matrix<float> in_use = forward(cnn, x, buffers);
  CHECK(running_statistics(cnn) == kept);  // use moves nothing
  const Matrix<float> trained = forward_training(cnn, x, buffers);
  double largest = 0.0;
  for (float z : values(trained)) largest = std::max(largest, std::fabs(static_cast<double>(z)));
  CHECK(difference(trained, in_use, 0.15 * largest) == "");
  CHECK(difference(trained, in_use, 1e-4) != "");
  for (std::size_t m = 0; m < x.shape(0); ++m) {
    Matrix<float> one = make_tensor<float>({1, x.shape(1)});
    std::ranges::copy(row(x, m), values(one).begin());
    const Matrix<float> alone = forward_ref(cnn, one);
    const Matrix<float> all = forward_ref(cnn, x);
    CHECK(difference(row(alone, 0), row(all, m)) == "");
  }
}

TEST_CASE("forward_ref: every tensor in its order, the same numbers as by BLAS", "[prop]") {
  Rng rng(204);
  const Cnn cnn = make_residual_net(&rng, {12, 10, 2}, 7);
  const Matrix<float> x = random_rows(3, 240, rng);
  std::vector<std::size_t> seen;
  std::vector<std::size_t> sizes;
  const Matrix<float> logits = forward_ref(cnn, x, [&](std::size_t t, std::span<const float> y) {
    seen.push_back(t);
    sizes.push_back(y.size());
  });
  REQUIRE(seen.size() == cnn.tensors.size());
  for (std::size_t t = 0; t < seen.size(); ++t) {
    CHECK(seen[t] == t);
    CHECK(sizes[t] == 3 * cnn.tensors[t].size());
  }
  CnnBuffers buffers;
  // seven products deep, K up to 576: 1e-5 is what is seen, with room
  CHECK(difference(logits, forward(cnn, x, buffers), 1e-5) == "");
}

TEST_CASE("where a committed net is missing, the error says how it comes back", "[hand]") {
  const test::Scratch scratch;
  const test::OtherVariable elsewhere("QFS_DATASETS", scratch.path("nothing"));
  const std::string file = scratch.path("nothing/cnn/small_mnist.qfs");
  CHECK_THAT(message_of([] { load_committed_cnn("small_mnist", make_small_cnn(nullptr)); }),
             QFS_CONTAINS("cannot open " + file) &&
                 QFS_CONTAINS("what to do: git checkout -- datasets/cnn"));
}

TEST_CASE("the committed nets: the same bits everywhere, and what they know", "[prop]") {
  const Cnn small = load_cnn(cnn_path("small_mnist"), make_small_cnn(nullptr));
  const Cnn residual = load_cnn(cnn_path("residual_mnist"), make_residual_net(nullptr));
  const TestDigits& test = digits().test;
  CHECK(right(small, test, 2000) == 1955);
  const Matrix<float> x = normalized(test.pixels, 0, 20);
  CHECK(bits_hash(values(x)) == 0xcb46a43f56c3e3aeU);
  CHECK(bits_hash(values(forward_ref(small, x))) == 0xa88bfe25879b547fU);
  CHECK(bits_hash(values(forward_ref(residual, x))) == 0x1da816a901a4250cU);
}

TEST_CASE("a net comes back from its file bit for bit", "[prop]") {
  const test::Scratch scratch;
  Rng rng(206);
  Cnn cnn = make_residual_net(&rng, {9, 9, 1}, 3);
  CnnBuffers buffers;
  forward_training(cnn, random_rows(4, 81, rng), buffers);
  const std::string path = scratch.path("net.qfs");
  const std::size_t bytes = save_cnn(cnn, path);
  CHECK(bytes == std::filesystem::file_size(path));
  Cnn loaded = load_cnn(path, make_residual_net(nullptr, {9, 9, 1}, 3));
  CHECK(flat_values(parameters(loaded)) == flat_values(parameters(cnn)));
  CHECK(running_statistics(loaded) == running_statistics(cnn));
  CHECK(describe(loaded) == describe(cnn));
}

TEST_CASE("a net comes from .npy files, one for every name", "[hand]") {
  const test::Scratch scratch;
  Rng rng(208);
  const auto make = [](Rng* from) {
    Cnn cnn{.tensors = {{3, 3, 2}}};
    const std::size_t x = add_conv2d(cnn, 0, {.channels = 2, .window = {2, 2, 1, 0}}, from);
    add_linear(cnn, add_batch_norm(cnn, x), 3, from);
    return cnn;
  };
  Cnn cnn = make(&rng);
  for (const ParamView& param : parameters(cnn))
    save_npy_bytes(scratch.path(param.name + ".npy"), "<f4", param.shape,
                   std::as_bytes(param.values));
  const auto load = [&] {
    return message_of([&] { load_cnn_npy(scratch.path(), make(nullptr)); });
  };
  CHECK_THAT(load(), QFS_CONTAINS("norm1_mean.npy"));  // missing
  save_npy(scratch.path("norm1_mean.npy"), Vector<double>{0.5, -0.5});
  save_npy(scratch.path("norm1_variance.npy"), Vector<float>{2.0F, 3.0F});
  Cnn loaded = load_cnn_npy(scratch.path(), make(nullptr));
  CHECK(flat_values(parameters(loaded)) == flat_values(parameters(cnn)));
  CHECK(running_statistics(loaded) == std::vector<float>{0.5F, -0.5F, 2.0F, 3.0F});
  save_npy(scratch.path("norm1_variance.npy"), Vector<float>{2.0F, -3.0F});
  CHECK_THAT(load(), QFS_CONTAINS("holds a number that cannot be"));
  save_npy(scratch.path("norm1_variance.npy"), Vector<float>{2.0F, 3.0F, 4.0F});
  CHECK_THAT(load(), QFS_CONTAINS("has another shape"));
}

TEST_CASE("augment: moved, turned, paper from outside", "[hand][prop]") {
  const PictureShape shape{2, 3, 2};
  Matrix<float> x = make_tensor<float>({1, 12}), y;
  std::iota(x.begin(), x.end(), 1.0F);
  Rng rng(209);
  augment({.shift = 0}, shape, x, -9.0F, rng, y);
  CHECK(difference(y, x) == "");
  // Every move of one pixel comes, and each is the picture moved: pixel (r, c) holds 6 r + 2 c + 1.
  std::vector<int> seen(18, 0);
  for (int draw = 0; draw < 400; ++draw) {
    augment({.shift = 1, .mirror = true}, shape, x, -9.0F, rng, y);
    int matches = 0;
    for (int move = 0; move < 18; ++move) {
      const int dy = move / 6 - 1, dx = move / 2 % 3 - 1;
      bool same = true;
      for (int i = 0; i < 12; ++i) {
        const int row = i / 6 + dy, column = (move % 2 == 0 ? i / 2 % 3 : 2 - i / 2 % 3) + dx;
        const bool inside = row >= 0 && row < 2 && column >= 0 && column < 3;
        const int expected = inside ? 6 * row + 2 * column + i % 2 + 1 : -9;
        same = same && y(0, static_cast<std::size_t>(i)) == static_cast<float>(expected);
      }
      if (same) ++seen[static_cast<std::size_t>(move)];
      matches += same ? 1 : 0;
    }
    CHECK(matches >= 1);
  }
  for (int count : seen) CHECK(count > 0);
  CHECK_THAT(message_of([&] {
               augment({}, {5, 5, 1}, x, 0.0F, rng, y);
             }),
             QFS_CONTAINS("the pictures to augment have another size"));
}

TEST_CASE("paper, and the cosine", "[hand]") {
  CHECK(paper_value() == normalized(make_tensor<std::uint8_t>({1, 1}), 0, 1)(0, 0));
  CHECK(std::fabs(cosine_rate(0.5, 1, 4) - 0.5) <= 1e-15);
  CHECK(std::fabs(cosine_rate(0.5, 3, 4) - 0.25) <= 1e-9);  // half of the way
  CHECK(cosine_rate(0.5, 4, 4) > 0.0);
  CHECK(cosine_rate(0.5, 4, 4) < 0.08);
}

TEST_CASE("training: a small net learns, the same from the same seed", "[prop]") {
  const TrainDigits some = first_digits(digits().train, 600), few = first_digits(some, 100);
  const auto trained = [](const TrainDigits& pictures, std::uint64_t seed, double most) {
    Rng rng(seed);
    Cnn cnn = make_residual_net(&rng);
    const auto epochs = train_cnn(cnn, pictures, {.epochs = 2, .batch_size = 32}, seed, rng);
    REQUIRE(epochs.size() == 2);
    CHECK(epochs.back().loss < most);
    CHECK(epochs.back().loss < epochs.front().loss);
    return flat_values(parameters(cnn));
  };
  const double learned = 1.8, nothing = std::log(10.0);  // the loss of ten equal chances
  CHECK(trained(some, 1, learned) != trained(some, 2, learned));
  CHECK(trained(few, 1, nothing) == trained(few, 1, nothing));
  Cnn small{.tensors = {{5, 5, 1}}};
  add_linear(small, 0, 10, nullptr);
  Rng rng(1);
  CHECK_THAT(message_of([&] { train_cnn(small, some, {.epochs = 1}, 1, rng); }),
             QFS_CONTAINS("the pictures do not fit the net"));
}

TEST_CASE("a file of another net, or a broken one, is refused", "[hand]") {
  const test::Scratch scratch;
  Rng rng(207);
  const std::string path = scratch.path("net.qfs");
  save_cnn(make_residual_net(&rng, {9, 9, 1}, 3), path);
  const auto load = [&](const std::vector<std::byte>& file) {
    scratch.write("net.qfs", std::span<const std::byte>(file));
    return message_of([&] { load_cnn(path, make_residual_net(nullptr, {9, 9, 1}, 3)); });
  };
  const std::vector<std::byte> good = read_file(path, 1 << 20);
  CHECK(load(good) == "no error");
  CHECK_THAT(message_of([&] {
               load_cnn(path, make_residual_net(nullptr, {9, 9, 1}, 4));
             }),
             QFS_CONTAINS("is of another net") && QFS_CONTAINS("1 x 1 x 4"));
  CHECK_THAT(message_of([&] { load_cnn(path, make_small_cnn(nullptr)); }),
             QFS_CONTAINS("is of another net"));
  const auto changed = [&](const std::string& name, const test::RecordChange& change) {
    return load(test::with_changed_record(good, name, change));
  };
  const auto first_number = [](float number) {
    return [number](Record& record) { std::memcpy(record.bytes.data(), &number, 4); };
  };
  CHECK_THAT(changed("conv1_weight", first_number(std::numeric_limits<float>::quiet_NaN())),
             QFS_CONTAINS("'conv1_weight' holds a number that cannot be"));
  CHECK_THAT(changed("norm2_variance", first_number(-0.5F)),
             QFS_CONTAINS("'norm2_variance' holds a number that cannot be"));
  CHECK(changed("norm2_mean", first_number(-0.5F)) == "no error");
  CHECK_THAT(changed("conv2_weight", [](Record& r) { std::swap(r.dims[0], r.dims[1]); }),
             QFS_CONTAINS("'conv2_weight' has another shape") && QFS_CONTAINS("144 x 16"));
  CHECK_THAT(changed("fc1_bias", [](Record& r) { r.name = "fc2_bias"; }), QFS_CONTAINS("fc1_bias"));
  std::vector<Record> more = parse_container(good, "a good file");
  more.push_back({"more", DType::u8, {1}, {std::byte{1}}});
  save_container(path, more);
  CHECK_THAT(message_of([&] {
               load_cnn(path, make_residual_net(nullptr, {9, 9, 1}, 3));
             }),
             QFS_CONTAINS("another number of records"));
  std::vector<std::byte> torn = good;
  torn.resize(torn.size() - 1);
  CHECK(load(torn) != "no error");
}
