// Pictures of another contrast, and four nets on them: for sections 7 and 8.
#pragma once

#include "08_dynamic_quantization/lesson/study.hpp"

namespace qfs::ch08 {

using Classes = std::vector<std::uint8_t>;

// [contrast]
// The contrast of picture m becomes contrast(m) times what it was: the distance of every pixel from
// the mean grey grows by it. 1/16 is a faded copy; 16 an amplifier turned up, and no longer a pixel
// in 0..255.
template <class Contrast>
Matrix<float> with_contrast(Matrix<float> x, const Contrast& contrast) {
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (float& value : row(x, m)) value *= contrast(m);
  return x;
}

// Another change: the ink is so many times as bright, the paper stays as it was.
inline Matrix<float> with_exposure(Matrix<float> x, float exposure) {
  const float paper = (0.0F - kPixelMean) / kPixelStd;
  for (float& value : values(x)) value = paper + exposure * (value - paper);
  return x;
}
// [/contrast]

// "1/16", "4"
inline std::string contrast_text(float contrast) {
  return contrast < 1.0F ? "1/" + std::to_string(static_cast<int>(1.0F / contrast))
                         : std::to_string(static_cast<int>(contrast));
}

// Four nets on the same pictures.
struct Four {
  Classes by_float, fixed, per_tensor, per_row;
};

inline Four run_all(const Study& study, const Matrix<float>& x) {
  return {argmax_rows(forward_ref(study.mlp, x)), argmax_rows(run_fixed(study.fixed, x)),
          classes_of(study.with(kPerTensor), x), classes_of(study.with(kPerRow), x)};
}

inline WilsonInterval share_of(const Classes& classes, const Study& study) {
  return wilson_interval(count_correct(classes, study.labels()), classes.size());
}

inline double p_against_float(const Four& four, const Classes& classes, const Study& study) {
  return compare_classes(four.by_float, classes, study.labels()).p;
}

}  // namespace qfs::ch08
