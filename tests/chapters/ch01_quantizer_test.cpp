// Chapter 01: the quantizer for a tensor of one's own, and its JSON file.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "01_affine_math/quantizer.hpp"
#include "common/npy.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/run_program.hpp"

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

TEST_CASE("a config that is not the default survives the file, and every field of it counts",
          "[hand]") {
  const TemporaryFile file;
  // s = 1 by symmetric in 0..15 (7.5 / 7.5), z = 8. 0.5 is a tie: half_even 8, half_away_divide 9.
  const std::vector<float> x = {-7.5F, 0.5F, 2.5F};
  const std::vector<std::size_t> shape = {3};
  const auto integers = [&](Rounding rounding) {
    Quantizer quantizer({.range = unsigned_range(4),
                         .scheme = Scheme::symmetric,
                         .granularity = {},
                         .rounding = rounding});
    quantizer.calibrate(x, shape);
    quantizer.save(file.path);
    const Quantizer loaded = Quantizer::load(file.path);
    CHECK(loaded.config().rounding == rounding);
    CHECK(loaded.config().scheme == Scheme::symmetric);
    CHECK(loaded.params() == std::vector<QuantParams>{{1.0F, 8}});
    const auto values = loaded.quantize(x, shape).values;
    CHECK(quantizer.quantize(x, shape).values == values);
    return values;
  };
  CHECK(integers(Rounding::half_even) == std::vector<std::int32_t>{0, 8, 10});
  CHECK(integers(Rounding::half_even_divide) == std::vector<std::int32_t>{0, 8, 10});
  CHECK(integers(Rounding::half_away_divide) == std::vector<std::int32_t>{0, 9, 11});
  Quantizer quantizer({.range = {-3, 12}, .granularity = {GranularityKind::per_group, 5, 2}});
  quantizer.calibrate(x, shape);
  quantizer.save(file.path);
  const QuantizerConfig config = Quantizer::load(file.path).config();
  CHECK(config.range == QuantRange{-3, 12});
  CHECK(config.scheme == Scheme::affine);
  CHECK(config.granularity.kind == GranularityKind::per_group);
  CHECK(config.granularity.axis == 5);
  CHECK(config.granularity.group_size == 2);
}

TEST_CASE("what does not fit is refused", "[hand]") {
  Quantizer quantizer({.granularity = {GranularityKind::per_channel, 0, 0}});
  const QuantizedArray q{kShape, {0, 0, 0, 0, 0, 0}};
  CHECK_THROWS_WITH(quantizer.quantize(kX, kShape), QFS_CONTAINS("no parameters yet"));
  CHECK_THROWS_WITH(quantizer.dequantize(q), QFS_CONTAINS("no parameters yet"));
  quantizer.calibrate(kX, kShape);
  // Three channels or one, calibrated for two; then four elements or eight, given six.
  const std::vector<std::size_t> three = {3, 2}, one = {1, 6}, four = {2, 2}, eight = {2, 4};
  CHECK_THROWS_WITH(quantizer.quantize(kX, three), QFS_CONTAINS("another number of channels"));
  CHECK_THROWS_WITH(quantizer.quantize(kX, one), QFS_CONTAINS("another number of channels"));
  CHECK_THROWS_WITH(quantizer.quantize(kX, four), QFS_CONTAINS("does not fit"));
  CHECK_THROWS_WITH(quantizer.quantize(kX, eight), QFS_CONTAINS("does not fit"));
  for (QuantRange range : {QuantRange{0, 65536}, {-32769, 0}, {3, 3}, {4, 3}})
    CHECK_THROWS_WITH(Quantizer({.range = range, .granularity = {}}), QFS_CONTAINS("2 to 16 bits"));
  for (QuantRange range : {QuantRange{0, 65535}, {-32768, 32767}})
    CHECK_NOTHROW(Quantizer({.range = range, .granularity = {}}));
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
  refused("", "is empty");
  refused(good.substr(0, good.size() / 2), "does not hold");
  refused(replaced(good, "\"affine\"", "\"afine\""), "unknown scheme");
  refused(replaced(good, "\"per_tensor\"", "\"per_tenser\""), "unknown granularity");
  refused(replaced(good, "\"half_even\"", "\"half\""), "unknown rounding");
  refused(replaced(good, "\"zero_point\": [\n    85", "\"zero_point\": [\n    999"),
          "outside its range");
  refused(replaced(good, "\"scale\": [\n    0.", "\"scale\": [\n    -0."), "not usable");
  refused(replaced(good, "\"qmax\": 255", "\"qmax\": 0"), "2 to 16 bits");
  refused(replaced(good, "\"qmax\": 255", "\"qmax\": \"many\""), "qmax is no integer");
  refused(replaced(good, "\"scale\": [", "\"scales\": ["), "does not hold");
  refused("[1]", "does not hold");
  CHECK_THROWS_WITH(Quantizer::load("/nowhere/params.json"), QFS_CONTAINS("cannot open"));
}

