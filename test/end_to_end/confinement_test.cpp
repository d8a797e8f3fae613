// The server under the restrictions that its unit for systemd has, and those that it lays on
// itself.
#include "test/end_to_end/running_server.hpp"
#include "test/support/own_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

constexpr unsigned user_without_rights = 65534;

// The capabilities that the unit leaves to it, as setpriv takes them: "-all,+setuid,…".
std::string bounding_set_of_the_unit() {
  std::istringstream lines{read_text(PAWL_SOURCE_DIR "/packaging/pawld.service.in")};
  constexpr std::string_view key = "CapabilityBoundingSet=";
  std::string set = "-all";
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(key)) {
      std::istringstream names{line.substr(key.size())};
      for (std::string name; names >> name;) {
        BOOST_REQUIRE_MESSAGE(name.starts_with("CAP_"), name);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        set += ",+" + name.substr(4);
      }
    }
  return set;
}

std::string field_of(pid_t process, const std::string& file, const std::string& name) {
  const auto text = read_text(fmt::format("/proc/{}/{}", process, file));
  const auto at = text.find(name);
  if (at == std::string::npos)
    return {};
  const auto end = text.find('\n', at);
  return text.substr(at + name.size(), end - at - name.size());
}

boost::test_tools::assertion_result may_confine(boost::unit_test::test_unit_id) {
  return may_make_networks();
}

} // namespace

BOOST_AUTO_TEST_SUITE(confinement_test)

BOOST_AUTO_TEST_CASE(a_server_with_the_rights_of_its_unit_does_its_work,
                     *boost::unit_test::precondition(may_confine)) {
  const own_network network;
  const auto set = bounding_set_of_the_unit();
  BOOST_REQUIRE(mentions(set, ",+sys_admin"));
  running_server server{"[cluster.local]\ndrain = \"0s\"\n[cluster.apart]\ndrain = \"0s\"\n"
                        "network = \"isolated\"\n"};
  server.stop();
  server.run_under({"/usr/bin/setpriv", "--no-new-privs", "--bounding-set", set});
  server.start();
  const auto own = ::getpid();
  BOOST_TEST(field_of(server.server().pid(), "status", "CapBnd:") !=
             field_of(own, "status", "CapBnd:"));
  for (const auto* cluster : {"local", "apart"})
    deploy(server, {.name = cluster, .greeting = cluster, .build = "touch built"}, {"-C", cluster});
  server.kill();
  server.start();
  BOOST_TEST(server.answer_of("local") == "local");
  BOOST_TEST(server.answer_of("apart-apart") == "apart");
  for (const auto* cluster : {"local", "apart"}) {
    deploy(server, {.name = cluster, .greeting = "again"}, {"-C", cluster});
    check_exit(server.pawl({"logs", "-a", cluster, "-C", cluster}), 0);
    check_exit(server.pawl({"destroy", cluster, "--yes", "-C", cluster}), 0);
  }
  BOOST_TEST(eventually([&] { return server.jobs().empty(); }));
}

// The kernel gives the files of a process that leaves no core to root.
BOOST_AUTO_TEST_CASE(the_server_leaves_no_core_and_shows_its_memory_to_nobody) {
  std::optional<unsigned> user;
  if (::geteuid() == 0)
    user = user_without_rights;
  running_server server{"[cluster.local]\ndrain = \"1s\"\n", user};
  const auto process = server.server().pid();
  BOOST_TEST(mentions(field_of(process, "limits", "Max core file size"), " 0 "));
  struct stat about {};
  BOOST_REQUIRE(::stat(fmt::format("/proc/{}/environ", process).c_str(), &about) == 0);
  BOOST_TEST(about.st_uid == 0U);
  deploy(server, {}); // makes namespaces all the same
  BOOST_TEST(server.answer_of("shop") == "hello");
  BOOST_TEST(mentions(field_of(server.router_pid(), "limits", "Max core file size"), " 0 "));
}

BOOST_AUTO_TEST_SUITE_END()
