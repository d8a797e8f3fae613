#include "gateway/frames/unix_listener.hpp"

#include "test/gateway/raw_client.hpp"
#include "test/gateway/server_fixture.hpp"
#include "test/support/descriptor_famine.hpp"
#include "test/support/eventually.hpp"
#include "test/support/held_by_child.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <future>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

#ifndef PAWL_ADDRESS_SANITIZER
std::chrono::microseconds processor_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto of = [](const timeval& t) {
    return std::chrono::microseconds{t.tv_sec * 1'000'000 + t.tv_usec};
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}
#endif

// As if the kernel had taken it away.
void lose_listening_socket(const fs::path& path) {
  for (const auto& link : fs::directory_iterator{"/proc/self/fd"}) {
    const int descriptor = std::stoi(link.path().filename());
    int listens = 0;
    socklen_t size = sizeof listens;
    sockaddr_un address{};
    socklen_t length = sizeof address;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0 &&
        ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
        path == static_cast<const char*>(address.sun_path))
      ::shutdown(descriptor, SHUT_RDWR);
  }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(unix_listening, server_fixture)

BOOST_AUTO_TEST_CASE(the_socket_is_its_owners_and_so_are_new_directories) {
  listen(echo_sessions);
  BOOST_TEST(mode_of(socket()) == 0600U);
  BOOST_TEST(mode_of(socket().parent_path()) == 0700U);
}

BOOST_AUTO_TEST_CASE(who_listens_hears_of_a_socket_that_is_lost_and_not_of_its_own_close) {
  std::promise<std::string> death;
  auto told = death.get_future();
  const auto tell = [&](std::string_view reason) { death.set_value(std::string{reason}); };
  listen(echo_sessions, {.on_death = tell});
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  lose_listening_socket(socket());
  BOOST_TEST_REQUIRE(told.wait_for(patience) == std::future_status::ready);
  const auto reason = told.get();
  BOOST_TEST(reason.find("the listening socket is lost") != std::string::npos, reason);
  death = {};
  told = death.get_future();
  listen(echo_sessions, {.on_death = tell});
  stop();
  BOOST_TEST(told.wait_for(200ms) == std::future_status::timeout);
}

