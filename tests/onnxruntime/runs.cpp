#include "tests/onnxruntime/runs.hpp"

#include "04_mnist_mlp/evaluate.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "common/npy.hpp"

namespace qfs {

std::string Run::model() const {
  return net->name + "_" + std::to_string(net->activation_bits) + "." + form +
         (options.show_integers ? "_shown" : "") + (wrong_bias_scale ? "_wrong" : "") + ".onnx";
}

std::string Run::name() const {
  return model() + "." + std::to_string(batch) + (optimized ? "" : ".unoptimized");
}

// Logits alone, so that nothing keeps ONNX Runtime from what it would do; every tensor of integers;
// the same without optimizations; one digit at a time, which it computes by other loops.
std::vector<Run> runs_of(const std::vector<NamedNet>& nets) {
  const Run forms[] = {
      {nullptr, "qdq", {.form = OnnxForm::qdq}},
      {nullptr, "qoperator", {.form = OnnxForm::qoperator}},
      {nullptr, "standard", {.form = OnnxForm::qoperator, .standard_operators = true}}};
  std::vector<Run> runs;
  for (const NamedNet& net : nets) {
    const bool dynamic = net.net.operations.front().kind == "dynamic_linear";
    for (Run run : forms) {
      run.net = &net;
      if ((dynamic || !net.portable) && run.form != "qdq")
        continue;  // there is one form, or one will do
      if (dynamic) run.form = "dynamic";
      runs.push_back(run);
      Run shown = run;
      shown.options.show_integers = true;
      runs.push_back(shown);
      shown.optimized = false;
      // Of the largest net, whose integers are up to 290 MB a run, one is enough.
      const bool large = net.name.starts_with("residual"), fused = net.name.ends_with("fused");
      if (run.form == "qdq" ? !large || fused : run.form != "standard" && !large)
        runs.push_back(shown);
      Run single = run;
      single.batch = 1;
      if (net.name == "fused") runs.push_back(single);
      if (net.name == "fused" && run.form == "qdq")
        for (const bool optimized : {true, false}) {
          runs.push_back(run);
          runs.back().wrong_bias_scale = true;
          runs.back().optimized = optimized;
        }
    }
  }
  return runs;
}

Difference& Difference::operator+=(const Difference& other) {
  integers += other.integers;
  of_integers += other.of_integers;
  logits += other.logits;
  classes += other.classes;
  for (const auto& [name, count] : other.by_tensor) by_tensor[name] += count;
  return *this;
}

namespace {

// An .npy of any rank with `rows` rows, as a matrix.
template <class T>
Matrix<T> load_rows(const std::string& file, std::size_t rows) {
  const NpyArray array = load_npy_array(file);
  require(array.dtype == npy_dtype<T>() && !array.shape.empty() && array.shape[0] == rows,
          file + " holds other numbers than were asked for",
          array.dtype + " " + shape_text(array.shape), std::to_string(rows) + " rows",
          "run run.cjs again");
  auto matrix = make_tensor<T>({rows, array.bytes.size() / sizeof(T) / rows});
  std::memcpy(matrix.data(), array.bytes.data(), array.bytes.size());
  return matrix;
}

// Rows begin, begin + 1, ... of `theirs` against `ours`, which has as many as it has.
template <class T>
std::size_t count_other(const Matrix<T>& ours, const Matrix<T>& theirs, std::size_t begin) {
  require(ours.shape(1) == theirs.shape(1), "a tensor has another size in ONNX Runtime",
          theirs.shape(1), ours.shape(1), "look at the graph");
  const std::size_t bytes = ours.shape(1) * sizeof(T);
  std::size_t count = 0;
  for (std::size_t m = 0; m < ours.shape(0); ++m) {
    const T *a = row(ours, m).data(), *b = row(theirs, begin + m).data();
    if (std::memcmp(a, b, bytes) == 0) continue;
    for (std::size_t i = 0; i < ours.shape(1); ++i)
      count += std::memcmp(a + i, b + i, sizeof(T)) != 0;
  }
  return count;
}

// What a run has left: the tensor of each name.
struct Results {
  std::string prefix;
  std::size_t rows;
  std::map<std::string, Matrix<std::uint8_t>> integers{};
  const Matrix<std::uint8_t>& of(const std::string& name) {
    auto& matrix = integers[name];
    if (matrix.size() == 0) matrix = load_rows<std::uint8_t>(prefix + name + ".npy", rows);
    return matrix;
  }
};

// The integers of one batch, which begins with digit `begin`.
void add_integers(const Run& run, const NetBuffers& buffers, const Matrix<float>& x,
                  std::size_t begin, Results& results, Difference& difference) {
  const QuantizedNet& net = run.net->net;
  const auto add = [&](const std::string& name, const Matrix<std::uint8_t>& ours) {
    const std::size_t other = count_other(ours, results.of(name), begin);
    difference.integers += other;
    if (other > 0) difference.by_tensor[name] += other;
    difference.of_integers += ours.size();
  };
  for (const Operation& operation : net.operations) {
    const std::size_t y = operation.output, input = operation.inputs[0];
    if (net.tensors[y].type == DType::u8)
      add(onnx_name(net, y), in_onnx_order(buffers.u8[y], net.tensors[y].shape));
    if (operation.kind != "dynamic_linear") continue;
    const DynamicInput how = dynamic_input_of(net, operation);
    add(onnx_name(net, input) + "_q",
        quantize_input(input == 0 ? x : buffers.f32[input], how.range, how.options).q);
  }
}

}  // namespace

Difference compare(const Run& run, const Matrix<float>& digits, const std::string& folder) {
  const std::size_t rows = digits.shape(0);
  const PackedNet packed = pack(run.net->net, choose_backend(), cnn_operations());
  Results results{folder + "/" + run.name() + ".", rows};
  const auto logits = load_rows<float>(results.prefix + "logits.npy", rows);
  Difference difference;
  NetBuffers buffers;
  for (std::size_t begin = 0; begin < rows; begin += run.batch) {
    const std::size_t end = std::min(begin + run.batch, rows);
    const Matrix<float> x = rows_of(digits, begin, end);
    const Matrix<float>& ours = qfs::run(packed, x, buffers);
    difference.logits += count_other(ours, logits, begin);
    const auto a = argmax_rows(ours), b = argmax_rows(rows_of(logits, begin, end));
    for (std::size_t i = 0; i < a.size(); ++i) difference.classes += a[i] != b[i] ? 1 : 0;
    if (run.options.show_integers) add_integers(run, buffers, x, begin, results, difference);
  }
  return difference;
}

namespace {

OnnxModel optimized_model(const Run& run, const std::string& folder) {
  return load_onnx(folder + "/" + run.name() + ".optimized.onnx");
}

}  // namespace

std::vector<std::string> arithmetic_of(const Run& run, const std::string& folder) {
  std::vector<std::string> ops;
  for (const OnnxNode& node : optimized_model(run, folder).nodes) {
    if (node.op == "Transpose") continue;
    if (node.op == "DynamicQuantizeMatMul")
      ops.insert(ops.end(), {"DynamicQuantizeLinear", "MatMulIntegerToFloat"});
    else
      ops.push_back(node.op.starts_with("Nhwc") ? node.op.substr(4) : node.op);
  }
  std::ranges::sort(ops);
  return ops;
}

std::string operators_of(const Run& run, const std::string& folder) {
  std::vector<std::pair<std::string, int>> runs;
  for (const OnnxNode& node : optimized_model(run, folder).nodes) {
    if (runs.empty() || runs.back().first != node.op) runs.emplace_back(node.op, 0);
    ++runs.back().second;
  }
  std::string text;
  for (const auto& [op, count] : runs)
    text += (text.empty() ? "" : ", ") + (count > 1 ? std::to_string(count) + " " : "") + op;
  return text;
}

}  // namespace qfs