TEST_CASE("numbers that would only convert to what is wanted are refused", "[hand]") {
  const TemporaryFile file;
  // `where` becomes `what` in a file that is otherwise good.
  const auto refused = [&](const std::string& where, const std::string& what,
                           const std::string& reason) {
    const std::string good = R"({"qmin": 0, "qmax": 15, "scheme": "affine", "axis": 0,
      "granularity": "per_tensor", "group_size": 0, "rounding": "half_even",
      "scale": [0.5], "zero_point": [8]})";
    file.write(good);
    REQUIRE_NOTHROW(Quantizer::load(file.path));
    file.write(replaced(good, where, what));
    INFO(what);
    CHECK_THROWS_WITH(Quantizer::load(file.path), QFS_CONTAINS(reason));
  };
  refused("\"qmax\": 15", "\"qmax\": 4294967311", "qmax is outside its range");  // 2^32 + 15
  refused("\"qmax\": 15", "\"qmax\": 18446744073709551615", "qmax is outside its range");
  refused("\"qmax\": 15", "\"qmax\": 65536", "qmax is outside its range");
  refused("\"qmin\": 0", "\"qmin\": 0.9", "qmin is no integer");
  refused("\"qmin\": 0", "\"qmin\": -4294967296", "qmin is outside its range");
  refused("\"qmin\": 0", "\"qmin\": true", "qmin is no integer");
  refused("\"axis\": 0", "\"axis\": -1", "axis is outside its range");
  refused("\"group_size\": 0", "\"group_size\": 1e3", "group_size is no integer");
  refused("[8]", "[4294967304]", "a zero point is outside its range");
  refused("[8]", "[7.9]", "a zero point is no integer");
  refused("[8]", "[16]", "a zero point is outside its range");
  refused("[8]", "[1e300]", "a zero point is no integer");
  refused("[8]", "8", "two lists of one length");
  refused("[8]", "[8, 8]", "two lists of one length");
  refused("[0.5]", "[true]", "a scale is no number");
  refused("[0.5]", "[\"0.5\"]", "a scale is no number");
  refused("[0.5]", "[1e300]", "a scale is not usable");
  refused("[0.5]", "[1e400]", "does not hold");  // not even a double
  refused("[0.5]", "[1e-8]", "a scale is not usable");
  refused("[0.5]", "[]", "two lists of one length");
  refused("[0.5]", "0.5", "two lists of one length");
  refused("[0.5]", "[0.5, 0.5]", "two lists of one length");
  refused("[0.5], \"zero_point\": [8]", "[], \"zero_point\": []", "two lists of one length");
  refused("\"axis\": 0", "\"axis\": 32", "axis is outside its range");
}

