#include "bench/serve.hpp"

#include <cstdio>
#include <iostream>
#include <map>

#include "bench/timing.hpp"
#include "common/check.hpp"
#include "common/print.hpp"

namespace qfs::bench {
namespace {

// The first line of an error's text.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Microseconds of a call of what the words "REPEATS REQUEST" name.
double time_ready(const std::map<std::string, std::function<void()>>& ready, std::istream& words) {
  const std::size_t repeats = next_number(words);
  require(repeats > 0, "nothing to repeat", repeats, "1 or more", "ask for one call");
  std::string request;
  std::getline(words >> std::ws, request);
  const auto found = ready.find(request);
  require(found != ready.end(), "this has not been made ready", request, "", "ask for it first");
  return time_calls(repeats, found->second);
}

}  // namespace

std::size_t next_number(std::istream& words) {
  std::size_t number = 0;
  require(static_cast<bool>(words >> number), "a request lacks a number", "", "a whole number",
          "see bench/serve.hpp");
  return number;
}

int serve(const std::string& version,
          const std::function<Prepared(const std::string& kind, std::istream& words)>& prepare) {
  std::map<std::string, std::function<void()>> ready;
  const auto answer = [&](const std::string& request) -> std::string {
    std::istringstream words(request);
    std::string kind;
    words >> kind;
    if (kind == "hello") return version;
    if (kind == "run") return general(time_ready(ready, words), 9);
    if (kind == "forget") {
      ready.clear();
      return "";
    }
    Prepared prepared = prepare(kind, words);
    ready[request] = std::move(prepared.call);
    return prepared.answer;
  };
  for (std::string request; std::getline(std::cin, request);) {
    std::string reply;
    try {
      reply = "ok " + answer(request);
    } catch (const std::exception& error) {
      reply = "error " + first_line(error.what());
    }
    std::printf("%s\n", reply.c_str());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace qfs::bench
