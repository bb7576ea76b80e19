#include "common/report.hpp"

#include <cstdlib>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/measured_table.hpp"
#include "common/tensor.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/message_of.hpp"

using namespace qfs::test;
using qfs::Report;

TEST_CASE("A report's JSON holds models and figures", "[hand]") {
  const Scratch scratch;
  Report report(scratch.path("r.json"), "");
  report.figure("loss", 0.125);
  report.figure("engine", "ref");
  report.model({.model = "fp32",
                .net = "784-100-100-10",
                .data = "MNIST, bundled",
                .accuracy = 0.97,
                .images = 2000,
                .flips = 7,
                .bytes = 358440,
                .latency_us = {{1000, 1000.0}, {1, 1.5}, {64, 64.0}}});
  report.model({.model = "qat", .note = "trained longer"});
  report.write_json();
  const auto json = nlohmann::json::parse(scratch.text_of("r.json"));
  CHECK(json["figures"]["loss"] == 0.125);
  CHECK(json["figures"]["engine"] == "ref");
  CHECK(scratch.text_of("r.json").ends_with("}\n"));
  REQUIRE(json["models"].size() == 2);
  CHECK(json["models"][0] == nlohmann::json::parse(R"({
      "model": "fp32", "net": "784-100-100-10", "data": "MNIST, bundled", "accuracy": 0.97,
      "bytes": 358440, "latency_us": {"1": 1.5, "64": 64.0, "1000": 1000.0}, "images": 2000, "flips": 7})"));
  CHECK(json["models"][1] == nlohmann::json::parse(R"({
      "model": "qat", "net": "", "data": "", "accuracy": 0.0, "bytes": 0, "latency_us": {},
      "images": 0, "flips": 0, "note": "trained longer"})"));
  // Batches in the order of their sizes, not of their names.
  CHECK(scratch.text_of("r.json").find("\"64\"") < scratch.text_of("r.json").find("\"1000\""));
}

TEST_CASE("Nothing is written that was not asked for", "[hand]") {
  const Scratch scratch;
  Report report("", "");
  report.figure("loss", 1.0);
  report.csv("curve", {"x"}, {{1.0}});
  report.write_json();
  CHECK_FALSE(report.wants_csv());
  CHECK(scratch.count_of_files() == 0);
}

TEST_CASE("A report refuses at once what it could not write", "[hand]") {
  const Scratch scratch;
  scratch.write("file", "x");
  CHECK_THAT(message_of([&] { Report(scratch.path("none/r.json"), ""); }),
             QFS_CONTAINS("cannot write"));
  CHECK_THAT(message_of([&] { Report("", scratch.path("file/curves")); }),
             QFS_CONTAINS("cannot write"));
}

TEST_CASE("CSV: a header, then %.9g; its directory is made", "[hand]") {
  const Scratch scratch;
  const Report report("", scratch.path("new"));
  report.csv("curve", {"step", "loss"}, {{1, 0.1}, {2, 1.0 / 3.0}});
  CHECK(scratch.text_of("new/curve.csv") == "step,loss\n1,0.1\n2,0.333333333\n");
  CHECK_THAT(message_of([&] {
               report.csv("bad", {"a", "b"}, {{1}});
             }),
             QFS_CONTAINS("wrong number of cells"));
}

TEST_CASE("A measured table says what it is, and how it was made", "[hand]") {
  const Scratch scratch;
  qfs::Table table({"bits", "right"});
  table.row({"8", "93"});
  qfs::write_measured_table("", "none", table, "No place: nothing is written.");
  qfs::write_measured_table(scratch.path("new/folder"), "bits", table, "Of 100.", "Seeds 1 to 5");
  const std::string text = scratch.text_of("new/folder/bits.md");
  CHECK(text.starts_with("| bits | right |\n"));
  CHECK_THAT(text, QFS_CONTAINS("| 8 | 93 |\n\nOf 100.\n\nSeeds 1 to 5; "));
  CHECK(text.ends_with("x86-64 baseline; " + qfs::today() + ".\n"));
  qfs::write_measured_table(scratch.path("new"), "bits", table, "Of 100.");
  CHECK_THAT(scratch.text_of("new/bits.md"), !QFS_CONTAINS("; ; ") && !QFS_CONTAINS("Seeds"));
  scratch.write("file", "");
  CHECK_THROWS_AS(qfs::write_measured_table(scratch.path("file"), "bits", table, ""), qfs::Error);
}

TEST_CASE("A time is told in UTC, a day by its date", "[hand]") {
  ::setenv("TZ", "JST-9", 1);  // nine hours ahead of UTC
  ::tzset();
  CHECK(qfs::utc_text(0) == "1970-01-01T00:00:00Z");
  ::unsetenv("TZ");
  ::tzset();
  // A year of 365 days and 12 hours more; a leap day; the last second of a day.
  CHECK(qfs::utc_text(365 * 86400 + 43200) == "1971-01-01T12:00:00Z");
  CHECK(qfs::utc_text(951782400) == "2000-02-29T00:00:00Z");
  CHECK(qfs::utc_text(1795391999) == "2026-11-22T23:59:59Z");
  // The clock may pass midnight between two readings.
  const std::string before = qfs::utc_text(std::time(nullptr)), day = qfs::today(),
                    after = qfs::utc_text(std::time(nullptr));
  CHECK(day.size() == 10);
  CHECK((before.starts_with(day) || after.starts_with(day)));
}

TEST_CASE("Floats are counted by their bits", "[hand]") {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  const qfs::Matrix<float> a = {{0.0F, 1.0F, kNaN, 2.0F}}, b = {{-0.0F, 1.0F, kNaN, 2.5F}};
  CHECK(qfs::count_other_bits(a, b) == 2);  // the zeros, and 2 against 2.5
  CHECK(qfs::count_different(a, b) == 2);   // NaN, and 2 against 2.5
  const qfs::Matrix<float> shorter = {{0.0F, 1.0F}};
  CHECK_THROWS_AS(qfs::count_other_bits(a, shorter), qfs::Error);
}
