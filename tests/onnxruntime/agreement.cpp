// The same integers in ONNX Runtime? Writes our nets as ONNX files with what they are to be run on,
// and compares what ONNX Runtime (run.cjs) has made of them with what we make.
//   onnx_agreement write FOLDER           the files, runs.json and times.json
//   onnx_agreement compare FOLDER [DIR]   exit code 1 where a number differs that may not;
//                                         DIR/agreement.md, DIR/operators.md: tables of chapter 23
//   onnx_agreement times FOLDER [DIR]     DIR/latency.md, of `run.cjs FOLDER --time`
#include <cstdio>
#include <nlohmann/json.hpp>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "20_float_cnn/nets.hpp"
#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "21_int8_cnn/fold_bn.hpp"
#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "23_onnx_export/portable_scales.hpp"
#include "common/bytes.hpp"
#include "common/cpu.hpp"
#include "common/measured_table.hpp"
#include "common/npy.hpp"
#include "tests/onnxruntime/runs.hpp"

namespace qfs {
namespace {

struct Setting {
  Dataset data;
  Mlp mlp{};
  Cnn small{}, residual{};  // folded
  std::vector<NamedNet> nets{};
  std::vector<Run> runs{};
};

Setting make_setting() {
  Setting s{load_dataset("")};
  s.mlp = trained_or_pretrained({}, s.data);
  s.small = load_committed_cnn("small_mnist", make_small_cnn(nullptr));
  s.residual = fold_batch_norm(load_committed_cnn("residual_mnist", make_residual_net(nullptr)));
  s.nets = make_mlp_nets(s.mlp, s.data.train);
  for (const auto& [name, cnn] : {std::pair("small", &s.small), std::pair("residual", &s.residual)})
    for (NamedNet& net : make_cnn_nets(name, *cnn, s.data.train)) s.nets.push_back(std::move(net));
  for (std::size_t i = 0; i < s.nets.size(); ++i) {
    NamedNet net = s.nets[i];
    if (net.name == "residual_fused" && net.portable) {
      net.name = "residual_as_calibrated";
      net.portable = false;
      s.nets.push_back(net);
    }
    if (s.nets[i].portable) s.nets[i].net = with_portable_scales(std::move(s.nets[i].net));
  }
  s.runs = runs_of(s.nets);
  return s;
}

Matrix<float> digits_of(const Setting& s) {
  return normalized(s.data.test.pixels, 0, s.data.test.size());
}

bool has_pictures(const QuantizedNet& net) { return net.tensors[0].shape.size() == 3; }

// A bias whose scale is twice what it must be (eq. 23.3).
void double_bias_scales(OnnxModel& model) {
  for (Record& tensor : model.initializers) {
    if (!tensor.name.starts_with("b") || !tensor.name.ends_with("_scale")) continue;
    std::vector<float> scales = elements<float>(tensor);
    for (float& scale : scales) scale *= 2.0F;
    tensor = make_initializer(tensor.name, std::span<const float>(scales), tensor.dims);
  }
}

nlohmann::json request_of(const Run& run, const OnnxModel& model) {
  nlohmann::json outputs = nlohmann::json::array();
  for (const OnnxValue& output : model.outputs) outputs.push_back(output.name);
  return {{"name", run.name()},
          {"model", run.model()},
          {"input", has_pictures(run.net->net) ? "pictures.npy" : "x.npy"},
          {"batch", run.batch},
          {"optimizations", run.optimized ? "all" : "disabled"},
          {"outputs", outputs}};
}

// Float against int8, like with like: every model in ONNX Runtime.
struct Timed {
  const char *net, *form, *model;
};
constexpr Timed kTimed[] = {{"MLP", "float", "mlp.onnx"},
                            {"MLP", "QDQ", "fused_per_channel_8.qdq.onnx"},
                            {"MLP", "QOperator", "fused_per_channel_8.qoperator.onnx"},
                            {"MLP", "dynamic", "dynamic_per_channel_8.dynamic.onnx"},
                            {"small CNN", "float", "small.onnx"},
                            {"small CNN", "QDQ", "small_fused_8.qdq.onnx"},
                            {"small CNN", "QOperator", "small_fused_8.qoperator.onnx"},
                            {"residual net", "float", "residual.onnx"},
                            {"residual net", "QDQ", "residual_fused_8.qdq.onnx"},
                            {"residual net", "QOperator", "residual_fused_8.qoperator.onnx"}};
constexpr int kTimedBatches[] = {1, 64};

void save(const std::string& folder, const std::string& name, const OnnxModel& model) {
  const std::string bytes = onnx_bytes(model);
  check_by_onnx(bytes, name);
  write_file_atomically(folder + "/" + name, bytes);
}

int write(const std::string& folder) {
  const Setting s = make_setting();
  const Matrix<float> digits = digits_of(s);
  save_npy(folder + "/x.npy", digits);
  const std::size_t shape[] = {digits.shape(0), 1, s.data.test.rows, s.data.test.cols};
  save_npy_bytes(folder + "/pictures.npy", "<f4", shape, std::as_bytes(values(digits)));
  save(folder, "mlp.onnx", to_onnx(s.mlp));
  save(folder, "small.onnx", to_onnx(s.small));
  save(folder, "residual.onnx", to_onnx(s.residual));
  nlohmann::json runs = nlohmann::json::array(), times = nlohmann::json::array();
  for (const Run& run : s.runs) {
    OnnxModel model = to_onnx(run.net->net, run.options);
    if (run.wrong_bias_scale) double_bias_scales(model);
    save(folder, run.model(), model);
    runs.push_back(request_of(run, model));
  }
  for (const Timed& timed : kTimed)
    times.push_back({{"model", timed.model},
                     {"input", std::string(timed.net) == "MLP" ? "x.npy" : "pictures.npy"},
                     {"optimizations", "all"},
                     {"batches", kTimedBatches}});
  write_file_atomically(folder + "/runs.json", runs.dump(1) + "\n");
  write_file_atomically(folder + "/times.json", times.dump(1) + "\n");
  return 0;
}

// Where ONNX Runtime's own products saturate, 8 bits are not asked to agree (chapter 10).
bool products_are_exact() {
  const CpuFeatures cpu = cpu_features();
  return cpu.avx_vnni || cpu.avx512_vnni || !cpu.avx2;
}

struct NetResult {
  std::map<std::string, Difference> optimized{};  // by form: all its runs
  Difference unoptimized_qdq{}, unoptimized_integers{};
  std::map<std::string, std::string> operators{};
  std::map<std::string, std::vector<std::string>> arithmetic{};  // logits alone
};

std::string cell(const std::map<std::string, Difference>& by_form, const std::string& form) {
  const auto found = by_form.find(form);
  if (found == by_form.end()) return "-";
  const Difference& d = found->second;
  return std::to_string(d.integers + d.logits + d.classes);
}

struct Judged {
  Table table{{"net", "bits", "integers", "QDQ", "QOperator", "ONNX's own", "dynamic",
               "QDQ as it stands: integers", "logits", "classes"}};
  Table operators{{"net", "form", "what ONNX Runtime runs"}};
  std::size_t failures = 0;
};

std::string writer_of(const QuantizedNet& net, const std::string& name) {
  for (const Operation& operation : net.operations)
    if (onnx_name(net, operation.output) == name) return name_of(net, operation);
  return "an input";
}

// How many integers each form was compared in: all of the net's, in each the same.
std::size_t compared_integers(const NamedNet& net, const NetResult& result, Judged& judged) {
  std::size_t all = 0;
  for (const auto& [form, difference] : result.optimized)
    all = std::max(all, difference.of_integers);
  for (const auto& [form, difference] : result.optimized) {
    if (difference.of_integers == all && all > 0) continue;
    ++judged.failures;
    std::printf("%s, %d bits, %s: %zu of %zu integers were compared\n", net.name.c_str(),
                net.activation_bits, form.c_str(), difference.of_integers, all);
  }
  return all;
}

void judge(const NamedNet& net, const NetResult& result, bool exact, Judged& judged) {
  const std::size_t compared = compared_integers(net, result, judged);
  for (const auto& [form, difference] : result.optimized) {
    const bool must = net.portable && (exact || net.activation_bits < 8);
    if (difference.none() || !must) continue;
    ++judged.failures;
    std::printf("%s, %d bits, %s: %zu of %zu integers differ, %zu logits, %zu classes\n",
                net.name.c_str(), net.activation_bits, form.c_str(), difference.integers,
                difference.of_integers, difference.logits, difference.classes);
    for (const auto& [name, count] : difference.by_tensor)
      std::printf("  %s (%s): %zu\n", name.c_str(), writer_of(net.net, name).c_str(), count);
  }
  if (!result.unoptimized_integers.none() && (exact || net.activation_bits < 8)) {
    ++judged.failures;
    std::printf("%s, %d bits: operators of integers differ without optimizations\n",
                net.name.c_str(), net.activation_bits);
  }
  const bool qdq = result.optimized.contains("qdq");
  const Difference& u = result.unoptimized_qdq;
  const auto count = [&](std::size_t n) {
    return qdq && u.of_integers > 0 ? std::to_string(n) : std::string("-");
  };
  judged.table.row({net.name, std::to_string(net.activation_bits), std::to_string(compared),
                    cell(result.optimized, "qdq"), cell(result.optimized, "qoperator"),
                    cell(result.optimized, "standard"), cell(result.optimized, "dynamic"),
                    count(u.integers), count(u.logits), count(u.classes)});
  for (const auto& [form, operators] : result.operators)
    if (net.activation_bits == 8 && net.portable && net.name.find("static") == std::string::npos)
      judged.operators.row({net.name, form, operators});
}

// The bias scale is for whoever runs the graph as it stands: fused, nobody reads it.
void judge_mistake(const Run& run, const Difference& difference, Judged& judged) {
  std::printf("bias scale doubled, %d bits, optimizations %s: %zu classes differ\n",
              run.net->activation_bits, run.optimized ? "on" : "off", difference.classes);
  const bool as_told = run.optimized ? difference.none() : difference.classes > 0;
  if (!as_told && (run.net->activation_bits < 8 || products_are_exact())) ++judged.failures;
}

// The run for logits alone comes before the one that shows the integers. They tell about it if ONNX
// Runtime has made operators of the same arithmetic of both.
void judge_operators(const Run& run, const std::string& folder, NetResult& result, Judged& judged) {
  const std::vector<std::string> arithmetic = arithmetic_of(run, folder);
  if (!run.options.show_integers) {
    result.operators[run.form] = operators_of(run, folder);
    result.arithmetic[run.form] = arithmetic;
  } else if (arithmetic != result.arithmetic.at(run.form)) {
    ++judged.failures;
    std::printf("%s: other operators than without the outputs of integers: %s\n",
                run.name().c_str(), operators_of(run, folder).c_str());
  }
}

nlohmann::json load_json(const std::string& path) {
  const std::vector<std::byte> file = read_file(path);
  const auto* text = reinterpret_cast<const char*>(file.data());
  return nlohmann::json::parse(text, text + file.size());
}

std::string version_of(const std::string& folder) {
  return load_json(folder + "/runtime.json").at("version").get<std::string>();
}

int compare_all(const std::string& folder, const std::string& tables) {
  const Setting s = make_setting();
  const Matrix<float> digits = digits_of(s);
  const bool exact = products_are_exact();
  std::map<const NamedNet*, NetResult> results;
  Judged judged;
  for (const Run& run : s.runs) {
    const Difference difference = compare(run, digits, folder);
    NetResult& result = results[run.net];
    if (run.wrong_bias_scale) {
      judge_mistake(run, difference, judged);
    } else if (run.optimized) {
      result.optimized[run.form] += difference;
      judge_operators(run, folder, result, judged);
    } else {
      (run.form == "qdq" ? result.unoptimized_qdq : result.unoptimized_integers) += difference;
    }
  }
  for (const NamedNet& net : s.nets) judge(net, results[&net], exact, judged);
  judged.table.print();
  const std::string note =
      "Numbers that differ, of all integers, logits (in a bit) and classes of the " +
      std::to_string(digits.shape(0)) + " test digits. ONNX Runtime " + version_of(folder) +
      ", one thread.";
  write_measured_table(tables, "agreement", judged.table, note);
  write_measured_table(tables, "operators", judged.operators,
                       "The graphs after ONNX Runtime " + version_of(folder) + "'s optimizations.");
  std::printf("%s\n%zu runs, %s\n", note.c_str(), s.runs.size(),
              judged.failures == 0 ? "nothing differs that may not" : "FAILED");
  if (!exact) std::printf("8 bits are not asked to agree: this CPU has AVX2 without VNNI\n");
  return judged.failures == 0 ? 0 : 1;
}

int print_times(const std::string& folder, const std::string& tables) {
  const nlohmann::json times = load_json(folder + "/times.results.json");
  Table table({"net", "form", "bytes", "of float", "batch 1", "of float", "batch 64", "of float"});
  std::vector<double> base;
  for (const Timed& timed : kTimed) {
    const auto bytes = static_cast<double>(read_file(folder + "/" + timed.model).size());
    std::vector<double> row = {bytes};
    for (const int batch : kTimedBatches)
      row.push_back(times.at(timed.model).at(std::to_string(batch)).get<double>());
    if (std::string(timed.form) == "float") base = row;
    const auto of = [&](std::size_t i) { return fixed(row[i] / base[i], 2); };
    table.row({timed.net, timed.form, fixed(row[0], 0), of(0), fixed(row[1], 1), of(1),
               fixed(row[2], 1), of(2)});
  }
  table.print();
  write_measured_table(
      tables, "latency", table,
      "Microseconds a call in ONNX Runtime " + version_of(folder) + ", one thread, the median of " +
          times.at("rounds").dump() +
          " rounds in which all models take turns; the time of its JavaScript binding is in them.");
  return 0;
}

}  // namespace
}  // namespace qfs

int main(int argc, char** argv) {
  return qfs::run_guarded([&] {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const std::string tables = words.size() == 3 ? words[2] : "";
    if (words.size() == 2 && words[0] == "write") return qfs::write(words[1]);
    if (words.size() >= 2 && words.size() <= 3 && words[0] == "compare")
      return qfs::compare_all(words[1], tables);
    if (words.size() >= 2 && words.size() <= 3 && words[0] == "times")
      return qfs::print_times(words[1], tables);
    qfs::fail("onnx_agreement does not know these words", words.empty() ? "none" : words[0],
              "write, compare or times, and a folder", "see the beginning of its source");
  });
}
