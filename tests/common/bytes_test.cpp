#include "common/bytes.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/run_program.hpp"

using namespace qfs::test;
using qfs::ByteReader;
using qfs::read_file;
using qfs::require_directory_place;
using qfs::require_file_place;
using qfs::write_file_atomically;

TEST_CASE("read_file gives the bytes of a file", "[hand]") {
  const Scratch scratch;
  const Bytes content = bytes_of(std::string_view("a\0b\xff", 4));
  CHECK(read_file(scratch.write("file", content)) == content);
}

TEST_CASE("read_file says what is wrong with a path", "[hand]") {
  const Scratch scratch;
  CHECK_THAT(message_of([&] { read_file(scratch.path("none")); }),
             QFS_CONTAINS("cannot open") && QFS_CONTAINS("none") && QFS_CONTAINS("No such file"));
  CHECK_THAT(message_of([&] { read_file(scratch.path()); }),
             QFS_CONTAINS("is not a file") && QFS_CONTAINS("a directory"));
  CHECK_THAT(message_of([&] { read_file(scratch.write("empty", "")); }),
             QFS_CONTAINS("empty is empty"));
  const std::string five = scratch.write("five", "12345");
  CHECK_THAT(message_of([&] { read_file(five, 4); }),
             QFS_CONTAINS("too large") && QFS_CONTAINS("5 bytes") && QFS_CONTAINS("at most 4"));
  CHECK(read_file(five, 5).size() == 5);
  CHECK_THAT(message_of([&] { read_file(five + "/below"); }), QFS_CONTAINS("Not a directory"));
  try {
    read_file(scratch.path("none"));
  } catch (const qfs::PermissionError&) {
    FAIL("a file that is not there is no matter of permission");
  } catch (const qfs::Error&) {
  }
}

TEST_CASE("read_file refuses a pipe without waiting for a writer", "[hand]") {
  const Scratch scratch;
  REQUIRE(::mkfifo(scratch.path("pipe").c_str(), 0600) == 0);
  CHECK_THAT(message_of([&] { read_file(scratch.path("pipe")); }), QFS_CONTAINS("is not a file"));
}

TEST_CASE("read_file refuses a file without permission, and says how to give it", "[hand]") {
  const Scratch scratch;
  const std::string path = scratch.write("secret", "x");
  std::filesystem::create_directory(scratch.path("closed"));
  scratch.write("closed/f", "x");
  REQUIRE(::chmod(path.c_str(), 0) == 0);
  REQUIRE(::chmod(scratch.path("closed").c_str(), 0600) == 0);
  const Nobody nobody({scratch.path()});
  if (!nobody.is_somebody_else()) return;
  for (const std::string& name : {path, scratch.path("closed/f")})
    CHECK_THAT(message_of([&] { read_file(name); }),
               QFS_CONTAINS("Permission denied") && QFS_CONTAINS("chmod u+x for every folder"));
  CHECK_THROWS_AS(read_file(path), qfs::PermissionError);
  CHECK(::chmod(scratch.path("closed").c_str(), 0700) == 0);  // so that it can be removed
}

TEST_CASE("A file is replaced whole, and a failure leaves the old one", "[hand]") {
  const Scratch scratch;
  const std::string path = scratch.write("f", "old");
  write_file_atomically(path, "the new text");
  CHECK(scratch.text_of("f") == "the new text");
  CHECK(scratch.count_of_files() == 1);

  CHECK_THAT(message_of([&] { write_file_atomically(scratch.path("none/f"), "x"); }),
             QFS_CONTAINS("cannot write") && QFS_CONTAINS("none/f") && QFS_CONTAINS("what to do"));
  // A directory stands where the file should go: the rename fails, and no partial file is left.
  std::filesystem::create_directory(scratch.path("d"));
  CHECK_THAT(message_of([&] { write_file_atomically(scratch.path("d"), "x"); }),
             QFS_CONTAINS("cannot write"));
  CHECK(scratch.count_of_files() == 2);
}

TEST_CASE("A full disk is an error, and what was there stays", "[hand]") {
  if (!std::filesystem::exists("/dev/full")) return;
  // write_file_atomically puts its partial file beside the target, so a full disk is had by a link
  // from the partial file's name to /dev/full.
  const Scratch scratch;
  const std::string path = scratch.write("f", "old");
  std::filesystem::create_symlink("/dev/full", path + ".partial-" + std::to_string(::getpid()));
  CHECK_THAT(message_of([&] { write_file_atomically(path, std::string(100000, 'x')); }),
             QFS_CONTAINS("cannot write"));
  CHECK(scratch.text_of("f") == "old");
}

