#include "01_affine_math/quantizer.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "common/bytes.hpp"
#include "common/print.hpp"

namespace qfs {

// The names that stand in the JSON file.
NLOHMANN_JSON_SERIALIZE_ENUM(Scheme, {{Scheme::affine, "affine"}, {Scheme::symmetric, "symmetric"}})
NLOHMANN_JSON_SERIALIZE_ENUM(GranularityKind, {{GranularityKind::per_tensor, "per_tensor"},
                                               {GranularityKind::per_channel, "per_channel"},
                                               {GranularityKind::per_group, "per_group"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Rounding, {{Rounding::half_even, "half_even"},
                                        {Rounding::half_even_divide, "half_even_divide"},
                                        {Rounding::half_away_divide, "half_away_divide"}})

namespace {

// A file of more is refused before its numbers take memory: a tensor of so many channels or groups
// needs no list of them to be read by people.
constexpr std::size_t kMaxParams = std::size_t{1} << 20;
constexpr std::size_t kMaxFileBytesOfParams = 64 * kMaxParams;  // a scale and a zero point: 2 lines

constexpr std::string_view kAdvice = "write the file with Quantizer::save, or mend it by hand";

// The value of an enumeration by its name. nlohmann's own conversion maps an unknown name to the
// first value, which would hide a typing error.
template <class E>
E enum_of(const nlohmann::json& json, const char* key) {
  const E value = json.at(key).get<E>();
  require(nlohmann::json(value) == json.at(key), std::string("unknown ") + key, json.at(key).dump(),
          "a name this program writes", kAdvice);
  return value;
}

// An integer within low..high. nlohmann's own conversion makes one of 7.9, true and 2^32 + 8 too.
std::int32_t integer_of(const nlohmann::json& value, const std::string& what, std::int32_t low,
                        std::int32_t high) {
  require(value.is_number_integer(), what + " is no integer", value.dump(),
          "digits without a point", kAdvice);
  const bool too_large = value.is_number_unsigned() && value.get<std::uint64_t>() > INT32_MAX;
  const std::int64_t integer = too_large ? 0 : value.get<std::int64_t>();
  require(!too_large && integer >= low && integer <= high, what + " is outside its range",
          value.dump(), std::to_string(low) + " to " + std::to_string(high), kAdvice);
  return static_cast<std::int32_t>(integer);
}

float scale_of(const nlohmann::json& value) {
  require(value.is_number(), "a scale is no number", value.dump(), "a number", kAdvice);
  const double scale = value.get<double>();
  require(scale >= static_cast<double>(kSmallestScale) &&
              scale <= static_cast<double>(std::numeric_limits<float>::max()),
          "a scale is not usable", value.dump(), "at least 1.19e-7, and a float32", kAdvice);
  return static_cast<float>(scale);
}

QuantizerConfig config_of(const nlohmann::json& json) {
  constexpr std::int32_t kLowest = -32768, kHighest = 65535;  // 16 bits, signed and unsigned
  const auto size = [&](const char* key, std::int32_t most) {
    return static_cast<std::size_t>(integer_of(json.at(key), key, 0, most));
  };
  return {.range = {integer_of(json.at("qmin"), "qmin", kLowest, kHighest),
                    integer_of(json.at("qmax"), "qmax", kLowest, kHighest)},
          .scheme = enum_of<Scheme>(json, "scheme"),
          .granularity = {.kind = enum_of<GranularityKind>(json, "granularity"),
                          .axis = size("axis", 31),
                          .group_size = size("group_size", INT32_MAX)},
          .rounding = enum_of<Rounding>(json, "rounding")};
}

std::vector<QuantParams> params_of(const nlohmann::json& json, QuantRange range) {
  const nlohmann::json &scales = json.at("scale"), &zero_points = json.at("zero_point");
  require(scales.is_array() && zero_points.is_array() && !scales.empty() &&
              scales.size() == zero_points.size(),
          "scales and zero points must be two lists of one length",
          std::to_string(scales.size()) + " and " + std::to_string(zero_points.size()),
          "one of each for every channel or group", kAdvice);
  std::vector<QuantParams> params;
  for (std::size_t i = 0; i < scales.size(); ++i)
    params.push_back(
        {scale_of(scales[i]), integer_of(zero_points[i], "a zero point", range.qmin, range.qmax)});
  return params;
}

// The JSON of such a file is flat: one object whose values are texts, numbers and two lists of
// numbers. What is nested deeper or goes on for longer would take a hundred times its file in
// memory, and is refused where that shows.
nlohmann::json parse_flat(std::span<const std::byte> file, const std::string& path) {
  using Event = nlohmann::json::parse_event_t;
  constexpr std::size_t kMaxValues = 2 * kMaxParams + 16;
  std::size_t seen = 0;
  const auto check = [&](int depth, Event event, const nlohmann::json&) {
    const bool opens = event == Event::object_start || event == Event::array_start;
    require(!opens || depth <= 1, path + ": its JSON is nested too deep", depth + 1,
            "an object of lists", kAdvice);
    seen += event == Event::value ? 1 : 0;
    require(
        seen <= kMaxValues, path + " holds too many values", seen,
        [] { return "at most " + std::to_string(kMaxParams) + " scales and zero points"; },
        kAdvice);
    return true;
  };
  const auto* text = reinterpret_cast<const char*>(file.data());
  return nlohmann::json::parse(text, text + file.size(), check);
}

}  // namespace

Quantizer::Quantizer(QuantizerConfig config) : config_(config) {
  require(config.range.qmin < config.range.qmax && config.range.qmin >= -32768 &&
              config.range.qmax <= 65535,
          "a quantizer needs a range of 2 to 16 bits",
          std::to_string(config.range.qmin) + " to " + std::to_string(config.range.qmax),
          "qmin < qmax, both within -32768 to 65535", "unsigned_range(8) is the usual one");
}

void Quantizer::calibrate(std::span<const float> x, std::span<const std::size_t> shape) {
  params_.clear();
  const auto intervals = min_max_per_param(x, layout_for(x, shape));
  params_ = choose_qparams(intervals, config_.range, config_.scheme);
}

QuantizedArray Quantizer::quantize(std::span<const float> x,
                                   std::span<const std::size_t> shape) const {
  require(!params_.empty(), "the quantizer has no parameters yet", "",
          "calibrate() or load() first", "");
  QuantizedArray q{{shape.begin(), shape.end()}, std::vector<std::int32_t>(x.size())};
  qfs::quantize<std::int32_t>(x, layout_for(x, shape), params_, config_.range, q.values,
                              config_.rounding);
  return q;
}

std::vector<float> Quantizer::dequantize(const QuantizedArray& q) const {
  require(!params_.empty(), "the quantizer has no parameters yet", "",
          "calibrate() or load() first", "");
  std::vector<float> x(q.values.size());
  qfs::dequantize<std::int32_t>(q.values, layout_for(x, q.shape), params_, x);
  return x;
}

ParamLayout Quantizer::layout_for(std::span<const float> x,
                                  std::span<const std::size_t> shape) const {
  require(element_count(shape) == x.size(), "the shape does not fit the number of elements",
          shape_text(shape), std::to_string(x.size()) + " elements", "pass the tensor's own shape");
  const ParamLayout layout = make_layout(shape, config_.granularity);
  require(params_.empty() || params_.size() == layout.param_count(),
          "this tensor has another number of channels or groups", layout.param_count(),
          params_.size(), "calibrate a quantizer for this shape");
  return layout;
}

void Quantizer::save(const std::string& path) const {
  require(params_.size() <= kMaxParams, "too many parameters for a JSON file", params_.size(),
          "at most " + std::to_string(kMaxParams), "choose larger groups");
  nlohmann::ordered_json json = {
      {"qmin", config_.range.qmin},       {"qmax", config_.range.qmax},
      {"scheme", config_.scheme},         {"granularity", config_.granularity.kind},
      {"axis", config_.granularity.axis}, {"group_size", config_.granularity.group_size},
      {"rounding", config_.rounding}};
  for (const QuantParams& p : params_) {
    json["scale"].push_back(p.scale);
    json["zero_point"].push_back(p.zero_point);
  }
  write_file_atomically(path, json.dump(2) + "\n");
}

Quantizer Quantizer::load(const std::string& path) {
  const std::vector<std::byte> file = read_file(path, kMaxFileBytesOfParams);
  try {
    const nlohmann::json json = parse_flat(file, path);
    Quantizer quantizer(config_of(json));
    quantizer.params_ = params_of(json, quantizer.config_.range);
    return quantizer;
  } catch (const nlohmann::json::exception& error) {
    fail(path + " does not hold a quantizer's parameters", error.what(),
         "the JSON that save writes", kAdvice);
  }
}

std::string Quantizer::summary(std::span<const float> x, std::span<const std::size_t> shape) const {
  const auto reconstruction = dequantize(quantize(x, shape));
  const ErrorMeasures e = measure_error(x, reconstruction);
  const nlohmann::json scheme = config_.scheme, kind = config_.granularity.kind;
  const auto [smallest, largest] =
      std::minmax_element(params_.begin(), params_.end(),
                          [](const auto& a, const auto& b) { return a.scale < b.scale; });
  const auto show = [](const QuantParams& p) {
    return "scale " + general(p.scale, 9) + ", zero point " + std::to_string(p.zero_point);
  };
  std::string text = "  shape " + shape_text(shape) + ", " + scheme.get<std::string>() + ", " +
                     kind.get<std::string>() + ", integers " + std::to_string(config_.range.qmin) +
                     " to " + std::to_string(config_.range.qmax) + "\n";
  text += "  " + std::to_string(params_.size()) + (params_.size() == 1 ? " pair" : " pairs") +
          " of parameters: " + show(*smallest) + "\n";
  if (params_.size() > 1) text += "    largest scale: " + show(*largest) + "\n";
  text += "  max error " + general(e.max_abs, 6) + ", MAE " + general(e.mae, 6) + ", MSE " +
          general(e.mse, 6) + "\n  SQNR " + fixed(e.sqnr_db, 2) + " dB, PSNR " +
          fixed(e.psnr_db, 2) + " dB, cosine " + fixed(e.cosine, 6) + "\n";
  return text;
}

}  // namespace qfs
