// Sections 2 and 3: what the rewrite of the list leaves, and that no integer changes.
#include "07_layer_fusion/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch07 {
namespace {

// Bytes of activations and multiplications of one digit.
struct Cost {
  std::size_t read = 0, written = 0, products = 0;
};

Cost cost_of(const QuantizedNet& net, const Operation& operation) {
  const OperationParts parts = parts_of(net, operation);
  return {parts.input.size(), parts.output.size(),
          parts.weights != nullptr ? parts.weights->weight.q.size() : 0};
}

std::string range_text(QuantRange range) {
  return std::to_string(range.qmin) + ".." + std::to_string(range.qmax);
}

// The operations on integers, from the first linear to the last.
Cost print_operations(const QuantizedNet& net, const char* title, std::size_t& count) {
  Table table({title, "clamped to", "bytes read", "bytes written", "products"});
  Cost sum;
  count = 0;
  for (const Operation& operation : net.operations) {
    if (operation.kind != "linear" && operation.kind != "relu") continue;
    const Cost cost = cost_of(net, operation);
    sum = {sum.read + cost.read, sum.written + cost.written, sum.products + cost.products};
    ++count;
    table.row({operation.kind, range_text(net.tensors[operation.output].range),
               std::to_string(cost.read), std::to_string(cost.written),
               std::to_string(cost.products)});
  }
  table.row({"together " + std::to_string(count), "", std::to_string(sum.read),
             std::to_string(sum.written), std::to_string(sum.products)});
  table.print();
  return sum;
}

}  // namespace

void no_relu_left(const Study& study, Lesson& lesson) {
  section(2, "Why no ReLU is left: the list before and after, one digit's activations");
  std::size_t operations = 0, left = 0;
  const Cost before = print_operations(study.unfused, "unfused", operations);
  const Cost after = print_operations(fuse(study.unfused), "fused", left);
  lesson.claims.expect(left == study.mlp.layers.size(), "one operation a layer is left");
  lesson.claims.expect(after.products == before.products,
                       "and every multiplication is still there");
  lesson.report.figure("activation_bytes_unfused",
                       static_cast<double>(before.read + before.written));
  lesson.report.figure("activation_bytes_fused", static_cast<double>(after.read + after.written));
}

// Nothing but the clamp changes: the integers must be the same.
void same_parameters(const Study& study, Lesson& lesson) {
  section(3, "The same parameters, the clamp raised to the zero point");
  const QuantizedNet same = fuse(study.unfused);
  const TestRun run = run_on_test_digits(same, study.data.test);
  const auto before = layers_of(study.unfused), now = layers_of(same);
  Table table({"", "zero point", "clamp before", "clamp now", "outputs", "that differ"});
  std::size_t differ = 0;
  for (std::size_t i = 0; i <= study.hidden(); ++i) {
    const std::size_t count = count_different(study.unfused_run.outputs[i], run.outputs[i]);
    table.row({layer_name(i), std::to_string(now[i].output.params.zero_point),
               range_text(before[i].output.range), range_text(now[i].output.range),
               std::to_string(run.outputs[i].size()), std::to_string(count)});
    differ += count;
  }
  table.print();
  lesson.claims.expect(differ == 0, "linear then relu = linear, every output of every digit");
}

std::size_t tensor_after(const std::vector<OperationParts>& layers, std::size_t i) {
  return i + 1 < layers.size() ? layers[i + 1].operation.inputs[0] : layers[i].operation.output;
}

TestRun run_on_test_digits(const QuantizedNet& net, const TestDigits& digits) {
  NetBuffers tensors;
  const Matrix<float>& logits =
      qfs::run(pack(net), normalized(digits.pixels, 0, digits.size()), tensors);
  TestRun run;
  run.classes = argmax_rows(logits);
  const std::vector<OperationParts> layers = layers_of(net);
  for (std::size_t i = 0; i < layers.size(); ++i)
    run.outputs.push_back(tensors.u8[tensor_after(layers, i)]);
  return run;
}

}  // namespace qfs::ch07