TEST_CASE("A directory without permission is an error", "[hand]") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path("locked"));
  REQUIRE(::chmod(scratch.path("locked").c_str(), 0555) == 0);
  const Nobody nobody({scratch.path()});
  if (!nobody.is_somebody_else()) return;
  CHECK_THAT(message_of([&] { write_file_atomically(scratch.path("locked/f"), "x"); }),
             QFS_CONTAINS("cannot write"));
  const std::string denied = "locked: Permission denied";
  for (const char* name : {"locked/f", "locked/below/f"}) {
    CHECK_THAT(message_of([&] { require_file_place(scratch.path(name)); }),
               QFS_CONTAINS("cannot write"));
    CHECK_THAT(message_of([&] { require_directory_place(scratch.path(name)); }),
               QFS_CONTAINS("cannot write") && QFS_CONTAINS(denied));
  }
}

TEST_CASE("A device or a pipe is not replaced by a file; a link is followed", "[hand]") {
  const Scratch scratch;
  REQUIRE(::mkfifo(scratch.path("pipe").c_str(), 0600) == 0);
  for (const std::string& path : {scratch.path("pipe"), std::string("/dev/null")}) {
    CHECK_THAT(message_of([&] { write_file_atomically(path, "x"); }),
               QFS_CONTAINS("a folder, a device or a pipe"));
    CHECK_THAT(message_of([&] { require_file_place(path); }),
               QFS_CONTAINS("a folder, a device or a pipe"));
  }
  CHECK(std::filesystem::is_fifo(scratch.path("pipe")));
  std::filesystem::create_directory(scratch.path("d"));
  scratch.write("d/f", "old");
  std::filesystem::create_symlink(scratch.path("d/f"), scratch.path("link"));
  write_file_atomically(scratch.path("link"), "new");
  CHECK(std::filesystem::is_symlink(scratch.path("link")));
  CHECK(scratch.text_of("d/f") == "new");
}

TEST_CASE("A link to a file that is not there yet is followed, links in a circle are refused",
          "[hand]") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path("d"));
  std::filesystem::create_symlink("d/second", scratch.path("first"));
  std::filesystem::create_symlink("f", scratch.path("d/second"));  // starts from d/
  CHECK(message_of([&] { require_file_place(scratch.path("first")); }) == "no error");
  write_file_atomically(scratch.path("first"), "new");
  CHECK(std::filesystem::is_symlink(scratch.path("first")));
  CHECK(std::filesystem::is_symlink(scratch.path("d/second")));
  CHECK(scratch.text_of("d/f") == "new");

  std::filesystem::create_symlink("none/f", scratch.path("nowhere"));
  CHECK_THAT(message_of([&] { require_file_place(scratch.path("nowhere")); }),
             QFS_CONTAINS("none: No such file or directory"));
  std::filesystem::create_symlink("b", scratch.path("a"));
  std::filesystem::create_symlink("a", scratch.path("b"));
  for (const auto& use : {std::function<void(const std::string&)>(require_file_place),
                          std::function<void(const std::string&)>(
                              [](const std::string& path) { write_file_atomically(path, "x"); })})
    CHECK_THAT(message_of([&] { use(scratch.path("a")); }),
               QFS_CONTAINS("cannot write") && QFS_CONTAINS("links that lead to one another"));
  CHECK(std::filesystem::is_symlink(scratch.path("a")));
}

TEST_CASE("Forty links are followed, as the system does, but not one more", "[hand]") {
  const Scratch scratch;
  for (int i = 1; i <= 41; ++i)
    std::filesystem::create_symlink(i == 1 ? "end" : "link" + std::to_string(i - 1),
                                    scratch.path("link" + std::to_string(i)));
  write_file_atomically(scratch.path("link40"), "new");
  CHECK(scratch.text_of("end") == "new");
  CHECK_THAT(message_of([&] { write_file_atomically(scratch.path("link41"), "x"); }),
             QFS_CONTAINS("cannot write"));
}

