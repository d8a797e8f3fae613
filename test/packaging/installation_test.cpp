// What is installed is complete, stands where it is looked for, and works as it is.
#include "test/packaging/installed.hpp"

#include "config/server_config.hpp"

#include <boost/test/unit_test.hpp>

#include <regex>

namespace {

using namespace pawl;
using namespace pawl::test;
namespace fs = std::filesystem;

// The settings that stand in it as comments, taken as they stand.
std::string with_settings(const std::string& text) {
  static const std::regex setting{R"((^|\n)# ([a-z_]+ = ))"};
  return std::regex_replace(text, setting, "$1$2");
}

config::server_config read_config(const std::string& text) {
  auto read = config::read_server_config(text, "/etc/pawl");
  BOOST_REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
  return *read;
}

} // namespace

BOOST_AUTO_TEST_SUITE(installation_test)

BOOST_AUTO_TEST_CASE(a_package_has_its_files_where_debian_looks_for_them) {
  const auto package = installed::as_package();
  for (const auto* program : {"usr/bin/pawld", "usr/bin/pawl", "usr/lib/pawl/pawl-log-writer"})
    BOOST_TEST(mode_of(package.at(program)) == 0755U, program);
  for (const auto* file :
       {"usr/lib/pawl/pawl-packing.so", "etc/pawl/pawld.toml", "lib/systemd/system/pawld.service",
        "usr/lib/sysusers.d/pawl.conf", "usr/share/man/man1/pawl.1", "usr/share/man/man1/pawld.1",
        "usr/share/bash-completion/completions/pawl", "usr/share/zsh/vendor-completions/_pawl",
        "usr/share/fish/vendor_completions.d/pawl.fish"}) {
    BOOST_TEST(mode_of(package.at(file)) == 0644U, file);
    BOOST_TEST(!read_text(package.at(file)).empty(), file);
  }
  const auto unit = read_text(package.at("lib/systemd/system/pawld.service"));
  BOOST_TEST(unit.find("ExecStart=/usr/bin/pawld --config /etc/pawl/pawld.toml\n") !=
                 std::string::npos,
             unit);
}

BOOST_AUTO_TEST_CASE(an_installed_client_finds_the_module_that_packs) {
  const auto place = installed::in_a_prefix();
  const auto app = place.at("app");
  fs::create_directory(app);
  write_text(app / "Procfile", "web: ./serve\n");
  const auto deploy = [&] {
    return run({place.at("bin/pawl").string(), "deploy", app.string(), "-a", "shop"},
               {{"PAWL_SERVER", "unix:/nonexistent"}})
        .err;
  };
  const std::string module = "pawl-packing.so";
  BOOST_TEST(deploy().find(module) == std::string::npos, deploy());
  fs::remove(place.at("lib/pawl") / module);
  BOOST_TEST(deploy().find(module) != std::string::npos, deploy());
}

BOOST_AUTO_TEST_CASE(the_installed_configuration_is_good_and_has_the_defaults) {
  const auto place = installed::in_a_prefix();
  const auto file = place.at("etc/pawl/pawld.toml");
  const auto end = run({place.at("bin/pawld").string(), "--check-config", file.string()});
  BOOST_TEST(end.status == 0, end.out << end.err);
  const auto text = read_text(file);
  const auto whole = with_settings(text);
  BOOST_TEST(whole.size() < text.size(), "no setting is found in it");
  const auto none = read_config("");
  for (const auto& said : {read_config(text), read_config(whole)}) {
    BOOST_TEST((said.router == none.router));
    BOOST_TEST((said.clusters == none.clusters));
    BOOST_TEST((said.limits == none.limits));
  }
  BOOST_TEST(read_config(whole).data_dir == "/var/lib/pawl");
  BOOST_TEST(read_config(whole).socket == "/run/pawl/pawld.sock");
}

BOOST_AUTO_TEST_CASE(a_configuration_that_is_there_stays) {
  const auto place = installed::in_a_prefix();
  const std::string own = "[router]\ndomain = \"apps.example.org\"\n";
  write_text(place.at("etc/pawl/pawld.toml"), own);
  place.install();
  BOOST_TEST(read_text(place.at("etc/pawl/pawld.toml")) == own);
}

BOOST_AUTO_TEST_SUITE_END()
