// Section 6: folding by the statistics of one batch.
#include <algorithm>
#include <cstdio>

#include "22_model_comparison/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch22 {
namespace {

Matrix<float> pictures_of(const TrainDigits& digits, std::size_t count, bool one_class) {
  auto pixels = make_tensor<std::uint8_t>({count, digits.pixels.shape(1)});
  std::size_t found = 0;
  for (std::size_t i = 0; i < digits.size() && found < count; ++i)
    if (!one_class || digits.labels[i] == 1)
      std::ranges::copy(row(digits.pixels, i), row(pixels, found++).begin());
  return normalized(pixels, 0, found);
}

// [folded_by_batch]
// What a momentum of 1 leaves for the export: every batch norm folded by the mean and variance of
// the last batch.
QatCnn folded_by_batch(QatCnn net, const Matrix<float>& x) {
  for (QatConv& conv : net.convs) conv.norm->momentum = 1.0F;  // running = the batch's
  net.statistics = NormStatistics::batch;
  QatCnnBuffers buffers;
  forward(net, x, buffers);
  net.observing = true;  // scales that fit the folded weights; activations keep theirs
  for (QatConv& conv : net.convs) conv.weight.source = ScaleSource::observed;
  settle(net);
  return net;
}
// [/folded_by_batch]

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(6, "What goes wrong: folding by the statistics of one batch");
  const Models& models = study.nets.back();
  const std::size_t count = lesson.options.quick ? 100 : 1000;
  const TestDigits digits = first_digits(study.data.test, count);
  const std::span<const std::uint8_t> labels = digits.labels;
  const auto right = classes_of(models.qat, digits.pixels);
  Table table(
      {"folded by", "right of " + std::to_string(labels.size()), "only right net", "only it", "p"});
  table.row({"running statistics", std::to_string(count_correct(right, labels)), "-", "-", "-"});
  PairedResult worst;
  struct Batch {
    const char* name;
    std::size_t size;
    bool one_class;
  };
  for (const Batch& batch :
       {Batch{"one batch of 128", 128, false}, Batch{"one batch of 32", 32, false},
        Batch{"one batch of 8", 8, false}, Batch{"32 pictures of class 1", 32, true}}) {
    const QatCnn wrong =
        folded_by_batch(models.graph, pictures_of(study.data.train, batch.size, batch.one_class));
    const auto classes = classes_of(convert(wrong), digits.pixels);
    const PairedResult pair = compare_classes(right, classes, labels);
    table.row({batch.name, measured(std::to_string(count_correct(classes, labels))),
               measured(std::to_string(pair.only_a)), measured(std::to_string(pair.only_b)),
               measured(p_text(pair.p))});
    worst = pair;
  }
  table.print();
  if (!study.committed || lesson.options.quick) return;
  lesson.claims.expect(worst.only_a > worst.only_b && worst.p < 0.001,
                       "folded by a batch of one class it is right less often (p < 0.001)");
}

}  // namespace qfs::ch22
