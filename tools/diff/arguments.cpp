#include "diff/arguments.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>

#include "common/check.hpp"
#include "common/npy.hpp"

namespace qfs::diff {
namespace {

constexpr const char* kHelp =
    R"(Given your integers, finds the rule that made them and names where it deviates
from this course's.

1. Integers that were quantized from floats:
     ./learn diff mine.npy floats.npy --scale 0.05 --zero-point 128
   One scale per channel:
     ... --scale scales.npy [--zero-point zero_points.npy] --axis 0
2. Integers that were requantized from 32-bit sums (M x N, a column per output):
     ./learn diff mine.npy --acc sums.npy --multiplier 0.0014 --zero-point 3
     ./learn diff mine.npy --acc sums.npy --input-scale 0.02 --weight-scale 0.01
       (or scales.npy) --output-scale 0.1 --bias bias.npy --zero-point 3
   The sums hold the zero-point terms, not the bias; an int32 bias is added as
   it is.
3. The output of a layer, from its integer inputs (M x K) and weights (N x K):
     ./learn diff mine.npy --input q_x.npy --input-zero-point 114
       --weight q_w.npy --bias bias.npy --input-scale ... --zero-point 3
   With neither --multiplier nor --output-scale, mine.npy holds the sums.
4. Integers against integers:
     ./learn diff mine.npy theirs.npy

It tries, alone and two at a time: rounding (ties away, ties up, truncated,
down); x / s for x * (1 / s); the zero point (before rounding, left out,
subtracted, twice, off); other parameters (per tensor, row or column, of a
reduced, symmetric or narrow range, 1 / scale, off by the last bit, or found in
your integers); the clamp (missing, before the zero point, narrow, half, a ReLU
fused or missing); reinterpreted and swapped bytes; rows and columns transposed,
permuted, shifted, mirrored; the wrong axis. For sums also 16 bits, fixed point,
double rounding, float64, another multiplier, and what may happen to a bias. For
products also zero points that are ignored, pairs that saturate (vpmaddubsw),
signs, the layout of the weights, a lost tail. Clamping just before rounding is
no rule of its own: it gives the same integers as clamping just after.

A rule is named when it gives every element, and when enough elements tell it
from every other rule that was tried. The range is that of the type mine.npy is
stored in; --bits, --signed, --unsigned, --qmin and --qmax change it. Exit
codes: 0 every element is explained (by equality or by a named rule), 1 some are
not, or too few can tell, 2 bad usage or bad data.)";

constexpr const char* kSeeHelp = "see ./learn diff --help";

struct Option {
  const char* flag;
  std::string Arguments::*value;
  const char* help;
};

constexpr Option kOptions[] = {
    {"--scale", &Arguments::scale, "a number, or an .npy of one per channel"},
    {"--zero-point", &Arguments::zero_point, "of mine: a number, or an .npy; 0"},
    {"--axis", &Arguments::axis, "of the channels of the floats; 0"},
    {"--bits", &Arguments::bits, "bits of the range; 8, or those of the type"},
    {"--qmin", &Arguments::qmin, "the range's lowest integer"},
    {"--qmax", &Arguments::qmax, "the range's highest integer"},
    {"--acc", &Arguments::acc, "32-bit sums (.npy)"},
    {"--input", &Arguments::input, "q_x, M x K (.npy)"},
    {"--weight", &Arguments::weight, "q_w, N x K (.npy)"},
    {"--input-zero-point", &Arguments::input_zero_point, "z_x; 0"},
    {"--weight-zero-point", &Arguments::weight_zero_point, "z_w: a number, or an .npy; 0"},
    {"--multiplier", &Arguments::multiplier, "s_x s_w / s_y: a number, or an .npy"},
    {"--input-scale", &Arguments::input_scale, "s_x"},
    {"--weight-scale", &Arguments::weight_scale, "s_w: a number, or an .npy"},
    {"--output-scale", &Arguments::output_scale, "s_y"},
    {"--bias", &Arguments::bias, "float or int32, one per output (.npy)"}};

// A whole number of one option.
std::int32_t whole(const std::string& text, const std::string& option, std::int32_t low,
                   std::int32_t high) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  require(error == std::errc() && end == text.data() + text.size() && low <= value && value <= high,
          option + " is not a whole number of its range", text,
          std::to_string(low) + " to " + std::to_string(high), kSeeHelp);
  return value;
}

