#include "11_avx2_kernel/packed_panels.hpp"

namespace qfs {
namespace {

using panel::kRows;
using panel::kStripRows;

constexpr std::size_t kBlock = 768;  // 32 rows of it are 24 KB: the first-level cache has 32 or 48

// Blocks of about the same size, so that none is left with a few inputs.
std::size_t block_inputs(std::size_t K) {
  const std::size_t blocks = std::max<std::size_t>((K + kBlock - 1) / kBlock, 1);
  return up_to(panel::kStepInputs, (K + blocks - 1) / blocks);
}

std::size_t count_remainders(const Steps& steps) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < steps.size(); ++i) count += steps[i].k == steps[i - 1].k ? 1 : 0;
  return count;
}

void record(LaneProof& proof, std::size_t length, std::size_t groups) {
  if (groups == 0) return;
  const std::size_t products = 2 * length;
  proof.deepest = std::max(proof.deepest, products);
  proof.shallowest = proof.groups == 0 ? products : std::min(proof.shallowest, products);
  proof.groups += groups;
}

// Forms groups of `length` steps for every output of a panel, as many as all of them can: their
// number. They go to the ends of `packed`; the steps that are left stay in `left`.
std::size_t take_groups(std::span<Steps> left, std::span<Steps> packed, std::size_t length,
                        std::int32_t x_max) {
  const auto is_full = [&](const Group& group) { return group.steps.size() == length; };
  std::vector<std::vector<Group>> groups;
  std::size_t common = std::numeric_limits<std::size_t>::max();
  for (const Steps& steps : left) {
    groups.push_back(first_fit(steps, x_max, length));
    common =
        std::min(common, static_cast<std::size_t>(std::ranges::count_if(groups.back(), is_full)));
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    left[i].clear();
    std::size_t taken = 0;
    for (const Group& group : groups[i]) {
      Steps& to = is_full(group) && taken++ < common ? packed[i] : left[i];
      to.insert(to.end(), group.steps.begin(), group.steps.end());
    }
  }
  return common;
}

// The steps of a panel's outputs, grouped alike. What is left in the end stands alone; where an
// output has fewer of those than another, steps of zeros are added.
std::array<std::uint32_t, panel::kLongest> group_alike(std::span<Steps> left,
                                                       std::span<Steps> packed,
                                                       std::int32_t x_max) {
  std::array<std::uint32_t, panel::kLongest> counts{};
  for (std::size_t length = panel::kLongest; length > 1; --length)
    counts[panel::kLongest - length] =
        static_cast<std::uint32_t>(take_groups(left, packed, length, x_max));
  const std::size_t most = std::ranges::max(left, {}, &Steps::size).size();
  counts.back() = static_cast<std::uint32_t>(most);
  for (std::size_t i = 0; i < left.size(); ++i) {
    left[i].resize(most);
    packed[i].insert(packed[i].end(), left[i].begin(), left[i].end());
  }
  return counts;
}

// `left`: the steps of the panel's outputs.
void append_panel(PackedPanels& packed, std::vector<Steps> left, std::int32_t x_max) {
  PackedPanels::Place& place = packed.panels.emplace_back();
  place.outputs = left.size();
  place.first_output = packed.output.size() - left.size();
  place.first_step = packed.steps.size();
  std::vector<Steps> grouped(left.size());
  place.counts = group_alike(left, grouped, x_max);
  for (std::size_t i = 0; i < panel::kLongest; ++i)
    record(packed.proof, panel::kLongest - i, place.counts[i] * left.size());
  for (const Steps& steps : grouped)
    packed.steps.insert(packed.steps.end(), steps.begin(), steps.end());
}

// Inputs `begin` to `end` of all outputs. Those that need about as many groups share a panel.
void pack_block(PackedPanels& packed, const Matrix<std::int8_t>& w, std::size_t begin,
                std::size_t end, std::int32_t x_max) {
  struct Output {
    std::uint32_t n = 0;
    Steps steps{};
    std::size_t groups = 0;
  };
  std::vector<Output> outputs;
  for (std::size_t n = 0; n < packed.N; ++n) {
    Steps steps = steps_of(w, n, begin, end, x_max);
    packed.proof.steps += steps.size();
    packed.proof.remainders += count_remainders(steps);
    const std::size_t groups = first_fit(steps, x_max).size();
    outputs.push_back({static_cast<std::uint32_t>(n), std::move(steps), groups});
  }
  std::ranges::stable_sort(outputs, {}, &Output::groups);
  std::vector<Steps> of_panel;
  for (Output& output : outputs) {
    packed.output.push_back(output.n);
    of_panel.push_back(std::move(output.steps));
    if (of_panel.size() < panel::kOutputs && &output != &outputs.back()) continue;
    append_panel(packed, std::move(of_panel), x_max);
    of_panel.clear();
  }
}

}  // namespace

