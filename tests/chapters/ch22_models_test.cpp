// Chapter 22: the four files of a net, and the program that makes them.
#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "22_model_comparison/lesson/study.hpp"
#include "common/bytes.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/run_program.hpp"

namespace {

using namespace qfs;
using namespace qfs::ch22;
using qfs::test::difference;
using qfs::test::Scratch;

const std::string kCommitted = QFS_DATASETS_DIR "/cnn";
const std::array<const char*, 4> kEnds = {"", "_ptq", "_qat", "_qat_float"};

std::string refusal(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// A folder with the committed files of a net, and one of them replaced by another committed file.
std::string refusal_of(const std::string& name, const std::string& end, const std::string& other) {
  const Scratch scratch;
  for (const char* each : kEnds) {
    const std::string from = each == end ? other : name + each;
    std::filesystem::copy_file(kCommitted + "/" + from + ".qfs",
                               scratch.path(name + each + ".qfs"));
  }
  return refusal([&] { load_models(scratch.path(), name); });
}

// The same with its bytes changed, or without it where there are none left.
std::string refusal_of_bytes(const std::string& name, const std::string& end, std::size_t keep) {
  const Scratch scratch;
  for (const char* each : kEnds)
    std::filesystem::copy_file(kCommitted + "/" + name + each + ".qfs",
                               scratch.path(name + each + ".qfs"));
  const std::string broken = scratch.path(name + end + ".qfs");
  if (keep == 0)
    std::filesystem::remove(broken);
  else
    std::filesystem::resize_file(broken, keep);
  return refusal([&] { load_models(scratch.path(), name); });
}

}  // namespace

TEST_CASE("the committed files, read and written, are the same bytes", "[prop]") {
  for (const std::string name : {"small_mnist", "residual_mnist", "residual_fashion"}) {
    const Scratch scratch;
    save_models(load_models(kCommitted, name), scratch.path("new"));
    for (const char* end : kEnds) {
      const std::string file = name + end + ".qfs";
      INFO(file);
      CHECK(read_file(scratch.path("new/" + file)) == read_file(kCommitted + "/" + file));
    }
  }
}

TEST_CASE("trained, written and read: the same logits in float, the same integers", "[prop]") {
  const TrainDigits digits = first_digits(load_dataset("").train, 60);
  const Matrix<float> x = normalized(digits.pixels, 0, 12);
  const Cnn committed = load_models(kCommitted, "residual_mnist").cnn;
  Models made = make_models("residual", committed, digits, {.epochs = 2, .batch_size = 20}, 5);
  // Trained further, the graph's weights are not the float net's any more.
  CHECK(difference(made.graph.convs[3].real.weight, committed.convs[3].weight) != "");
  CHECK(difference(made.graph.convs[3].norm->running_mean, committed.norms[3].running_mean) != "");
  const Scratch scratch;
  save_models(made, scratch.path());
  Models read = load_models(scratch.path(), "residual");
  CHECK(first_difference(read.ptq, made.ptq) == "");
  CHECK(first_difference(read.qat, made.qat) == "");
  CHECK(first_difference(made.qat, made.ptq) != "");
  CnnBuffers float_buffers, again;
  CHECK(difference(forward(read.cnn, x, again), forward(made.cnn, x, float_buffers)) == "");
  QatCnnBuffers of_made, of_read;
  CHECK(difference(forward(read.graph, x, of_read), forward(made.graph, x, of_made)) == "");
}

TEST_CASE("a missing or truncated file is refused by its name", "[prop]") {
  for (const char* end : kEnds) {
    const std::string file = std::string("small_mnist") + end + ".qfs";
    CHECK_THAT(refusal_of_bytes("small_mnist", end, 0),
               QFS_CONTAINS(file) && QFS_CONTAINS("cannot open"));
    for (std::size_t keep : {std::size_t{1}, std::size_t{100}, std::size_t{10000}})
      CHECK_THAT(refusal_of_bytes("small_mnist", end, keep),
                 QFS_CONTAINS(file) && QFS_CONTAINS("what to do"));
  }
}

TEST_CASE("files that do not belong together are refused by their names", "[prop]") {
  struct Swap {
    const char *name, *end, *other, *message;
  };
  const char* together = "do not belong together";
  for (const Swap& swap :
       {Swap{"small_mnist", "_qat", "small_mnist_ptq", together},
        Swap{"small_mnist", "_ptq", "small_mnist_qat", together},
        Swap{"small_mnist", "", "small_mnist_qat_float", together},
        Swap{"small_mnist", "_qat_float", "small_mnist", together},
        Swap{"residual_mnist", "", "residual_fashion", together},
        Swap{"residual_mnist", "_qat_float", "residual_fashion_qat_float", together},
        Swap{"residual_mnist", "_qat", "residual_fashion_qat", together},
        Swap{"small_mnist", "_qat", "residual_mnist_qat", "are of different nets"},
        Swap{"small_mnist", "_ptq", "residual_mnist_ptq", "are of different nets"},
        Swap{"residual_mnist", "_ptq", "small_mnist_ptq", "are of different nets"},
        Swap{"small_mnist", "", "residual_mnist", "is of another net"},
        Swap{"small_mnist", "_qat_float", "residual_mnist_qat_float", "is of another net"}}) {
    INFO(swap.name << swap.end << " replaced by " << swap.other);
    CHECK_THAT(
        refusal_of(swap.name, swap.end, swap.other),
        QFS_CONTAINS(std::string(swap.name) + swap.end + ".qfs") && QFS_CONTAINS(swap.message));
  }
  CHECK_THAT(refusal_of("small_mnist", "_qat", "small_mnist"), QFS_CONTAINS("small_mnist_qat.qfs"));
}

TEST_CASE("a graph is restored only where it converts to the very integers", "[prop]") {
  const Models good = load_models(kCommitted, "residual_mnist");
  const Cnn weights = float_net(good.graph, good.cnn);
  const auto message = [&](const std::function<void(QuantizedNet&)>& change) {
    QuantizedNet integers = good.qat;
    change(integers);
    return refusal([&] { restore_graph(weights, integers, "these two"); });
  };
  // What restore_graph says of `change` must name both the files and the place.
  const auto check = [&](const std::string& what,
                         const std::function<void(QuantizedNet&)>& change) {
    CHECK_THAT(message(change), QFS_CONTAINS("these two") && QFS_CONTAINS(what));
  };
  CHECK(message([](QuantizedNet&) {}).empty());
  // Messages count from 1: quantize, three convolutions, the first sum.
  check("operation 3 (conv2d): biases", [](QuantizedNet& net) { net.weights[1].bias(2) += 1; });
  check("operation 4 (conv2d): weights",
        [](QuantizedNet& net) { net.weights[2].weight.q(0, 0) ^= 1; });
  check("operation 5 (add): the grid of its output",
        [](QuantizedNet& net) { net.tensors[net.operations[4].output].range.qmax = 127; });
  check("a difference in operation 2 (conv2d)\n",
        [](QuantizedNet& net) { net.operations[1].attributes["stride"] = {2}; });
  check("are of different nets", [](QuantizedNet& net) { net.operations.pop_back(); });
  check("are of different nets", [](QuantizedNet& net) { net.operations[4].kind = "conv2d"; });
}

// Seconds, but minutes under a sanitizer: CTest runs it by its tag (ch22.replicate) where there is
// none.
TEST_CASE("the program makes every model from nothing, and keeps them", "[.replicate]") {
  const Scratch scratch;
  const std::string folder = scratch.path("models");
  const test::Outcome outcome =
      test::run_program(QFS_CH22_PROGRAM, "--replicate --quick --models '" + folder + "'");
  INFO(outcome.out << outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.err, QFS_CONTAINS("trains two nets on 640 pictures"));
  const auto files = std::filesystem::directory_iterator(folder);
  CHECK(std::distance(begin(files), end(files)) == 8);
  for (const std::string name : {"small", "residual"}) {
    const Models made = load_models(folder, name),
                 committed = load_models(kCommitted, name + "_mnist");
    CHECK_THAT(outcome.out, QFS_CONTAINS(name));
    CHECK(made.qat.operations.size() == committed.qat.operations.size());
    CHECK(first_difference(made.qat, committed.qat) != "");  // trained anew, for an epoch
    CHECK(first_difference(made.qat, made.ptq) != "");
  }
}

namespace {

// `train` and `test` pictures of 4 x 4, all 0 and of class 0, as MNIST's four files.
void write_pictures(const Scratch& scratch, std::uint32_t train, std::uint32_t test) {
  using qfs::test::big_endian, qfs::test::joined;
  for (const auto& [name, count] : {std::pair("train", train), std::pair("t10k", test)}) {
    const std::string part = name;
    scratch.write(part + "-images-idx3-ubyte",
                  joined({big_endian(0x803), big_endian(count), big_endian(4), big_endian(4),
                          qfs::test::Bytes(std::size_t{count} * 16)}));
    scratch.write(part + "-labels-idx1-ubyte",
                  joined({big_endian(0x801), big_endian(count), qfs::test::Bytes(count)}));
  }
}

}  // namespace

TEST_CASE("what the program cannot do with its options is refused before it begins", "[prop]") {
  const auto refused = [](const std::string& options, const std::string& message) {
    const test::Outcome outcome = test::run_program(QFS_CH22_PROGRAM, options);
    INFO(options << "\n" << outcome.out << outcome.err);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, QFS_CONTAINS(message));
  };
  refused("--quick --models /tmp", "--replicate");
  refused("--quick --tables /tmp", "--full");
  refused("--quick --replicate --train /tmp", "--train");
  refused("--quick --replicate --models /dev/null/models", "/dev/null/models");
  refused("--quick --replicate --full", "--full");
  const Scratch few_to_train, few_to_test, enough;
  write_pictures(few_to_train, 1023, 20);
  write_pictures(few_to_test, 1024, 19);
  write_pictures(enough, 1024, 20);
  refused("--replicate --data '" + few_to_train.path() + "'",
          "got:        1023 to train and 20 to test");
  refused("--replicate --data '" + few_to_test.path() + "'",
          "got:        1024 to train and 19 to test");
  refused("--data '" + enough.path() + "'", "no trained nets for this data");
}
