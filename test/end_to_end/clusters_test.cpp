// A configuration whose clusters change: what becomes of their lanes, and of host names.
#include "test/end_to_end/running_server.hpp"

namespace {

using namespace pawl::test;

constexpr auto local = "[cluster.local]\n";
constexpr auto local_and_b = "[cluster.local]\n[cluster.b]\n";

void restart_with(running_server& server, const std::string& clusters) {
  check_exit(server.stop(), 0);
  server.write_config(clusters);
  server.start();
}

} // namespace

BOOST_AUTO_TEST_SUITE(clusters_test)

BOOST_AUTO_TEST_CASE(what_is_unfinished_in_a_cluster_that_is_gone_fails_and_its_app_comes_back) {
  running_server server(local_and_b);
  const auto served = deploy(server, {.name = "blog"}, {"-C", "b"});
  gate door;
  auto client = begin_deploy(server, {.name = "blog", .build = door.command()}, {"-C", "b"});
  BOOST_REQUIRE(door.reached());
  const auto id = in_flight_of(server, "blog");
  restart_with(server, local);
  BOOST_REQUIRE(eventually([&] { return show(server, id).at("state") == "failed"; }));
  BOOST_TEST(show(server, id).at("error").at("code") == "not_found");
  BOOST_TEST(mentions(show(server, id).at("error").at("message"), "no cluster \"b\""));
  check_exit(client->wait(), 10);
  BOOST_TEST(mentions(server.log(), "lane blog/b is not served"));
  BOOST_TEST(server.answer_of("blog-b") == "404");
  BOOST_TEST(server.jobs().size() == 1u);
  restart_with(server, local_and_b);
  BOOST_TEST(eventually([&] { return server.answer_of("blog-b") == "hello"; }));
  BOOST_TEST(show(server, served.at("id")).at("state") == "active");
}

BOOST_AUTO_TEST_CASE(the_second_lane_with_one_host_name_is_refused_and_the_server_starts_again) {
  running_server server(local_and_b);
  deploy(server, {.name = "a-b", .greeting = "first"}, {"-C", "local"});
  const auto end = begin_deploy(server, {.name = "a"}, {"-C", "b", "--json"})->wait();
  check_exit(end, 2);
  BOOST_TEST(mentions(document_of(end).at("error").at("message"), "a-b.localhost"));
  restart_with(server, local_and_b);
  BOOST_TEST(server.answer_of("a-b") == "first");
}

BOOST_AUTO_TEST_CASE(a_version_whose_artifact_was_removed_is_shown_as_gone) {
  running_server server(local);
  deploy(server, {.greeting = "one"});
  deploy(server, {.greeting = "two"});
  auto oldest = [&] {
    return document_of(server.pawl({"versions", "-a", "shop", "--json"})).at("versions").back();
  };
  BOOST_TEST(oldest().at("can_roll_back") == true);
  auto digest = oldest().at("artifact").get<std::string>();
  digest.replace(digest.find(':'), 1, "-");
  BOOST_TEST(std::filesystem::remove_all(server.data() / "releases" / "shop" / digest) > 0u);
  BOOST_TEST(oldest().at("can_roll_back") == false);
  const auto plan = server.pawl({"rollback", "-a", "shop", "--plan"});
  check_exit(plan, 10);
  BOOST_TEST(mentions(plan.err, "the artifact of v1"));
}

BOOST_AUTO_TEST_SUITE_END()
