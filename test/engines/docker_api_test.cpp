// Calls to a Docker daemon, real and imitated.
#include "engines/docker/api_client.hpp"
#include "posix/files.hpp"
#include "test/engines/docker_fixture.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cstring>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

// Takes connections at a Unix socket, and says the same to each before it closes it; nothing, and
// keeps it open, if there is nothing to say.
class imitated_daemon {
public:
  explicit imitated_daemon(std::string says)
      : says_(std::move(says)), listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    std::strncpy(place.sun_path, socket().c_str(), sizeof place.sun_path - 1);
    constexpr int backlog = 16;
    BOOST_REQUIRE(
        ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0);
    BOOST_REQUIRE(::listen(listener_.get(), backlog) == 0);
    thread_ = std::thread{[this] { serve(); }};
  }
  ~imitated_daemon() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  imitated_daemon(const imitated_daemon&) = delete;
  imitated_daemon& operator=(const imitated_daemon&) = delete;

  std::filesystem::path socket() const { return home_.path() / "sock"; }
  int heard() const { return heard_; } // requests

private:
  void serve() {
    std::vector<descriptor> kept;
    while (true) {
      descriptor one{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
      if (!one)
        return;
      std::string heard;
      char part[4096];
      while (heard.find("\r\n\r\n") == std::string::npos) {
        const auto got = ::read(one.get(), part, sizeof part);
        if (got <= 0)
          break;
        heard.append(part, static_cast<std::size_t>(got));
      }
      ++heard_;
      if (says_.empty()) {
        kept.push_back(std::move(one));
        continue;
      }
      for (std::string_view left = says_; !left.empty();) {
        const auto sent = ::send(one.get(), left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0)
          break;
        left.remove_prefix(static_cast<std::size_t>(sent));
      }
    }
  }

  temporary_directory home_;
  const std::string says_;
  descriptor listener_;
  std::atomic<int> heard_ = 0;
  std::thread thread_;
};

std::string versions(const std::string& oldest, const std::string& newest) {
  const auto body =
      fmt::format("{{\"ApiVersion\":\"{}\",\"MinAPIVersion\":\"{}\"}}", newest, oldest);
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                     body.size(), body);
}

template <class T>
std::string told_by(const result<T>& what) {
  return what ? "success"
              : fmt::format("{}: {}", to_string(what.error().code), what.error().message);
}

bool tells(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(docker_api)

BOOST_AUTO_TEST_CASE(the_highest_version_that_both_know_is_spoken) {
  for (const auto& [newest, spoken] :
       {std::pair{"1.29", "/v1.29/x"}, {"1.41", "/v1.41/x"}, {"1.99", "/v1.44/x"}}) {
    const imitated_daemon daemon{versions("1.12", newest)};
    api_client client{daemon.socket()};
    const auto target = client.versioned("/x");
    BOOST_TEST(target.has_value(), told_by(target));
    BOOST_TEST((target ? *target : "") == spoken);
  }
}

BOOST_AUTO_TEST_CASE(a_daemon_that_is_too_old_or_too_new_is_told_with_the_remedy) {
  const imitated_daemon older{versions("1.12", "1.28")};
  auto told = told_by(api_client{older.socket()}.negotiate());
  BOOST_TEST(tells(told, "speaks the versions 1.12 to 1.28 of its API"), told);
  BOOST_TEST(tells(told, "install a newer Docker Engine"), told);
  const imitated_daemon newer{versions("1.45", "1.60")};
  told = told_by(api_client{newer.socket()}.negotiate());
  BOOST_TEST(tells(told, "install a newer pawld"), told);
}

BOOST_AUTO_TEST_CASE(podman_is_told_by_its_name_with_the_remedy) {
  const std::string body = R"({"Components":[{"Name":"Podman Engine","Version":"4.3.1"}],)"
                           R"("ApiVersion":"1.41","MinAPIVersion":"1.24"})";
  const imitated_daemon daemon{fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", body.size(), body)};
  const auto told = told_by(api_client{daemon.socket()}.negotiate());
  BOOST_TEST(tells(told, "Podman answers at"), told);
  BOOST_TEST(tells(told, "package docker.io"), told);
}

BOOST_AUTO_TEST_CASE(an_answer_without_its_end_means_that_the_daemon_ended) {
  const imitated_daemon daemon{
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"};
  std::string taken;
  const auto answer = perform(daemon.socket(),
                              {.target = "/build",
                               .take =
                                   [&](std::string_view bytes) {
                                     taken += bytes;
                                     return true;
                                   }},
                              {});
  BOOST_REQUIRE(!answer);
  BOOST_TEST(taken == "hello");
  BOOST_TEST(is_outage(answer.error()), told_by(answer));
}

BOOST_AUTO_TEST_CASE(a_daemon_that_hangs_is_given_up_in_time_or_on_request) {
  const imitated_daemon daemon{""};
  auto told = told_by(perform(daemon.socket(), {.target = "/x", .limit = 50ms}, {}));
  BOOST_TEST(told.starts_with("timed_out: "), told);
  std::stop_source stop;
  std::jthread stopper{[&] {
    if (eventually([&] { return daemon.heard() == 2; }))
      stop.request_stop();
  }};
  told = told_by(perform(daemon.socket(), {.target = "/x", .limit = 0ms}, stop.get_token()));
  BOOST_TEST(told.starts_with("cancelled: "), told);
}

BOOST_AUTO_TEST_CASE(a_body_is_kept_up_to_its_bound) {
  const imitated_daemon daemon{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" +
                               std::string(17 * limits::mib, 'x')};
  const auto told = told_by(perform(daemon.socket(), {.target = "/x"}, {}));
  BOOST_TEST(told.starts_with("too_large: "), told);
}

BOOST_AUTO_TEST_CASE(without_a_daemon_the_socket_and_the_remedy_are_told) {
  const auto told = told_by(perform("/nowhere/docker.sock", {.target = "/x"}, {}));
  BOOST_TEST(tells(told, "no Docker daemon answers at /nowhere/docker.sock"), told);
  BOOST_TEST(tells(told, "No such file or directory"), told);
  BOOST_TEST(tells(told, "systemctl start docker"), told);
}

BOOST_AUTO_TEST_CASE(what_is_a_part_of_a_query_is_coded) {
  BOOST_TEST(url_part("a-B_1.~") == "a-B_1.~");
  BOOST_TEST(url_part("pawl/x:1 &\xff") == "pawl%2Fx%3A1%20%26%FF");
}

BOOST_AUTO_TEST_CASE(a_daemon_of_the_tests_own_answers,
                     *boost::unit_test::precondition(docker_is_here)) {
  const docker_daemon daemon;
  const auto answer = api_client{daemon.socket()}.call({.target = "/images/json"});
  BOOST_REQUIRE_MESSAGE(answer.has_value(), told_by(answer));
  BOOST_TEST(answer->status == 200);
  BOOST_TEST(tells(answer->body, docker_daemon::base_image), answer->body);
}

BOOST_AUTO_TEST_SUITE_END()
