#include "engines/process/sandbox/etc_view.hpp"

#include "test/engines/engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace pawl;
using namespace pawl::test;

namespace fs = std::filesystem;

namespace {

// A machine whose folder etc/ a test fills; run/ is another place of it.
struct etc_fixture {
  etc_fixture() {
    for (const auto* folder : {"etc", "run", "server"})
      fs::create_directory(home.path() / folder);
    for (const auto& open : {home.path(), home.path() / "etc", home.path() / "run"})
      fs::permissions(open, fs::perms{0755});
  }

  fs::path etc(const std::string& name) const { return home.path() / "etc" / name; }

  static void put(const fs::path& file, const std::string& text, unsigned mode = 0644) {
    std::error_code exists;
    for (auto folder = file.parent_path(); !fs::exists(folder, exists);)
      put_folder(folder);
    fs::remove(file);
    write_file(file, text);
    fs::permissions(file, fs::perms{mode});
  }

  static void put_folder(const fs::path& folder, unsigned mode = 0755) {
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms{mode});
  }

  // The contents of a file in the view that is made now, or a link's text; "-" if it is not there.
  std::string shown(const std::string& name) const {
    const auto path = "/view/" + name;
    std::error_code absent;
    for (const auto& step : steps()) {
      if (step.what == file_step::kind::folder_mount && path.starts_with(step.at + "/")) {
        const auto file = step.from / fs::path{path.substr(step.at.size() + 1)};
        return fs::is_regular_file(file, absent) ? engine_fixture::read(file) : "-";
      }
      if (step.at == path && step.what == file_step::kind::file_mount)
        return engine_fixture::read(step.from);
      if (step.at == path && !step.is_mount())
        return step.from;
    }
    return "-";
  }

  std::vector<file_step> steps() const {
    return etc_view(
        {home.path() / "etc", {home.path() / "server", home.path() / "etc/deploy.toml"}}, "/view",
        {{"passwd", "app"}});
  }

  std::size_t mounts() const {
    const auto all = steps();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const auto& step) { return step.is_mount(); }));
  }

  temporary_directory home;
};

} // namespace

BOOST_AUTO_TEST_SUITE(etc_views)

BOOST_FIXTURE_TEST_CASE(programs_find_their_configuration_and_nobodys_secret, etc_fixture) {
  struct row {
    std::string name;
    unsigned mode;
    bool is_shown;
  };
  const std::vector<row> rows{
      {"java-17-openjdk/security/java.security", 0644, true},
      {"php/8.2/mods-available/pdo.ini", 0644, true},
      {"nginx/mime.types", 0644, true},
      {"fonts/conf.d/10-hinting.conf", 0644, true},
      {"ImageMagick-6/policy.xml", 0644, true},
      {"ssl/certs/ca-certificates.crt", 0644, true},
      {"ssh/ssh_config", 0644, true},
      {"locale.alias", 0644, true},
      {"timezone", 0644, true},
      {"networks", 0644, true},
      {"groff/man.local", 0644, true},
      {"tool", 0755, true},
      {"shadow", 0640, false},
      {"shadow-", 0644, false},
      {"passwd-", 0644, false},
      {"subuid", 0644, false},
      {"sudoers", 0440, false},
      {"sudoers.d/deploy", 0644, false},
      {"ssl/private/site.pem", 0644, false},
      {"ssh/sshd_config", 0644, false},
      {"ssh/ssh_host_ed25519_key.pub", 0644, false},
      {"machine-id", 0444, false},
      {"letsencrypt/live/example.org/cert.pem", 0644, false},
      {"cron.d/backup", 0644, false},
      {"systemd/system/shop.service", 0644, false},
      {"haproxy/haproxy.cfg", 0644, false},
      {"NetworkManager/system-connections/office", 0644, false},
      {"nginx/shop.key", 0644, false},
      {"nginx/.htpasswd", 0644, false},
      {"pawl/pawld.toml", 0644, false},
      {"deploy.toml", 0644, false},
      {"for-the-group", 0640, false},
  };
  for (const auto& row : rows)
    put(etc(row.name), row.name, row.mode);
  put_folder(etc("closed"), 0750);
  put(etc("closed/inner"), "inner", 0644);
  for (const auto& row : rows)
    BOOST_TEST(shown(row.name) == (row.is_shown ? row.name : "-"), row.name);
  BOOST_TEST(shown("closed/inner") == "-");
}

BOOST_FIXTURE_TEST_CASE(a_sandboxs_own_file_stands_in_place_of_the_machines, etc_fixture) {
  put(etc("passwd"), "alice:x:1000:1000::/home/alice:/bin/sh\n");
  BOOST_TEST(shown("passwd") == "app");
}

BOOST_FIXTURE_TEST_CASE(a_link_that_leads_away_is_shown_as_the_file_if_everybody_may_read_it,
                        etc_fixture) {
  const auto link = [&](const fs::path& to, const std::string& name) {
    fs::create_symlink(to, etc(name));
  };
  put(home.path() / "run/resolv", "nameserver 10.0.0.1\n");
  put(home.path() / "run/closed", "x", 0600);
  put(home.path() / "server/records", "x");
  link("../run/resolv", "resolv.conf");
  link("../run/closed", "closed");
  link("../run/absent", "absent");
  link("../server/records", "records");
  link("/usr/share/zoneinfo/Etc/UTC", "localtime");
  BOOST_TEST(shown("resolv.conf") == "nameserver 10.0.0.1\n");
  for (const auto* name : {"closed", "absent", "records"})
    BOOST_TEST(shown(name) == "-", name);
  BOOST_TEST(shown("localtime") == "/usr/share/zoneinfo/Etc/UTC");
}

BOOST_FIXTURE_TEST_CASE(a_folder_is_one_mount_unless_something_in_it_is_secret, etc_fixture) {
  for (int i = 0; i < 20; ++i)
    put(etc("ssl/certs/" + std::to_string(i)), "x");
  put(etc("ssl/openssl.cnf"), "x");
  BOOST_TEST(mounts() == 1U);
  put(etc("ssl/private/key"), "x");
  BOOST_TEST(mounts() == 2U); // certs, openssl.cnf
  put(etc("ssl/certs/site.key"), "x");
  BOOST_TEST(mounts() == 21U);
  BOOST_TEST(shown("ssl/certs/19") == "x");
  BOOST_TEST(shown("ssl/certs/site.key") == "-");
}

BOOST_FIXTURE_TEST_CASE(neither_the_mounts_nor_the_depth_are_without_bound, etc_fixture) {
  for (int i = 0; i < 1'200; ++i)
    put(etc(std::to_string(i)), "x");
  BOOST_TEST(mounts() == 1'000U);
  std::string deep = "deep";
  for (int i = 0; i < 40; ++i)
    deep += "/deep";
  put(etc(deep + "/file"), "x");
  BOOST_TEST(shown(deep + "/file") == "-");
}

BOOST_AUTO_TEST_SUITE_END()
