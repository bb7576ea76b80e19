// Sections 2, 3 and 8: the nodes, the constants, the bytes.
#include <algorithm>
#include <cstdio>

#include "23_onnx_export/lesson/study.hpp"
#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "common/print.hpp"

namespace qfs::ch23 {
namespace {

// Read back and written again, a model gives the same bytes.
bool comes_back(const OnnxModel& model) {
  const std::string bytes = onnx_bytes(model);
  return onnx_bytes(parse_onnx(std::as_bytes(std::span<const char>(bytes)), "it")) == bytes;
}

// The first layer of a form: every node up to the one that writes what the second reads.
void print_first_layer(const Form& form, std::size_t count) {
  std::printf("  %s: %zu nodes%s\n", form.name.c_str(), form.model.nodes.size(),
              form.model.opsets.contains(kMicrosoft) ? ", some of com.microsoft" : "");
  for (std::size_t i = 0; i < std::min(count, form.model.nodes.size()); ++i)
    std::printf("    %s\n", line_of(form.model.nodes[i]).c_str());
}

std::string numbers_text(const Record& tensor) {
  constexpr std::size_t kMost = 3;
  switch (tensor.dtype) {
    case DType::u8:
      return list_text<std::uint8_t>(elements<std::uint8_t>(tensor), 6, kMost);
    case DType::s8:
      return list_text<std::int8_t>(elements<std::int8_t>(tensor), 6, kMost);
    case DType::s32:
      return list_text<std::int32_t>(elements<std::int32_t>(tensor), 6, kMost);
    case DType::s64:
      return list_text<std::int64_t>(elements<std::int64_t>(tensor), 6, kMost);
    default:
      return list_text<float>(elements<float>(tensor), 6, kMost);
  }
}

}  // namespace

void five_forms(const Study& study, Lesson& lesson) {
  section(2, "The fused MLP in five forms: the nodes up to the first hidden layer");
  const std::vector<Form> forms = forms_of_mlp(study);
  const std::size_t first[] = {2, 6, 2, 4, 7};
  bool right = true, again = true;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    print_first_layer(forms[i], first[i]);
    right = right && checker_takes(forms[i].model);
    again = again && comes_back(forms[i].model);
  }
  lesson.claims.expect(
      right, "ONNX's checker, and its inference of types and shapes, refuse none of the five");
  lesson.claims.expect(again, "read back, each gives the same bytes");
}

void our_scales(const Study& study, Lesson& lesson) {
  section(3, "The constants of layer 1 in the QDQ file: our integers, our scales");
  const OnnxModel model = to_onnx(study.fused);
  Table table({"name", "type", "numbers"});
  for (const char* name : {"t1_scale", "t1_zero_point", "w1", "w1_scale", "w1_zero_point", "b1",
                           "b1_scale", "b1_zero_point", "t2_scale", "t2_zero_point"}) {
    const Record& tensor = *find_initializer(model, name);
    table.row({name, type_text(tensor), numbers_text(tensor)});
  }
  table.print();
  const OperationParts layer = layers_of(study.fused)[0];
  const Weights& ours = *layer.weights;
  const auto same = [&]<class T>(const char* name, std::span<const T> expected) {
    return std::ranges::equal(elements<T>(*find_initializer(model, name)), expected);
  };
  lesson.claims.expect(same("w1", values(ours.weight.q)) &&
                           same("w1_scale", values(ours.weight.scale)) &&
                           same("b1", values(ours.bias)),
                       "the file has the net's weights, scales and biases, bit for bit");
  const auto scales = elements<float>(*find_initializer(model, "b1_scale"));
  bool products = true;
  for (std::size_t n = 0; n < scales.size(); ++n)
    products = products && scales[n] == layer.input.params.scale * ours.weight.scale(n);
  lesson.claims.expect(products, "every bias has the scale s_x s_w (eq. 23.3)");
}

void bytes_on_disk(const Study& study, Lesson& lesson) {
  section(8, "Bytes on disk");
  Table table({"form", "MLP", "of float", "small CNN", "of float"});
  const std::vector<Form> mlp = forms_of_mlp(study), cnn = forms_of_pictures(study);
  const auto bytes = [](const OnnxModel& model) { return onnx_bytes(model).size(); };
  bool small = true;
  for (std::size_t i = 0; i < mlp.size(); ++i) {
    const std::size_t b = bytes(mlp[i].model);
    const bool has_cnn = i < cnn.size();
    table.row({mlp[i].name, std::to_string(b), percent(b, bytes(mlp[0].model)),
               has_cnn ? std::to_string(bytes(cnn[i].model)) : "-",
               has_cnn ? percent(bytes(cnn[i].model), bytes(cnn[0].model)) : "-"});
    small = small && (i == 0 || 100 * b < 27 * bytes(mlp[0].model));
    lesson.report.figure("bytes, " + mlp[i].name, static_cast<double>(b));
  }
  table.print();
  if (study.by_default)
    lesson.claims.expect(small, "the MLP in integers takes less than 27 % of float in every form");
}

}  // namespace qfs::ch23
