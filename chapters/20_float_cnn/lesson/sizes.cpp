// Section 2: where windows fit, and what groups save.
#include <cstdio>

#include "20_float_cnn/lesson/study.hpp"

namespace qfs::ch20 {
namespace {

std::string window_text(const Window& w) {
  return std::to_string(w.height) + " x " + std::to_string(w.width);
}

}  // namespace

void sizes(Lesson& lesson) {
  section(2, "Output sizes, and what a convolution of 28 x 28 x 16 costs");
  struct Row {
    Window window;
    std::size_t channels, groups;
  };
  const PictureShape picture{28, 28, 16};
  Table table({"window", "stride", "padding", "groups", "output", "weights", "products"});
  std::size_t full = 0, depthwise = 0, pointwise = 0;
  for (const Row& r : {Row{{3, 3, 1, 0}, 16, 1}, Row{{3, 3, 1, 1}, 16, 1}, Row{{3, 3, 2, 1}, 32, 1},
                       Row{{5, 5, 3, 2}, 16, 1}, Row{{1, 1, 1, 0}, 16, 1}, Row{{3, 3, 1, 1}, 16, 4},
                       Row{{3, 3, 1, 1}, 16, 16}}) {
    Cnn cnn{.tensors = {picture}};
    add_conv2d(cnn, 0, {r.channels, r.window, r.groups, false}, nullptr);
    const std::size_t weights = cnn.convs[0].weight.size();
    const std::size_t products = products_of(cnn, cnn.layers[0]);
    if (r.window == Window{3, 3, 1, 1} && r.groups == 1) full = products;
    if (r.window.pixels() == 1) pointwise = products;
    if (r.groups == 16) depthwise = products;
    table.row({window_text(r.window), std::to_string(r.window.stride),
               std::to_string(r.window.padding), std::to_string(r.groups), shape_text(cnn.output()),
               std::to_string(weights), std::to_string(products)});
  }
  table.print();
  lesson.claims.expect(full == 28 * 28 * 9 * 16 * 16,
                       "3 x 3, 16 channels to 16: a product for every place, weight and channel");
  lesson.claims.expect(depthwise * 16 == full, "16 groups: a sixteenth of the products");
  lesson.claims.expect(25 * full == 144 * (depthwise + pointwise),
                       "depthwise and then 1 x 1: 25 products for 144");
}

}  // namespace qfs::ch20
