// On a machine with control groups of version 2, as a Debian with systemd has them.
// test/machine/boot makes one.
#include "test/end_to_end/running_server.hpp"

#include <unistd.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

constexpr unsigned nobody = 65534;
const fs::path groups = "/sys/fs/cgroup";

void own(const fs::path& path) {
  BOOST_REQUIRE(::chown(path.c_str(), nobody, nobody) == 0);
}

// The groups of systemd's user manager: one that belongs to the user, with all controllers, and one
// below it with the user's own processes.
fs::path delegate_group() {
  write_text(groups / "cgroup.subtree_control", "+memory +pids +cpu");
  const auto user = groups / "user";
  const auto session = user / "session";
  fs::create_directories(session);
  for (const auto& directory : {user, session})
    for (const auto* file : {"", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"})
      own(directory / file);
  return session;
}

// This program, and what it starts from here on.
void enter(const fs::path& group) {
  write_text(group / "cgroup.procs", std::to_string(::getpid()));
}

const std::string hungry = "exec perl -e '$x = \"a\" x 500_000_000; sleep 1000'";

void an_app_that_takes_too_much_is_killed_and_told(running_server& server) {
  const auto directory = write_app(server.place(), {.run = hungry});
  const auto end = server.pawl({"deploy", directory, "--jsonl"});
  check_exit(end, 5);
  BOOST_TEST(mentions(end.out, "used more than 64 MiB of memory"), end.out);
}

} // namespace

BOOST_AUTO_TEST_SUITE(machine_test)

BOOST_AUTO_TEST_CASE(this_machine_has_control_groups_of_version_2_only) {
  BOOST_TEST(mentions(read_text(groups / "cgroup.controllers"), "memory"));
}

BOOST_AUTO_TEST_CASE(limits_hold_for_root) {
  running_server server{"[cluster.local]\nmemory = \"64M\"\n"};
  BOOST_TEST(!mentions(server.log(), "no control groups"), server.log());
  an_app_that_takes_too_much_is_killed_and_told(server);
}

BOOST_AUTO_TEST_CASE(limits_hold_for_a_user_who_has_a_group) {
  running_server server{"[cluster.local]\nmemory = \"64M\"\n", nobody};
  BOOST_TEST(eventually([&] { return mentions(server.log(), "no control groups"); }), server.log());
  server.stop();
  enter(delegate_group());
  server.start();
  const auto log = server.log();
  BOOST_TEST(log.find("no control groups") == log.rfind("no control groups"), log);
  an_app_that_takes_too_much_is_killed_and_told(server);
}

BOOST_AUTO_TEST_CASE(debians_switch_for_user_namespaces_is_named) {
  const fs::path setting = "/proc/sys/kernel/unprivileged_userns_clone";
  running_server server{"", nobody};
  server.stop();
  write_text(setting, "0");
  const auto end = server.begin_pawld("--config", server.place() / "pawld.toml")->wait();
  write_text(setting, "1");
  check_exit(end, 11);
  BOOST_TEST(mentions(end.err, "kernel.unprivileged_userns_clone"), end.err);
}

BOOST_AUTO_TEST_SUITE_END()
