// The configuration that a new server begins with says every default as it is.
#include "config/new_server_config.hpp"

#include "config/server_config.hpp"

#include <boost/test/unit_test.hpp>

#include <regex>

namespace {

using namespace pawl::config;

new_server_settings least() {
  return {.listen = "0.0.0.0:7420", .certificate = "tls/server.crt", .key = "tls/server.key"};
}

// The settings and tables that stand in it as comments, taken as they stand.
std::string with_settings(const std::string& text) {
  static const std::regex commented{R"((^|\n)# ([a-z_]+ = |\[[a-z]+\]\n))"};
  // Twice: a match takes the end of the line that the next one needs.
  return std::regex_replace(std::regex_replace(text, commented, "$1$2"), commented, "$1$2");
}

server_config read_config(const std::string& text) {
  auto read =
      read_server_config(text, "/etc/pawl", {true, [](const char*) { return std::nullopt; }});
  BOOST_REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message) << "\n" << text);
  return *std::move(read);
}

} // namespace

BOOST_AUTO_TEST_SUITE(new_server_configuration)

BOOST_AUTO_TEST_CASE(each_comment_with_a_setting_says_its_default) {
  const auto text = new_server_config(least());
  const auto whole = with_settings(text);
  BOOST_TEST(whole.find("\n# keep = ") == std::string::npos, whole);
  BOOST_TEST(whole.find("\n# [") == std::string::npos, whole);
  const auto none = read_config("");
  for (const auto& said : {read_config(text), read_config(whole)}) {
    BOOST_TEST((said.router == none.router));
    BOOST_TEST((said.clusters == none.clusters));
    BOOST_TEST((said.limits == none.limits));
    BOOST_TEST((said.audit.keep == none.audit.keep));
    BOOST_TEST(said.data_dir == none.data_dir);
    BOOST_TEST(said.socket == none.socket);
    BOOST_TEST(said.tls.value().listen == "0.0.0.0:7420");
    BOOST_TEST(said.tls.value().key == "/etc/pawl/tls/server.key");
  }
  BOOST_TEST(read_config(whole).socket_group == "pawl");
  BOOST_TEST(!read_config(text).tls.value().client_ca);
}

BOOST_AUTO_TEST_CASE(with_a_domain_apps_are_reached_from_other_machines) {
  auto settings = least();
  BOOST_TEST(read_config(new_server_config(settings)).router.listen == "127.0.0.1:7480");
  settings.domain = "apps.example.org";
  const auto read = read_config(new_server_config(settings));
  BOOST_TEST(read.router.listen == "0.0.0.0:7480");
  BOOST_TEST(read.router.domain == "apps.example.org");
}

BOOST_AUTO_TEST_CASE(places_that_are_said_stand_in_it) {
  auto settings = least();
  settings.data_dir = "data";
  settings.socket = "pawld.sock";
  const auto read = read_config(new_server_config(settings));
  BOOST_TEST(read.data_dir == "/etc/pawl/data");
  BOOST_TEST(read.socket == "/etc/pawl/pawld.sock");
}

BOOST_AUTO_TEST_SUITE_END()
