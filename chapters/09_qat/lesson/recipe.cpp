// Section 11 of the lesson, with --search: how the recipe was chosen, on training digits that no
// training saw. The test digits have no part in it.
#include <algorithm>
#include <cstdio>

#include "04_mnist_mlp/pretrained.hpp"
#include "09_qat/lesson/study.hpp"
#include "common/measured_table.hpp"
#include "common/print.hpp"

namespace qfs::ch09 {
namespace {

// The last eighth of the training digits is held out.
struct HeldOut {
  TrainDigits train;
  Matrix<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;
};

HeldOut hold_out(const TrainDigits& all) {
  const std::size_t count = all.size() - all.size() / 8, width = all.pixels.shape(1);
  HeldOut split{.train = {.pixels = make_tensor<std::uint8_t>({count, width}),
                          .labels = {},
                          .rows = all.rows,
                          .cols = all.cols},
                .pixels = make_tensor<std::uint8_t>({all.size() - count, width}),
                .labels = {}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool train = i < count;
    std::ranges::copy(row(all.pixels, i),
                      (train ? row(split.train.pixels, i) : row(split.pixels, i - count)).begin());
    (train ? split.train.labels : split.labels).push_back(all.labels[i]);
  }
  return split;
}

std::vector<Recipe> candidates() {
  std::vector<Recipe> all;
  for (auto scales : {ScaleSource::frozen, ScaleSource::observed, ScaleSource::learned})
    for (double rate : {1e-3, 3e-4, 1e-4}) all.push_back({5, rate, scales});
  for (double rate : {1e-3, 3e-4, 1e-4}) all.push_back({10, rate, ScaleSource::learned});
  return all;
}

}  // namespace

void search_recipe(const Study& study, const std::string& tables) {
  section(11, "The recipe: percent right of held-out training digits, mean over five seeds");
  const HeldOut split = hold_out(study.data.train);
  const std::vector<Recipe> all = candidates();
  constexpr int kSearchedBits[] = {4, 3, 2};
  std::vector<std::array<double, 3>> right(all.size());
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Rng rng(seed);
    Mlp mlp = make_recipe_net(split.train, rng);
    train_mlp(mlp, split.train, {.label = "training a float net"}, rng);
    const Start start = make_start(split.train, split.pixels, split.labels, std::move(mlp), seed);
    for (std::size_t r = 0; r < all.size(); ++r)
      for (std::size_t b = 0; b < 3; ++b)
        right[r][b] +=
            percent_right(
                start,
                train_from(start, in_bits(kSearchedBits[b], all[r].scales), all[r]).classes) /
            static_cast<double>(kSeeds);
  }
  Table table({"scales", "epochs", "Adam", "4 bits", "3 bits", "2 bits", "mean"});
  for (std::size_t r = 0; r < all.size(); ++r)
    table.row({name_of(all[r].scales), std::to_string(all[r].epochs),
               general(all[r].learning_rate, 1), fixed(right[r][0], 2), fixed(right[r][1], 2),
               fixed(right[r][2], 2), fixed((right[r][0] + right[r][1] + right[r][2]) / 3.0, 2)});
  table.print();
  write_measured_table(
      tables, "recipe", table,
      "Trained on the first 7/8 of the training digits, counted on the last 1/8; weights per "
      "tensor, five seeds.");
}

}  // namespace qfs::ch09