// A number, or the numbers of an .npy file.
PerChannel numbers(const std::string& text, const std::string& option) {
  if (text.ends_with(".npy")) {
    const NpyArray array = load_npy_array(text);
    PerChannel result;
    if (array.dtype[1] == 'f')
      for (const float value : as_floats(array, text).values)
        result.values.push_back(static_cast<double>(value));
    else
      for (const std::int64_t value : load_integers(text).values)
        result.values.push_back(static_cast<double>(value));
    require(!result.values.empty(), text + " is empty", 0, "at least one number", "check the file");
    return result;
  }
  std::size_t used = 0;
  double value = 0.0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  require(used == text.size() && used > 0 && std::isfinite(value), option + " is not a number",
          text.empty() ? "nothing" : text, "a finite number or an .npy file", kSeeHelp);
  return {{value}};
}

// Scales and multipliers divide and are divided by.
PerChannel positive_numbers(const std::string& text, const std::string& option) {
  PerChannel result = numbers(text, option);
  for (const double value : result.values)
    require(std::isnormal(static_cast<float>(value)) && value > 0.0, option + " must be positive",
            value, "a positive normal float32", "give the scale s of real = s * (q - z)");
  return result;
}

double positive_number(const std::string& text, const std::string& option) {
  const PerChannel result = positive_numbers(text, option);
  require(result.values.size() == 1, option + " is one number", result.values.size(), 1,
          "only weights have a scale per channel");
  return result.values[0];
}

PerChannel whole_numbers(const std::string& text, const std::string& option) {
  PerChannel result = numbers(text.empty() ? "0" : text, option);
  for (const double value : result.values)
    require(value == std::nearbyint(value) && std::fabs(value) <= 65535.0,
            option + " must be an integer", value, "an integer of at most 16 bits",
            "a zero point is one of the quantized values");
  return result;
}

std::int32_t one_zero_point(const std::string& text, const std::string& option) {
  const PerChannel result = whole_numbers(text, option);
  require(result.values.size() == 1, option + " is one number", result.values.size(), 1,
          "an input and an output have one zero point each");
  return static_cast<std::int32_t>(result.values[0]);
}

// The range asked for, or that of the stored type.
QuantRange range_of(const Arguments& a, const Integers& mine) {
  const bool wide = !is_narrow_type(mine.storage);
  const std::int32_t bits = a.bits.empty() ? 8 : whole(a.bits, "--bits", 2, 16);
  QuantRange range = wide ? unsigned_range(bits) : mine.storage;
  if (!a.bits.empty() || a.is_signed || a.is_unsigned) {
    const bool is_signed = a.is_signed || (!a.is_unsigned && !wide && mine.storage.qmin < 0);
    const std::int32_t width = a.bits.empty() && !wide ? bits_of(mine.storage) : bits;
    range = is_signed ? signed_range(width) : unsigned_range(width);
  }
  if (!a.qmin.empty()) range.qmin = whole(a.qmin, "--qmin", -32768, 65535);
  if (!a.qmax.empty()) range.qmax = whole(a.qmax, "--qmax", -32768, 65535);
  require(range.qmin < range.qmax, "this is no range of quantized integers",
          std::to_string(range.qmin) + ".." + std::to_string(range.qmax), "qmin < qmax",
          "check --qmin, --qmax and --bits");
  return range;
}

std::string range_text(QuantRange range) {
  return "; range " + std::to_string(range.qmin) + ".." + std::to_string(range.qmax);
}

// An option that would be ignored is refused.
void refuse(const Arguments& a, std::initializer_list<const char*> flags, const std::string& kind) {
  for (const Option& option : kOptions)
    for (const std::string flag : flags)
      require(flag != option.flag || (a.*option.value).empty(),
              flag + " has no meaning for " + kind, flag + " " + a.*option.value, "no " + flag,
              "leave it out, or " + std::string(kSeeHelp));
}

void refuse_range(const Arguments& a, const std::string& kind) {
  refuse(a, {"--bits", "--qmin", "--qmax"}, kind);
  require(!a.is_signed && !a.is_unsigned, "a range has no meaning for " + kind,
          a.is_signed ? "--signed" : "--unsigned", "no range", "leave it out");
}

