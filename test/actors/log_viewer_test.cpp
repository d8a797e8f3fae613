// A session that follows logs gets every line of its lane's instances once, within its credit, over
// restarts and over the switch to another deployment.
#include "test/actors/session_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

struct logs_fixture : session_fixture {
  static constexpr std::uint64_t ref = 5;

  std::string instance; // of the active deployment

  logs_fixture() { instance = serve("r1"); }

  std::string serve(const std::string& request_id) {
    auto d = deploy_over_wire(request_id);
    advance(std::chrono::seconds{2});
    BOOST_TEST_REQUIRE(state_of(d.id) == state::active);
    client->frames.clear();
    return d.id + "-1";
  }

  void print(const std::string& line) {
    world->engine->print(instance, line);
    run();
  }

  static protocol::logs_request request(bool follow, std::uint32_t credit = limits::event_credit) {
    return {"shop", "local", 3, follow, credit};
  }

  static std::string deployment_of(const std::string& name) {
    return std::string{deployment_of_instance(name)};
  }

  static protocol::logs_request of_deployment(const std::string& id, bool follow) {
    auto wanted = request(follow);
    wanted.app = wanted.cluster = "";
    wanted.deployment = id;
    return wanted;
  }

  void follow(std::uint32_t credit = limits::event_credit) { say(ref, request(true, credit)); }

  // The lines that came so far: "INSTANCE LINE".
  std::vector<std::string> seen() const {
    std::vector<std::string> lines;
    for (const auto& frame : client->frames)
      if (const auto* page = std::get_if<protocol::log_lines>(&frame.body))
        for (const auto& line : page->lines)
          lines.push_back(page->instance + " " + line);
    return lines;
  }

  std::vector<std::string> of(const std::string& name, const std::vector<std::string>& lines) {
    std::vector<std::string> expected;
    for (const auto& line : lines)
      expected.push_back(name + " " + line);
    return expected;
  }

  bool complete() const {
    return !client->frames.empty() &&
           std::holds_alternative<protocol::logs_complete>(client->frames.back().body);
  }

