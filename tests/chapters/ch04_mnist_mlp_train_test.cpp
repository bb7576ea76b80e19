// Chapter 04: the net in files, the training loop, and how a classifier is judged.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mlp.hpp"
#include "04_mnist_mlp/plumbing/flush_denormals.hpp"
#include "04_mnist_mlp/plumbing/latency.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "04_mnist_mlp/train.hpp"
#include "common/npy.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/run_program.hpp"

using qfs::Matrix;
using qfs::Mlp;
using qfs::Rng;
using qfs::test::difference;
using qfs::test::message_of;
using qfs::test::Scratch;

namespace {

Mlp small_net(std::uint64_t seed = 7) {
  Rng rng(seed);
  const std::vector<std::size_t> widths = {4, 3, 2};
  return qfs::make_mlp(widths, rng);
}

// `count` pictures of 2 x 2 pixels: class c has ink in pixel c only, c = 0 to 3.
qfs::TrainDigits corner_digits(std::size_t count) {
  qfs::TrainDigits digits;
  digits.rows = digits.cols = 2;
  digits.pixels = qfs::make_tensor<std::uint8_t>({count, 4});
  for (std::size_t i = 0; i < count; ++i) {
    digits.labels.push_back(static_cast<std::uint8_t>(i % 4));
    digits.pixels(i, i % 4) = static_cast<std::uint8_t>(200 + i % 50);
  }
  return digits;
}

}  // namespace

TEST_CASE("make_mlp draws weights and biases within 1/sqrt(inputs)", "[prop]") {
  Rng rng(3);
  const std::vector<std::size_t> widths = {400, 30, 10};
  Mlp net = qfs::make_mlp(widths, rng);
  CHECK(qfs::widths_text(net) == "400-30-10");
  const auto params = qfs::parameters(net);
  REQUIRE(params.size() == 4);
  CHECK(params[0].name == "fc1_weight");
  CHECK(params[3].name == "fc2_bias");
  CHECK(params[2].values.size() == 300);
  for (const auto& param : params) {
    const float bound =
        param.name.starts_with("fc1") ? 0.05F : 0.18257419F;  // 1/sqrt(400), 1/sqrt(30)
    const auto [low, high] = std::ranges::minmax(param.values);
    INFO(param.name << ": " << low << " to " << high);
    CHECK((low >= -bound && high <= bound));
    CHECK((low < -0.5F * bound && high > 0.5F * bound));
  }
  // Of 12 000 draws some come within a thousandth of either end.
  const auto [low, high] = std::ranges::minmax(params[0].values);
  CHECK((low < -0.999F * 0.05F && high > 0.999F * 0.05F));
}

TEST_CASE("make_mlp refuses widths that make no net", "[hand]") {
  Rng rng(1);
  const std::vector<std::size_t> one = {10}, zero = {10, 0, 3};
  CHECK_THAT(message_of([&] { qfs::make_mlp(one, rng); }), QFS_CONTAINS("[10]"));
  CHECK_THAT(message_of([&] { qfs::make_mlp(zero, rng); }), QFS_CONTAINS("[10, 0, 3]"));
}

TEST_CASE("a net comes back from its files bit for bit", "[prop]") {
  const Scratch scratch;
  const Mlp net = small_net();
  const std::size_t bytes = qfs::save_mlp(net, scratch.path("net"));
  CHECK(bytes == 4 * 128 + 4 * (12 + 3 + 6 + 2));  // four headers of 128 bytes, 23 floats
  CHECK(qfs::mlp_bytes_on_disk(scratch.path("net")) == bytes);
  const Mlp back = qfs::load_mlp(scratch.path("net"));
  REQUIRE(back.layers.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(difference(back.layers[i].weight, net.layers[i].weight) == "");
    CHECK(difference(back.layers[i].bias, net.layers[i].bias) == "");
  }
}

TEST_CASE("saving a shallower net over a deeper one leaves no layer behind", "[hand]") {
  const Scratch scratch;
  Mlp net = small_net();
  qfs::save_mlp(net, scratch.path());
  net.layers.pop_back();
  qfs::save_mlp(net, scratch.path());
  CHECK(scratch.count_of_files() == 2);
  CHECK(qfs::widths_text(qfs::load_mlp(scratch.path())) == "4-3");
}

