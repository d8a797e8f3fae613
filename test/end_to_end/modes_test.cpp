// Whatever the server writes is closed to other users, whatever umask it was started with.
#include "test/end_to_end/running_server.hpp"

#include <fmt/format.h>

#include <csignal>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

// An app reads its artifact, a build writes its tree: as users of their own, who are let in by
// mounts and reach no folder above.
bool is_an_apps(const std::string& path) {
  return path.starts_with("releases/shop/") ||
         (path.starts_with("builds/") && path.find("work") != std::string::npos);
}

// HAProxy writes its number itself, and wants others to read it.
bool is_open_on_purpose(const std::string& path) {
  return is_an_apps(path) || path == "router/haproxy.pid";
}

// A line for each file below the directory that others may use, or that is not this user's.
std::string open_to_others(const fs::path& directory) {
  std::string found;
  for (const auto& entry : fs::recursive_directory_iterator{directory}) {
    struct stat about {};
    if (::lstat(entry.path().c_str(), &about) != 0)
      continue; // ended meanwhile
    const auto path = entry.path().lexically_relative(directory).string();
    if ((about.st_mode & 077U) != 0 && !S_ISLNK(about.st_mode) && !is_open_on_purpose(path))
      found += fmt::format("{} has mode {:o}\n", path, about.st_mode & 07777U);
    if (about.st_uid != ::geteuid() && !is_an_apps(path))
      found += fmt::format("{} belongs to user {}\n", path, about.st_uid);
  }
  return found;
}

// A data directory that it makes itself.
void start_anew_with_umask(running_server& server, const std::string& mask) {
  server.stop();
  server.end_everything();
  fs::remove_all(server.data());
  server.run_under({"/bin/sh", "-c", "umask " + mask + "; exec \"$@\"", "sh"});
  server.start();
}

} // namespace

BOOST_AUTO_TEST_SUITE(modes_test)

BOOST_AUTO_TEST_CASE(nothing_that_the_server_writes_is_open_to_others_whatever_its_umask) {
  for (const auto* mask : {"0", "0777"}) {
    BOOST_TEST_CONTEXT("with umask " << mask) {
      running_server server;
      start_anew_with_umask(server, mask);
      deploy(server, {.run = "mkdir /tmp/own && exec perl serve.pl"});
      gate door;
      auto second = begin_deploy(server, {.build = door.command()});
      BOOST_REQUIRE(door.reached());
      const auto upload = write_big_app(server, "big");
      const auto sending = server.begin({"deploy", upload});
      stop_halfway(server, *sending);
      BOOST_TEST(open_to_others(server.data()) == "");
      sending->signal(SIGKILL);
      door.open();
      check_exit(second->wait(), 0);
      BOOST_TEST(open_to_others(server.data()) == "");
      BOOST_TEST(mode_of(server.data()) == 0700U);
      BOOST_TEST(mode_of(server.socket()) == 0600U);
      const auto backup = server.place() / "backup.tar";
      check_exit(server
                     .begin_pawld({"--config", (server.place() / "pawld.toml").string(), "--backup",
                                   backup.string()})
                     ->wait(),
                 0);
      BOOST_TEST(mode_of(backup) == 0600U);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