TEST_CASE("the ends of what a parameter file may hold are accepted", "[hand]") {
  const TemporaryFile file;
  file.write(R"({"qmin": -32768, "qmax": 65535, "scheme": "affine", "axis": 31,
    "granularity": "per_group", "group_size": 2147483647, "rounding": "half_even",
    "scale": [1.1920928955078125e-07, 3.4028234663852886e+38, 1],
    "zero_point": [-32768, 65535, 0]})");
  const Quantizer loaded = Quantizer::load(file.path);
  CHECK(loaded.config().range == QuantRange{-32768, 65535});
  CHECK(loaded.config().granularity.axis == 31);
  CHECK(loaded.config().granularity.group_size == 2147483647);
  CHECK(loaded.params() == std::vector<QuantParams>{{kSmallestScale, -32768},
                                                    {std::numeric_limits<float>::max(), 65535},
                                                    {1.0F, 0}});
}

TEST_CASE("a parameter file that would take much memory is refused while it is read", "[hand]") {
  const test::Scratch scratch;
  const auto message = [&](const std::string& text) {
    return test::message_of([&] { Quantizer::load(scratch.write("p.json", text)); });
  };
  const std::string brackets(100000, '[');
  CHECK_THAT(message("[[" + brackets), QFS_CONTAINS("nested too deep"));
  CHECK_THAT(message("{\"scale\": [" + brackets), QFS_CONTAINS("nested too deep"));
  CHECK_THAT(message("{\"scale\": [{\"a\": 1}]}"), QFS_CONTAINS("nested too deep"));
  CHECK_THAT(message("{\"scale\": [[1]]}"), QFS_CONTAINS("nested too deep"));
  // 2^20 scales, as many zero points, and 16 values beside them are the most.
  const auto numbers = [](std::size_t count) {
    std::string text = "[0";
    for (std::size_t i = 1; i < count; ++i) text += ",0";
    return text + "]";
  };
  constexpr std::size_t kMost = (std::size_t{2} << 20) + 16;
  CHECK_THAT(message(numbers(kMost + 1)),
             QFS_CONTAINS("holds too many values") && QFS_CONTAINS("at most 1048576 scales"));
  CHECK_THAT(message(numbers(kMost)), QFS_CONTAINS("does not hold a quantizer's parameters"));
  // An error does not print the whole file.
  CHECK(message("{\"qmin\": \"" + std::string(100000, 'x')).size() < 2000);
}

TEST_CASE("more parameters than can be read back are not saved", "[hand]") {
  const test::Scratch scratch;
  const std::vector<std::size_t> most = {std::size_t{1} << 20}, more = {most[0] + 1};
  const std::vector<float> x(more[0], 0.5F);
  Quantizer quantizer({.granularity = {GranularityKind::per_group, 0, 1}});
  quantizer.calibrate(x, more);
  CHECK_THAT(test::message_of([&] { quantizer.save(scratch.path("p.json")); }),
             QFS_CONTAINS("too many parameters") && QFS_CONTAINS("at most 1048576"));
  CHECK(scratch.count_of_files() == 0);
  quantizer.calibrate(std::span(x).first(most[0]), most);
  quantizer.save(scratch.path("p.json"));
  CHECK(Quantizer::load(scratch.path("p.json")).params().size() == most[0]);
}

TEST_CASE("a parameter file that is no regular file is refused at once", "[hand]") {
  const test::Scratch scratch;
  REQUIRE(::mkfifo(scratch.path("pipe").c_str(), 0600) == 0);
  for (const std::string& path : {scratch.path("pipe"), scratch.path()})
    CHECK_THROWS_WITH(Quantizer::load(path), QFS_CONTAINS("is not a file"));
}

namespace {

test::Outcome chapter(const std::string& arguments) {
  return test::run_program(QFS_CH01_PROGRAM, arguments);
}

}  // namespace

