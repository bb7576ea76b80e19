// Section 5: the models, compared.
#include <cstdio>
#include <filesystem>

#include "04_mnist_mlp/plumbing/latency.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/engine.hpp"
#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "22_model_comparison/lesson/study.hpp"
#include "common/measured_table.hpp"
#include "common/print.hpp"
#include "common/temporary.hpp"

namespace qfs::ch22 {
namespace {

struct Row {
  const char* name;   // as the table calls it
  const char* model;  // as --json does
  std::vector<std::uint8_t> classes{};
  std::size_t bytes = 0;
  double microseconds = 0.0;  // one picture
};

// The sizes that the file system reports.
void weigh(const Models& models, const DynamicCnn& dynamic, std::vector<Row>& rows) {
  const TemporaryDirectory folder;
  rows[0].bytes = save_cnn(models.cnn, folder.path("fp32.qfs"));
  rows[1].bytes = save_cnn(dynamic.features, folder.path("features.qfs")) +
                  save_model(folder.path("head.qfs"), dynamic.head, dynamic_operations());
  rows[2].bytes = save_model(folder.path("ptq.qfs"), models.ptq, cnn_operations());
  rows[3].bytes = save_model(folder.path("qat.qfs"), models.qat, cnn_operations());
}

// One picture, one thread: medians.
void time(const Models& models, const DynamicCnn& dynamic, const TestDigits& digits,
          std::vector<Row>& rows) {
  const Matrix<float> x = batch_to_time(digits, 1);
  CnnBuffers buffers;
  rows[0].microseconds = median_microseconds([&] { forward(models.cnn, x, buffers); });
  const PackedNet head = pack(dynamic.head, choose_backend(), dynamic_operations());
  DynamicCnnBuffers both;
  rows[1].microseconds = median_microseconds([&] { run(dynamic, head, x, both); });
  for (const auto& [row, net] : {std::pair(2U, &models.ptq), std::pair(3U, &models.qat)}) {
    Engine engine(*net, choose_backend(), cnn_operations());
    std::vector<float> logits(engine.outputs());
    rows[row].microseconds = median_microseconds([&] { engine.run(values(x), 1, logits); });
  }
}

std::vector<Row> rows_of(const Models& models, const TestDigits& digits, bool by_reference) {
  const Matrix<std::uint8_t>& pixels = digits.pixels;
  const DynamicCnn dynamic = quantize_dynamic(models.cnn, WeightGranularity::per_tensor);
  std::vector<Row> rows = {{"fp32", "fp32", classes_of(models.cnn, pixels, by_reference)},
                           {"ptq-d", "dynamic", classes_of(dynamic, pixels, by_reference)},
                           {"ptq-s", "static_ptq", classes_of(models.ptq, pixels)},
                           {"qat", "qat", classes_of(models.qat, pixels)}};
  weigh(models, dynamic, rows);
  time(models, dynamic, digits, rows);
  return rows;
}

void report(const Models& models, const std::vector<Row>& rows,
            std::span<const std::uint8_t> labels, Lesson& lesson) {
  const std::string_view backend = choose_backend().name;
  for (const Row& row : rows) {
    const bool integers = row.model != std::string_view("fp32") && backend != "ref";
    lesson.report.model(
        {.model = row.model + (integers ? "_" + std::string(backend) : ""),
         .net = models.name,
         .data = data_name(lesson.options),
         .accuracy = wilson_interval(count_correct(row.classes, labels), labels.size()).share,
         .images = labels.size(),
         .flips = compare_classes(rows[0].classes, row.classes, labels).classes_differ,
         .bytes = row.bytes,
         .latency_us = {{1, row.microseconds}},
         .note = row.model == std::string_view("dynamic")
                     ? "its convolutions are float: only the last layer is quantized"
                     : ""});
  }
}

void claim(const Models& models, const std::vector<Row>& rows, std::span<const std::uint8_t> labels,
           Lesson& lesson) {
  const auto close = [&](const Row& row) {  // the bar: chance, or at most 0.3 points
    const PairedResult pair = compare_classes(rows[0].classes, row.classes, labels);
    const double lost = static_cast<double>(pair.only_a) - static_cast<double>(pair.only_b);
    return pair.p > 0.05 || lost <= 0.003 * static_cast<double>(labels.size());
  };
  lesson.claims.expect(
      close(rows[2]) && close(rows[3]),
      models.name + ": ptq-s and qat lose nothing beyond chance, or at most 0.3 points");
  const double limit = models.name.starts_with("small") ? 0.32 : 0.265;
  const double share = static_cast<double>(rows[2].bytes) / static_cast<double>(rows[0].bytes);
  lesson.claims.expect(
      share <= limit && rows[2].bytes == rows[3].bytes,
      models.name + ": both have at most " + fixed(100 * limit, 1) + " % of fp32's bytes");
  if (models.name.starts_with("small")) return;  // whose Linear has 7 of its 8 parameters
  lesson.claims.expect(rows[1].bytes > rows[0].bytes * 99 / 100,
                       models.name + ": ptq-d saves less than 1 % of its bytes");
}

// A row of the table. Where `exact`, float was computed in fixed order, and like the integers is
// the same on every machine.
std::vector<std::string> cells_of(const Row& row, const std::vector<Row>& rows,
                                  std::span<const std::uint8_t> labels, bool exact) {
  const bool first = &row == &rows[0], integers = &row > &rows[1];
  const auto number = [&](const std::string& text) { return exact ? text : measured(text); };
  const auto compared = [&](const std::string& text) { return first ? "-" : number(text); };
  const std::size_t right = count_correct(row.classes, labels);
  const std::string count = std::to_string(right), share = percent(right, labels.size());
  const PairedResult pair = compare_classes(rows[0].classes, row.classes, labels);
  return {row.name,
          integers ? count : number(count),
          integers ? share : number(share),
          compared(std::to_string(pair.only_a)),
          compared(std::to_string(pair.only_b)),
          compared(p_text(pair.p)),
          std::to_string(row.bytes),
          percent(row.bytes, rows[0].bytes),
          measured(row.microseconds, 1),
          measured(rows[0].microseconds / row.microseconds, 2)};
}

// The same for the figure: bytes, microseconds, percent right and its interval.
std::vector<double> point_of(const Row& row, std::span<const std::uint8_t> labels) {
  const WilsonInterval interval =
      wilson_interval(count_correct(row.classes, labels), labels.size());
  return {static_cast<double>(row.bytes), row.microseconds, 100.0 * interval.share,
          100.0 * interval.low, 100.0 * interval.high};
}

}  // namespace

void the_table(const Study& study, bool full, const std::string& tables, Lesson& lesson) {
  section(5, "The table: accuracy, bytes on disk, time of one picture on one core");
  const std::size_t count = lesson.options.quick ? 100 : study.data.test.size();
  const TestDigits digits = first_digits(study.data.test, count);
  const std::span<const std::uint8_t> labels = digits.labels;
  Table table({"net", "model", "right of " + std::to_string(labels.size()), "accuracy", "only fp32",
               "only it", "p", "bytes", "of fp32", "us", "fp32 / it"});
  std::vector<std::vector<double>> points;
  for (std::size_t n = 0; n < study.nets.size(); ++n) {
    const Models& models = study.nets[n];
    const bool exact = full || models.name.starts_with("small");
    const std::vector<Row> rows = rows_of(models, digits, exact);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::vector<std::string> cells = cells_of(rows[i], rows, labels, exact);
      cells.insert(cells.begin(), i == 0 ? models.name : "");
      table.row(cells);
      points.push_back(point_of(rows[i], labels));
      points.back().insert(points.back().begin(), {static_cast<double>(n), static_cast<double>(i)});
    }
    report(models, rows, labels, lesson);
    if (study.committed && !lesson.options.quick) claim(models, rows, labels, lesson);
  }
  table.print();
  std::printf(
      "  p: McNemar, against fp32. ptq-d quantizes the last layer only: it saves what that layer "
      "has,\n"
      "  and hardly any time, which goes into the convolutions.\n");
  lesson.report.csv("models", {"net", "model", "bytes", "microseconds", "percent", "low", "high"},
                    points);
  write_measured_table(tables, "models_" + study.nets.back().name, table,
                       "All test pictures of " + data_name(lesson.options) +
                           "; float in fixed order; one picture, one core. p: McNemar, against "
                           "fp32.",
                       "seed 1");
}

}  // namespace qfs::ch22
