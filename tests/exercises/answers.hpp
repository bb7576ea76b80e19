// Judges the judge. A file of answers includes this, then the judge itself, which meets the
// exercise as it is set and must refuse it; then every answer in a namespace of its own, and the
// judge again:
//
//   namespace as_float {
//   const Answer kAnswer = wrong("computes in float");
//   namespace exercise { ... the answer ... }
//   #include "tests/exercises/ch01_1_test.cpp"
//   }
//
// There `exercise::` is the answer of that namespace. Types of the exercise come from the stub.
#pragma once

#define CATCH_CONFIG_PREFIX_ALL
#define QFS_ANSWERS_IN_ONE_PROGRAM  // speed is not judged here
#include <utility>

#include "tests/exercises/answer_list.hpp"
#include "tests/exercises/judge.hpp"

namespace qfs::test {

// One answer, known to the judge's cases by its number: "3: 1.1 on paper".
class Answer {
 public:
  Answer(Kind kind, std::string what) : number_(answers.size()) {
    answers.push_back({kind, std::move(what)});
  }
  std::string test_case(const std::string& name) const {
    return std::to_string(number_) + ": " + name;
  }

 private:
  std::size_t number_;
};

inline Answer right(std::string how) { return {Kind::right, std::move(how)}; }
inline Answer wrong(std::string mistake) { return {Kind::wrong, std::move(mistake)}; }

}  // namespace qfs::test

using qfs::test::Answer;
using qfs::test::right;
using qfs::test::wrong;

const Answer kAnswer{qfs::test::Kind::unwritten, "as it is set"};

#define TEST_CASE(name) CATCH_TEST_CASE(kAnswer.test_case(name))
#define CHECK(...) CATCH_CHECK(__VA_ARGS__)
#define CHECK_THROWS_AS(...) CATCH_CHECK_THROWS_AS(__VA_ARGS__)
#define REQUIRE(...) CATCH_REQUIRE(__VA_ARGS__)
#define INFO(...) CATCH_INFO(__VA_ARGS__)