TEST_CASE("a net that cannot be saved whole leaves the old one as it was", "[hand]") {
  const Scratch scratch;
  qfs::save_mlp(small_net(), scratch.path());
  const auto weight = scratch.content_of("fc1_weight.npy");
  std::filesystem::remove(scratch.path("fc2_bias.npy"));
  std::filesystem::create_directory(scratch.path("fc2_bias.npy"));  // the last file of four
  CHECK_THAT(message_of([&] { qfs::save_mlp(small_net(8), scratch.path()); }),
             QFS_CONTAINS("fc2_bias.npy"));
  CHECK(scratch.content_of("fc1_weight.npy") == weight);
  CHECK(scratch.count_of_files() == 4);  // nothing half written is left
}

TEST_CASE("weights that are no net are refused with their file's name", "[hand]") {
  const Scratch scratch;
  qfs::save_mlp(small_net(), scratch.path());
  const auto load = [&] { return message_of([&] { qfs::load_mlp(scratch.path()); }); };
  SECTION("the shapes do not chain") {
    qfs::save_npy(scratch.path("fc2_weight.npy"), qfs::make_tensor<float>({2, 5}));
    CHECK_THAT(load(), QFS_CONTAINS("fc2_weight.npy does not chain") && QFS_CONTAINS("5 inputs") &&
                           QFS_CONTAINS("3, the outputs of fc1"));
    qfs::save_npy(scratch.path("fc2_weight.npy"), qfs::make_tensor<float>({2, 2}));
    CHECK_THAT(load(), QFS_CONTAINS("does not chain") && QFS_CONTAINS("2 inputs"));
  }
  SECTION("a layer far behind the others: all before it are missing") {
    for (const char* number : {"9", "19", "108"}) {
      scratch.write(std::string("fc") + number + "_bias.npy", "x");
      CHECK_THAT(load(), QFS_CONTAINS(number + std::string(" layer(s)")));
    }
  }
  SECTION("files with other names are no layers") {
    for (const char* name : {"xx3_weight.npy", "fc3_notes.npy", "fc3_weight.txt", "fc_weight.npy",
                             "fc1000_weight.npy", "fc3weight.npy", "f", "3_bias.npy"})
      scratch.write(name, "x");
    CHECK(load() == "no error");
  }
  SECTION("a layer between two others is missing") {
    for (const char* part : {"weight", "bias"})
      std::filesystem::copy(scratch.path(std::string("fc2_") + part + ".npy"),
                            scratch.path(std::string("fc4_") + part + ".npy"));
    CHECK_THAT(load(), QFS_CONTAINS("fc3_weight.npy is missing") && QFS_CONTAINS("4 layer(s)"));
    std::filesystem::remove(scratch.path("fc2_bias.npy"));
    CHECK_THAT(load(), QFS_CONTAINS("fc2_bias.npy is missing"));
    qfs::save_mlp(small_net(), scratch.path());  // removes fc4 too
    CHECK(load() == "no error");
  }
  SECTION("the folder may not be entered") {
    std::filesystem::permissions(scratch.path(), std::filesystem::perms::owner_read);
    const qfs::test::Nobody nobody({scratch.path()});
    if (nobody.is_somebody_else())
      CHECK_THAT(load(), QFS_CONTAINS("cannot look into") && QFS_CONTAINS("chmod u+rx"));
    std::filesystem::permissions(scratch.path(), std::filesystem::perms::owner_all);
  }
  SECTION("the bias has another length") {
    qfs::save_npy(scratch.path("fc1_bias.npy"), qfs::make_tensor<float>({4}));
    CHECK_THAT(load(), QFS_CONTAINS("fc1_bias.npy does not fit its weight"));
    qfs::save_npy(scratch.path("fc1_bias.npy"), qfs::make_tensor<float>({2}));
    CHECK_THAT(load(), QFS_CONTAINS("fc1_bias.npy does not fit its weight"));
  }
  SECTION("a bias of rank 2") {
    qfs::save_npy(scratch.path("fc1_bias.npy"), qfs::make_tensor<float>({3, 1}));
    CHECK_THAT(load(), QFS_CONTAINS("fc1_bias.npy does not fit its weight"));
  }
  SECTION("a weight of rank 1 or 3, or of no elements") {
    const std::string path = scratch.path("fc1_weight.npy");
    const auto expect_refused = [&] {
      CHECK_THAT(load(), QFS_CONTAINS("fc1_weight.npy is not a weight matrix"));
    };
    qfs::save_npy(path, qfs::make_tensor<float>({12}));
    expect_refused();
    qfs::save_npy(path, qfs::make_tensor<float>({3, 4, 1}));
    expect_refused();
    qfs::save_npy(path, qfs::make_tensor<float>({3, 0}));
    expect_refused();
    qfs::save_npy(path, qfs::make_tensor<float>({0, 4}));
    expect_refused();
  }
  SECTION("NaN") {
    auto bias = qfs::make_tensor<float>({2});
    bias(1) = std::numeric_limits<float>::quiet_NaN();
    qfs::save_npy(scratch.path("fc2_bias.npy"), bias);
    CHECK_THAT(load(), QFS_CONTAINS("fc2_bias.npy"));
  }
  SECTION("a bias is missing") {
    std::filesystem::remove(scratch.path("fc2_bias.npy"));
    CHECK_THAT(load(), QFS_CONTAINS("fc2_bias.npy"));
  }
  SECTION("a weight is missing") {
    std::filesystem::remove(scratch.path("fc2_weight.npy"));
    CHECK_THAT(load(), QFS_CONTAINS("fc2_weight.npy"));
  }
  SECTION("there is nothing") {
    CHECK_THAT(message_of([&] { qfs::load_mlp(scratch.path("nowhere")); }),
               QFS_CONTAINS("nowhere/fc1_weight.npy"));
  }
}

