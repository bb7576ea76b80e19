// Section 7: the model file. The size of the written file is the only size worth quoting.
#include <cstdio>

#include "04_mnist_mlp/pretrained.hpp"
#include "06_static_ptq/lesson/study.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "common/print.hpp"
#include "common/temporary.hpp"

namespace qfs::ch06 {

std::size_t model_on_disk(const Study& study, Lesson& lesson) {
  section(7, "The model file: its size on disk");
  const TemporaryDirectory folder;
  const std::size_t bytes = save_model(folder.path("net.qfs"), study.net);
  const QuantizedNet loaded = load_model(folder.path("net.qfs"));
  const std::size_t float_bytes = mlp_bytes_on_disk(weights_directory(lesson.options, study.data));
  std::size_t weights = 0;
  for (const OperationParts& layer : layers_of(study.net))
    weights += layer.weights->weight.q.size();
  const double share = static_cast<double>(bytes) / static_cast<double>(float_bytes);
  std::printf("  float net, .npy files  %7zu bytes\n", float_bytes);
  std::printf("  integer net, one file  %7zu bytes = %.2f %%\n", bytes, 100.0 * share);
  std::printf("    of it weights        %7zu\n", weights);
  std::printf("    everything else      %7zu (biases, scales, the list, checksum)\n",
              bytes - weights);
  lesson.report.figure("model_bytes_share", share);
  const auto& pixels = study.data.test.pixels;
  lesson.claims.expect(classify_u8(pack(loaded), pixels) == classify_u8(pack(study.net), pixels),
                       "read back, it gives every digit the same class");
  if (lesson.options.is_default_run())
    lesson.claims.expect(share <= 0.26, "at most 26 % of the float weights' bytes");
  return bytes;
}

}  // namespace qfs::ch06
