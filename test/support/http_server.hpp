// A small app in this process: answers HTTP/1.1 on a port of its own, a thread for each connection.
#pragma once

#include "posix/descriptor.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace pawl::test {

// A port on which nobody listened just now; no other test is given it while this process lives.
std::uint16_t free_port();

class http_server {
public:
  // Answers 200 with `name` as the body, whatever is asked; except:
  //   /slow     answers only when release_slow() was called
  //   /head     answers 200 with the request's head as the body
  //   /drop     closes the connection without an answer, as an app does that dies of the request
  //   a request with `Upgrade:` becomes a tunnel that echoes
  explicit http_server(std::string name);
  ~http_server(); // stop()

  std::uint16_t port() const { return port_; }
  std::string address() const; // 127.0.0.1:PORT

  // How many requests it has read, those without an answer too.
  std::size_t requests() const { return requests_; }

  // Lets those that wait in /slow, and all later ones, be answered.
  void release_slow();

  // Waits until so many requests are in /slow; false after the patience.
  bool wait_for_slow(std::size_t requests);

  // As an app on SIGTERM: accepts no more, finishes the requests that it has, closes. Tunnels are
  // cut. Slow requests must have been released.
  void stop();

private:
  struct connection {
    std::unique_ptr<std::atomic<bool>> over;
    std::jthread thread;
  };

  void accept_connections();
  void serve(int fd);
  bool answer(int fd, const std::string& head);

  std::string name_;
  std::uint16_t port_ = 0;
  descriptor listener_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool slow_released_ = false;
  std::size_t slow_waiting_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> requests_ = 0;
  std::vector<connection> connections_;
  std::jthread acceptor_;
};

} // namespace pawl::test
