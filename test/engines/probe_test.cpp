// The probe against instances that answer well, badly, or not at all.
#include "engines/probes/socket_probe.hpp"

#include "posix/socket_wait.hpp"
#include "test/support/eventually.hpp"
#include "test/support/http_server.hpp"
#include "test/support/print.hpp"

#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace pawl;
using namespace std::chrono_literals;

// Takes one connection, reads the request's head, says `answer` as often as it is taken (or once),
// and closes; or says nothing at all until the other side closes.
class speaker {
public:
  enum class manner { once, for_ever, silent };

  explicit speaker(std::string answer, manner how = manner::once)
      : answer_(std::move(answer)), how_(how), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    auto* address = reinterpret_cast<sockaddr*>(&where);
    BOOST_REQUIRE_EQUAL(::bind(listener_.get(), address, size), 0);
    BOOST_REQUIRE_EQUAL(::listen(listener_.get(), 8), 0);
    BOOST_REQUIRE_EQUAL(::getsockname(listener_.get(), address, &size), 0);
    address_ = fmt::format("127.0.0.1:{}", ntohs(where.sin_port));
    thread_ = std::jthread([this] { serve(); });
  }

  const std::string& address() const { return address_; }

  // The head that it was sent, once the connection has ended.
  std::string request() {
    thread_.join();
    return request_;
  }

private:
  void serve() {
    const auto until = std::chrono::steady_clock::now() + 10s;
    if (!socket_wait(listener_, POLLIN, until))
      return;
    const descriptor peer(::accept(listener_.get(), nullptr, nullptr));
    char byte = 0;
    while (request_.find("\r\n\r\n") == std::string::npos && ::recv(peer.get(), &byte, 1, 0) == 1)
      request_ += byte;
    while (how_ == manner::silent && ::recv(peer.get(), &byte, 1, 0) == 1) {
    }
    ssize_t said = 0;
    do
      said = ::send(peer.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
    while (how_ == manner::for_ever && said > 0);
  }

  std::string answer_;
  manner how_;
  descriptor listener_;
  std::string address_;
  std::string request_;
  std::jthread thread_;
};

health_settings get(const std::string& path, duration timeout = patience) {
  health_settings settings;
  settings.path = path;
  settings.timeout = timeout;
  return settings;
}

probe_answer ask(const speaker& whom, const health_settings& settings) {
  return socket_probe{}.ask(whom.address(), settings);
}