TEST_CASE("an epoch takes every digit once, normalized, the last batch short", "[prop]") {
  qfs::TrainDigits digits = corner_digits(70);
  for (std::size_t i = 0; i < 70; ++i)
    digits.pixels(i, 3) = static_cast<std::uint8_t>(i);  // its name
  qfs::Batches batches(digits, 32);
  Rng rng(5);
  REQUIRE(batches.count() == 3);
  const Matrix<float> all = qfs::normalized(digits.pixels, 0, 70);
  std::map<float, std::size_t> place;  // the name, normalized, of every digit
  for (std::size_t i = 0; i < 70; ++i) place[all(i, 3)] = i;
  for (int epoch = 0; epoch < 2; ++epoch) {
    batches.shuffle(rng);
    std::vector<int> seen(70, 0);
    for (std::size_t b = 0; b < 3; ++b) {
      batches.take(b);
      REQUIRE(batches.x().shape(0) == (b < 2 ? 32U : 6U));
      REQUIRE(batches.labels().size() == batches.x().shape(0));
      for (std::size_t m = 0; m < batches.x().shape(0); ++m) {
        const std::size_t i = place.at(batches.x()(m, 3));
        ++seen[i];
        CHECK(batches.labels()[m] == digits.labels[i]);
        CHECK(difference(qfs::row(batches.x(), m), qfs::row(all, i)) == "");
      }
    }
    CHECK(std::ranges::count(seen, 1) == 70);
  }
}

TEST_CASE("train runs any pass over any parameters", "[hand]") {
  // One number w, loss (w - 3)^2 whatever the digits: Adam must find 3.
  std::vector<float> w = {0.0F}, g = {0.0F};
  const qfs::TrainDigits digits = corner_digits(10);
  std::vector<int> epochs;
  std::size_t calls = 0;
  const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t> labels) {
    CHECK(x.shape(0) == labels.size());
    ++calls;
    g[0] = 2.0F * (w[0] - 3.0F);
    return (w[0] - 3.0F) * (w[0] - 3.0F);
  };
  Rng rng(1);
  const auto history =
      qfs::train({{"w", {1}, w, g}}, pass, digits,
                 {.epochs = 100,
                  .batch_size = 4,
                  .adam = {.learning_rate = 0.1},
                  .after_epoch = [&](const qfs::EpochResult& r) { epochs.push_back(r.epoch); }},
                 rng);
  CHECK(calls == 300);  // batches of 4, 4 and 2
  CHECK(epochs.size() == 100);
  CHECK(epochs.back() == 100);
  CHECK(history.front().loss > 8.0);  // the first three losses: 9, 2.9^2, 2.8^2
  CHECK(history.back().loss < 1e-4);
  CHECK(std::fabs(w[0] - 3.0F) < 1e-2F);
}

TEST_CASE("train takes one step a batch, and flushes denormals meanwhile", "[hand]") {
  // Adam's first step is the learning rate, and so is the second where the gradient stays.
  std::vector<float> w = {0.0F}, g = {1.0F};
  std::vector<float> seen, products;
  volatile float denormal = 1e-39F;
  const auto pass = [&](const Matrix<float>&, std::span<const std::uint8_t>) {
    seen.push_back(w[0]);
    products.push_back(denormal * 1e10F);
    return 1.0F;
  };
  Rng rng(1);
  qfs::train({{"w", {1}, w, g}}, pass, corner_digits(6),
             {.epochs = 1, .batch_size = 3, .adam = {.learning_rate = 0.125}}, rng);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0] == 0.0F);
  CHECK(std::fabs(seen[1] + 0.125F) <= 1e-6F);
  CHECK(std::fabs(w[0] + 0.25F) <= 1e-6F);
