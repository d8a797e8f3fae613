// The scripts of the Debian package, run in a sandbox with an /etc of its own: they make the server
// of the machine, and remove it.
#include "test/packaging/installed.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

class debian_machine {
public:
  debian_machine() {
    fs::create_directories(etc());
    fs::create_directories(stubs());
    write_text(etc() / "passwd", "root:x:0:0::/root:/bin/sh\n");
    write_text(etc() / "group", "root:x:0:\n");
    add_stub("addgroup", "echo pawl:x:999: >>/etc/group");
    for (const auto* helper : {"deb-systemd-helper", "deb-systemd-invoke"})
      add_stub(helper, "exit 0");
  }

  fs::path etc() const { return place_.path() / "etc"; }

  outcome script(const std::string& name, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"/bin/sh", "/packaging/debian/" + name});
    return in_it(std::move(arguments));
  }

  outcome in_it(std::vector<std::string> command) const {
    std::vector<std::string> all{"bwrap", "--unshare-user",   "--uid", "0", "--gid",
                                 "0",     "--die-with-parent"};
    for (const auto& words : {std::vector<std::string>{"--ro-bind", "/usr", "/usr"},
                              {"--symlink", "usr/bin", "/bin"},
                              {"--symlink", "usr/sbin", "/sbin"},
                              {"--symlink", "usr/lib", "/lib"},
                              {"--symlink", "usr/lib64", "/lib64"},
                              {"--dev-bind", "/dev", "/dev"},
                              {"--ro-bind", "/proc", "/proc"},
                              {"--tmpfs", "/var"},
                              {"--bind", etc().string(), "/etc"},
                              {"--ro-bind", stubs().string(), "/stubs"},
                              {"--ro-bind", PAWL_BIN_DIR, "/pawl"},
                              {"--ro-bind", PAWL_SOURCE_DIR "/packaging", "/packaging"},
                              {"--setenv", "PATH", "/stubs:/pawl:/usr/sbin:/usr/bin:/sbin:/bin"}})
      all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), command.begin(), command.end());
    return run(std::move(all));
  }

private:
  fs::path stubs() const { return place_.path() / "stubs"; }

  void add_stub(const std::string& name, const std::string& commands) const {
    write_text(stubs() / name, "#!/bin/sh\n" + commands + "\n");
    fs::permissions(stubs() / name, fs::perms{0755});
  }

  temporary_directory place_;
};

void check_good(const outcome& end) {
  BOOST_TEST(end.status == 0, end.out << end.err);
}

} // namespace

BOOST_AUTO_TEST_SUITE(package_scripts_test)

BOOST_AUTO_TEST_CASE(an_installation_makes_the_server_of_its_machine_and_tells_no_secret) {
  const debian_machine machine;
  const auto end = machine.script("postinst", {"configure", ""});
  check_good(end);
  BOOST_TEST(mode_of(machine.etc() / "pawl/pawld.toml") == 0600U);
  BOOST_TEST(mode_of(machine.etc() / "pawl/tls/server.key") == 0600U);
  const auto said = end.out + end.err;
  BOOST_TEST(said.find("pawl token create NAME --role admin") != std::string::npos, said);
  BOOST_TEST(said.find("pawl_") == std::string::npos, said); // as a token begins
  check_good(machine.in_it({"pawld", "--check-config", "/etc/pawl/pawld.toml"}));
  const auto settings = read_text(machine.etc() / "pawl/pawld.toml");
  BOOST_TEST(settings.find("\ntls = \"0.0.0.0:7420\"\n") != std::string::npos, settings);
  BOOST_TEST(settings.find("\n# data_dir = \"/var/lib/pawl\"\n") != std::string::npos, settings);
}

BOOST_AUTO_TEST_CASE(an_upgrade_leaves_the_server_of_its_machine_as_it_is) {
  const debian_machine machine;
  check_good(machine.script("postinst", {"configure", ""}));
  const auto key = read_text(machine.etc() / "pawl/tls/server.key");
  write_text(machine.etc() / "pawl/pawld.toml", "# mine\n");
  check_good(machine.script("postinst", {"configure", "0.0.9"}));
  BOOST_TEST(read_text(machine.etc() / "pawl/pawld.toml") == "# mine\n");
  BOOST_TEST(read_text(machine.etc() / "pawl/tls/server.key") == key);
}

BOOST_AUTO_TEST_CASE(a_purge_removes_what_the_installation_made_and_no_other_file) {
  const debian_machine machine;
  check_good(machine.script("postinst", {"configure", ""}));
  check_good(machine.script("postrm", {"purge"}));
  BOOST_TEST(!fs::exists(machine.etc() / "pawl"));
  check_good(machine.script("postinst", {"configure", ""}));
  write_text(machine.etc() / "pawl/tls/clients.crt", "mine\n");
  const auto end = machine.script("postrm", {"purge"});
  check_good(end);
  BOOST_TEST(end.out.find("files of yours") != std::string::npos, end.out);
  std::vector<fs::path> left;
  for (const auto& each : fs::directory_iterator{machine.etc() / "pawl"})
    left.push_back(each.path());
  BOOST_REQUIRE(left.size() == 1U);
  BOOST_TEST(!fs::exists(left.front() / "server.key"));
  BOOST_TEST(read_text(left.front() / "clients.crt") == "mine\n");
  check_good(machine.script("postinst", {"configure", ""})); // it stands in the way of no other
  BOOST_TEST(fs::exists(machine.etc() / "pawl/tls/server.key"));
}

BOOST_AUTO_TEST_SUITE_END()
