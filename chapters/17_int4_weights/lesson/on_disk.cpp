// Section 3: how large the files are.
#include <cstdio>

#include "04_mnist_mlp/pretrained.hpp"
#include "17_int4_weights/lesson/study.hpp"
#include "17_int4_weights/plumbing/group_file.hpp"
#include "common/print.hpp"
#include "common/temporary.hpp"

namespace qfs::ch17 {
namespace {

// Writes the net, reads it, and says how large the file is.
std::size_t file_bytes(const Study& study, const GroupOptions& options, bool& read_back) {
  const TemporaryDirectory folder;
  const GroupMlp net = quantize_groups(study.start.mlp, study.start.intervals, options);
  const std::size_t bytes = save_group_mlp(folder.path("net.qfs"), net);
  const GroupMlp again = load_group_mlp(folder.path("net.qfs"));
  for (std::size_t i = 0; i < net.layers.size(); ++i)
    read_back = read_back && again.layers[i].weight.q == net.layers[i].weight.q &&
                again.layers[i].weight.scale == net.layers[i].weight.scale &&
                again.layers[i].bias == net.layers[i].bias;
  return bytes;
}

}  // namespace

void on_disk(const Study& study, Lesson& lesson) {
  section(3, "The model file, scales and biases included");
  const std::size_t of_float = mlp_bytes_on_disk(weights_directory(lesson.options, study.data));
  std::printf("  float net, .npy files: %zu bytes\n", of_float);
  Table table({"bits", "scale for", "float16 scales", "of float", "float32 scales", "of float"});
  bool read_back = true;
  double share_of_128 = 1.0;
  for (int bits : {8, 4, 3, 2})
    for (const Share& share : kShares) {
      std::vector<std::string> cells = {std::to_string(bits), share.name};
      for (ScaleFormat format : {ScaleFormat::float16, ScaleFormat::float32}) {
        const std::size_t bytes = file_bytes(study, {bits, share.granularity, format}, read_back);
        const double of_all = static_cast<double>(bytes) / static_cast<double>(of_float);
        cells.insert(cells.end(), {std::to_string(bytes), percent(of_all)});
        if (bits == 4 && share.granularity.group_size == 128 && format == ScaleFormat::float16)
          share_of_128 = of_all;
      }
      if (bits < 8 || share.granularity.kind == GranularityKind::per_channel) table.row(cells);
    }
  table.print();
  lesson.report.figure("int4_g128_share", share_of_128);
  lesson.claims.expect(read_back, "read back, every file has the same integers and scales");
  if (lesson.options.weights_dir.empty())
    lesson.claims.expect(share_of_128 <= 0.14, "4 bits, groups of 128: at most 14 % of float");
}

}  // namespace qfs::ch17
