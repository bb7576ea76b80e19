// A peer's side of the pipe: it answers one line to one line until stdin ends.
//
//   hello                          ok VERSION
//   gemm M K N BITS                ok WRONG         sums that are not what they must be
//   model NET KIND BATCH THREADS   ok LOGITS        numbers, row by row
//   run REPEATS REQUEST            ok MICROSECONDS  of one call of what that request has made ready
//   forget                         ok               what has been made ready
//
// "error REASON" in place of ok: this cannot be had; the next request may.
#pragma once

#include <functional>
#include <sstream>
#include <string>

namespace qfs::bench {

// What a request has made ready: the words behind "ok", and the work of one call.
struct Prepared {
  std::string answer;
  std::function<void()> call;
};

// Answers until stdin ends. `prepare` gets the request's first word, "gemm" or "model", and a
// stream of the others. An exception that it throws becomes an "error" line.
int serve(const std::string& version,
          const std::function<Prepared(const std::string& kind, std::istream& words)>& prepare);

// The number that is the next word. Throws Error where there is none.
std::size_t next_number(std::istream& words);

}  // namespace qfs::bench