#if defined(__SSE2__)
  CHECK(products == std::vector<float>{0.0F, 0.0F});
#endif
  CHECK(denormal * 1e10F > 0.0F);
}

TEST_CASE("a learning rate by step is asked for every step, over all epochs", "[hand]") {
  // The gradient stays 1, so every step of Adam is its learning rate: 1/8, 0, 1/8, 0.
  std::vector<float> w = {0.0F}, g = {1.0F}, seen;
  std::vector<std::size_t> asked, totals;
  const auto pass = [&](const Matrix<float>&, std::span<const std::uint8_t>) {
    seen.push_back(w[0]);
    return 1.0F;
  };
  const auto rate = [&](std::size_t step, std::size_t steps) {
    asked.push_back(step);
    totals.push_back(steps);
    return step % 2 == 1 ? 0.125 : 0.0;
  };
  Rng rng(1);
  qfs::train({{"w", {1}, w, g}}, pass, corner_digits(6),
             {.epochs = 2, .batch_size = 3, .learning_rate = rate}, rng);
  CHECK(asked == std::vector<std::size_t>{1, 2, 3, 4});
  CHECK(totals == std::vector<std::size_t>{4, 4, 4, 4});
  REQUIRE(seen.size() == 4);
  CHECK(std::fabs(seen[1] + 0.125F) <= 1e-6F);  // m / sqrt(v) is 1 up to a few roundings
  CHECK(seen[2] == seen[1]);
  CHECK(std::fabs(seen[3] + 0.25F) <= 1e-6F);
  CHECK(w[0] == seen[3]);
}

TEST_CASE("without normalization an untrained net is certain, and wrong", "[prop]") {
  // The losses of the text: 11 to 21 with pixels from 0 to 255, near log(10) = 2.3 with normalized.
  const qfs::Dataset data = qfs::load_dataset("");
  const Matrix<float> x = qfs::normalized(data.test.pixels, 0, data.test.size());
  Matrix<float> raw = x, gradient;
  std::ranges::copy(qfs::values(std::as_const(data.test.pixels)), qfs::values(raw).begin());
  std::vector<float> losses;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Rng rng(seed);
    const Mlp net = qfs::make_recipe_net(data.train, rng);
    losses.push_back(qfs::cross_entropy(qfs::forward_ref(net, raw), data.test.labels, gradient));
    const float normal = qfs::cross_entropy(qfs::forward_ref(net, x), data.test.labels, gradient);
    CHECK(std::fabs(normal - std::log(10.0F)) < 0.05F);
  }
  std::ranges::sort(losses);
  CHECK((10.5F <= losses.front() && losses.front() < 11.5F));
  CHECK((20.5F <= losses.back() && losses.back() < 21.5F));
}

TEST_CASE("no digits, and batches of none, are refused", "[hand]") {
  const qfs::TrainDigits digits = corner_digits(4), none;
  CHECK_THAT(message_of([&] { qfs::Batches(digits, 0); }), QFS_CONTAINS("batches of at least one"));
  CHECK_THAT(message_of([&] { qfs::Batches(none, 32); }), QFS_CONTAINS("training needs digits"));
}

TEST_CASE("every epoch has an order of its own, and the seed decides them all", "[prop]") {
  qfs::TrainDigits digits = corner_digits(50);
  for (std::size_t i = 0; i < 50; ++i) digits.pixels(i, 3) = static_cast<std::uint8_t>(i);
  const auto orders_of = [&](std::uint64_t seed) {  // of two epochs
    std::vector<float> w = {0.0F}, g = {0.0F}, names;
    const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t>) {
      for (std::size_t m = 0; m < x.shape(0); ++m) names.push_back(x(m, 3));
      return 1.0F;
    };
    Rng rng(seed);
    qfs::train({{"w", {1}, w, g}}, pass, digits, {.epochs = 2}, rng);
    return std::pair(std::vector<float>(names.begin(), names.begin() + 50),
                     std::vector<float>(names.begin() + 50, names.end()));
  };
  const auto [first, second] = orders_of(1);
  CHECK(!std::ranges::is_sorted(first));
  CHECK(!std::ranges::is_sorted(second));
  CHECK(first != second);
  CHECK(orders_of(1) == std::pair(first, second));
  CHECK(orders_of(2).first != first);
}

