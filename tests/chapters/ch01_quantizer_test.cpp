// Chapter 01: the quantizer for a tensor of one's own, and its JSON file.
#include <filesystem>
#include <fstream>

#include "01_affine_math/quantizer.hpp"
#include "tests/support/catch.hpp"

using namespace qfs;

namespace {

const std::vector<float> kX = {-1.0F, 0.5F, 2.0F, 0.25F, -0.125F, 0.0625F};
const std::vector<std::size_t> kShape = {2, 3};

struct TemporaryFile {
  std::string path = (std::filesystem::temp_directory_path() /
                      ("qfs_quantizer_" + std::to_string(::getpid()) + ".json"))
                         .string();
  ~TemporaryFile() { std::filesystem::remove(path); }
  void write(const std::string& text) const { std::ofstream(path) << text; }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("per channel: each row has its own parameters", "[hand]") {
  Quantizer quantizer({.range = narrow_range(4),
                       .scheme = Scheme::symmetric,
                       .granularity = {GranularityKind::per_channel, 0, 0}});
  const std::vector<float> x = {-0.9F, 0.5F, 2.0F, 0.25F, -0.12F, 0.0625F};
  quantizer.calibrate(x, kShape);
  REQUIRE(quantizer.params().size() == 2);
  CHECK(quantizer.params()[0].scale == 2.0F / 7.0F);
  CHECK(quantizer.params()[1].scale == 0.25F / 7.0F);
  // Row 0 times 7/2: -3.15 -> -3, 1.75 -> 2, 7. Row 1 times 28: 7, -3.36 -> -3, 1.75 -> 2.
  CHECK(quantizer.quantize(x, kShape).values == std::vector<std::int32_t>{-3, 2, 7, 7, -3, 2});
}

TEST_CASE("parameters survive the file to the last bit", "[prop]") {
  const TemporaryFile file;
  for (Granularity granularity : {Granularity{}, Granularity{GranularityKind::per_channel, 1, 0},
                                  Granularity{GranularityKind::per_group, 0, 2}}) {
    Quantizer quantizer({.range = signed_range(8), .granularity = granularity});
    quantizer.calibrate(kX, kShape);
    quantizer.save(file.path);
    const Quantizer loaded = Quantizer::load(file.path);
    CHECK(loaded.params() == quantizer.params());
    CHECK(loaded.config().range == quantizer.config().range);
    CHECK(loaded.quantize(kX, kShape).values == quantizer.quantize(kX, kShape).values);
  }
}

TEST_CASE("what does not fit is refused", "[hand]") {
  Quantizer quantizer({.granularity = {GranularityKind::per_channel, 0, 0}});
  CHECK_THROWS_AS(quantizer.quantize(kX, kShape), Error);  // not calibrated
  quantizer.calibrate(kX, kShape);
  const std::vector<std::size_t> other = {3, 2}, wrong = {2, 2};
  CHECK_THROWS_AS(quantizer.quantize(kX, other), Error);  // three channels, calibrated for two
  CHECK_THROWS_AS(quantizer.quantize(kX, wrong), Error);  // four elements, given six
  CHECK_THROWS_AS(Quantizer({.range = {0, 1 << 20}, .granularity = {}}), Error);
  const std::vector<float> nan = {std::nanf(""), 1.0F};
  const std::vector<std::size_t> two = {2};
  CHECK_THROWS_AS(quantizer.calibrate(nan, two), Error);
  CHECK(quantizer.params().empty());  // a failed calibration leaves no old parameters behind
}

TEST_CASE("a broken parameter file is refused with its reason", "[hand]") {
  const TemporaryFile file;
  Quantizer quantizer(QuantizerConfig{});
  quantizer.calibrate(kX, kShape);
  quantizer.save(file.path);
  std::ifstream stream(file.path);
  const std::string good(std::istreambuf_iterator<char>(stream), {});
  const auto refused = [&](const std::string& text, const std::string& reason) {
    file.write(text);
    CHECK_THROWS_WITH(Quantizer::load(file.path), QFS_CONTAINS(reason));
  };
  refused("", "does not hold");
  refused(good.substr(0, good.size() / 2), "does not hold");
  refused(replaced(good, "\"affine\"", "\"afine\""), "unknown scheme");
  refused(replaced(good, "\"per_tensor\"", "\"per_tenser\""), "unknown granularity");
  refused(replaced(good, "\"half_even\"", "\"half\""), "unknown rounding");
  refused(replaced(good, "\"zero_point\": [\n    85", "\"zero_point\": [\n    999"),
          "outside its range");
  refused(replaced(good, "\"scale\": [\n    0.", "\"scale\": [\n    -0."), "not usable");
  refused(replaced(good, "\"qmax\": 255", "\"qmax\": 0"), "2 to 16 bits");
  refused(replaced(good, "\"qmax\": 255", "\"qmax\": \"many\""), "does not hold");
  CHECK_THROWS_WITH(Quantizer::load("/nowhere/params.json"), QFS_CONTAINS("cannot read"));
}

TEST_CASE("a summary names the parameters and the errors", "[hand]") {
  Quantizer quantizer(QuantizerConfig{});
  quantizer.calibrate(kX, kShape);
  const std::string text = quantizer.summary(kX, kShape);
  CHECK_THAT(text, QFS_CONTAINS("shape 2 x 3"));
  CHECK_THAT(text, QFS_CONTAINS("zero point 85"));
  CHECK_THAT(text, QFS_CONTAINS("SQNR"));
}
