// Chapter 13, dispatch: which backend runs, and what becomes of QFS_FORCE_ISA. CTest runs all tests
// of this chapter again with it set to each backend.
#include "13_int8_engine/dispatch.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "12_wider_instructions/kernels.hpp"
#include "13_int8_engine/engine.hpp"
#include "13_int8_engine/fast_backends.hpp"
#include "common/cpu.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/random_mlp.hpp"
#include "tests/support/run_program.hpp"

namespace {

using namespace qfs;
using qfs::test::Outcome;

constexpr const char* kVariable = "QFS_FORCE_ISA";

// Sets the variable, or takes it away; afterwards it is what it was.
class Forced {
 public:
  explicit Forced(std::optional<std::string> value) {
    if (const char* before = std::getenv(kVariable)) before_ = before;
    set(value);
  }
  ~Forced() { set(before_); }
  Forced(const Forced&) = delete;
  Forced& operator=(const Forced&) = delete;

 private:
  static void set(const std::optional<std::string>& value) {
    if (value)
      ::setenv(kVariable, value->c_str(), 1);
    else
      ::unsetenv(kVariable);
  }
  std::optional<std::string> before_{};
};

struct Expected {
  std::string_view name;
  bool runs_here;
  const char* needs;
};

// From what the CPU says, not from what dispatch does.
std::vector<Expected> expected_backends() {
  const CpuFeatures cpu = cpu_features();
  return {
      {"amx", cpu.avx2 && fours::amx_here() != nullptr, "a CPU with AMX with int8"},
      {"vnni", cpu.avx2 && (cpu.avx_vnni || cpu.avx512_vnni), "a CPU with AVX-VNNI or AVX512-VNNI"},
      {"avx2", cpu.avx2, "a CPU with AVX2"},
      {"ref", true, ""}};
}

std::string_view expected_choice() {
  const auto all = expected_backends();
  return std::ranges::find_if(all, [](const Expected& one) { return one.runs_here; })->name;
}

QuantizedNet some_net() {
  return quantize_mlp(qfs::test::random_mlp(1300),
                      {{-1.0F, 2.0F}, {{-9.0F, 9.0F}, {-9.0F, 9.0F}, {-9.0F, 9.0F}}}, {});
}

// What an engine on the chosen backend says of its first layer: only the kernel's own words, which
// name the kernel and its layout.
std::string words_of_kernel(const Backend& backend) {
  const Engine engine(some_net(), backend);
  return engine.describe().front();
}
bool are_words_of(std::string_view name, const std::string& words) {
  const auto says = [&](const char* text) { return words.find(text) != std::string::npos; };
  if (name == "ref") return says("N x K, as they are");
  if (name == "avx2") return says("products a lane");
  if (name == "vnni") return says(cpu_features().avx512_vnni ? ": avx512_vnni" : ": avx_vnni");
  return name == "amx" && says(": amx, tiles");
}

}  // namespace

TEST_CASE("the backends in order: the fastest first, ref last", "[hand]") {
  const auto expected = expected_backends();
  const std::span<const KnownBackend> known = known_backends();
  REQUIRE(known.size() == expected.size());
  for (std::size_t i = 0; i < known.size(); ++i) {
    CHECK(known[i].backend->name == expected[i].name);
    CHECK(known[i].can_run() == expected[i].runs_here);
  }
  CHECK(known[0].backend == &fast_amx_backend());
  CHECK(known[1].backend == &fast_vnni_backend());
  CHECK(known[2].backend == &fast_avx2_backend());
  CHECK(known[3].backend == &ref_backend());
}

// With the variable set by CTest, or by `QFS_FORCE_ISA=avx2 ./learn test`, this is what says that
// the other tests of this process run on that backend. The line is CTest's sign to skip them.
TEST_CASE("this process runs on what its environment says", "[isa]") {
  const char* forced = std::getenv(kVariable);
  const std::string name = forced != nullptr ? forced : "";
  const auto all = expected_backends();
  const auto asked = std::ranges::find(all, name, &Expected::name);
  if (asked != all.end() && !asked->runs_here) {
    WARN("this CPU cannot run the backend that QFS_FORCE_ISA names: " << name);
    return;
  }
  CHECK(choose_backend().name == (name.empty() ? expected_choice() : std::string_view(name)));
}

TEST_CASE("not set, or empty: the first that runs here", "[isa]") {
  for (const std::optional<std::string>& value : {std::optional<std::string>(), {""}}) {
    const Forced forced(value);
    CHECK(choose_backend().name == expected_choice());
    CHECK(are_words_of(expected_choice(), words_of_kernel(choose_backend())));
  }
}

TEST_CASE("each by its name, and no other runs; or an Error that says what it needs", "[isa]") {
  for (const Expected& one : expected_backends()) {
    INFO(one.name);
    const Forced forced{std::string(one.name)};
    if (one.runs_here) {
      CHECK(choose_backend().name == one.name);
      const std::string words = words_of_kernel(choose_backend());
      for (const Expected& other : expected_backends())
        CHECK(are_words_of(other.name, words) == (other.name == one.name));
    } else {
      WARN("this CPU cannot run backend " << one.name);
      CHECK_THROWS_WITH(choose_backend(), QFS_CONTAINS("asks for more than this CPU has") &&
                                              QFS_CONTAINS(std::string(one.name)) &&
                                              QFS_CONTAINS(one.needs));
    }
  }
}

TEST_CASE("a name that no backend has is an Error, not another backend", "[hand]") {
  for (const char* name : {"nonsense", "AVX2", "avx2 ", " avx2", "avx", "avx22", "ref_fixed",
                           "none", "0", "ref,avx2"}) {
    INFO(name);
    const Forced forced{std::string(name)};
    CHECK_THROWS_WITH(choose_backend(), QFS_CONTAINS("QFS_FORCE_ISA names no backend") &&
                                            QFS_CONTAINS(name) &&
                                            QFS_CONTAINS("one of amx, vnni, avx2, ref"));
  }
}

TEST_CASE("the program: exit code 2 before it prints a section, and what is wrong", "[hand]") {
  const auto run = [](const std::string& value) {
    const Forced forced{value};
    return qfs::test::run_program(QFS_CH13_PROGRAM, "--quick");
  };
  for (const char* name : {"nonsense", "AVX2"}) {
    const Outcome outcome = run(name);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.find("[1]") == std::string::npos);
    CHECK(outcome.err.find("error: QFS_FORCE_ISA names no backend") != std::string::npos);
    CHECK(outcome.err.find(name) != std::string::npos);
    CHECK(outcome.err.find("one of amx, vnni, avx2, ref") != std::string::npos);
  }
  for (const Expected& one : expected_backends()) {
    if (one.runs_here) continue;
    const Outcome outcome = run(std::string(one.name));
    CHECK(outcome.code == 2);
    CHECK(outcome.err.find("asks for more than this CPU has") != std::string::npos);
  }
}

// A folder without digits stops it right after it has said what it chose.
TEST_CASE("the program: says which backend it took", "[isa]") {
  const qfs::test::Scratch empty;
  for (const Expected& one : expected_backends()) {
    if (!one.runs_here) continue;
    const Forced forced{std::string(one.name)};
    const Outcome outcome =
        qfs::test::run_program(QFS_CH13_PROGRAM, "--data '" + empty.path(".") + "'");
    CHECK(outcome.code == 2);
    CHECK(outcome.err.find("backend " + std::string(one.name) + "\n") != std::string::npos);
  }
}