TEST_CASE("the loss of an epoch is the mean over its digits", "[hand]") {
  std::vector<float> w = {0.0F}, g = {0.0F};
  const auto pass = [](const Matrix<float>& x, std::span<const std::uint8_t>) {
    return x.shape(0) == 4 ? 1.0F : 7.0F;
  };
  Rng rng(1);
  const auto history =
      qfs::train({{"w", {1}, w, g}}, pass, corner_digits(10), {.epochs = 1, .batch_size = 4}, rng);
  CHECK(history[0].loss == 2.2);  // (4 * 1 + 4 * 1 + 2 * 7) / 10
}

TEST_CASE("training that diverges stops", "[hand]") {
  std::vector<float> w = {0.0F}, g = {0.0F};
  const float infinity = std::numeric_limits<float>::infinity();
  for (float loss : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity}) {
    const auto pass = [&](const Matrix<float>&, std::span<const std::uint8_t>) { return loss; };
    Rng rng(1);
    CHECK_THAT(message_of([&] {
                 qfs::train({{"w", {1}, w, g}}, pass, corner_digits(4), {}, rng);
               }),
               QFS_CONTAINS("training diverged"));
  }
}

#if defined(__SSE2__)
TEST_CASE("denormals are 0 inside the scope, and themselves after it", "[hand]") {
  volatile float denormal = 1e-39F, normal = 1e-37F;
  {
    const qfs::FlushDenormals flush_denormals;
    CHECK(denormal * 1e10F == 0.0F);  // as an operand
    CHECK(normal * 1e-2F == 0.0F);    // as a result
  }
  CHECK(denormal * 1e10F > 0.0F);
  CHECK(normal * 1e-2F > 0.0F);
}
#endif

TEST_CASE("a net learns four corners, and learns the same from the same seed", "[prop]") {
  const qfs::TrainDigits digits = corner_digits(64);
  const auto train_one = [&](std::uint64_t seed) {
    Rng rng(seed);
    Mlp net = qfs::make_recipe_net(digits, rng);
    qfs::train_mlp(net, digits, {.epochs = 20}, rng);
    return net;
  };
  const Mlp net = train_one(1);
  CHECK(qfs::widths_text(net) == "4-100-100-10");
  CHECK(qfs::count_correct(qfs::classify_ref(net, digits.pixels), digits.labels) == 64);
  CHECK(difference(train_one(1).layers[0].weight, net.layers[0].weight) == "");
  CHECK(difference(train_one(2).layers[0].weight, net.layers[0].weight) != "");
}

TEST_CASE("argmax takes the first of equal logits", "[hand]") {
  const Matrix<float> logits = {{1, 3, 3}, {-5, -6, -7}, {0, 0, 1}};
  CHECK(qfs::argmax_rows(logits) == std::vector<std::uint8_t>{1, 0, 2});
}

TEST_CASE("a logit that is not finite is no opinion", "[hand]") {
  const float infinity = std::numeric_limits<float>::infinity();
  for (float bad : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()})
    for (std::size_t at : {0U, 1U, 2U}) {
      Matrix<float> logits = {{1, 2, 3}, {1, 2, 3}};
      logits(1, at) = bad;
      CHECK_THAT(message_of([&] { qfs::argmax_rows(logits, 40); }),
                 QFS_CONTAINS("not finite") && QFS_CONTAINS("digit 41"));
    }
}

TEST_CASE("classify takes all digits, however many", "[prop]") {
  qfs::TrainDigits digits = corner_digits(1203);  // two batches of 500 and a short one
  const auto logits_of = [](const Matrix<float>& x) { return x; };  // the class is the inked pixel
  CHECK(qfs::classify(digits.pixels, logits_of) == digits.labels);
}

TEST_CASE("the batch to be timed repeats the digits where there are fewer", "[hand]") {
  qfs::TestDigits digits;
  digits.pixels = {{0, 10}, {20, 30}, {40, 50}};
  digits.labels = {0, 1, 2};
  const Matrix<float> all = qfs::normalized(digits.pixels, 0, 3);
  for (std::size_t size : {1U, 2U, 3U, 7U}) {
    const Matrix<float> batch = qfs::batch_to_time(digits, size);
    REQUIRE(batch.shape(0) == size);
    for (std::size_t m = 0; m < size; ++m)
      CHECK(difference(qfs::row(batch, m), qfs::row(all, m % 3)) == "");
  }
}

