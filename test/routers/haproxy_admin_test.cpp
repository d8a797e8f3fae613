// The talk with HAProxy over its socket: many commands in one go, and an answer for each.
#include "test/routers/haproxy_fixture.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace pawl;
using namespace pawl::test;

namespace {

// How many connections HAProxy has taken so far: this one too.
unsigned long connections(const routed& it) {
  const auto info = haproxy_admin(it.options.directory).ask("show info");
  BOOST_REQUIRE(info.has_value());
  return std::stoul(info->substr(info->find("CumConns: ") + 10));
}

// In HAProxy's place: answers the first connection with these bytes, and hangs up.
class impostor {
public:
  impostor(const std::filesystem::path& directory, std::string answer)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (directory / haproxy_socket_name).string().copy(address.sun_path, sizeof address.sun_path - 1);
    BOOST_REQUIRE_EQUAL(
        ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    BOOST_REQUIRE_EQUAL(::listen(socket_.get(), 1), 0);
    thread_ = std::jthread([this, answer = std::move(answer)] {
      const descriptor client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      std::array<char, 256> command{};
      ::recv(client.get(), command.data(), command.size(), 0);
      ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    });
  }

private:
  descriptor socket_;
  std::jthread thread_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(haproxy_admin_test)

// HAProxy ends some answers with an empty line, and some not.
BOOST_AUTO_TEST_CASE(each_command_of_many_has_its_own_answer) {
  const routed it;
  it.restore({});
  const auto answers = haproxy_admin(it.options.directory)
                           .ask_each({{"add server s1/x 127.0.0.1:1 check"},
                                      {"enable server s1/x", true},
                                      {"del server s1/x"},
                                      {"add server s99/x 127.0.0.1:1"},
                                      {"set server s1/x state maint", true},
                                      {"del server s1/x"},
                                      {"add map hosts.map a s1", true},
                                      {"show map hosts.map"}});
  BOOST_REQUIRE(answers.has_value());
  BOOST_REQUIRE_EQUAL(answers->size(), 8U);
  BOOST_TEST(answers->at(0) == "New server registered.");
  BOOST_TEST(answers->at(1).empty());
  BOOST_TEST(answers->at(2) == "Only servers in maintenance mode can be deleted.");
  BOOST_TEST(answers->at(3) == "No such backend.");
  BOOST_TEST(answers->at(4).empty());
  BOOST_TEST(answers->at(5) == "Server deleted.");
  BOOST_TEST(answers->at(6).empty());
  BOOST_TEST(answers->at(7).ends_with("a s1"));
}

BOOST_AUTO_TEST_CASE(a_silent_command_that_is_refused_is_an_error_in_haproxys_words) {
  const routed it;
  it.restore({});
  const auto answers =
      haproxy_admin(it.options.directory)
          .ask_each({{"show info"}, {"enable server s1/nobody", true}, {"show map hosts.map"}});
  BOOST_REQUIRE(!answers);
  BOOST_TEST(to_string(answers.error().code) == "unavailable");
  BOOST_TEST(answers.error().message ==
             "the router (HAProxy) refused \"enable server s1/nobody\": No such server.");
}

BOOST_AUTO_TEST_CASE(more_commands_than_a_line_holds_are_all_answered_in_order) {
  const routed it;
  it.restore({});
  std::vector<haproxy_command> commands;
  for (int i = 0; i < 2000; ++i)
    commands.push_back({fmt::format("add map hosts.map host-{}.localhost s1", i), true});
  commands.push_back({"show map hosts.map"});
  const auto answers = haproxy_admin(it.options.directory).ask_each(commands);
  BOOST_REQUIRE_MESSAGE(answers.has_value(), (answers ? "" : answers.error().message));
  const auto hosts = haproxy_read_hosts(answers->back());
  BOOST_REQUIRE(hosts.has_value());
  BOOST_TEST(hosts->size() == 2000U);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_cut_off_is_none) {
  for (const auto* answer : {"", "\n> ", "\n> 0x1 shop.localhost s1\n"}) {
    const temporary_directory folder;
    const impostor dies(folder.path(), answer);
    const auto said = haproxy_admin(folder.path()).ask("show map hosts.map");
    BOOST_REQUIRE_MESSAGE(!said, answer);
    BOOST_TEST(to_string(said.error().code) == "unavailable");
  }
}

// It is read, given the new servers, and switched: what a switch takes are the exchanges.
BOOST_AUTO_TEST_CASE(a_switch_is_three_exchanges_however_many_instances_it_has) {
  const http_server blue("blue");
  const http_server green("green");
  const http_server third("third");
  const routed it;
  it.restore({to(shop, "d1", blue)});
  const auto before = connections(it);
  it.switch_to({shop, "d2", {green.address(), third.address()}});
  BOOST_TEST(connections(it) - before - 1 == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
