// Counts what a program asks operator new for. Link memory_requests.cpp, which replaces it, into a
// program of its own: in a file apart no compiler sees both ends of a request, and none can leave
// one out.
#pragma once

#include <cstddef>

namespace qfs::test {

struct MemoryRequests {
  std::size_t count = 0;
  std::size_t largest = 0;  // bytes
};

// Those since the program has begun, or since count_requests_anew. Functions of another file: a
// compiler may take it that operator new changes no variable that it can see.
MemoryRequests requests_so_far();
void count_requests_anew();

}  // namespace qfs::test
