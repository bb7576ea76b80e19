// Folders kept for the next run, in a work/cache of the test's own.
#include "common/folder_cache.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_program.hpp"

using qfs::test::end_of_child;
using qfs::test::OtherVariable;
using qfs::test::Scratch;
using qfs::test::stderr_of;
namespace fs = std::filesystem;

namespace {

// Points the bundled datasets, and with them work/cache, into a folder of the test's own.
struct OwnCache {
  Scratch scratch;
  OtherVariable datasets{"QFS_DATASETS", scratch.path("datasets")};
};

void save(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  qfs::require(!error, "cannot make " + folder, error.message(), "", "");
  std::ofstream(folder + "/number.txt") << "5";
}

// Keeps the folder "n"; what stderr says.
std::string keep_n() {
  return stderr_of([] { qfs::keep_folder("n", "The number", save); });
}

std::string number_in(const std::string& folder) {
  std::string text;
  std::ifstream(folder + "/number.txt") >> text;
  return text;
}

}  // namespace

TEST_CASE("a folder is saved once, and stands in work/cache beside the datasets", "[hand]") {
  const OwnCache own;
  const std::string folder = qfs::cached_folder("n");
  CHECK(folder == own.scratch.path("work/cache/n"));
  CHECK_FALSE(fs::exists(folder));
  CHECK(keep_n() == "");
  CHECK(number_in(folder) == "5");
  bool again = false;
  qfs::keep_folder("n", "The number", [&](const std::string&) { again = true; });
  CHECK_FALSE(again);
  CHECK(number_in(folder) == "5");
  CHECK(std::distance(fs::directory_iterator(own.scratch.path("work/cache")), {}) == 1);
}

TEST_CASE("a folder that could not be cached goes away with the program, by a signal too",
          "[hand]") {
  const OwnCache own;
  own.scratch.write("work", "a file where the folder work/ should be");
  const auto keep = [&] {
    stderr_of([] { qfs::keep_folder("of a child", "The number", save); });
    const std::string folder = qfs::cached_folder("of a child");
    if (number_in(folder) != "5") ::_exit(98);
    own.scratch.write("where", folder);
  };
  const auto is_gone = [&] {
    const fs::path folder = own.scratch.text_of("where");
    return !fs::exists(folder) && !fs::exists(folder.parent_path());
  };
  CHECK(end_of_child([&] {
          keep();
          ::raise(SIGTERM);
        }) == -SIGTERM);
  CHECK(is_gone());
  CHECK(end_of_child([&] {
          keep();
          std::exit(5);
        }) == 5);
  CHECK(is_gone());
}

TEST_CASE("without a cache the folder lasts as long as the program, and stderr says so", "[hand]") {
  const OwnCache own;
  own.scratch.write("work", "a file where the folder work/ should be");
  CHECK_THAT(keep_n(), QFS_CONTAINS("The number is not kept for the next run: ") &&
                           QFS_CONTAINS("work/cache"));
  const std::string folder = qfs::cached_folder("n");
  CHECK(number_in(folder) == "5");
  CHECK_FALSE(folder.starts_with(own.scratch.path()));
  CHECK(keep_n() == "");  // it is there
  fs::remove_all(folder);
}

TEST_CASE("a link that leads nowhere in the place of a kept folder is none", "[hand]") {
  const OwnCache own;
  const fs::path folder = qfs::cached_folder("n");
  fs::create_directories(folder.parent_path());
  fs::create_symlink(folder.filename(), folder);  // to itself
  CHECK_THAT(keep_n(),
             QFS_CONTAINS("is not kept for the next run: cannot write " + folder.string()));
  CHECK(fs::is_symlink(folder));
  CHECK(std::distance(fs::directory_iterator(folder.parent_path()), {}) == 1);
  fs::remove_all(qfs::cached_folder("n"));
}

TEST_CASE("what a stopped program left beside a kept folder is cleared away", "[hand]") {
  const OwnCache own;
  const std::string folder = qfs::cached_folder("n");
  const std::string dead = folder + ".partial-2147483647", no_number = folder + ".partial-x",
                    alive = folder + ".partial-" + std::to_string(::getppid()),
                    of_another = folder + "2.partial-2147483647";
  // alive: another program saves the same folder just now.
  for (const std::string& left : {dead, no_number, alive, of_another}) fs::create_directories(left);
  CHECK(keep_n() == "");
  CHECK_FALSE(fs::exists(dead));
  CHECK_FALSE(fs::exists(no_number));
  CHECK(fs::exists(alive));
  CHECK(fs::exists(of_another));
}

TEST_CASE("a folder that could not be kept leaves nothing half written in the cache", "[hand]") {
  const OwnCache own;
  const std::string folder = qfs::cached_folder("n");
  const std::string partial = folder + ".partial-" + std::to_string(::getpid());
  SECTION("because something else has its name") {
    // A link to nowhere: nothing is there while it is saved, and something when it is moved.
    fs::create_directories(own.scratch.path("work/cache"));
    fs::create_symlink("nowhere", folder);
    CHECK_THAT(keep_n(), QFS_CONTAINS("a name that is free"));
  }
  SECTION("because saving failed") {
    const auto save_in_cache_fails = [&](const std::string& place) {
      save(place);
      qfs::require(place != partial, "the disk is full", "", "", "");
    };
    CHECK_THAT(
        stderr_of([&] { qfs::keep_folder("n", "The number", save_in_cache_fails); }),
        QFS_CONTAINS("The number is not kept for the next run") && QFS_CONTAINS("disk is full"));
  }
  CHECK_FALSE(fs::exists(partial));
  CHECK(number_in(qfs::cached_folder("n")) == "5");  // for this run
  fs::remove_all(qfs::cached_folder("n"));
}

TEST_CASE("data sets are told apart by zlib's crc32 of all parts in turn", "[hand]") {
  // 0xcbf43926 is the check value of CRC-32 (IEEE 802.3) for the nine digits.
  const std::vector<std::uint8_t> digits = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  const std::span<const std::uint8_t> all = digits;
  CHECK(qfs::crc_text({all}) == "cbf43926");
  CHECK(qfs::crc_text({all.first(4), all.subspan(4)}) == "cbf43926");
  CHECK(qfs::crc_text({all.subspan(4), all.first(4)}) != "cbf43926");
  CHECK(qfs::crc_text({}) == "00000000");
}