BOOST_AUTO_TEST_CASE(a_session_knows_the_user_at_the_other_end) {
  listen(echo_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  auto peers = record.peers();
  BOOST_REQUIRE_EQUAL(peers.size(), 1U);
  BOOST_TEST(peers[0].uid == ::getuid());
  BOOST_TEST(peers[0].name == ::getpwuid(::getuid())->pw_name);
  BOOST_TEST(gateway::user_name(4'000'000'000) == "uid:4000000000");
}

BOOST_AUTO_TEST_CASE(a_second_listener_is_refused_and_the_first_goes_on) {
  listen(echo_sessions);
  auto second = gateway::listen_unix(system(), socket(), echo_sessions(system(), record));
  BOOST_REQUIRE(!second);
  BOOST_CHECK(second.error().code == errc::unavailable);
  BOOST_TEST(second.error().message.starts_with(fmt::format(
                 "another pawld, process {}, listens on {}", ::getpid(), socket().string())),
             second.error().message);
  BOOST_TEST(raw_client{socket()}.greet().has_value());
}

BOOST_AUTO_TEST_CASE(a_socket_that_nobody_listens_on_is_replaced) {
  { // as a server that was killed leaves it
    auto left = gateway::bind_unix_socket(socket());
    BOOST_REQUIRE(left);
  }
  BOOST_REQUIRE(fs::is_socket(socket()));
  listen(echo_sessions);
  BOOST_TEST(raw_client{socket()}.greet().has_value());
}

// As a child has it that a server had just forked when it was killed.
BOOST_AUTO_TEST_CASE(a_socket_that_only_a_child_holds_is_waited_for) {
  auto left = gateway::bind_unix_socket(socket());
  BOOST_REQUIRE(left);
  const held_by_child child;
  left->descriptor.reset();
  BOOST_TEST(!gateway::bind_unix_socket(socket(), 0ms));
  auto successor =
      std::async(std::launch::async, [&] { return gateway::bind_unix_socket(socket(), patience); });
  BOOST_TEST((successor.wait_for(200ms) == std::future_status::timeout));
  child.end();
  BOOST_TEST(successor.get().has_value());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_socket_is_left_alone) {
  fs::create_directories(socket().parent_path());
  std::ofstream{socket()} << "precious";
  auto refusal = gateway::listen_unix(system(), socket(), echo_sessions(system(), record));
  BOOST_REQUIRE(!refusal);
  BOOST_CHECK(refusal.error().code == errc::invalid_argument);
  BOOST_TEST(fs::file_size(socket()) == 8U);
}

BOOST_AUTO_TEST_CASE(a_path_that_is_too_long_is_refused) {
  auto refusal = gateway::listen_unix(system(), directory.path() / std::string(200, 'x'),
                                      echo_sessions(system(), record));
  BOOST_REQUIRE(!refusal);
  BOOST_CHECK(refusal.error().code == errc::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_made_is_an_error_that_says_so) {
  std::ofstream{directory.path() / "run"} << "a file";
  auto refusal = gateway::listen_unix(system(), socket(), echo_sessions(system(), record));
  BOOST_REQUIRE(!refusal);
  BOOST_CHECK(refusal.error().code == errc::unavailable);
}

BOOST_AUTO_TEST_CASE(stopping_removes_the_file_and_leaves_the_connections) {
  listen(echo_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  listener->stop_accepting();
  BOOST_TEST(!fs::exists(socket()));
  BOOST_TEST(!raw_client{}.connect(socket()));
  BOOST_REQUIRE(client.send(protocol::show_request{"abc"}, 5));
  BOOST_TEST(client.receive().has_value());
}

BOOST_AUTO_TEST_CASE(closing_never_removes_the_socket_of_a_successor) {
  listen(echo_sessions);
  fs::remove(socket());
  auto successor = gateway::bind_unix_socket(socket());
  BOOST_REQUIRE(successor);
  listener->close();
  BOOST_TEST(fs::is_socket(socket()));
}

BOOST_AUTO_TEST_CASE(closing_ends_connections_and_their_sessions) {
  listen(echo_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  listener->close();
  BOOST_TEST(client.sees_the_end());
  BOOST_TEST(record.wait_for_ended(1));
}

BOOST_AUTO_TEST_CASE(two_hundred_connections_are_served_at_once) {
  listen(echo_sessions);
  std::vector<raw_client> clients;
  for (int i = 0; i < 200; ++i)
    clients.emplace_back(socket());
  for (auto& client : clients)
    BOOST_REQUIRE(client.greet());
  for (auto& client : clients)
    BOOST_REQUIRE(client.send(protocol::show_request{"abc"}, 9));
  for (auto& client : clients)
    BOOST_REQUIRE(client.receive());
  clients.clear();
  BOOST_TEST(record.wait_for_ended(200));
}

BOOST_AUTO_TEST_CASE(beyond_the_limit_the_newest_is_closed_and_room_is_used_again) {
  listen(echo_sessions, {.connection = {}, .connections = 2});
  raw_client first{socket()};
  raw_client second{socket()};
  BOOST_REQUIRE(first.greet());
  BOOST_REQUIRE(second.greet());
  BOOST_TEST(raw_client{socket()}.sees_the_end());
  BOOST_REQUIRE(first.send(protocol::show_request{"abc"}));
  BOOST_TEST(first.receive().has_value());
  second.disconnect();
  BOOST_REQUIRE(record.wait_for_ended(1));
  bool served = false; // the listener hears of the end a moment after the session
  for (auto end = std::chrono::steady_clock::now() + 20s;
       !served && std::chrono::steady_clock::now() < end;)
    served = raw_client{socket()}.greet().has_value();
  BOOST_TEST(served);
}

BOOST_AUTO_TEST_CASE(a_killed_client_frees_its_connection) {
  listen(echo_sessions);
  raw_client socket_of_child;
  auto path = socket();
  auto hello = *protocol::encode({0, protocol::hello{protocol::version, "child 0", {}}});
  auto child = ::fork();
  if (child == 0) {
    bool good = socket_of_child.connect(path) && socket_of_child.send({hello.data(), hello.size()});
    if (!good)
      ::_exit(1);
    for (;;)
      ::pause();
  }
  BOOST_REQUIRE(child > 0);
  socket_of_child.disconnect();
  BOOST_CHECK(record.wait_for_frames(1));
  ::kill(child, SIGKILL);
  BOOST_CHECK(record.wait_for_ended(1));
  ::waitpid(child, nullptr, 0);
}

// The sanitizer itself opens pipes to look at an object's type, and without descriptors it takes
// every object for a broken one.
#ifndef PAWL_ADDRESS_SANITIZER
BOOST_AUTO_TEST_CASE(without_descriptors_the_server_waits_quietly_and_then_serves) {
  listen(echo_sessions);
  raw_client client;
  {
    descriptor_famine famine;
    BOOST_REQUIRE(client.connect(socket())); // into the queue of the kernel
    BOOST_REQUIRE(client.send(protocol::hello{}, 0));
    auto before = processor_time();
    BOOST_TEST(client.hears_nothing_for(500ms));
    BOOST_CHECK(processor_time() - before < 250ms);
  }
  auto answer = client.receive();
  BOOST_REQUIRE(answer);
  BOOST_TEST(protocol::kind(answer->body) == "hello");
}
#endif

BOOST_AUTO_TEST_SUITE_END()