TEST_CASE("Wilson's interval stays within 0 and 1, and the default z is that of 95 %", "[prop]") {
  for (std::size_t n = 1; n <= 3000; ++n)
    for (std::size_t correct : {std::size_t{0}, n / 2, n}) {
      const auto interval = qfs::wilson_interval(correct, n);
      REQUIRE((0.0 <= interval.low && interval.low < interval.high && interval.high <= 1.0));
    }
  const auto by_default = qfs::wilson_interval(7, 11),
             named = qfs::wilson_interval(7, 11, 1.959964);
  CHECK((by_default.low == named.low && by_default.high == named.high));
}

TEST_CASE("Wilson's interval", "[hand]") {
  // n = 10, p = 0.8, z = 1.96: middle (0.8 + 0.19208) / 1.38416 = 0.716738; half 1.96 / 1.38416 *
  // sqrt(0.016 + 0.009604) = 0.226581.
  const auto eight = qfs::wilson_interval(8, 10, 1.96);
  CHECK(eight.share == 0.8);
  CHECK(std::fabs(eight.low - 0.490157) <= 1e-6);
  CHECK(std::fabs(eight.high - 0.943319) <= 1e-6);
  const auto none = qfs::wilson_interval(0, 10, 1.96), all = qfs::wilson_interval(10, 10, 1.96);
  CHECK(none.low == 0.0);
  CHECK(std::fabs(none.high - 0.277540) <= 1e-6);  // 3.8416 / 13.8416
  CHECK(std::fabs(all.high - 1.0) <= 1e-12);
  CHECK(std::fabs(all.low + none.high - 1.0) <= 1e-12);
  // The two nets of the README's third question, z = 1.959964: in percent, to two decimals.
  CHECK(std::fabs(qfs::wilson_interval(1863, 2000).low - 0.9196) <= 0.5e-4);
  CHECK(std::fabs(qfs::wilson_interval(1863, 2000).high - 0.9418) <= 0.5e-4);
  CHECK(std::fabs(qfs::wilson_interval(1880, 2000).low - 0.9287) <= 0.5e-4);
  CHECK(std::fabs(qfs::wilson_interval(1880, 2000).high - 0.9496) <= 0.5e-4);
  CHECK_THROWS_AS(qfs::wilson_interval(0, 0), qfs::Error);
  CHECK_THROWS_AS(qfs::wilson_interval(3, 2), qfs::Error);
}

TEST_CASE("the confusion matrix has the truth in rows", "[hand]") {
  const std::vector<std::uint8_t> labels = {3, 3, 3, 9}, predicted = {3, 5, 5, 9};
  const auto counts = qfs::confusion_matrix(predicted, labels);
  CHECK(counts(3, 3) == 1);
  CHECK(counts(3, 5) == 2);
  CHECK(counts(5, 3) == 0);
  CHECK(counts(9, 9) == 1);
  CHECK(qfs::count_correct(predicted, labels) == 2);
  const std::vector<std::uint8_t> short_one = {3};
  CHECK_THROWS_AS(qfs::confusion_matrix(short_one, labels), qfs::Error);
  CHECK_THROWS_AS(qfs::count_correct(short_one, labels), qfs::Error);
}