void require_channels(const QuantizeQuestion& question) {
  const std::size_t scales = question.scales.values.size(),
                    zeros = question.zero_points.values.size();
  const std::size_t channels = std::max(scales, zeros);
  require((scales == channels || scales == 1) && (zeros == channels || zeros == 1),
          "scales and zero points differ in number", zeros, scales,
          "give one zero point per scale, or one");
  if (channels == 1) return;
  require(question.axis < question.float_shape.size() &&
              question.float_shape[question.axis] == channels,
          "the scales do not fit the axis", channels,
          "as many as axis " + std::to_string(question.axis) + " of " +
              shape_text(question.float_shape),
          "choose --axis");
}

Comparison against_floats(const Arguments& a, const Integers& mine, const NpyArray& theirs) {
  refuse(a,
         {"--input", "--weight", "--input-zero-point", "--weight-zero-point", "--multiplier",
          "--input-scale", "--weight-scale", "--output-scale", "--bias"},
         "floats");
  require(!a.scale.empty(), "floats need a scale", "no --scale", "--scale S --zero-point Z",
          "give the parameters that you think were used");
  FloatArray floats = as_floats(theirs, a.theirs);
  QuantizeQuestion question{
      mine,
      floats.shape,
      std::move(floats.values),
      positive_numbers(a.scale, "--scale"),
      whole_numbers(a.zero_point, "--zero-point"),
      static_cast<std::size_t>(a.axis.empty() ? 0 : whole(a.axis, "--axis", 0, 31)),
      range_of(a, mine)};
  require_channels(question);
  return {mine, "the floats of " + a.theirs + range_text(question.range), quantize_rules(question)};
}

void load_bias(const Arguments& a, RequantizeQuestion& question) {
  if (a.bias.empty()) return;
  const NpyArray array = load_npy_array(a.bias);
  if (array.dtype[1] == 'f') {
    require(!question.w_scales.values.empty(), "a float bias needs the scales s_x and s_w",
            a.multiplier.empty() ? "no --weight-scale" : "--multiplier",
            "--input-scale and --weight-scale", "or give the bias as int32");
    question.bias = as_floats(array, a.bias).values;
  } else {
    question.bias_integers = load_integers(a.bias).values;
  }
  const std::size_t count = question.bias.size() + question.bias_integers.size();
  const std::size_t columns = question.shape.empty() ? 1 : question.shape.back();
  require(count == columns, "the bias does not fit the sums", count, columns,
          "give one number per output");
}

// The multiplier, or the scales that it is made of; the output's is not needed for sums.
void load_scales(const Arguments& a, bool are_sums, RequantizeQuestion& question) {
  const bool has_scales =
      !a.input_scale.empty() || !a.weight_scale.empty() || !a.output_scale.empty();
  if (are_sums && !has_scales) return;
  require(a.multiplier.empty() == has_scales, "sums need a multiplier, or the three scales",
          has_scales ? "both" : "neither",
          "--multiplier, or --input-scale, --weight-scale and --output-scale", kSeeHelp);
  if (has_scales) {
    question.x_scale = positive_number(a.input_scale, "--input-scale");
    question.w_scales = positive_numbers(a.weight_scale, "--weight-scale");
    if (!are_sums) question.y_scale = positive_number(a.output_scale, "--output-scale");
  } else {
    question.multipliers = positive_numbers(a.multiplier, "--multiplier");
  }
  const std::size_t columns = question.shape.empty() ? 1 : question.shape.back();
  const std::size_t given = question.multipliers.values.size() + question.w_scales.values.size();
  require(given == 1 || given == columns, "the multipliers or weight scales do not fit the sums",
          given, columns, "one, or one per column of the sums");
}

RequantizeQuestion question_of_sums(const Arguments& a, const Integers& mine) {
  refuse(a, {"--input", "--weight", "--input-zero-point", "--weight-zero-point"}, "--acc");
  const Integers acc = load_integers(a.acc);
  for (const std::int64_t sum : acc.values)
    require(sum >= INT32_MIN && sum <= INT32_MAX, a.acc + " holds more than 32-bit sums", sum,
            "-2147483648..2147483647", "save the int32 accumulators");
  RequantizeQuestion question;
  question.mine = mine;
  question.shape = acc.shape;
  question.sums = sums_as_given(acc.values);
  return question;
}

