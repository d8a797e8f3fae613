// A web app in a few lines: it answers with a greeting, and loses no request when it is replaced.
//
//   /          GREETING
//   /healthz   200 while it serves
//   /slow?MS   answers after so many milliseconds (at most 60000)
//
// On SIGTERM it accepts no more connections, answers the requests that it has, tells keep-alive
// clients to go elsewhere ("Connection: close"), and exits when the last connection has ended.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>

namespace {

std::atomic<bool> stopping = false;
std::atomic<int> connections = 0;
constexpr std::size_t request_max = 16 * 1024;

bool send_all(int client, std::string_view bytes) {
  while (!bytes.empty()) {
    auto sent = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string greeting() {
  const char* text = std::getenv("GREETING");
  return std::string(text != nullptr ? text : "hello") + "\n";
}

std::string body_for(std::string_view path) {
  if (path == "/healthz")
    return "ok\n";
  if (path.substr(0, 6) == "/slow?") {
    auto milliseconds = std::clamp(std::atoi(std::string(path.substr(6)).c_str()), 0, 60000);
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  }
  return path == "/" || path.substr(0, 6) == "/slow?" ? greeting() : "";
}

// Answers one request (GET and HEAD have no body); returns whether the connection stays open.
bool answer(int client, const std::string& request) {
  auto method = request.substr(0, request.find(' '));
  auto path = request.substr(std::min(method.size() + 1, request.size()));
  path = path.substr(0, path.find(' '));
  auto body = body_for(path);
  bool old = request.find(" HTTP/1.0\r\n") != std::string::npos;
  bool known = method == "GET" || method == "HEAD";
  // After another method a body may follow, which this app does not read.
  bool close = stopping || old || !known || request.find("onnection: close") != std::string::npos;
  std::string status = !known         ? "405 Method Not Allowed"
                       : body.empty() ? "404 Not Found"
                                      : "200 OK";
  std::string head = "HTTP/1.1 " + status + "\r\nContent-Type: text/plain\r\nContent-Length: " +
                     std::to_string(body.size()) +
                     (close ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n");
  return send_all(client, method == "HEAD" ? head : head + body) && !close;
}

// Waits for bytes: false when the client is gone, or idle for a second while the app is stopping
// (so that a request which is on its way already is still answered).
bool wait_for_bytes(int client, bool idle) {
  for (int quiet = 0; quiet < 10;) {
    pollfd watched{client, POLLIN, 0};
    int ready = ::poll(&watched, 1, 100);
    if (ready > 0)
      return true;
    if (ready < 0 && errno != EINTR)
      return false;
    quiet += idle && stopping ? 1 : 0;
  }
  return false;
}

void serve(int client) {
  std::string input;
  std::array<char, 4096> bytes{};
  bool open = true;
  while (open) {
    auto end = input.find("\r\n\r\n");
    if (end != std::string::npos) {
      open = answer(client, input.substr(0, end + 4));
      input.erase(0, end + 4);
      continue;
    }
    if (input.size() > request_max || !wait_for_bytes(client, input.empty()))
      break;
    auto got = ::recv(client, bytes.data(), bytes.size(), 0);
    if (got <= 0)
      break;
    input.append(bytes.data(), static_cast<std::size_t>(got));
  }
  // The client's side is read to its end, so that closing does not cut off the last answer.
  ::shutdown(client, SHUT_WR);
  pollfd watched{client, POLLIN, 0};
  while (::poll(&watched, 1, 1000) > 0 && ::recv(client, bytes.data(), bytes.size(), 0) > 0) {
  }
  ::close(client);
  --connections;
}

int listen_on(unsigned short port) {
  int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  const char* host = std::getenv("HOST"); // 0.0.0.0 in a container, which has its own network
  if (::inet_pton(AF_INET, host != nullptr ? host : "127.0.0.1", &address.sin_addr) != 1)
    return -1;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, SOMAXCONN) != 0)
    return -1;
  return listener;
}

} // namespace

int main() {
  const char* port = std::getenv("PORT");
  int listener = listen_on(static_cast<unsigned short>(std::atoi(port != nullptr ? port : "8080")));
  if (listener < 0) {
    std::cerr << "hello: cannot listen on port " << (port != nullptr ? port : "8080") << '\n';
    return 1;
  }
  std::signal(SIGTERM, [](int) { stopping = true; });
  std::cout << "hello: listening on port " << (port != nullptr ? port : "8080") << std::endl;
  while (!stopping) {
    pollfd watched{listener, POLLIN, 0};
    if (::poll(&watched, 1, 100) <= 0)
      continue;
    int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0)
      continue;
    ++connections;
    std::thread(serve, client).detach();
  }
  // The kernel has accepted the connections that wait in the queue: their clients expect an answer.
  pollfd watched{listener, POLLIN, 0};
  while (::poll(&watched, 1, 0) > 0) {
    int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0)
      break;
    ++connections;
    std::thread(serve, client).detach();
  }
  ::close(listener);
  while (connections > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::cout << "hello: stopped" << std::endl;
  return 0;
}
