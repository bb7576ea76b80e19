// Section 4: the nets of chapters 06 to 09 on every backend that this CPU has, with any number of
// threads.
#include <cstdio>

#include "04_mnist_mlp/evaluate.hpp"
#include "13_int8_engine/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch13 {
void same_numbers(const Study& study, Lesson& lesson) {
  section(4, "Four nets, all test digits: logits whose bits differ from ref's");
  const Matrix<float> x = normalized(study.data.test.pixels, 0, study.data.test.size());
  std::vector<Matrix<float>> expected;
  for (const NamedNet& net : study.nets) {
    Engine engine(net.net, ref_backend(), net.table);
    expected.push_back(logits_of(engine, x, net.batch));
  }
  std::printf("  needs   backend  threads  static_ptq  fused_ptq  dynamic    qat\n");
  std::printf("  ------  -------  -------  ----------  ---------  -------  -----\n");
  bool all_same = true;
  for (const KnownBackend& known : known_backends()) {
    if (!known.can_run()) continue;
    for (int threads : {1, 2, 3}) {
      std::printf("  %-6s  %-7s  %7d", set_of(*known.backend).c_str(),
                  std::string(known.backend->name).c_str(), threads);
      constexpr int kWidths[] = {10, 9, 7, 5};
      for (std::size_t i = 0; i < study.nets.size(); ++i) {
        const NamedNet& net = study.nets[i];
        Engine engine(net.net, *known.backend, net.table, threads);
        const std::size_t different =
            count_other_bits(logits_of(engine, x, net.batch), expected[i]);
        std::printf("  %*zu", kWidths[i], different);
        all_same = all_same && different == 0;
      }
      std::printf("\n");
    }
  }
  lesson.claims.expect(all_same, "not one, on every backend here, with every number of threads");
}

}  // namespace qfs::ch13