TEST_CASE("A place that starts from a folder which is no more is refused", "[hand]") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path("d"));
  CHECK(end_of_child([&] {
          if (::chdir(scratch.path("d").c_str()) != 0) ::_exit(1);
          std::filesystem::remove(scratch.path("d"));
          for (const auto& place : {require_file_place, require_directory_place})
            if (message_of([&] { place("f"); }).find("the working folder: No such file") ==
                std::string::npos)
              ::_exit(2);
          if (message_of([&] { require_file_place(scratch.path("f")); }) != "no error") ::_exit(3);
        }) == 0);
}

TEST_CASE("Beyond the limit of a file's size a write is an error, and nothing stays", "[hand]") {
  const Scratch scratch;
  scratch.write("f", "old");
  CHECK(end_of_child([&] {
          ::signal(SIGXFSZ, SIG_IGN);  // as run_guarded does
          const rlimit limit{1000, 1000};
          ::setrlimit(RLIMIT_FSIZE, &limit);
          const std::string message = message_of(
              [&] { write_file_atomically(scratch.path("f"), std::string(100000, 'x')); });
          ::_exit(message.find("File too large") == std::string::npos ? 1 : 0);
        }) == 0);
  CHECK(scratch.text_of("f") == "old");
  CHECK(scratch.count_of_files() == 1);
}

TEST_CASE("A place for a file or a directory is judged without writing there", "[hand]") {
  const Scratch scratch;
  scratch.write("file", "x");
  std::filesystem::create_directory(scratch.path("d"));
  const auto file = [&](const std::string& name) {
    return message_of([&] { require_file_place(scratch.path(name)); });
  };
  const auto directory = [&](const std::string& name) {
    return message_of([&] { require_directory_place(scratch.path(name)); });
  };
  for (const char* good : {"file", "new", "d/new"}) CHECK(file(good) == "no error");
  for (const char* good : {"d", "d/", "new", "new/", "new/below/d"})
    CHECK(directory(good) == "no error");
  CHECK(message_of([] { require_file_place("no_folder_named"); }) == "no error");
  CHECK_THAT(file("d"), QFS_CONTAINS("cannot write") && QFS_CONTAINS("a folder"));
  CHECK_THAT(file("new/"), QFS_CONTAINS("the name of a directory"));
  CHECK_THAT(file("none/f"), QFS_CONTAINS("none: No such file or directory"));
  CHECK_THAT(file("file/f"), QFS_CONTAINS("file: Not a directory"));
  CHECK_THAT(directory("file"), QFS_CONTAINS("file: Not a directory"));
  CHECK_THAT(directory("file/below"), QFS_CONTAINS("file: Not a directory"));
  CHECK(scratch.count_of_files() == 2);
}

TEST_CASE("ByteReader reads numbers of both byte orders and knows its place", "[hand]") {
  const Bytes bytes = bytes_of(std::string_view("\x01\x02\x03\x04\x05\xff\xfe\x07", 8));
  ByteReader reader(bytes, "file", "advice");
  CHECK(reader.little_endian<std::uint16_t>("a") == 0x0201);
  CHECK(reader.big_endian<std::uint16_t>("b") == 0x0304);
  CHECK(reader.little_endian<std::uint8_t>("c") == 5);
  CHECK(reader.position() == 5);
  CHECK(reader.left() == 3);
  CHECK(reader.take(2, "d")[1] == std::byte{0xfe});
  CHECK(reader.take(0, "nothing").empty());
  CHECK(reader.left() == 1);
}

TEST_CASE("ByteReader reads eight bytes with the top bit set", "[hand]") {
  const Bytes bytes = bytes_of("\x01\x02\x03\x04\x05\x06\x07\x88");
  CHECK(ByteReader(bytes, "f", "").little_endian<std::uint64_t>("n") == 0x8807060504030201U);
  CHECK(ByteReader(bytes, "f", "").big_endian<std::uint64_t>("n") == 0x0102030405060788U);
}

TEST_CASE("ByteReader names the file and the field that is cut off", "[hand]") {
  const Bytes bytes(3);
  ByteReader reader(bytes, "my.file", "make it again");
  const std::string message = message_of([&] { reader.little_endian<std::uint32_t>("the magic"); });
  CHECK_THAT(message, QFS_CONTAINS("my.file ends inside the magic") &&
                          QFS_CONTAINS("3 bytes left") && QFS_CONTAINS("4 bytes") &&
                          QFS_CONTAINS("make it again"));
  // A count that would wrap around must not pass.
  CHECK_THAT(message_of([&] { reader.take(~std::uint64_t{0}, "all"); }),
             QFS_CONTAINS("ends inside"));
  CHECK(reader.left() == 3);
}