  bool ended(const std::string& name) const {
    for (const auto& frame : client->frames)
      if (const auto* page = std::get_if<protocol::log_lines>(&frame.body);
          page && page->instance == name && page->ended)
        return true;
    return false;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_viewers, logs_fixture)

BOOST_AUTO_TEST_CASE(the_last_lines_are_sent_and_then_it_is_complete) {
  for (int i = 1; i <= 5; ++i)
    print(std::to_string(i));
  auto before = running();
  say(ref, request(false));
  BOOST_TEST(seen() == of(instance, {"3", "4", "5"}));
  BOOST_TEST(complete());
  BOOST_TEST(running() == before);
}

BOOST_AUTO_TEST_CASE(following_goes_on_with_each_line_once) {
  print("old");
  follow();
  for (const auto* line : {"a", "b", "c"})
    print(line);
  BOOST_TEST(seen() == of(instance, {"old", "a", "b", "c"}));
  BOOST_TEST(!complete());
}

BOOST_AUTO_TEST_CASE(not_more_lines_are_sent_than_there_is_credit_for) {
  follow(2);
  for (int i = 1; i <= 5; ++i)
    print(std::to_string(i));
  BOOST_TEST(seen() == of(instance, {"1", "2"}));
  say(ref, protocol::follow_credit{2});
  BOOST_TEST(seen() == of(instance, {"1", "2", "3", "4"}));
  say(ref, protocol::follow_credit{9});
  BOOST_TEST(seen() == of(instance, {"1", "2", "3", "4", "5"}));
}

BOOST_AUTO_TEST_CASE(a_restart_of_the_instance_is_followed) {
  follow();
  print("before");
  world->engine->kill(instance);
  advance(std::chrono::seconds{5}); // it is started again, and healthy
  print("after");
  BOOST_TEST(seen() == of(instance, {"before", "after"}));
  BOOST_TEST(!ended(instance));
}

BOOST_AUTO_TEST_CASE(the_switch_to_a_new_deployment_is_followed_from_its_first_line) {
  follow();
  print("of the old one");
  auto old = instance;
  auto d = get<protocol::accepted>(deploy_of("r2")).deployment;
  auto fresh = d.id + "-1";
  client->frames.clear();
  // More than were asked for.
  world->engine->printed[fresh] = {"first", "second", "third", "fourth"};
  say(9, protocol::upload_chunk{d.id, 0, std::vector<char>(100, 'x')});
  advance(std::chrono::seconds{2});
  BOOST_TEST_REQUIRE(state_of(d.id) == state::active);
  BOOST_TEST(seen() == of(fresh, {"first", "second", "third", "fourth"}));
  BOOST_TEST(!ended(old));
  client->frames.clear();
  print("last words");
  advance(std::chrono::seconds{30}); // the old one is drained
  BOOST_TEST(seen() == of(old, {"last words"}));
  BOOST_TEST(ended(old));
  BOOST_TEST(!ended(fresh));
}

BOOST_AUTO_TEST_CASE(a_resumed_reader_goes_on_at_its_places_and_gets_new_logs_whole) {
  for (int i = 1; i <= 6; ++i)
    print(std::to_string(i));
  auto wanted = request(true);
  wanted.resumed = true;
  wanted.places = {{instance, 2}, {"0000000000000099-1", 4}, {"../../etc/passwd", 0}};
  say(ref, wanted);
  BOOST_TEST(seen() == of(instance, {"3", "4", "5", "6"}));
  client->frames.clear();
  wanted.places.clear();
  say(ref + 1, wanted);
  BOOST_TEST(seen().size() == 6U);
}

BOOST_AUTO_TEST_CASE(a_reader_says_where_it_reads_before_there_is_a_line) {
  follow();
  BOOST_REQUIRE(client->frames.size() == 1U);
  BOOST_TEST(last<protocol::log_lines>().instance == instance);
}

BOOST_AUTO_TEST_CASE(what_does_not_exist_is_not_found) {
  auto wanted = request(true);
  wanted.app = "nothing";
  BOOST_TEST(refusal(wanted) == errc::not_found);
  wanted = request(true);
  wanted.cluster = "moon";
  BOOST_TEST(refusal(wanted) == errc::not_found);
}

BOOST_AUTO_TEST_CASE(each_line_has_the_time_at_which_it_came) {
  for (const auto* line : {"a", "b", "c", "d"})
    print(line);
  say(ref, request(false));
  std::vector<timestamp> times;
  for (const auto& frame : client->frames)
    if (const auto* page = std::get_if<protocol::log_lines>(&frame.body))
      times.insert(times.end(), page->times.begin(), page->times.end());
  const auto at = [](int ms) { return timestamp{std::chrono::milliseconds{ms}}; };
  BOOST_TEST((times == std::vector{at(1), at(2), at(3)}));
}

// --- of one deployment

BOOST_AUTO_TEST_CASE(the_instances_of_a_deployment_that_was_replaced_are_read_by_its_id) {
  print("of the old one");
  auto old = instance;
  instance = serve("r2");
  advance(std::chrono::minutes{1}); // the old one is stopped
  print("of the new one");
  say(ref, of_deployment(old.substr(0, 6), false));
  BOOST_TEST(seen() == of(old, {"of the old one"}));
  BOOST_TEST(complete());
}

BOOST_AUTO_TEST_CASE(the_instances_of_a_deployment_that_failed_are_read_by_its_id) {
  world->probe->all_sick = true;
  auto failed = deploy_over_wire("r2");
  auto its = failed.id + "-1";
  world->engine->print(its, "cannot bind");
  advance(std::chrono::minutes{2});
  BOOST_TEST_REQUIRE(state_of(failed.id) == state::failed);
  say(ref, of_deployment(failed.id, false));
  BOOST_TEST(seen() == of(its, {"cannot bind"}));
  client->frames.clear();
  say(ref + 1, of_deployment(failed.id, true)); // nothing more can come
  BOOST_TEST(seen() == of(its, {"cannot bind"}));
  BOOST_TEST(complete());
}

BOOST_AUTO_TEST_CASE(following_a_deployment_ends_with_its_last_instance_and_shows_no_other) {
  auto old = instance;
  say(ref, of_deployment(deployment_of(old), true));
  print("one");
  instance = serve("r2");
  BOOST_TEST(!complete());
  print("of another");
  world->engine->print(old, "last words");
  run();
  client->frames.clear();
  advance(std::chrono::minutes{1});
  BOOST_TEST(complete());
  BOOST_TEST(ended(old));
  // Again from where it was, as after a lost connection.
  auto again = of_deployment(deployment_of(old), true);
  again.resumed = true;
  again.places = {{old, 1}};
  client->frames.clear();
  say(ref + 1, again);
  BOOST_TEST(seen() == of(old, {"last words"}));
  BOOST_TEST(complete());
}

BOOST_AUTO_TEST_CASE(a_deployment_that_is_not_there_has_no_logs) {
  BOOST_TEST(to_string(refusal(of_deployment("zzzz", false))) == to_string(errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_reader_ends_with_its_connection) {
  auto before = running();
  follow();
  BOOST_TEST(running() == before + 1);
  disconnect();
  BOOST_TEST(running() < before);
  world->engine->print(instance, "to nobody");
  run();
}

BOOST_AUTO_TEST_SUITE_END()
