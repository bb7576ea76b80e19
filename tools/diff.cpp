// qfs_diff, behind ./learn diff: why do my numbers differ?

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>

#include "common/cli.hpp"
#include "common/npy.hpp"
#include "common/print.hpp"
#include "diff/report.hpp"

namespace {

using qfs::diff::Integers;
using qfs::diff::PerChannel;

struct Arguments {
  std::string mine, theirs, acc, bias;
  std::string scale, zero_point = "0", multiplier, w_scale;
  double x_scale = 0.0, y_scale = 0.0;
  int bits = 8, axis = 0, qmin = 0, qmax = 0;
  bool is_signed = false, is_unsigned = false, has_qmin = false, has_qmax = false;
};

constexpr const char* kHelp =
    R"(Given your integers, finds the rule that made them and names where it deviates from this course's.

1. Integers that were quantized from floats:
     ./learn diff mine.npy floats.npy --scale 0.05 --zero-point 128
   One scale per channel: --scale scales.npy [--zero-point zero_points.npy] --axis 0
2. Integers that were requantized from 32-bit sums (M x N, one column per output):
     ./learn diff mine.npy --acc sums.npy --multiplier 0.0014 --zero-point 3
     ./learn diff mine.npy --acc sums.npy --input-scale 0.02 --weight-scale 0.01 (or scales.npy)
                  --output-scale 0.1 --bias bias.npy --zero-point 3
   The sums hold the zero-point terms, not the bias; an int32 bias is added as it is.
3. Integers against integers:
     ./learn diff mine.npy theirs.npy

It tries, alone and two at a time: rounding (ties away, ties up, truncated, down); x / s for x * (1 / s);
the zero point (before rounding, left out, subtracted, off by half the range); other parameters (of a
reduced, symmetric or narrow range, 1 / scale); the clamp (missing, before the zero point, narrow, half,
a fused ReLU); reinterpreted bytes; transposed; the wrong axis. For sums also fixed point, double rounding,
float64, another multiplier, and what may happen to a bias. Clamping just before rounding is no rule of
its own: it gives the same integers as clamping just after.

The range is that of the type mine.npy is stored in; --bits, --signed, --unsigned, --qmin and --qmax
change it. Exit codes: 0 every element is explained (by equality or by a named rule), 1 some are not,
2 bad usage or bad data.)";

void add_options(CLI::App& app, Arguments& a) {
  app.add_option("mine", a.mine, "your integers (.npy)")->required();
  app.add_option("theirs", a.theirs, "the floats they came from, or other integers (.npy)");
  app.add_option("--scale", a.scale, "the scale: a number, or an .npy of one per channel");
  app.add_option("--zero-point", a.zero_point, "the output's zero point: a number or an .npy")
      ->capture_default_str();
  app.add_option("--axis", a.axis, "the axis of the channels of the floats")
      ->capture_default_str()
      ->check(CLI::Range(0, 31));
  app.add_option("--bits", a.bits, "bits of the range")->check(CLI::Range(2, 16));
  app.add_flag("--signed", a.is_signed, "a signed range");
  app.add_flag("--unsigned", a.is_unsigned, "an unsigned range")->excludes("--signed");
  app.add_option("--qmin", a.qmin, "the range's lowest integer");
  app.add_option("--qmax", a.qmax, "the range's highest integer");
  app.add_option("--acc", a.acc, "32-bit sums (.npy)");
  app.add_option("--multiplier", a.multiplier,
                 "s_x s_w / s_y: a number, or an .npy of one per column");
  app.add_option("--input-scale", a.x_scale, "s_x");
  app.add_option("--weight-scale", a.w_scale, "s_w: a number, or an .npy of one per column");
  app.add_option("--output-scale", a.y_scale, "s_y");
  app.add_option("--bias", a.bias, "the bias, float or int32 (.npy), one per column");
}

// A number, or the numbers of an .npy file.
PerChannel numbers(const std::string& text, const std::string& option) {
  if (text.ends_with(".npy")) {
    const qfs::NpyArray array = qfs::load_npy_array(text);
    PerChannel numbers;
    if (array.dtype[1] == 'f')
      for (float value : qfs::as_floats(array, text).values)
        numbers.values.push_back(static_cast<double>(value));
    else
      for (std::int64_t value : qfs::diff::load_integers(text).values)
        numbers.values.push_back(static_cast<double>(value));
    qfs::require(!numbers.values.empty(), text + " is empty", 0, "at least one number",
                 "check the file");
    return numbers;
  }
  std::size_t used = 0;
  double value = 0.0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  qfs::require(used == text.size() && used > 0 && std::isfinite(value), option + " is not a number",
               text, "a finite number or an .npy file", "see ./learn diff --help");
  return {{value}};
}

