#include "posix/service_manager.hpp"

#include "posix/descriptor.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace pawl;

namespace {

// The socket of a service manager, of this name; one that begins with @ is abstract.
class manager {
public:
  explicit manager(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@')
      address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    BOOST_REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  manager(const manager&) = delete;
  manager& operator=(const manager&) = delete;
  ~manager() { ::unsetenv("NOTIFY_SOCKET"); }

  std::string heard() const {
    std::array<char, 100> words{};
    const auto size = ::recv(socket_.get(), words.data(), words.size(), MSG_DONTWAIT);
    return size < 0 ? "nothing" : std::string{words.data(), static_cast<std::size_t>(size)};
  }

private:
  descriptor socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

} // namespace

BOOST_AUTO_TEST_SUITE(service_manager_test)

BOOST_AUTO_TEST_CASE(the_manager_hears_that_the_service_is_ready) {
  const test::temporary_directory place;
  for (const auto& name :
       {(place.path() / "notify").string(), "@pawl-test-" + std::to_string(::getpid())}) {
    const manager systemd{name};
    BOOST_TEST(systemd.heard() == "nothing");
    tell_service_is_ready();
    BOOST_TEST(systemd.heard() == "READY=1");
  }
}

BOOST_AUTO_TEST_CASE(a_name_that_is_no_socket_is_left_alone) {
  const test::temporary_directory place;
  const auto name = (place.path() / "notify").string();
  const manager systemd{name};
  for (const auto& wrong :
       {std::string{}, std::string{"@"}, name + "-of-nobody", name + std::string(1000, 'x')}) {
    ::setenv("NOTIFY_SOCKET", wrong.c_str(), 1);
    tell_service_is_ready();
    BOOST_TEST(systemd.heard() == "nothing");
  }
}

BOOST_AUTO_TEST_SUITE_END()
