// What is installed is complete, stands where it is looked for, and works as it is.
#include "test/packaging/installed.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

} // namespace

BOOST_AUTO_TEST_SUITE(installation_test)

BOOST_AUTO_TEST_CASE(a_package_has_its_files_where_debian_looks_for_them) {
  const auto package = installed::as_package();
  for (const auto* program : {"usr/bin/pawld", "usr/bin/pawl", "usr/lib/pawl/pawl-log-writer"})
    BOOST_TEST(mode_of(package.at(program)) == 0755U, program);
  for (const auto* file :
       {"usr/lib/pawl/pawl-packing.so", "lib/systemd/system/pawld.service",
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

BOOST_AUTO_TEST_SUITE_END()
