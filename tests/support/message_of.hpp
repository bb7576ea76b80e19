// The text of an error that is expected.
#pragma once

#include <string>

#include "common/check.hpp"

namespace qfs::test {

// The message of the Error that `work` throws; "no error" when it throws none. Any other exception
// passes through and fails the test.
template <class Work>
std::string message_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace qfs::test
