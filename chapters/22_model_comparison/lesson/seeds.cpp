// Section 8, with --full: when to freeze, over seeds; and what training on in float would have
// gained.
#include <algorithm>
#include <tuple>

#include "04_mnist_mlp/mean_interval.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "22_model_comparison/lesson/replicate.hpp"
#include "common/measured_table.hpp"
#include "common/print.hpp"

namespace qfs::ch22 {
namespace {

constexpr std::uint64_t kSeeds = 5;

struct Variant {
  const char* name;
  std::optional<int> observe_epochs, norm_epochs;
};
const Variant kVariants[] = {{"never", {}, {}},
                             {"observers, for the last epoch", 1, {}},
                             {"both, for the last epoch", 1, 1},
                             {"batch norm from the start, observers for the last", 1, 0}};
constexpr std::size_t kLate = 2;  // the variant that all are compared with: the recipe's

// One variant over the seeds.
struct Cell {
  std::vector<double> right, gain;         // percent; points more than frozen late
  std::vector<double> as_trained, as_run;  // loss on 1920 training pictures
  std::size_t only_it = 0, only_late = 0;
};

double loss_of(const Matrix<float>& logits, std::span<const std::uint8_t> labels) {
  Matrix<float> gradient;
  return static_cast<double>(cross_entropy(logits, labels, gradient));
}

// The loss as the last steps of training see it, and that of the integers, on the same pictures.
void add_losses(Cell& cell, const QatCnn& graph, const QuantizedNet& integers,
                const TrainDigits& digits, NormStatistics statistics) {
  constexpr std::size_t kBatch = 64, kBatches = 30;
  const PackedNet packed = pack(integers, choose_backend(), cnn_operations());
  NetBuffers tensors;
  double as_trained = 0.0, as_run = 0.0;
  for (std::size_t b = 0; b < kBatches; ++b) {
    const Matrix<float> x = normalized(digits.pixels, b * kBatch, (b + 1) * kBatch);
    const std::span<const std::uint8_t> labels =
        std::span(digits.labels).subspan(b * kBatch, kBatch);
    QatCnn net = graph;
    net.statistics = statistics;
    QatCnnBuffers buffers;
    as_trained += loss_of(forward(net, x, buffers), labels) / kBatches;
    as_run += loss_of(run(packed, x, tensors), labels) / kBatches;
  }
  cell.as_trained.push_back(as_trained);
  cell.as_run.push_back(as_run);
}

QatCnn trained(const Study& study, const TensorIntervals& intervals, const Variant& variant,
               std::uint64_t seed) {
  const Recipe recipe;
  QatCnnOptions options;
  options.quantizers.observe_epochs = variant.observe_epochs;
  options.norm_epochs = variant.norm_epochs;
  QatCnn net = make_qat(study.nets.back().cnn, intervals, options);
  Rng rng(seed);
  train_qat(net, study.data.train, options,
            {.epochs = recipe.epochs,
             .batch_size = recipe.batch_size,
             .adam = {.learning_rate = recipe.learning_rate},
             .label = std::string("frozen: ") + variant.name},
            rng);
  return net;
}

double percent_right(std::span<const std::uint8_t> classes, std::span<const std::uint8_t> labels) {
  return 100.0 * wilson_interval(count_correct(classes, labels), labels.size()).share;
}

// The variants, each trained once from one seed.
void add_seed(std::vector<Cell>& cells, const Study& study, const TensorIntervals& intervals,
              std::uint64_t seed) {
  const auto& [pixels, labels] = std::tie(study.data.test.pixels, study.data.test.labels);
  std::vector<std::vector<std::uint8_t>> classes;
  for (std::size_t v = 0; v < cells.size(); ++v) {
    const QatCnn graph = trained(study, intervals, kVariants[v], seed);
    const QuantizedNet integers = convert(graph);
    classes.push_back(classes_of(integers, pixels));
    cells[v].right.push_back(percent_right(classes[v], labels));
    add_losses(cells[v], graph, integers, study.data.train,
               kVariants[v].norm_epochs ? NormStatistics::running : NormStatistics::batch);
  }
  for (std::size_t v = 0; v < cells.size(); ++v) {
    const PairedResult pair = compare_classes(classes[kLate], classes[v], labels);
    cells[v].gain.push_back(cells[v].right.back() - cells[kLate].right.back());
    cells[v].only_it += pair.only_b;
    cells[v].only_late += pair.only_a;
  }
}

void freezing(const Study& study, const std::string& tables) {
  const TensorIntervals intervals = calibrate(study.nets.back().cnn, study.data.train);
  std::vector<Cell> cells(std::size(kVariants));
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) add_seed(cells, study, intervals, seed);
  Table table({"what is frozen", "right, %", "against both frozen late", "p", "loss as trained",
               "loss of the integers"});
  for (std::size_t v = 0; v < cells.size(); ++v) {
    const Cell& cell = cells[v];
    const auto loss = [](const std::vector<double>& values) {
      const MeanInterval mean = mean_interval(values);
      return fixed(mean.mean, 4) + " ± " + fixed(mean.half, 4);
    };
    table.row({kVariants[v].name, text_of(mean_interval(cell.right)),
               v == kLate ? "-" : text_of(mean_interval(cell.gain)),
               v == kLate ? "-" : p_text(mcnemar_p(cell.only_late, cell.only_it)),
               loss(cell.as_trained), loss(cell.as_run)});
  }
  table.print();
  write_measured_table(tables, "freezing", table,
                       "residual_mnist, two epochs on the 8 000 training digits, in integers on "
                       "the 2 000 test digits; mean and 95 % interval over five orders of the "
                       "batches. p: McNemar, the seeds' digits pooled. Losses on 1 920 training "
                       "digits.",
                       "seeds 1 to 5");
}

// The float net, trained on by the same schedule and on the same batches.
void control(const Study& study, const std::string& tables) {
  const Recipe recipe;
  Table table({"net", "fp32, trained as long", "qat", "only fp32", "only qat", "p"});
  const auto& labels = study.data.test.labels;
  for (const Models& models : study.nets) {
    Cnn cnn = models.cnn;
    Rng rng(1);
    train_on(cnn, study.data.train,
             {.epochs = recipe.epochs,
              .batch_size = recipe.batch_size,
              .adam = {.learning_rate = recipe.learning_rate},
              .label = models.name + " in float, as long"},
             rng);
    const auto by_float = classes_of(cnn, study.data.test.pixels, false);
    const auto by_qat = classes_of(models.qat, study.data.test.pixels);
    const PairedResult pair = compare_classes(by_float, by_qat, labels);
    table.row({models.name, std::to_string(count_correct(by_float, labels)),
               std::to_string(count_correct(by_qat, labels)), std::to_string(pair.only_a),
               std::to_string(pair.only_b), p_text(pair.p)});
  }
  table.print();
  write_measured_table(tables, "control_" + study.nets.back().name, table,
                       "Right of " + std::to_string(labels.size()) + " test pictures.", "seed 1");
}

}  // namespace

void all_seeds(const Study& study, const std::string& tables, Lesson&) {
  section(8, "In full: the same schedule in float, and when to freeze");
  control(study, tables);
  if (study.nets.back().name == "residual_mnist") freezing(study, tables);
}

}  // namespace qfs::ch22