// Scales and multipliers divide and are divided by.
PerChannel positive_numbers(const std::string& text, const std::string& option) {
  PerChannel result = numbers(text, option);
  for (double value : result.values)
    qfs::require(std::isnormal(static_cast<float>(value)) && value > 0.0,
                 option + " must be positive", value, "a positive normal float32",
                 "give the scale s of real = s * (q - z)");
  return result;
}

PerChannel whole_numbers(const std::string& text, const std::string& option) {
  PerChannel result = numbers(text, option);
  for (double value : result.values)
    qfs::require(value == std::nearbyint(value) && std::fabs(value) <= 65535.0,
                 option + " must be an integer", value, "an integer of at most 16 bits",
                 "a zero point is one of the quantized values");
  return result;
}

// The range asked for, or that of the stored type.
qfs::QuantRange range_of(const Arguments& a, bool has_bits, const Integers& mine) {
  const bool wide = mine.storage.qmax > 65535;
  qfs::QuantRange range = wide ? qfs::unsigned_range(a.bits) : mine.storage;
  if (has_bits || a.is_signed || a.is_unsigned) {
    const bool is_signed = a.is_signed || (!a.is_unsigned && !wide && mine.storage.qmin < 0);
    range = is_signed ? qfs::signed_range(a.bits) : qfs::unsigned_range(a.bits);
  }
  if (a.has_qmin) range.qmin = a.qmin;
  if (a.has_qmax) range.qmax = a.qmax;
  qfs::require(range.qmin < range.qmax && range.qmax <= 65535 && range.qmin >= -32768,
               "this is no range of quantized integers",
               std::to_string(range.qmin) + ".." + std::to_string(range.qmax),
               "qmin < qmax, at most 16 bits", "check --qmin, --qmax and --bits");
  return range;
}

int report(const qfs::diff::RuleSpace& space, const Integers& mine) {
  return qfs::diff::print_findings(space, qfs::diff::search(space, mine.values), mine);
}

// NumPy's "|u1" as "uint8".
std::string type_name(const std::string& dtype) {
  return (dtype[1] == 'u' ? "uint" : "int") + std::to_string(8 * (dtype[2] - '0'));
}

std::string head(const Integers& mine) {
  return mine.name + ": " + std::to_string(mine.values.size()) + " integers (" +
         qfs::shape_text(std::span<const std::size_t>(mine.shape)) + ", " + type_name(mine.dtype) +
         ")";
}

int against_floats(const Arguments& a, const Integers& mine, const qfs::NpyArray& theirs,
                   qfs::QuantRange range) {
  qfs::require(!a.scale.empty(), "floats need a scale", "no --scale", "--scale S --zero-point Z",
               "give the parameters that you think were used");
  qfs::FloatArray floats = qfs::as_floats(theirs, a.theirs);
  qfs::diff::QuantizeQuestion question{mine,
                                       floats.shape,
                                       std::move(floats.values),
                                       positive_numbers(a.scale, "--scale"),
                                       whole_numbers(a.zero_point, "--zero-point"),
                                       static_cast<std::size_t>(a.axis),
                                       range};
  const std::size_t scales = question.scales.values.size(),
                    zeros = question.zero_points.values.size();
  const std::size_t channels = std::max(scales, zeros);
  qfs::require((scales == channels || scales == 1) && (zeros == channels || zeros == 1),
               "scales and zero points differ in number", zeros, scales,
               "give one zero point per scale, or one");
  if (channels > 1)
    qfs::require(question.axis < question.float_shape.size() &&
                     question.float_shape[question.axis] == channels,
                 "the scales do not fit the axis", channels,
                 "as many as axis " + std::to_string(a.axis) + " of " +
                     qfs::shape_text(std::span<const std::size_t>(question.float_shape)),
                 "choose --axis");
  std::printf("%s against the floats of %s; range %d..%d\n", head(mine).c_str(), a.theirs.c_str(),
              range.qmin, range.qmax);
  return report(qfs::diff::quantize_rules(question), mine);
}

