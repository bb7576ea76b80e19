// A peer is a child process that answers one line to one line (serve.hpp), so that many of them,
// each with an environment of its own, take turns with our kernels in one run.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace qfs::bench {

struct PeerCommand {
  std::string name;                        // "PyTorch, held to AVX2": for messages
  std::vector<std::string> words{};        // the program and its arguments; empty: there is none
  std::vector<std::string> environment{};  // "NAME=value", beside that of this process
  double patience = 120;                   // seconds for an answer
};

class Peer {
 public:
  // Starts it, with its stderr going to `log`, and waits for its "hello". One that cannot be
  // started, or that answers no "ok", is not there; why() says why.
  Peer(PeerCommand command, const std::string& log);
  ~Peer();  // ends the process
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool is_there() const { return process_ > 0; }
  const std::string& name() const { return command_.name; }
  const std::string& version() const { return version_; }  // what it answered to "hello"
  const std::string& why() const { return why_; }          // it is not there, or failed last

  // The words behind "ok". Nothing where it is not there, cannot do this ("error ..."), or failed:
  // a crash, no line in time, a line that is no answer. Whatever failed is said on stderr by the
  // peer's name; after a failure it is ended.
  std::optional<std::string> ask(const std::string& request);
  // The same for an answer that must be one number, not negative.
  std::optional<double> ask_number(const std::string& request);

 private:
  void start();
  bool write_line(const std::string& line);
  std::optional<std::string> read_line();  // says in why_ what went wrong
  std::string last_words() const;          // of its stderr
  void end();
  std::nullopt_t give_up(const std::string& what);

  PeerCommand command_;
  std::string log_, version_, why_, unread_;
  int process_ = -1, to_ = -1, from_ = -1;
};

}  // namespace qfs::bench