TEST_CASE("the committed weights are the ones their sums name", "[hand]") {
  const std::string command =
      "cd '" QFS_DATASETS_DIR "/pretrained' && sha256sum --check --status SHA256SUMS";
  CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("the committed net gets 1863 of the 2 000 test digits right, everywhere", "[hand]") {
  const qfs::Dataset data = qfs::load_dataset("");
  const Mlp net = qfs::trained_or_pretrained({}, data);
  CHECK(qfs::widths_text(net) == "784-100-100-10");
  CHECK(qfs::count_correct(qfs::classify_ref(net, data.test.pixels), data.test.labels) == 1863);
}

TEST_CASE("trained_or_pretrained refuses weights for other pictures or classes", "[hand]") {
  const Scratch scratch;
  Rng rng(1);
  const std::vector<std::size_t> small = {100, 10}, few = {784, 9}, many = {784, 11};
  qfs::Dataset data;
  const auto message_for = [&](const std::vector<std::size_t>& widths) {
    qfs::save_mlp(qfs::make_mlp(widths, rng), scratch.path());
    qfs::Options options;
    options.weights_dir = scratch.path();
    return message_of([&] { qfs::trained_or_pretrained(options, data); });
  };
  CHECK_THAT(message_for(small), QFS_CONTAINS("do not fit the pictures") &&
                                     QFS_CONTAINS("100 inputs") && QFS_CONTAINS("28 x 28 = 784"));
  CHECK_THAT(message_for(few), QFS_CONTAINS("do not fit the classes"));
  CHECK_THAT(message_for(many), QFS_CONTAINS("do not fit the classes"));
}

TEST_CASE("a net for --data is trained once and then read from the cache", "[prop]") {
  const Scratch scratch;
  ::setenv("QFS_DATASETS", scratch.path("datasets").c_str(), 1);  // so that work/ is the test's own
  qfs::Dataset data;
  data.train = corner_digits(40);
  data.test.rows = data.test.cols = 2;
  qfs::Options options;
  options.data_dir = "corners";
  const Mlp first = qfs::trained_or_pretrained(options, data);
  const std::string directory = qfs::weights_directory(options, data);
  CHECK(directory.starts_with(scratch.path("work/cache/")));
  CHECK(qfs::mlp_bytes_on_disk(directory) > 0);
  qfs::save_npy(directory + "/fc3_bias.npy", qfs::make_tensor<float>({10}, 5.0F));
  const Mlp second = qfs::trained_or_pretrained(options, data);
  CHECK(second.layers[2].bias(0) == 5.0F);  // not trained again: read
  CHECK(difference(second.layers[0].weight, first.layers[0].weight) == "");
  data.train.pixels(0, 0) = 1;  // other data, another net
  const std::string of_other_data = qfs::weights_directory(options, data);
  CHECK(of_other_data != directory);
  std::swap(data.train.pixels(0, 0), data.train.pixels(1, 0));  // the same bytes, another order
  CHECK(qfs::weights_directory(options, data) != of_other_data);
  std::swap(data.train.pixels(0, 0), data.train.pixels(1, 0));
  CHECK(qfs::weights_directory(options, data) == of_other_data);
  data.train.labels[0] = 9;
  CHECK(qfs::weights_directory(options, data) != of_other_data);
  data.train.labels[0] = 0;
  options.seed = 2;
  CHECK(qfs::weights_directory(options, data) != of_other_data);
  ::unsetenv("QFS_DATASETS");
}

namespace {

// Points the bundled datasets, and with them work/cache, into a directory of the test's own.
struct OwnDatasets {
  OwnDatasets() { ::setenv("QFS_DATASETS", scratch.path("datasets").c_str(), 1); }
  ~OwnDatasets() { ::unsetenv("QFS_DATASETS"); }
  Scratch scratch;
};

// Four classes of 2 x 2 pictures, as if they came from --data.
qfs::Dataset corners() {
  qfs::Dataset data;
  data.train = corner_digits(40);
  data.test.rows = data.test.cols = 2;
  return data;
}

}  // namespace

TEST_CASE("without a cache the trained net is used all the same, and stderr says so", "[hand]") {
  const OwnDatasets own;
  own.scratch.write("work", "a file where the folder work/ should be");
  const qfs::Dataset data = corners();
  qfs::Options options;
  options.data_dir = "corners";
  Mlp first;
  const std::string said =
      qfs::test::stderr_of([&] { first = qfs::trained_or_pretrained(options, data); });
  CHECK_THAT(said, QFS_CONTAINS("is not kept for the next run") && QFS_CONTAINS("work/cache"));
  const std::string directory = qfs::weights_directory(options, data);
  CHECK(qfs::mlp_bytes_on_disk(directory) > 0);  // so a lesson can say its size
  CHECK_FALSE(directory.starts_with(own.scratch.path()));
  Mlp second;
  CHECK(qfs::test::stderr_of([&] { second = qfs::trained_or_pretrained(options, data); }) == "");
  CHECK(difference(second.layers[0].weight, first.layers[0].weight) == "");
  std::filesystem::remove_all(directory);
}

TEST_CASE("training says its size before the work", "[hand]") {
  const OwnDatasets own;
  qfs::Options options;
  options.data_dir = "corners";
  // 4 * 100 + 100, 100 * 100 + 100 and 100 * 10 + 10 parameters: 11 610, of 16 bytes each.
  CHECK_THAT(qfs::test::stderr_of([&] { qfs::trained_or_pretrained(options, corners()); }),
             QFS_CONTAINS("Training 4-100-100-10 on 40 pictures, once: 181.4 KB of weights"));
}

TEST_CASE("a signal in the middle of saving a net leaves no part of it", "[hand]") {
  const qfs::test::Scratch scratch;
  qfs::Rng rng(1);
  const std::array<std::size_t, 3> widths = {4, 100, 10};
  const Mlp net = qfs::make_mlp(widths, rng);
  CHECK(qfs::test::end_of_child([&] {
          ::signal(SIGXFSZ, [](int) { ::raise(SIGTERM); });
          const rlimit limit{1000, 1000};  // fc1_weight.npy has 128 + 1600 bytes
          ::setrlimit(RLIMIT_FSIZE, &limit);
          qfs::save_mlp(net, scratch.path("net"));
        }) == -SIGTERM);
  CHECK(std::filesystem::is_empty(scratch.path("net")));
}

TEST_CASE("a damaged cache names its folder to delete, missing weights how to restore them",
          "[hand]") {
  const OwnDatasets own;
  const qfs::Dataset data = corners();
  qfs::Options options;
  options.data_dir = "corners";
  const auto message = [&] {
    return message_of([&] { qfs::trained_or_pretrained(options, data); });
  };
  REQUIRE(message() == "no error");
  const std::string directory = qfs::weights_directory(options, data);
  std::filesystem::resize_file(directory + "/fc2_weight.npy", 1000);
  CHECK_THAT(message(), QFS_CONTAINS("fc2_weight.npy is cut off") &&
                            QFS_CONTAINS("what to do: delete the folder " + directory));
  std::filesystem::remove(directory + "/fc2_weight.npy");
  CHECK_THAT(message(), QFS_CONTAINS("what to do: delete the folder " + directory));
  options.data_dir = "";
  CHECK_THAT(message(), QFS_CONTAINS("datasets/pretrained/fc1_weight.npy is missing") &&
                            QFS_CONTAINS("what to do: git checkout -- datasets/pretrained"));
  options.weights_dir = own.scratch.path("mine");  // whose net it is nobody here knows
  CHECK_THAT(message(),
             QFS_CONTAINS("mine/fc1_weight.npy is missing") && !QFS_CONTAINS("git checkout"));
}

TEST_CASE("a net that has overflowed has no opinion, and the digit is named", "[hand]") {
  Mlp net = small_net();
  Matrix<std::uint8_t> pixels = qfs::make_tensor<std::uint8_t>({700, 4});
  for (float& w : qfs::values(net.layers[0].weight)) w = 0.0F;
  for (float& w : qfs::values(net.layers[1].weight)) w = 1.0F;
  CHECK(qfs::classify_ref(net, pixels).size() == 700);
  // Only digit 600 has ink: 3e38 times its normalized pixel overflows, and infinity - infinity.
  pixels(600, 0) = 255;
  for (std::size_t n = 0; n < 3; ++n) net.layers[0].weight(n, 0) = 3e38F;
  net.layers[1].weight(0, 0) = -1.0F;
  CHECK_THAT(message_of([&] { qfs::classify_ref(net, pixels); }),
             QFS_CONTAINS("not finite") && QFS_CONTAINS("digit 600"));
}

TEST_CASE("--digits trains on the first ones, and refuses more than there are", "[hand]") {
  const auto some = qfs::test::run_program(QFS_CH04_PROGRAM, "--quick --digits 70");
  CHECK(some.code == 0);
  CHECK_THAT(some.out, QFS_CONTAINS("784-100-100-10, 70 digits in batches of 32"));
  CHECK_THAT(some.out, QFS_CONTAINS("1863 of 2000 right"));  // the net of datasets/pretrained
  const auto too_many = qfs::test::run_program(QFS_CH04_PROGRAM, "--digits 8001");
  CHECK(too_many.code == 2);
  CHECK(too_many.out == "04 MNIST MLP\n");
  CHECK_THAT(too_many.err, QFS_CONTAINS("not so many training digits") && QFS_CONTAINS("8000"));
}

TEST_CASE("the program refuses what it would ignore, and places it cannot write", "[hand]") {
  const Scratch scratch;
  scratch.write("file", "x");
  const std::string image = "--image '" + scratch.path("none.png") + "' ";
  for (const char* option : {"--epochs 10", "--digits 9", "--save d", "--pictures d", "--csv d",
                             "--json f", "--trace"}) {
    const auto outcome = qfs::test::run_program(QFS_CH04_PROGRAM, image + option);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, QFS_CONTAINS("excludes"));
  }
  for (const char* option : {"--save '", "--pictures '", "--csv '"}) {
    const auto outcome =
        qfs::test::run_program(QFS_CH04_PROGRAM, option + scratch.path("file/below") + "'");
    CHECK(outcome.code == 2);
    CHECK(outcome.out == "");  // before ten epochs of training, not after
    CHECK_THAT(outcome.err, QFS_CONTAINS("cannot write"));
  }
}