TEST_CASE("the program refuses options that contradict each other", "[hand]") {
  const test::Scratch scratch;
  const std::string x = scratch.path("x.npy"), params = scratch.path("p.json");
  const float values[] = {-1.0F, 0.5F, 2.0F};
  const std::vector<std::size_t> three = {3};
  save_npy_bytes(x, "<f4", three, std::as_bytes(std::span(values)));
  const std::string tensor = "--tensor '" + x + "' ", load = "--load-params '" + params + "' ";
  REQUIRE(chapter(tensor + "--bits 4 --save-params '" + params + "'").code == 0);
  const test::Outcome loaded = chapter(tensor + load);
  CHECK(loaded.code == 0);
  CHECK_THAT(loaded.out, QFS_CONTAINS("integers 0 to 15"));
  for (const char* option : {"--bits 4", "--signed", "--symmetric", "--axis 0", "--group 2"})
    CHECK_THAT(chapter(tensor + load + option).err, QFS_CONTAINS("excludes"));
  for (const char* option : {"--csv d", "--json f", "--trace"})
    CHECK_THAT(chapter(tensor + option).err, QFS_CONTAINS("excludes"));
  for (const char* option : {"--bits 8", "--signed", "--symmetric", "--axis 0", "--group 2"}) {
    const test::Outcome alone = chapter(option);
    CHECK(alone.code == 2);
    CHECK(alone.out == "");
    CHECK_THAT(alone.err, QFS_CONTAINS("requires --tensor"));
  }
  CHECK_THAT(chapter(tensor + "--narrow").err, QFS_CONTAINS("requires --signed"));
  CHECK_THAT(chapter(tensor + "--axis 0 --group 2").err, QFS_CONTAINS("excludes"));
  const test::Outcome nowhere = chapter(tensor + "--save-params '" + scratch.path("no/p") + "'");
  CHECK(nowhere.code == 2);
  CHECK(nowhere.out == "");  // refused before the work
}

TEST_CASE("--save-params does not write over the tensor or the parameters that are read",
          "[hand]") {
  const test::Scratch scratch;
  const std::string x = scratch.path("x.npy"), params = scratch.path("p.json");
  const float values[] = {-1.0F, 0.5F, 2.0F};
  const std::vector<std::size_t> three = {3};
  save_npy_bytes(x, "<f4", three, std::as_bytes(std::span(values)));
  REQUIRE(chapter("--tensor '" + x + "' --save-params '" + params + "'").code == 0);
  const auto tensor = scratch.content_of("x.npy"), before = scratch.content_of("p.json");
  std::filesystem::create_symlink("x.npy", scratch.path("link"));
  for (const std::string& place : {x, scratch.path("link"), params}) {
    const test::Outcome outcome = chapter("--tensor '" + x + "' --load-params '" + params +
                                          "' --save-params '" + place + "'");
    CHECK(outcome.code == 2);
    CHECK(outcome.out == "");
    CHECK_THAT(outcome.err, QFS_CONTAINS("which is read"));
  }
  CHECK(scratch.content_of("x.npy") == tensor);
  CHECK(scratch.content_of("p.json") == before);
}

TEST_CASE("a tensor larger than the lesson has room for is refused before it is read", "[hand]") {
  const test::Scratch scratch;
  const std::string path = scratch.write("huge.npy", "x");
  std::filesystem::resize_file(path, (std::size_t{1} << 28) + 1);  // holes: no room on the disk
  const test::Outcome outcome = chapter("--tensor '" + path + "'");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err,
             QFS_CONTAINS("huge.npy is too large") && QFS_CONTAINS("at most 268435456 bytes"));
}

TEST_CASE("a summary names the parameters and the errors", "[hand]") {
  Quantizer quantizer(QuantizerConfig{});
  quantizer.calibrate(kX, kShape);
  const std::string text = quantizer.summary(kX, kShape);
  CHECK_THAT(text, QFS_CONTAINS("shape 2 x 3"));
  CHECK_THAT(text, QFS_CONTAINS("zero point 85"));
  CHECK_THAT(text, QFS_CONTAINS("SQNR"));
}
