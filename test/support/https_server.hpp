// Documents over HTTPS in this process, for one client at a time.
#pragma once

#include "posix/descriptor.hpp"
#include "test/support/certificates.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace pawl::test {

class https_server {
public:
  explicit https_server(const certified_key& identity);
  ~https_server();
  https_server(const https_server&) = delete;
  https_server& operator=(const https_server&) = delete;

  std::string url() const; // https://localhost:PORT

  // The whole answer to a path; 404 to all others.
  void put(const std::string& path, std::string answer);
  void put_document(const std::string& path, const std::string& body);

  // Takes connections, and says nothing on them.
  void be_silent(bool silent) { silent_ = silent; }

  // How many requests it has read.
  std::size_t requests() const { return requests_; }

private:
  struct tls;

  void accept_connections(const std::stop_token& stop);
  void serve(int fd, const std::stop_token& stop);
  std::string answer_to(const std::string& head);

  std::unique_ptr<tls> tls_;
  std::uint16_t port_ = 0;
  descriptor listener_;
  std::mutex mutex_;
  std::map<std::string, std::string> answers_;
  std::atomic<bool> silent_ = false;
  std::atomic<std::size_t> requests_ = 0;
  std::jthread acceptor_;
};

} // namespace pawl::test