void load_bias(const Arguments& a, qfs::diff::RequantizeQuestion& question, std::size_t columns) {
  const qfs::NpyArray array = qfs::load_npy_array(a.bias);
  if (array.dtype[1] == 'f') {
    qfs::require(!question.w_scales.values.empty(), "a float bias needs the three scales",
                 "--multiplier", "--input-scale, --weight-scale and --output-scale",
                 "or give the bias as int32");
    question.bias = qfs::as_floats(array, a.bias).values;
  } else {
    question.bias_integers = qfs::diff::load_integers(a.bias).values;
  }
  const std::size_t count = question.bias.size() + question.bias_integers.size();
  qfs::require(count == columns, "the bias does not fit the sums", count, columns,
               "one per column of --acc");
}

int against_sums(const Arguments& a, const Integers& mine, qfs::QuantRange range) {
  qfs::diff::RequantizeQuestion question;
  question.mine = mine;
  question.acc = qfs::diff::load_integers(a.acc);
  question.range = range;
  const PerChannel zero_point = whole_numbers(a.zero_point, "--zero-point");
  qfs::require(zero_point.values.size() == 1, "an output has one zero point",
               zero_point.values.size(), 1, "give a number");
  question.zero_point = static_cast<std::int32_t>(zero_point.values[0]);
  for (std::int64_t sum : question.acc.values)
    qfs::require(sum >= INT32_MIN && sum <= INT32_MAX, a.acc + " holds more than 32-bit sums", sum,
                 "-2147483648..2147483647", "save the int32 accumulators");
  const bool has_scales = a.x_scale != 0.0 || a.y_scale != 0.0 || !a.w_scale.empty();
  qfs::require(a.multiplier.empty() == has_scales, "sums need a multiplier, or the three scales",
               a.multiplier.empty() ? "neither" : "both",
               "--multiplier, or --input-scale, --weight-scale and "
               "--output-scale",
               "see ./learn diff --help");
  if (has_scales) {
    question.x_scale = positive_numbers(qfs::general(a.x_scale, 17), "--input-scale").values[0];
    question.y_scale = positive_numbers(qfs::general(a.y_scale, 17), "--output-scale").values[0];
    question.w_scales = positive_numbers(a.w_scale, "--weight-scale");
  } else {
    question.multipliers = positive_numbers(a.multiplier, "--multiplier");
  }
  const std::size_t columns = question.acc.shape.empty() ? 1 : question.acc.shape.back();
  const std::size_t given = question.multipliers.values.size() + question.w_scales.values.size();
  qfs::require(given == 1 || given == columns,
               "the multipliers or weight scales do not fit the sums", given, columns,
               "one, or one per column of --acc");
  if (!a.bias.empty()) load_bias(a, question, columns);
  std::printf("%s against the sums of %s; range %d..%d\n", head(mine).c_str(), a.acc.c_str(),
              range.qmin, range.qmax);
  return report(qfs::diff::requantize_rules(question), mine);
}

int answer(const Arguments& a, bool has_bits) {
  const Integers mine = qfs::diff::load_integers(a.mine);
  const qfs::QuantRange range = range_of(a, has_bits, mine);
  qfs::require(a.theirs.empty() != a.acc.empty(), "what shall your integers be compared with?",
               a.acc.empty() ? "nothing" : a.theirs + " and " + a.acc,
               "theirs.npy or --acc sums.npy, not both", "see ./learn diff --help");
  if (!a.acc.empty()) return against_sums(a, mine, range);
  const qfs::NpyArray theirs = qfs::load_npy_array(a.theirs);
  if (theirs.dtype[1] == 'f') return against_floats(a, mine, theirs, range);
  std::printf("%s against the integers of %s\n", head(mine).c_str(), a.theirs.c_str());
  return report(qfs::diff::relation_rules(mine, qfs::diff::load_integers(a.theirs)), mine);
}

}  // namespace

int main(int argc, char** argv) {
  return qfs::run_guarded([&] {
    CLI::App app(kHelp, "./learn diff");
    Arguments arguments;
    add_options(app, arguments);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? 0 : 2;
    }
    arguments.has_qmin = app.count("--qmin") > 0;
    arguments.has_qmax = app.count("--qmax") > 0;
    return answer(arguments, app.count("--bits") > 0);
  });
}
