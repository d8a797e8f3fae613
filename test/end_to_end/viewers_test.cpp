// A viewer owns nothing: it may come, leave, die and come back.
#include "test/end_to_end/running_server.hpp"

#include <csignal>

namespace {

using namespace pawl::test;

struct held {
  running_server server;
  gate door;
  std::unique_ptr<program> viewer;
  std::string id;

  explicit held(const words& flags = {}) {
    viewer = begin_deploy(server, {.build = "echo begun; " + door.command()}, flags);
    BOOST_REQUIRE(door.reached());
    id = in_flight_of(server);
  }
};

std::vector<json> events_of(running_server& server, const std::string& id,
                            const words& flags = {}) {
  words command{"attach", id, "--jsonl"};
  command.insert(command.end(), flags.begin(), flags.end());
  auto lines = lines_of(server.pawl(command).out);
  BOOST_REQUIRE(!lines.empty());
  BOOST_TEST(lines.back().at("event") == "result");
  lines.pop_back();
  return lines;
}

} // namespace

BOOST_AUTO_TEST_SUITE(viewers_test)

// Fault: F12; hits: client; at: building; holds: I5.
BOOST_FIXTURE_TEST_CASE(a_deployment_goes_on_when_its_viewer_is_killed, held) {
  viewer->signal(SIGKILL);
  viewer->wait();
  BOOST_TEST(show(server, id).at("state") == "building");
  door.open();
  check_exit(server.pawl({"attach", id}), 0);
  BOOST_TEST(show(server, id).at("state") == "active");
  BOOST_TEST(server.answer_of("shop") == "hello");
}

BOOST_FIXTURE_TEST_CASE(an_interrupt_detaches_where_there_is_no_terminal, held) {
  viewer->signal(SIGINT);
  const auto end = viewer->wait();
  check_exit(end, 130);
  BOOST_TEST(mentions(end.out, "pawl attach " + id));
  BOOST_TEST(show(server, id).at("state") == "building");
  door.open();
  check_exit(server.pawl({"attach", id}), 0);
}

BOOST_FIXTURE_TEST_CASE(any_number_of_viewers_see_the_same, held) {
  std::vector<std::unique_ptr<program>> others;
  for (int i = 0; i < 4; ++i)
    others.push_back(server.begin({"attach", id, "--jsonl"}));
  BOOST_TEST(eventually([&] {
    return std::all_of(others.begin(), others.end(),
                       [](const auto& one) { return mentions(one->out(), "begun"); });
  }));
  door.open();
  check_exit(viewer->wait(), 0);
  std::set<std::string> seen;
  for (const auto& one : others) {
    const auto end = one->wait();
    check_exit(end, 0);
    seen.insert(end.out);
  }
  BOOST_TEST(seen.size() == 1U);
  BOOST_TEST(server.pawl({"attach", id, "--jsonl"}).out == *seen.begin());
}

BOOST_AUTO_TEST_CASE(a_finished_deployment_is_replayed_from_any_event_on) {
  running_server server;
  const std::string id = deploy(server, {.build = "echo begun"}).at("id");
  const auto all = events_of(server, id);
  BOOST_REQUIRE_GT(all.size(), 5U);
  for (std::size_t i = 0; i < all.size(); ++i)
    BOOST_TEST(all[i].at("seq") == i + 1);
  const auto later = events_of(server, id, {"--from", "4"});
  BOOST_TEST(later == (std::vector<json>{all.begin() + 3, all.end()}));
  BOOST_TEST(events_of(server, id, {"--from", "1000000"}).empty());
  const auto last = server.pawl({"attach", "-a", "shop", "--json"});
  check_exit(last, 0);
  BOOST_TEST(record_of(last).at("id") == id);
  BOOST_TEST(record_of(server.pawl({"attach", "--json"})).at("id") == id); // of the only app
  deploy(server, {.name = "blog"});
  check_exit(server.pawl({"attach"}), 2);
}

BOOST_AUTO_TEST_CASE(detach_leaves_when_the_source_is_sent) {
  running_server server;
  gate door;
  const auto end = begin_deploy(server, {.build = door.command()}, {"--detach", "--json"})->wait();
  check_exit(end, 0);
  const std::string id = record_of(end).at("id");
  BOOST_TEST(door.reached());
  BOOST_TEST(show(server, id).at("state") == "building");
  door.open();
  check_exit(server.pawl({"attach", id}), 0);
  const auto back = server.pawl({"rollback", "-a", "shop", "--detach"});
  check_exit(back, 10);
}

// Fault: F22; hits: client; at: request; holds: I6.
BOOST_AUTO_TEST_CASE(the_same_request_id_is_the_same_deployment) {
  running_server server;
  const auto first = deploy(server, {}, {"--request-id", "ci-1"});
  const auto again = deploy(server, {}, {"--request-id", "ci-1"});
  BOOST_TEST(again == first);
  server.kill();
  server.start();
  BOOST_TEST(deploy(server, {}, {"--request-id", "ci-1"}) == first);
  BOOST_TEST(document_of(server.pawl({"history", "--json"})).at("deployments").size() == 1U);
  const auto other =
      begin_deploy(server, {.name = "blog"}, {"--request-id", "ci-1", "--json"})->wait();
  check_exit(other, 2);
  const auto changed =
      begin_deploy(server, {.greeting = "changed"}, {"--request-id", "ci-1", "--json"})->wait();
  check_exit(changed, 2);
  BOOST_TEST(document_of(changed).at("error").at("details").at("deployment") == first.at("id"));
  // Its deployment has failed: that is said first, also where nobody waits for the end.
  check_exit(begin_deploy(server, {.build = "exit 1"}, {"--request-id", "ci-2"})->wait(), 3);
  for (const words& how :
       {words{"--request-id", "ci-2"}, words{"--request-id", "ci-2", "--detach"}}) {
    const auto failed = begin_deploy(server, {.build = "exit 1"}, how)->wait();
    check_exit(failed, 3);
    BOOST_TEST(failed.out.starts_with("! request id ci-2 belongs to"), failed.out);
    BOOST_TEST(!mentions(failed.out, "goes on"), failed.out);
  }
}

BOOST_AUTO_TEST_CASE(an_id_may_be_shortened_while_it_is_unique) {
  running_server server;
  std::vector<std::string> ids;
  // Ids have 32 possible first characters: among 33 deployments, two share theirs. Most often two
  // of a few do.
  const auto shared = [&]() -> std::optional<std::string> {
    for (std::size_t i = 0; i < ids.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (ids[i].front() == ids[j].front())
          return ids[i].substr(0, 1);
    return std::nullopt;
  };
  constexpr std::size_t surely = 33;
  while (ids.size() < surely && !shared()) {
    const auto end = begin_deploy(server, {.build = "exit 1"}, {"--json"})->wait();
    check_exit(end, 3);
    ids.push_back(record_of(end).at("id"));
  }
  BOOST_TEST(show(server, ids.front().substr(0, 12)).at("id") == ids.front());
  check_exit(server.pawl({"attach", ids.front().substr(0, 12)}), 3);
  BOOST_REQUIRE(shared().has_value());
  const auto end = server.pawl({"show", *shared(), "--json"});
  check_exit(end, 2);
  BOOST_TEST(document_of(end).at("error").at("code") == "invalid_argument");
}

BOOST_AUTO_TEST_SUITE_END()
