// A network of the test's own, with an outside: what a test does to interfaces and rules, the
// machine's network does not notice. Root only.
#pragma once

#include "posix/files.hpp"
#include "posix/network_namespace.hpp"
#include "posix/program_run.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pawl::test {

inline bool may_make_networks() {
  return ::geteuid() == 0 && find_program("ip") && find_program("nft");
}

// A socket that listens, so that the kernel accepts its clients.
class listening_port {
public:
  explicit listening_port(const std::string& address)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    own.sin_family = AF_INET;
    ::inet_pton(AF_INET, address.c_str(), &own.sin_addr);
    constexpr int backlog = 16;
    BOOST_REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&own), size) == 0);
    BOOST_REQUIRE(::listen(socket_.get(), backlog) == 0);
    BOOST_REQUIRE(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &size) == 0);
    number_ = ::ntohs(own.sin_port);
  }

  std::uint16_t number() const { return number_; }

  // The address of the first client that waits.
  std::string client() const {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const descriptor accepted{
        ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC)};
    std::array<char, INET_ADDRSTRLEN> text{};
    return ::inet_ntop(AF_INET, &peer.sin_addr, text.data(), text.size());
  }

private:
  descriptor socket_;
  std::uint16_t number_ = 0;
};

// The thread that makes it is in it until its end, with all threads and programs that it starts
// meanwhile.
class own_network {
public:
  static constexpr auto inside_address = "203.0.113.2";
  static constexpr auto outside_address = "203.0.113.1";

  own_network() : before_(*open_file("/proc/thread-self/ns/net", O_RDONLY)) {
    BOOST_REQUIRE(::unshare(CLONE_NEWNET) == 0);
    // The kernel copies it from the machine, which may be anybody's.
    BOOST_REQUIRE(write_all(open_file("/proc/sys/net/ipv4/ip_forward", O_WRONLY)->get(), "0"));
    outside_ = *new_network();
    run("ip", {"-batch", "-"},
        "link set lo up\n"
        "link add uplink type veth peer name inner netns /proc/self/fd/3\n"
        "address add 203.0.113.2/24 dev uplink\n"
        "link set uplink up\n"
        "route add default via 203.0.113.1\n",
        {{outside_.get(), 3}});
    const auto up = in_network(outside_, [] {
      run("ip", {"-batch", "-"},
          "link set lo up\naddress add 203.0.113.1/24 dev inner\nlink set inner up\n");
      return result<void>{};
    });
    BOOST_REQUIRE(up.has_value());
  }
  ~own_network() { BOOST_CHECK(::setns(before_.get(), CLONE_NEWNET) == 0); }
  own_network(const own_network&) = delete;
  own_network& operator=(const own_network&) = delete;

  const descriptor& outside() const { return outside_; }

  // The output of a program that must succeed.
  static std::string run(const std::string& name, std::vector<std::string> arguments,
                         const std::string& input = {},
                         std::vector<std::pair<int, int>> descriptors = {}) {
    const auto said = run_program({.program = find_program(name).value_or(name),
                                   .arguments = std::move(arguments),
                                   .input = input,
                                   .descriptors = std::move(descriptors)});
    BOOST_REQUIRE_MESSAGE(said.has_value(), (said ? "" : said.error().message));
    return *said;
  }

private:
  descriptor before_;
  descriptor outside_;
};

} // namespace pawl::test
