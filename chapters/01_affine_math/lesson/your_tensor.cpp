// `./learn 1 --tensor my.npy`: the chapter on a tensor of the reader's own.
#include <cstdio>
#include <optional>

#include "01_affine_math/lesson/study.hpp"
#include "01_affine_math/quantizer.hpp"
#include "common/bytes.hpp"
#include "common/npy.hpp"
#include "common/print.hpp"

namespace qfs::ch01 {
namespace {

// 256 MiB: the lesson keeps a tensor, its integers and what comes back of them, six times this.
constexpr std::size_t kMaxTensorBytes = std::size_t{1} << 28;

QuantizerConfig config_of(const TensorOptions& options) {
  QuantizerConfig config;
  config.range = options.narrow      ? narrow_range(options.bits)
                 : options.is_signed ? signed_range(options.bits)
                                     : unsigned_range(options.bits);
  if (options.symmetric) config.scheme = Scheme::symmetric;
  if (options.axis >= 0)
    config.granularity = {GranularityKind::per_channel, static_cast<std::size_t>(options.axis), 0};
  if (options.group > 0)
    config.granularity = {GranularityKind::per_group, 0, static_cast<std::size_t>(options.group)};
  return config;
}

Quantizer ready_quantizer(const TensorOptions& options, const FloatArray& x) {
  if (!options.load_params.empty()) return Quantizer::load(options.load_params);
  Quantizer quantizer(config_of(options));
  quantizer.calibrate(x.values, x.shape);
  return quantizer;
}

// SQNR in dB of every granularity that the shape allows, 8 to 2 bits, signed symmetric.
void print_overview(const FloatArray& x) {
  std::vector<std::pair<std::string, Granularity>> rows = {{"per tensor", {}}};
  for (std::size_t axis = 0; axis < x.shape.size() && x.shape.size() > 1; ++axis)
    rows.push_back(
        {"per channel, axis " + std::to_string(axis), {GranularityKind::per_channel, axis, 0}});
  for (std::size_t group : {std::size_t{128}, std::size_t{32}})
    if (!x.shape.empty() && x.shape.back() > group)
      rows.push_back(
          {"groups of " + std::to_string(group), {GranularityKind::per_group, 0, group}});
  Table table({"SQNR in dB", "8 bits", "6 bits", "4 bits", "3 bits", "2 bits"});
  for (const auto& [name, granularity] : rows) {
    std::vector<std::string> cells = {name};
    for (int bits : {8, 6, 4, 3, 2}) {
      Quantizer quantizer(
          {narrow_range(bits), Scheme::symmetric, granularity, Rounding::half_even});
      quantizer.calibrate(x.values, x.shape);
      const auto reconstruction = quantizer.dequantize(quantizer.quantize(x.values, x.shape));
      cells.push_back(fixed(measure_error(x.values, reconstruction).sqnr_db, 1));
    }
    table.row(cells);
  }
  table.print();
}

}  // namespace

void add_tensor_options(Program& program, TensorOptions& options) {
  program.option("--tensor", options.tensor, "an .npy file of your own (float32 or float64)");
  program.option("--bits", options.bits, "with --tensor: bits of the integers", 2, 16);
  program.flag("--signed", options.is_signed, "with --tensor: signed integers");
  program.flag("--narrow", options.narrow, "with --tensor --signed: leave out the lowest integer");
  program.flag("--symmetric", options.symmetric,
               "with --tensor: 0 in the middle, the larger side decides");
  program.option("--axis", options.axis, "with --tensor: one scale per index of this axis", -1, 31);
  program.option("--group", options.group, "with --tensor: one scale per so many neighbours", 0,
                 1 << 20);
  program.output_file("--save-params", options.save_params,
                      "with --tensor: write the parameters as JSON");
  program.option("--load-params", options.load_params,
                 "with --tensor: use these, do not calibrate");
  for (const char* flag : {"--bits", "--signed", "--narrow", "--symmetric", "--axis", "--group",
                           "--save-params", "--load-params"})
    program.needs(flag, "--tensor");
  program.needs("--narrow", "--signed");  // an unsigned range has no mirror image
  program.excludes("--axis", {"--group"});
  // The file says all of this itself.
  program.excludes("--load-params",
                   {"--bits", "--signed", "--narrow", "--symmetric", "--axis", "--group"});
  program.excludes("--tensor", {"--csv", "--json", "--trace"});  // these are the lesson's
}

void run_on_your_tensor(const TensorOptions& options, Claims& claims) {
  const FloatArray x = as_floats(
      parse_npy(read_file(options.tensor, kMaxTensorBytes), options.tensor), options.tensor);
  const Quantizer quantizer = ready_quantizer(options, x);
  const QuantizedArray q = quantizer.quantize(x.values, x.shape);
  const auto reconstruction = quantizer.dequantize(q);

  section(1, "Your tensor");
  std::printf("%s", quantizer.summary(x.values, x.shape).c_str());
  std::printf("  x   %s\n", list_text<float>(x.values, 5, 8).c_str());
  std::printf("  q   %s\n", list_text<std::int32_t>(q.values, 6, 8).c_str());
  std::printf("  x'  %s\n", list_text<float>(reconstruction, 5, 8).c_str());
  section(2, "What finer granularity and more bits would give");
  print_overview(x);

  if (options.save_params.empty()) return;
  section(3, "Parameters");
  quantizer.save(options.save_params);
  std::printf("  written to %s\n", options.save_params.c_str());
  const Quantizer loaded = Quantizer::load(options.save_params);
  claims.expect(loaded.quantize(x.values, x.shape).values == q.values,
                "the parameters read back give the same integers");
}

}  // namespace qfs::ch01
