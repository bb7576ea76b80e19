// Section 7, with --full: five nets of five seeds, each rounded on 1000 digits of its own draw.
#include <cstdio>

#include "04_mnist_mlp/mean_interval.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "18_better_rounding/lesson/study.hpp"
#include "common/measured_table.hpp"

namespace qfs::ch18 {
namespace {

constexpr std::uint64_t kNets = 5;

// Here AdaRound may take longer than in the default run.
Way longer(Way way) {
  way.options.adaround.steps = 500;
  way.options.adaround.free_steps = 100;
  return way;
}

// The five of section 3, then some of them together.
std::vector<Way> per_channel_ways() {
  std::vector<Way> all;
  for (const Way& way : ways()) all.push_back(longer(way));
  for (const Way& way : {longer(ways()[kAdaRound]), longer(ways()[kGptq])}) {
    Way together = way;
    together.options.scales = ScaleChoice::least_error;
    together.name += ", least-error scales";
    all.push_back(together);
    together = way;
    together.options.correct_biases = true;
    together.name += ", bias correction";
    all.push_back(together);
  }
  return all;
}

// The five with one scale per layer, and nearest behind an equalization.
std::vector<Way> per_tensor_ways() {
  std::vector<Way> all;
  for (const Way& way : ways()) all.push_back(longer(way));
  all.insert(all.begin() + 1,
             {.name = "equalization", .equalized = true, .options = all[0].options});
  for (Way& way : all) way.options.weights = WeightGranularity::per_tensor;
  return all;
}

// One way in one number of bits: a value per net, and what nearest gave for the same net.
struct Cell {
  std::vector<double> error, error_gain, right, right_gain, flips;
  std::size_t only_this = 0, only_nearest = 0;
  bool every_net = true;  // a smaller logit error than nearest's
};

using Cells = std::vector<Cell>;  // bits x ways

void add_to(Cells& cells, std::span<const Way> all, const Start& start) {
  std::size_t index = 0;
  for (int bits : kBits) {
    Outcome nearest;
    for (const Way& way : all) {
      const Outcome outcome = outcome_of(start, way, bits);
      if (&way == &all.front()) nearest = outcome;
      const PairedResult pair =
          compare_classes(nearest.classes, outcome.classes, start.test->labels);
      Cell& cell = cells[index++];
      cell.error.push_back(outcome.logit_error);
      cell.error_gain.push_back(nearest.logit_error - outcome.logit_error);
      cell.right.push_back(outcome.right);
      cell.right_gain.push_back(outcome.right - nearest.right);
      cell.flips.push_back(static_cast<double>(outcome.flips));
      cell.only_this += pair.only_b;
      cell.only_nearest += pair.only_a;
      cell.every_net = cell.every_net && outcome.logit_error < nearest.logit_error;
    }
  }
}

Table table_of(const Cells& cells, std::span<const Way> all) {
  Table table({"", "bits", "logit error, %", "gain over nearest", "right, %", "gain over nearest",
               "p", "flips"});
  std::size_t index = 0;
  for (int bits : kBits)
    for (const Way& way : all) {
      const Cell& cell = cells[index++];
      const bool nearest = &way == &all.front();
      const auto gain = [&](const std::vector<double>& gains) {
        return nearest ? std::string("–") : text_of(mean_interval(gains));
      };
      table.row({way.name, std::to_string(bits), text_of(mean_interval(cell.error)),
                 gain(cell.error_gain), text_of(mean_interval(cell.right)), gain(cell.right_gain),
                 nearest ? "–" : p_text(mcnemar_p(cell.only_nearest, cell.only_this)),
                 fixed(mean_interval(cell.flips).mean, 1)});
    }
  return table;
}

// Logit errors and the halves of their intervals, of the five.
void write_csv(const Cells& cells, std::span<const Way> all, const Lesson& lesson) {
  std::vector<std::string> header = {"bits"};
  for (std::size_t w = 0; w < kWays; ++w)
    header.insert(header.end(), {all[w].name, all[w].name + "_half"});
  std::vector<std::vector<double>> rows;
  for (std::size_t b = 0; b < std::size(kBits); ++b) {
    rows.push_back({static_cast<double>(kBits[b])});
    for (std::size_t w = 0; w < kWays; ++w) {
      const MeanInterval mean = mean_interval(cells[b * all.size() + w].error);
      rows.back().insert(rows.back().end(), {mean.mean, mean.half});
    }
  }
  lesson.report.csv("bits", header, rows);
}

// The net of chapter 04's recipe and this seed, and the digits that this seed draws.
Start trained_by_seed(const Study& study, std::uint64_t seed) {
  Rng rng(seed);
  Mlp mlp = make_recipe_net(study.data.train, rng);
  train_mlp(mlp, study.data.train, {.label = "training a float net"}, rng);
  return make_start(takes_ink(std::move(mlp)), drawn_digits(study.data.train, seed),
                    study.data.test);
}

}  // namespace

void five_nets(const Study& study, const std::string& tables, Lesson& lesson) {
  section(7, "Five nets, each rounded on its own 1000 digits: mean and 95 % interval");
  const std::vector<Way> by_channel = per_channel_ways(), by_tensor = per_tensor_ways();
  Cells channel(std::size(kBits) * by_channel.size()), tensor(std::size(kBits) * by_tensor.size());
  std::vector<double> by_float;
  for (std::uint64_t seed = 1; seed <= kNets; ++seed) {
    const Start start = trained_by_seed(study, seed);
    by_float.push_back(percent_right(start, start.classes));
    add_to(channel, by_channel, start);
    add_to(tensor, by_tensor, start);
  }
  const std::string note =
      "Float " + text_of(mean_interval(by_float)) +
      " % right. Seeds 1 to 5 choose training and calibration digits; AdaRound takes 500 steps. "
      "Mean and 95 % interval over the five nets, gains paired. p: McNemar, the nets' digits "
      "pooled (2000 test digits, the same for every net). Flips: how many of the 2000 changed "
      "class.";
  table_of(channel, by_channel).print();
  table_of(tensor, by_tensor).print();
  std::printf("  %s\n", note.c_str());
  write_csv(channel, by_channel, lesson);
  write_measured_table(tables, "per_channel", table_of(channel, by_channel), note);
  write_measured_table(tables, "per_tensor", table_of(tensor, by_tensor), note);
  if (!lesson.options.data_dir.empty()) return;
  const std::span<const Cell> three_bits = std::span(channel).subspan(by_channel.size());
  lesson.claims.expect(three_bits[kAdaRound].every_net && three_bits[kGptq].every_net,
                       "three bits: AdaRound and GPTQ beat nearest in logit error on every net");
}

}  // namespace qfs::ch18
