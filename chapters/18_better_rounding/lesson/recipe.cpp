// Section 8, with --search: how AdaRound's recipe was chosen, on training digits that calibration
// did not see. The test digits have no part in it.
#include <cstdio>

#include "04_mnist_mlp/mean_interval.hpp"
#include "18_better_rounding/lesson/study.hpp"
#include "common/measured_table.hpp"

namespace qfs::ch18 {

void search_recipe(const Study& study, const std::string& tables) {
  section(8, "AdaRound's recipe: logit error in percent on the last 1000 training digits");
  const TrainDigits& train = study.data.train;
  const std::size_t first = train.size() - train.size() / 8;
  TestDigits held_out{
      .pixels = make_tensor<std::uint8_t>({train.size() - first, train.pixels.shape(1)}),
      .labels = {train.labels.begin() + static_cast<std::ptrdiff_t>(first), train.labels.end()}};
  for (std::size_t i = first; i < train.size(); ++i)
    std::ranges::copy(row(train.pixels, i), row(held_out.pixels, i - first).begin());
  const Start start = make_start(study.start.mlp, study.start.calibration, held_out);
  Table table({"steps", "Adam", "strength", "4 bits", "3 bits", "2 bits"});
  for (int steps : {100, 200, 500})
    for (double rate : {0.03, 0.1})
      for (float strength : {1.0F, 10.0F, 30.0F, 100.0F}) {
        std::vector<std::string> cells = {std::to_string(steps), general(rate, 2),
                                          general(static_cast<double>(strength), 3)};
        Way way = ways()[kAdaRound];
        way.options.adaround = {
            .steps = steps, .free_steps = steps / 5, .learning_rate = rate, .strength = strength};
        for (int bits : kBits) cells.push_back(fixed(outcome_of(start, way, bits).logit_error, 2));
        table.row(cells);
      }
  table.print();
  write_measured_table(
      tables, "recipe", table,
      "Weights per channel, calibrated on the first 1000 training digits; a fifth of the "
      "steps is free.");
}

}  // namespace qfs::ch18
