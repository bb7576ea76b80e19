#include "bench/peer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "common/check.hpp"
#include "common/print.hpp"
#include "common/stopwatch.hpp"

#if defined(__linux__)
#include <sys/prctl.h>
#endif

extern char** environ;

namespace qfs::bench {
namespace {

constexpr std::size_t kLongestLine = 1 << 20;  // 10 000 logits are 150 KB

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

// This process's environment with some variables set anew.
std::vector<std::string> environment_with(const std::vector<std::string>& more) {
  std::vector<std::string> all = more;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry, name = text.substr(0, text.find('=') + 1);
    bool is_new = true;
    for (const std::string& setting : more) is_new = is_new && !setting.starts_with(name);
    if (is_new) all.push_back(text);
  }
  return all;
}

struct Pipe {
  int read = -1, write = -1;
};
Pipe make_pipe() {
  int ends[2];
  require(::pipe2(ends, O_CLOEXEC) == 0, "cannot make a pipe", std::strerror(errno), "a pipe",
          "close other programs, or raise ulimit -n");
  return {ends[0], ends[1]};
}

// In the child, between fork and exec: nothing that allocates.
[[noreturn]] void become(const char* program, char** words, char** environment, int in, int out,
                         int log, [[maybe_unused]] pid_t parent) {
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // however the parent ends, also by a signal
  if (::getppid() != parent) ::_exit(127);
#endif
  ::signal(SIGPIPE, SIG_DFL);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  if (log >= 0) ::dup2(log, STDERR_FILENO);
  ::execvpe(program, words, environment);
  ::_exit(127);
}

}  // namespace

Peer::Peer(PeerCommand command, const std::string& log) : command_(std::move(command)), log_(log) {
  if (command_.words.empty()) {
    why_ = "not installed";
    return;
  }
  start();
  if (const auto version = ask("hello"))
    version_ = *version;
  else
    end();
}

Peer::~Peer() { end(); }

void Peer::start() {
  ::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an answer that does not come
  const std::vector<std::string> environment = environment_with(command_.environment);
  std::vector<char*> words = pointers(command_.words), settings = pointers(environment);
  const Pipe in = make_pipe(), out = make_pipe();
  const int log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0)
    become(words[0], words.data(), settings.data(), in.read, out.write, log, parent);
  ::close(in.read);
  ::close(out.write);
  if (log >= 0) ::close(log);
  to_ = in.write;
  from_ = out.read;
  require(process_ > 0, "cannot start " + command_.name, std::strerror(errno), "a process",
          "end other programs, or raise ulimit -u");
}

void Peer::end() {
  if (process_ <= 0) return;
  ::close(to_);
  ::close(from_);
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) continue;
  process_ = -1;
}

bool Peer::write_line(const std::string& line) {
  const std::string text = line + "\n";
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = ::write(to_, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    done += static_cast<std::size_t>(written);
  }
  return true;
}

std::optional<std::string> Peer::read_line() {
  const Stopwatch waited;
  for (std::size_t end = 0; (end = unread_.find('\n')) == std::string::npos;) {
    if (unread_.size() > kLongestLine) return give_up("it sent a line without an end");
    const double left = command_.patience - waited.seconds();
    pollfd ready{from_, POLLIN, 0};
    const int events = left > 0 ? ::poll(&ready, 1, static_cast<int>(left * 1e3) + 1) : 0;
    if (events < 0 && errno == EINTR) continue;
    if (events <= 0)
      return give_up("it gave no answer in " + general(command_.patience, 3) + " seconds");
    char bytes[4096];
    const ssize_t count = ::read(from_, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return give_up("it ended" + last_words());
    unread_.append(bytes, static_cast<std::size_t>(count));
  }
  const std::size_t end = unread_.find('\n');
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

std::string Peer::last_words() const {
  std::ifstream log(log_);
  std::string last;
  for (std::string line; std::getline(log, line);)
    if (!line.empty()) last = line;
  return last.empty() ? "" : "; the last line on its stderr: " + last;
}

std::nullopt_t Peer::give_up(const std::string& what) {
  why_ = what;
  std::fprintf(stderr, "bench: %s failed: %s\n", command_.name.c_str(), what.c_str());
  end();
  return std::nullopt;
}

std::optional<std::string> Peer::ask(const std::string& request) {
  if (!is_there()) return std::nullopt;
  if (!write_line(request)) return give_up("it ended" + last_words());
  const std::optional<std::string> line = read_line();
  if (!line) return std::nullopt;
  if (*line == "ok" || line->starts_with("ok "))
    return line->substr(std::min<std::size_t>(3, line->size()));
  if (!line->starts_with("error ")) {
    std::string seen = line->substr(0, 60);
    for (char& c : seen)
      if (c < ' ' || c > '~') c = '?';
    return give_up("its answer to \"" + request + "\" is none: \"" + seen + "\"");
  }
  why_ = line->substr(6);
  std::fprintf(stderr, "bench: %s: %s: %s\n", command_.name.c_str(), request.c_str(), why_.c_str());
  return std::nullopt;
}

std::optional<double> Peer::ask_number(const std::string& request) {
  const std::optional<std::string> text = ask(request);
  if (!text) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error == std::errc() && end == text->data() + text->size() && number >= 0 &&
      std::isfinite(number))
    return number;
  return give_up("its answer to \"" + request + "\" is no number: \"" + text->substr(0, 60) + "\"");
}

}  // namespace qfs::bench
