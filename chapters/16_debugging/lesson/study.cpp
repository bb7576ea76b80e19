#include "16_debugging/lesson/study.hpp"

#include "04_mnist_mlp/pretrained.hpp"
#include "common/print.hpp"

namespace qfs::ch16 {

Subject make_subject(Mlp mlp, const TrainDigits& digits) {
  Subject subject{.mlp = std::move(mlp)};
  subject.intervals =
      calibrate<MinMaxObserver>(subject.mlp, CalibrationSet(digits), OutputPoint::after_relu, 100);
  subject.net = quantize_fused_mlp(subject.mlp, subject.intervals, {});
  return subject;
}

Study make_study(const Options& options) {
  Study study{.data = load_dataset(options.data_dir)};
  study.bundled = options.data_dir.empty() && options.weights_dir.empty();
  const TestDigits& test = study.data.test;
  study.x = normalized(test.pixels, 0, test.size());
  study.wide = make_subject(trained_or_pretrained(options, study.data), study.data.train);
  study.narrow = study.bundled
                     ? make_subject(load_mlp(debugging_dir() + "/first"), study.data.train)
                     : study.wide;
  return study;
}

std::string debugging_dir() { return datasets_dir() + "/debugging"; }

std::string faulty_file(std::size_t number) {
  return debugging_dir() + "/" + std::to_string(number) + ".qfs";
}

std::string float_layers_text(const InFloat& in_float) {
  std::string text;
  for (std::size_t i = 0; i < in_float.size(); ++i)
    if (in_float[i]) text += (text.empty() ? "" : " ") + std::to_string(i + 1);
  return text.empty() ? "none" : text;
}

std::string db_text(double db) { return std::isinf(db) ? (db > 0 ? "inf" : "-inf") : fixed(db, 1); }

}  // namespace qfs::ch16
