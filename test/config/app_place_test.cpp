// Where an app is: its folder in the source, and the cluster that it goes to.
#include "config/manifest.hpp"
#include "config/server_config.hpp"

#include <boost/test/unit_test.hpp>

using pawl::config::read_manifest;

namespace {

std::string problem_of(const std::string& toml) {
  auto read = read_manifest(toml, "web: ./w");
  return read ? "" : read.error().message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_places)

BOOST_AUTO_TEST_CASE(the_root_of_a_build_is_a_folder_of_the_source) {
  const std::vector<std::pair<std::string, std::string>> all{{"apps/api", "apps/api"},
                                                             {"./apps//api/", "apps/api"},
                                                             {".", ""},
                                                             {"", ""},
                                                             {"a..b", "a..b"}};
  for (const auto& [given, root] : all) {
    auto read = read_manifest("build.root = \"" + given + "\"", "web: ./w");
    BOOST_REQUIRE_MESSAGE(read, given);
    BOOST_TEST(read->build.root == root);
  }
  for (const std::string outside : {"/apps", "..", "../apps", "apps/../../x", "a\\nb"})
    BOOST_TEST(problem_of("build.root = \"" + outside + "\"") ==
                   "line 1: build.root must be a folder of the source, such as \"apps/api\", "
                   "without .. and with no / in front",
               outside);
}

BOOST_AUTO_TEST_CASE(a_manifest_can_name_its_cluster) {
  auto read = read_manifest("cluster = \"staging\"", "web: ./w");
  BOOST_REQUIRE(read);
  BOOST_TEST(read->cluster == "staging");
  for (const std::string bad : {"", "Staging", "-x"})
    BOOST_TEST(problem_of("cluster = \"" + bad + "\"")
                   .starts_with("line 1: cluster must be the name of a cluster of the server"),
               bad);
}

BOOST_AUTO_TEST_CASE(one_cluster_of_a_server_can_be_its_default) {
  const pawl::config::surroundings here{true, [](const char*) { return std::nullopt; }};
  auto read = pawl::config::read_server_config("[cluster.a]\n[cluster.b]\ndefault = true\n",
                                               "/etc/pawl", here);
  BOOST_REQUIRE(read);
  BOOST_TEST(!read->clusters[0].is_default);
  BOOST_TEST(read->clusters[1].is_default);
  auto both = pawl::config::read_server_config(
      "[cluster.a]\ndefault = true\n[cluster.b]\ndefault = true\n", "/etc/pawl", here);
  BOOST_REQUIRE(!both);
  BOOST_TEST(both.error().message.find("cluster.a and cluster.b both have default = true: keep it "
                                       "in one") != std::string::npos,
             both.error().message);
}

BOOST_AUTO_TEST_SUITE_END()
