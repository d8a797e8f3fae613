#include "engines/process/sandbox/sandbox.hpp"

#include "test/engines/engine_fixture.hpp"

#include <boost/algorithm/string/join.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace pawl;
using namespace pawl::test;

namespace fs = std::filesystem;

namespace {

struct sandbox_fixture : engine_fixture {
  // The lines that a release command prints in the artifact of an empty app.
  std::vector<std::string> run(const std::string& command) {
    auto spec = app("d1", {{"file", "x"}}, "");
    spec.settings.release.command = command;
    std::vector<std::string> printed;
    const auto ran = engine->run_release(
        spec, [&](auto, std::string_view line) { printed.emplace_back(line); }, {});
    BOOST_TEST(message_of(ran) == "");
    return printed;
  }
};

using words = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(sandboxes)

BOOST_FIXTURE_TEST_CASE(an_app_writes_where_it_may_and_hears_at_once_where_it_may_not,
                        sandbox_fixture) {
  const auto printed =
      run("for place in /tmp /var/tmp /run /run/lock /dev/shm; do\n"
          "  echo x > $place/file && test -s $place/file && echo $place\n"
          "done\n"
          "for place in '' /app /etc /usr /home /opt /srv /var /var/lib /var/log "
          "/dev /etc/ssl; do\n"
          "  touch $place/new 2>&1 | grep -q 'Read-only file system' || echo $place\n"
          "done; true");
  BOOST_TEST(boost::algorithm::join(printed, " ") == "/tmp /var/tmp /run /run/lock /dev/shm");
}

BOOST_FIXTURE_TEST_CASE(what_an_app_writes_in_memory_is_bounded, sandbox_fixture) {
  const auto printed = run("stat -f -c '%b %S' /dev/shm");
  const auto blocks = std::to_string(128 * limits::mib / 4096) + " 4096";
  BOOST_TEST_REQUIRE(!printed.empty());
  BOOST_TEST(printed.back() == blocks);
}

BOOST_FIXTURE_TEST_CASE(an_app_has_a_name_and_its_machine_resolves, sandbox_fixture) {
  const auto printed = run("whoami; getent hosts $(hostname) | tr -s ' '; cat /etc/hostname");
  BOOST_TEST(printed == (words{"app", "127.0.0.1 pawl", "pawl"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(an_app_sees_the_limits_of_its_own_group_and_cannot_change_them,
                        sandbox_fixture) {
  if (!sandbox_host{config}.groups().usable())
    return;
  const auto printed = run("cd /sys/fs/cgroup; cut -d: -f3 /proc/self/cgroup | sort -u\n"
                           "f=memory/memory.limit_in_bytes; test -e $f || f=memory.max\n"
                           "cat $f; (echo 1 >$f) 2>&1 | grep -o 'Read-only file system'\n"
                           "find . -type d -name pawl");
  BOOST_TEST(printed == (words{"/", std::to_string(128 * limits::mib), "Read-only file system"}),
             boost::test_tools::per_element());
}

// The canary is in everything that an app must not reach.
BOOST_FIXTURE_TEST_CASE(an_app_finds_nothing_of_the_server_and_of_other_apps, sandbox_fixture) {
  const temporary_directory machine;
  const auto etc = machine.path() / "etc";
  fs::create_directories(etc / "pawl");
  fs::permissions(etc, fs::perms{0755});
  fs::permissions(etc / "pawl", fs::perms{0755});
  for (const auto& file : {home.path() / "secret", etc / "shadow", etc / "pawl/token"}) {
    write_file(file, "canary");
    fs::permissions(file, fs::perms{0644});
  }
  write_file(etc / "shown", "no secret");
  fs::permissions(etc / "shown", fs::perms{0644});
  config.etc = etc;
  open();
  BOOST_TEST_REQUIRE(message_of(build("other", {{"file", "canary"}}, "")) == "");
  BOOST_TEST_REQUIRE(message_of(engine->push(job("other", ""), {})) == "");
  const descriptor listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  (home.path() / "socket").string().copy(at.sun_path, sizeof at.sun_path - 1);
  BOOST_TEST_REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  ::setenv("PAWL_TEST_SECRET", "canary", 1);
  const auto printed =
      run("cat /etc/shown; echo; ls /proc | grep -c '^[0-9]'\n"
          "grep -rls cana[r]y / --exclude-dir=proc --exclude-dir=usr --exclude-dir=dev\n"
          "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | grep -ac cana[r]y\n"
          "find / -type s 2>/dev/null; true");
  ::unsetenv("PAWL_TEST_SECRET");
  BOOST_TEST_REQUIRE(printed.size() == 3U, boost::algorithm::join(printed, "\n"));
  BOOST_TEST(printed[0] == "no secret");
  BOOST_TEST(std::stoi(printed[1]) <= 5); // the first process, the shell and this pipeline
  BOOST_TEST(printed[2] == "0");
}

BOOST_AUTO_TEST_SUITE_END()
