// A mirror that misbehaves, for fetch_mnist_test.sh: an HTTP server on 127.0.0.1 alone, which ends
// by itself after two minutes.
//
//   mirror_server DIR      prints the port it listens on, then answers GET /MODE/NAME with DIR/NAME
//
// MODE   good      as a mirror should: whole, or from the byte that Range asks for
//        slow      good, in 30 small pieces with a pause after each
//        cut       without Range, half of the file and then the end of the connection; else good
//        stall     without Range, half of the file and then silence; else good
//        lies      the right length, other bytes
//        half_lie  half of the length, other bytes, then the end; 404 to any Range
//        no_range  the whole file whatever is asked
//        endless   bytes without end
//        busy      503
//        missing   404
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace {

constexpr unsigned kLifetimeSeconds = 120;

bool send_all(int client, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(client, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

std::string read_request(int client) {
  std::string request;
  char buffer[4096];
  while (request.find("\r\n\r\n") == std::string::npos && request.size() < 65536) {
    const ssize_t count = ::recv(client, buffer, sizeof buffer, 0);
    if (count <= 0) return "";
    request.append(buffer, static_cast<std::size_t>(count));
  }
  return request;
}

struct Request {
  std::string mode, name;
  bool has_range = false;
  std::size_t first = 0;  // the byte that Range asks for
};

Request parse(const std::string& text) {
  Request request;
  const std::size_t slash = text.find('/', 5), space = text.find(' ', 5);  // "GET /MODE/NAME HTTP"
  if (text.rfind("GET /", 0) != 0 || slash == std::string::npos || slash > space) return request;
  request.mode = text.substr(5, slash - 5);
  request.name = text.substr(slash + 1, space - slash - 1);
  const std::size_t range = text.find("Range: bytes=");
  request.has_range = range != std::string::npos;
  if (request.has_range) request.first = std::strtoul(text.c_str() + range + 13, nullptr, 10);
  return request;
}

std::string head(const std::string& status, std::size_t length) {
  return "HTTP/1.1 " + status +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

std::string partial_head(std::size_t first, std::size_t total) {
  return "HTTP/1.1 206 Partial Content\r\nConnection: close\r\nContent-Range: bytes " +
         std::to_string(first) + "-" + std::to_string(total - 1) + "/" + std::to_string(total) +
         "\r\nContent-Length: " + std::to_string(total - first) + "\r\n\r\n";
}

void send_well(int client, const Request& request, const std::string& content) {
  if (!request.has_range) {
    send_all(client, head("200 OK", content.size()) + content);
  } else if (request.first >= content.size()) {
    send_all(client, head("416 Range Not Satisfiable", 0));
  } else {
    send_all(client, partial_head(request.first, content.size()) + content.substr(request.first));
  }
}

void send_slowly(int client, const std::string& content) {
  bool connected = send_all(client, head("200 OK", content.size()));
  const std::size_t piece = content.size() / 30 + 1;
  for (std::size_t at = 0; connected && at < content.size(); at += piece) {
    connected = send_all(client, content.substr(at, piece));
    ::usleep(10000);
  }
}

void wait_until_closed(int client) {
  pollfd waiting{client, POLLIN | POLLRDHUP, 0};
  ::poll(&waiting, 1, 30000);
}

void answer(int client, const Request& request, const std::string& content) {
  std::string other = content;
  for (char& byte : other) byte = static_cast<char>(byte ^ 1);
  const std::size_t half = content.size() / 2;
  const bool from_start = !request.has_range;
  if (request.mode == "slow") {
    send_slowly(client, content);
  } else if ((request.mode == "cut" || request.mode == "stall") && from_start) {
    send_all(client, head("200 OK", content.size()) + content.substr(0, half));
    if (request.mode == "stall") wait_until_closed(client);
  } else if (request.mode == "lies") {
    send_all(client, head("200 OK", other.size()) + other);
  } else if (request.mode == "half_lie" && from_start) {
    send_all(client, head("200 OK", other.size()) + other.substr(0, half));
  } else if (request.mode == "no_range") {
    send_all(client, head("200 OK", content.size()) + content);
  } else if (request.mode == "endless") {
    bool connected = send_all(client, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    while (connected) connected = send_all(client, std::string(1 << 16, '\0'));
  } else if (request.mode == "busy") {
    send_all(client, head("503 Service Unavailable", 0));
  } else if (request.mode == "good" || request.mode == "cut" || request.mode == "stall") {
    send_well(client, request, content);
  } else {
    send_all(client, head("404 Not Found", 0));
  }
}

int listen_on_loopback() {
  const int server = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);  // any free port
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (server < 0 || ::bind(server, generic, length) != 0 || ::listen(server, 8) != 0 ||
      ::getsockname(server, generic, &length) != 0)
    return -1;
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return server;
}

}  // namespace

int main(int argc, char** argv) {
  ::alarm(kLifetimeSeconds);  // its default action ends the program
  const int server = argc == 2 ? listen_on_loopback() : -1;
  if (server < 0) {
    std::fprintf(stderr, "mirror_server: cannot listen; use it as: mirror_server DIR\n");
    return 2;
  }
  for (;;) {
    const int client = ::accept(server, nullptr, nullptr);
    if (client < 0) continue;
    const Request request = parse(read_request(client));
    std::ifstream file(std::string(argv[1]) + "/" + request.name, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    answer(client, request, content);
    ::close(client);
  }
}