Integers load_int8(const std::string& path, const std::string& option) {
  Integers integers = load_integers(path);
  require(bits_of(integers.storage) == 8, option + " holds no 8-bit integers", integers.dtype,
          "int8 or uint8", "save the integers in their own type");
  return integers;
}

RequantizeQuestion question_of_product(const Arguments& a, const Integers& mine) {
  require(!a.weight.empty(), "an input needs its weights", "no --weight", "--weight q_w.npy",
          kSeeHelp);
  const ProductQuestion product{load_int8(a.input, "--input"), load_int8(a.weight, "--weight"),
                                one_zero_point(a.input_zero_point, "--input-zero-point"),
                                whole_numbers(a.weight_zero_point, "--weight-zero-point")};
  RequantizeQuestion question;
  question.mine = mine;
  question.sums = sums_of_product(product);
  question.shape = {product.x.shape[0], product.w.shape[0]};
  return question;
}

Comparison against_sums(const Arguments& a, const Integers& mine) {
  refuse(a, {"--scale", "--axis"}, "sums");
  const bool is_product = !a.input.empty();
  const bool are_sums = is_product && a.multiplier.empty() && a.output_scale.empty();
  RequantizeQuestion question =
      is_product ? question_of_product(a, mine) : question_of_sums(a, mine);
  load_scales(a, are_sums, question);
  load_bias(a, question);
  const std::string with =
      is_product ? "the layer of " + a.input + " and " + a.weight : "the sums of " + a.acc;
  if (are_sums) {
    refuse(a, {"--zero-point"}, "sums that are not requantized");
    refuse_range(a, "sums that are not requantized");
    return {mine, with, sums_rules(question)};
  }
  question.zero_point = one_zero_point(a.zero_point, "--zero-point");
  question.range = range_of(a, mine);
  return {mine, with + range_text(question.range), requantize_rules(question)};
}

Comparison against_integers(const Arguments& a, const Integers& mine) {
  const std::string kind = "integers against integers";
  refuse(
      a,
      {"--scale", "--zero-point", "--axis", "--input-zero-point", "--weight-zero-point", "--weight",
       "--multiplier", "--input-scale", "--weight-scale", "--output-scale", "--bias"},
      kind);
  refuse_range(a, kind);
  return {mine, "the integers of " + a.theirs, relation_rules(mine, load_integers(a.theirs))};
}

}  // namespace

bool parse(int argc, char** argv, Arguments& arguments) {
  CLI::App app(kHelp, "./learn diff");
  app.get_formatter()->column_width(28);
  app.add_option("mine", arguments.mine, "your integers (.npy)")->type_name("");
  app.add_option("theirs", arguments.theirs, "floats, or other integers (.npy)")->type_name("");
  for (const Option& option : kOptions)
    app.add_option(option.flag, arguments.*option.value, option.help)->type_name("");
  CLI::Option* is_signed = app.add_flag("--signed", arguments.is_signed, "a signed range");
  app.add_flag("--unsigned", arguments.is_unsigned, "an unsigned range")->excludes(is_signed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error) == 0;
    fail("the options are not understood", error.what(),
         "./learn diff mine.npy theirs.npy --scale S --zero-point Z", kSeeHelp);
  }
  for (const Option& option : kOptions)
    require(app.count(option.flag) == 0 || !(arguments.*option.value).empty(),
            std::string(option.flag) + " has an empty value", "''", option.help, kSeeHelp);
  return false;
}

Comparison comparison(const Arguments& a) {
  require(!a.mine.empty(), "which integers are yours?", "no file", "mine.npy", kSeeHelp);
  const Integers mine = load_integers(a.mine);
  const int given =
      (a.theirs.empty() ? 0 : 1) + (a.acc.empty() ? 0 : 1) + (a.input.empty() ? 0 : 1);
  require(given == 1, "what shall your integers be compared with?",
          given == 0 ? std::string("nothing") : a.theirs + " " + a.acc + " " + a.input,
          "one of theirs.npy, --acc sums.npy and --input q_x.npy", kSeeHelp);
  if (a.theirs.empty()) return against_sums(a, mine);
  const NpyArray theirs = load_npy_array(a.theirs);
  return theirs.dtype[1] == 'f' ? against_floats(a, mine, theirs) : against_integers(a, mine);
}

}  // namespace qfs::diff
