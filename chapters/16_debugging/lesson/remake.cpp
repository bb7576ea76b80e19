// --remake DIR: the files of datasets/debugging. Two narrow nets are trained (by BLAS: as good on
// any machine, the same bytes on one like ours), the first is quantized, and the faults are
// planted.
#include <cstdio>

#include "04_mnist_mlp/pretrained.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "16_debugging/lesson/files.hpp"
#include "16_debugging/lesson/study.hpp"

namespace qfs::ch16 {
namespace {

Mlp train_narrow(const TrainDigits& digits, std::uint64_t seed) {
  constexpr std::array<std::size_t, 5> kWidths = {784, 16, 16, 16, 10};
  Rng rng(seed);
  Mlp mlp = make_mlp(kWidths, rng);
  train_mlp(mlp, digits, {.label = "training a narrow net"}, rng);
  return mlp;
}

// The next net whose integers, and whose float net too if `itself` says so, get `right` test digits
// right: the planted pair of section 7. 0 stands for any number.
Subject next_net(const Study& study, std::uint64_t& seed, std::size_t right, bool itself) {
  constexpr std::uint64_t kMostSeeds = 300;
  while (++seed <= kMostSeeds) {
    Subject subject = make_subject(train_narrow(study.data.train, seed), study.data.train);
    const auto& pixels = study.data.test.pixels;
    const std::size_t by_float = count_correct(classify_ref(subject.mlp, pixels), study.labels()),
                      in_integers =
                          count_correct(classify_u8(pack(subject.net), pixels), study.labels());
    if ((!itself || by_float == in_integers) && (right == 0 || right == in_integers))
      return subject;
  }
  fail("no seed gives such a net", std::to_string(kMostSeeds) + " tried", "a pair",
       "train other widths");
}

}  // namespace

void remake_files(const Study& study, const std::string& directory) {
  std::uint64_t seed = 0;
  const Subject first = next_net(study, seed, 0, true);
  std::printf("first: seed %llu\n", static_cast<unsigned long long>(seed));
  const std::size_t right =
      count_correct(classify_ref(first.mlp, study.data.test.pixels), study.labels());
  const Subject second = next_net(study, seed, right, false);
  std::printf("second: seed %llu, %zu right\n", static_cast<unsigned long long>(seed), right);
  save_mlp(first.mlp, directory + "/first");
  save_mlp(second.mlp, directory + "/second");
  save_model(directory + "/right.qfs", first.net);
  const std::vector<Fault> faults = faults_of_files(first.net);
  for (std::size_t i = 0; i < faults.size(); ++i)
    save_model(directory + "/" + std::to_string(i + 1) + ".qfs", plant(first.net, faults[i]));
}

}  // namespace qfs::ch16