std::string with_address(std::string text, const speaker& whom) {
  const std::string_view word = "ADDRESS";
  if (const auto at = text.find(word); at != std::string::npos)
    text.replace(at, word.size(), whom.address());
  return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(socket_probe_test)

BOOST_AUTO_TEST_CASE(answers_are_judged_by_their_status_line) {
  struct row {
    std::string answer;
    bool ok;
    std::string detail;
  };
  // Where the answer does not do, all that was asked is told: for ADDRESS the one of the speaker.
  const std::string bad = "GET /healthz at ADDRESS with Host localhost: ";
  const std::string not_http = bad + "answered something that is not HTTP: ";
  for (const auto& [answer, ok, detail] : std::vector<row>{
           {"HTTP/1.1 200 OK\r\n\r\n", true, "GET /healthz: 200 OK"},
           {"HTTP/1.0 204\r\n\r\n", true, "GET /healthz: 204"},
           {"HTTP/1.1 200\n\n", true, "GET /healthz: 200"},
           {"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", true, "GET /healthz: 302 Found"},
           {"HTTP/1.1 399 Odd\r\n\r\n", true, "GET /healthz: 399 Odd"},
           {"HTTP/1.1 199 Odd\r\n\r\n", false, bad + "199 Odd"},
           {"HTTP/1.1 400 Bad Request\r\n\r\n", false, bad + "400 Bad Request"},
           {"HTTP/1.1 503 Service Unavailable\r\n\r\n", false, bad + "503 Service Unavailable"},
           {"HTTP/1.1 503 \x1b[2J\x07 \xff\r\n\r\n", false, bad + "503 \\x1b[2J\\x07 \\xff"},
           {"HTTP/1.1 2000 Many\r\n\r\n", false, not_http + "\"HTTP/1.1 2000 Many\""},
           {"HTTP/1.1 20x\r\n\r\n", false, not_http + "\"HTTP/1.1 20x\""},
           {"SSH-2.0-OpenSSH_9.2\r\n", false, not_http + "\"SSH-2.0-OpenSSH_9.2\""},
           {"HTTP/1.1 20", false, not_http + "\"HTTP/1.1 20\""},
           {"", false, "GET /healthz at ADDRESS: the connection was cut before an answer"},
       }) {
    const speaker it(answer);
    const auto got = ask(it, get("/healthz"));
    BOOST_TEST(got.ok == ok, detail);
    BOOST_TEST(got.answered == !answer.empty(), detail);
    BOOST_TEST(with_address(detail, it) == got.detail);
  }
}

BOOST_AUTO_TEST_CASE(the_request_is_the_one_that_was_promised) {
  speaker it("HTTP/1.1 200 OK\r\n\r\n");
  BOOST_TEST(ask(it, get("/healthz?deep=1")).ok);
  BOOST_TEST(it.request() == "GET /healthz?deep=1 HTTP/1.1\r\nHost: localhost\r\n"
                             "User-Agent: pawl\r\nConnection: close\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(the_host_is_the_one_of_the_settings) {
  speaker it("HTTP/1.1 400 Bad Request\r\n\r\n");
  auto settings = get("/");
  settings.host = "shop.example.org";
  BOOST_TEST(ask(it, settings).detail ==
             fmt::format("GET / at {} with Host shop.example.org: 400 Bad Request", it.address()));
  BOOST_TEST(it.request().find("\r\nHost: shop.example.org\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nobody_there_is_connection_refused) {
  const auto address = fmt::format("127.0.0.1:{}", test::free_port());
  const auto got = socket_probe{}.ask(address, get("/healthz"));
  BOOST_TEST(!got.ok);
  BOOST_TEST(!got.answered);
  BOOST_TEST(got.detail == fmt::format("GET /healthz at {}: connection refused", address));
  health_settings tcp;
  tcp.path.reset();
  BOOST_TEST(socket_probe{}.ask(address, tcp).detail ==
             fmt::format("connect to {}: connection refused", address));
}

BOOST_AUTO_TEST_CASE(silence_ends_with_the_timeout) {
  const speaker it("", speaker::manner::silent);
  const auto began = std::chrono::steady_clock::now();
  const auto got = ask(it, get("/healthz", 150ms));
  const auto took = std::chrono::steady_clock::now() - began;
  BOOST_TEST(!got.ok);
  BOOST_TEST(!got.answered);
  BOOST_TEST(got.detail == fmt::format("GET /healthz at {}: no answer within 150ms", it.address()));
  BOOST_TEST(took >= 150ms);
  BOOST_TEST(took < patience);
}

BOOST_AUTO_TEST_CASE(a_line_that_never_ends_is_read_no_further) {
  const speaker it(std::string(4096, 'x'), speaker::manner::for_ever);
  const auto began = std::chrono::steady_clock::now();
  const auto got = ask(it, get("/", 2 * patience));
  BOOST_TEST((std::chrono::steady_clock::now() - began) < patience);
  BOOST_TEST(!got.ok);
  BOOST_TEST(got.detail.starts_with(
      fmt::format("GET / at {} with Host localhost: answered something that is not HTTP: \"xxx",
                  it.address())));
  BOOST_TEST(got.detail.size() < 350U);
}

BOOST_AUTO_TEST_CASE(a_header_that_never_ends_is_not_read) {
  const speaker it("HTTP/1.1 200 OK\r\nx: y\r\nx: y\r\n", speaker::manner::for_ever);
  const auto began = std::chrono::steady_clock::now();
  BOOST_TEST(ask(it, get("/", 2 * patience)).ok);
  BOOST_TEST((std::chrono::steady_clock::now() - began) < patience);
}

BOOST_AUTO_TEST_CASE(without_a_path_a_connection_is_enough) {
  const test::http_server app("one");
  const auto got = socket_probe{}.ask(app.address(), health_settings{});
  BOOST_TEST(got.ok);
  BOOST_TEST(got.detail == "connect to " + app.address() + ": accepted");
}

BOOST_AUTO_TEST_CASE(what_is_no_address_or_path_is_not_asked) {
  for (const auto* address : {"", "localhost", "127.0.0.1", "example.org:80", "1.2.3.4:x"})
    BOOST_TEST(!socket_probe{}.ask(address, get("/")).ok, address);
  const test::http_server app("one");
  for (const auto* path : {"", "healthz", "/a b", "/a\r\nHost: other"})
    BOOST_TEST(!socket_probe{}.ask(app.address(), get(path)).ok, path);
  for (const auto* host : {"a b", "a\r\nX: y"}) {
    auto settings = get("/");
    settings.host = host;
    BOOST_TEST(!socket_probe{}.ask(app.address(), settings).ok, host);
  }
}

BOOST_AUTO_TEST_SUITE_END()
