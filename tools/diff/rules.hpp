// The rules by which someone may have made integers, and the search for those that explain
// all of them.
//
// A rule is one choice in every dimension (rounding, zero point, clamp ...). Choice 0 is this
// course's; every other is a deviation. The search finds the rules with the fewest deviations, at
// most two, that give every element.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "01_affine_math/affine.hpp"

namespace qfs::diff {

struct Choice {
  std::string text;    // "halves go away from zero"
  std::string advice;  // where to look in the code that does it
};

struct Dimension {
  std::string name;
  std::vector<Choice> choices;
};

using Rule = std::vector<std::size_t>;  // an index into choices for every dimension

struct RuleSpace {
  std::vector<Dimension> dimensions;
  // What the rule gives for one element of the user's tensor; nothing where the rule
  // makes no sense.
  std::function<std::optional<std::int64_t>(const Rule&, std::size_t element)> evaluate;
};

struct Score {
  Rule rule;
  std::size_t explained = 0;  // elements
};

struct Findings {
  std::size_t deviations = 0;  // of the rules in `complete`
  std::vector<Rule> complete;  // explain every element; empty when none was found
  std::vector<Score> best;     // the course's rule, then single deviations by elements explained
  std::size_t tried = 0;       // rules
  bool one_number = false;     // all of `mine`: then deviations are not tried
};

// Where all of `mine` are one number, only the course's rule counts: enough deviations give any one
// number, and naming them would explain nothing.
Findings search(const RuleSpace& space, std::span<const std::int64_t> mine);

// A tensor of integers from an .npy file, and the range of the type it is stored in.
struct Integers {
  std::string name, dtype;
  std::vector<std::size_t> shape;
  std::vector<std::int64_t> values;
  QuantRange storage;  // of 8- and 16-bit types; the range of int32 for wider ones
};
// Throws Error where the file does not hold integers, or one beyond +-2^53: no double holds all of
// those, and differences of them need more than 64 bits.
Integers load_integers(const std::string& path);

// Where the element of the user's tensor stands in the other one.
enum class Layout { same, transposed };
struct Shapes {
  std::vector<std::size_t> mine, theirs;
  bool same() const { return mine == theirs; }
  bool transposed() const {
    return mine.size() == 2 && theirs.size() == 2 && mine[0] == theirs[1] && mine[1] == theirs[0];
  }
};
// Throws Error unless the shapes are equal or each other's transpose.
void require_comparable(const Shapes& shapes);
std::optional<std::size_t> place_in_theirs(const Shapes& shapes, Layout layout,
                                           std::size_t element);

// One number for the whole tensor, or one for every index along an axis.
struct PerChannel {
  std::vector<double> values;
  std::size_t of(std::size_t channel) const { return values.size() == 1 ? 0 : channel; }
};
// The index along `axis` of an element of a row-major tensor.
std::size_t channel_of(std::span<const std::size_t> shape, std::size_t axis, std::size_t element);

// Floats to integers (eq. 1.2).
struct QuantizeQuestion {
  Integers mine;
  std::vector<std::size_t> float_shape;
  std::vector<float> floats;
  PerChannel scales, zero_points;
  std::size_t axis = 0;  // of the floats, for several scales
  QuantRange range;
};
RuleSpace quantize_rules(const QuantizeQuestion& question);

// 32-bit sums to integers (eq. 2.9). Either a multiplier or the three scales; a bias needs the
// scales, unless it is int32 already.
struct RequantizeQuestion {
  Integers mine, acc;
  PerChannel multipliers;  // empty: from the scales
  double x_scale = 0.0, y_scale = 0.0;
  PerChannel w_scales;
  std::vector<float> bias;                  // one per index of the last axis; empty: none
  std::vector<std::int64_t> bias_integers;  // the same, quantized already
  std::int32_t zero_point = 0;
  QuantRange range;
};
RuleSpace requantize_rules(const RequantizeQuestion& question);

// Integers against integers.
RuleSpace relation_rules(const Integers& mine, const Integers& theirs);

// Dimensions that both kinds of rules have, and what their choices do to a rounded number.
Dimension zero_point_dimension(int bits);
Dimension clamp_dimension(const Integers& mine);
Dimension layout_dimension();
Dimension rounding_dimension();
// The bits that the integers of a range need.
int bits_of(QuantRange range);
struct ZeroPoint {
  double inside = 0.0;       // added before rounding
  std::int64_t after = 0;    // added after it
  std::int64_t nominal = 0;  // what stands for 0
};
ZeroPoint apply_zero_point(std::size_t choice, std::int64_t zero_point, int bits);
std::int64_t apply_clamp(std::size_t choice, double rounded, ZeroPoint zero_point, QuantRange range,
                         QuantRange storage);

// How a real number of steps becomes an integer. In float32 the half of half_up is
// added in float32.
enum class Round { half_even, half_away, half_up, toward_zero, down };
double rounded(double steps, Round round, bool in_float32);

}  // namespace qfs::diff