Steps steps_of(const Matrix<std::int8_t>& w, std::size_t n, std::size_t begin, std::size_t end,
               std::int32_t x_max) {
  Steps steps;
  for (std::size_t k = begin; k < end; k += panel::kStepInputs) {
    Step step{static_cast<std::uint32_t>(k - begin), {}};
    for (std::size_t i = 0; i < panel::kStepInputs && k + i < end; ++i) step.w[i] = w(n, k + i);
    if (fullness(step) == 0) continue;
    const std::optional<Step> remainder = split_remainder(step, x_max);
    steps.push_back(step);
    if (remainder) steps.push_back(*remainder);
  }
  return steps;
}

PackedPanels pack_panels(const Matrix<std::int8_t>& w, std::int32_t x_max) {
  require(x_max > 0 && x_max <= 255, "the largest input is not of 8 bits", x_max, "1 to 255",
          "pass the largest value of the inputs' range");
  PackedPanels packed{.N = w.shape(0), .K = w.shape(1), .block = block_inputs(w.shape(1))};
  for (std::size_t begin = 0; begin < packed.K; begin += packed.block)
    pack_block(packed, w, begin, std::min(begin + packed.block, packed.K), x_max);
  return packed;
}

void BlockOfRows::begin(const PackedPanels& w, const LeftSide& x, std::size_t row,
                        std::span<const std::int32_t> start) {
  row_ = row;
  rows_ = std::min(x.rows - row, kRows);
  x_ = static_cast<const std::uint8_t*>(x.source) + (x.pack == nullptr ? row * w.K : 0);
  if (x.pack != nullptr) {
    make_room(patches_, kRows * w.K);
    x.pack(x.source, row, row + rows_, patches_.data());
    x_ = patches_.data();
  }
  strip_steps_ = up_to(panel::kStepInputs, std::min(w.block, w.K)) / panel::kStepInputs;
  make_room(strips_, panel::kStrips * strip_steps_);
  make_room(sums_, up_to(panel::kTileOutputs, w.N));
  start_.assign(w.N, 0);
  std::ranges::copy(start, start_.begin());
  if (w.K > 0) return;  // else nothing but this writes the sums
  for (std::size_t n = 0; n < w.N; ++n) std::ranges::fill(sums_[n].row, start_[n]);
}

void BlockOfRows::interleave(const panel::Kernel& kernel, const PackedPanels& w, std::size_t b) {
  const std::size_t k = b * w.block;
  for (std::size_t s = 0; s < strips(); ++s)
    kernel.interleave(x_ + s * kStripRows * w.K + k, w.K,
                      std::min(rows_ - s * kStripRows, kStripRows), std::min(w.block, w.K - k),
                      strips_[s * strip_steps_].x);
}

void BlockOfRows::multiply(const panel::Kernel& kernel, const PackedPanels& w, std::size_t b) {
  const std::size_t of_block = (w.N + panel::kOutputs - 1) / panel::kOutputs;
  for (const PackedPanels::Place& place : std::span(w.panels).subspan(b * of_block, of_block)) {
    const panel::Panel panel{place.counts.data(), place.outputs,
                             w.output.data() + place.first_output,
                             w.steps.data() + place.first_step};
    kernel.multiply(panel, strips_.front().x, strip_steps_ * sizeof(StripStep), strips(),
                    b == 0 ? start_.data() : nullptr, sums_.front().row);
  }
}

SumTile BlockOfRows::tile(const PackedPanels& w, std::size_t n) const {
  return {row_, rows_, n, std::min(w.N - n, panel::kTileOutputs), sums_[n].row};
}

void multiply_panels(const panel::Kernel& kernel, const PackedPanels& w, const LeftSide& x,
                     BlockOfRows& rows, std::span<std::int32_t> acc) {
  multiply_panels(kernel, w, x, {}, rows, [&](const SumTile& tile) {
    kernel.to_rows(tile.sums, tile.rows, tile.outputs, acc.data() + tile.row * w.N + tile.output,
                   w.N);
  });
}

}  // namespace qfs
