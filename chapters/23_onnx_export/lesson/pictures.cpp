// Section 7: a picture of ours has its channels last, ONNX's has them first.
#include <cstdio>
#include <numeric>

#include "23_onnx_export/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch23 {

void order_of_pictures(const Study& study, Lesson& lesson) {
  section(7, "Pictures: h w c to c h w, in the weights and not at run time");
  const std::vector<std::size_t> shape = {1, 2, 3};
  const std::vector<std::size_t> to = nchw_positions(shape);
  const char* ours[] = {"r0", "g0", "b0", "r1", "g1", "b1"};
  std::vector<std::string> theirs(6);
  for (std::size_t i = 0; i < 6; ++i) theirs[to[i]] = ours[i];
  std::string before, after;
  for (std::size_t i = 0; i < 6; ++i) {
    before += std::string(" ") + ours[i];
    after += " " + theirs[i];
  }
  std::printf("  two pixels of three channels, ours:%s;  ONNX's:%s\n", before.c_str(),
              after.c_str());
  lesson.claims.expect(after == " r0 r1 g0 g1 b0 b1", "as by hand");
  const OnnxModel model = to_onnx(study.pictures, {.form = OnnxForm::qoperator});
  std::printf("  the small CNN as QOperator, from %s %s to %s %s:\n", model.inputs[0].name.c_str(),
              type_text(model.inputs[0]).c_str(), model.outputs[0].name.c_str(),
              type_text(model.outputs[0]).c_str());
  bool transposes = false;
  for (const OnnxNode& node : model.nodes) {
    std::printf("    %s\n", line_of(node).c_str());
    transposes = transposes || node.op == "Transpose";
  }
  for (const char* name : {"w1", "w2", "w3"})
    std::printf("  %s %s\n", name, type_text(*find_initializer(model, name)).c_str());
  lesson.claims.expect(!transposes, "no node turns a picture at run time");
  // Output 0 of the second convolution, {3, 3, 8} in our order: the second channel of the first
  // pixel stands behind all nine pixels of the first channel.
  const std::vector<std::int8_t> turned = elements<std::int8_t>(*find_initializer(model, "w2"));
  const Matrix<std::int8_t>& q = study.pictures.weights[1].weight.q;
  lesson.claims.expect(turned[9] == q(0, 1) && turned[1] == q(0, 8),
                       "in w2 nine pixels of one channel stand together");
}

}  // namespace qfs::ch23
