// A lane that is frozen on request, and what the audit journal says of it, with the real programs.
#include "test/end_to_end/running_server.hpp"

namespace {

using namespace pawl::test;

std::vector<std::string> actions(running_server& server) {
  std::vector<std::string> all;
  const auto document = document_of(server.pawl({"audit", "--json"}));
  for (const auto& one : document.at("records"))
    all.push_back(one.at("action").get<std::string>() + " " +
                  one.at(one.at("code").is_null() ? "outcome" : "code").get<std::string>());
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(freezes_test)

BOOST_AUTO_TEST_CASE(a_frozen_app_is_not_deployed_until_it_is_lifted_also_by_the_next_server) {
  running_server server;
  deploy(server, {.greeting = "one"});
  const auto frozen =
      server.pawl({"freeze", "-a", "shop", "--reason", "the sale", "--until", "2h", "--json"});
  check_exit(frozen, 0);
  BOOST_TEST(document_of(frozen).at("freeze").at("app") == "shop");
  BOOST_TEST(document_of(frozen).at("freeze").at("cluster").is_null());
  server.stop();
  server.start();
  const auto refused = begin_deploy(server, {.greeting = "two"}, {"--json"})->wait();
  check_exit(refused, 6);
  const auto why = document_of(refused).at("error");
  BOOST_TEST(why.at("code") == "frozen");
  BOOST_TEST(why.at("details").at("reason") == "the sale");
  BOOST_TEST(why.at("details").at("until") == document_of(frozen).at("freeze").at("until"));
  BOOST_TEST(lane_of(server).at("frozen").at("reason") == "the sale");
  BOOST_TEST(mentions(server.pawl({"status"}).out, "frozen"));
  deploy(server, {.greeting = "three"}, {"--override-freeze", "the shop is down"});
  BOOST_TEST(server.answer_of("shop") == "three");
  check_exit(server.pawl({"unfreeze", "-a", "shop"}), 0);
  BOOST_TEST(!lane_of(server).contains("frozen"));
  check_exit(server.pawl({"unfreeze", "-a", "shop"}), 10);
  BOOST_TEST(actions(server) == (std::vector<std::string>{
                                    "unfreeze not_found", "unfreeze done", "override_freeze done",
                                    "deploy done", "deploy frozen", "freeze done", "deploy done"}),
             boost::test_tools::per_element());
  const auto page = document_of(server.pawl({"audit", "-n", "2", "--json"}));
  const auto next = document_of(server.pawl(
      {"audit", "-n", "1", "--json", "--cursor", page.at("next_cursor").get<std::string>()}));
  BOOST_TEST(next.at("records").at(0).at("detail") == "the shop is down");
  check_exit(server.pawl({"freeze", "--reason", "late", "--until", "2001-01-01"}), 2);
}

BOOST_AUTO_TEST_SUITE_END()
