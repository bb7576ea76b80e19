// Section 3: what it costs in memory to write all patches down.
#include <cstdio>

#include "20_float_cnn/lesson/study.hpp"

namespace qfs::ch20 {

void patches(const Study& study, Lesson& lesson) {
  const NamedNet& net = study.nets.back();
  section(3, "The patches of one picture: the convolutions of the " + net.name);
  Table table({"conv", "input", "K", "output", "products", "patches", "times input"});
  std::size_t largest = 0, all = 0;
  for (const CnnLayer& layer : net.cnn.layers) {
    if (layer.kind != LayerKind::conv2d) continue;
    const PictureShape& in = net.cnn.tensors[layer.inputs[0]];
    const PictureShape& out = net.cnn.tensors[layer.output];
    const std::size_t K = net.cnn.convs[layer.index].weight.shape(1);
    const std::size_t bytes = out.pixels() * K * sizeof(float);
    const std::size_t products = products_of(net.cnn, layer);
    largest = std::max(largest, bytes);
    all += products;
    table.row({std::to_string(layer.index + 1), shape_text(in), std::to_string(K), shape_text(out),
               std::to_string(products), bytes_text(bytes),
               fixed(static_cast<double>(out.pixels() * K) / static_cast<double>(in.size()), 2)});
  }
  table.print();
  std::printf("  all convolutions of one picture: %zu products\n", all);
  std::printf("  a batch of 64, all at once: %s of patches; a piece at a time: at most %s\n",
              bytes_text(64 * largest).c_str(),
              bytes_text(std::max(largest, kPatchNumbers * sizeof(float))).c_str());
  const Matrix<float> x =
      normalized(study.data.test.pixels, 0, std::min<std::size_t>(20, study.tested));
  CnnBuffers buffers;
  const Matrix<float> blas = forward(net.cnn, x, buffers), fixed_order = forward_ref(net.cnn, x);
  const bool near = std::ranges::equal(values(blas), values(fixed_order), [](float a, float b) {
    return std::fabs(a - b) <= 1e-3F;  // false of NaN
  });
  lesson.claims.expect(near, "products by BLAS and in fixed order: logits equal to 0.001");
}

}  // namespace qfs::ch20
