// Answers of a session from the store and from the lanes, and how it lets journals be followed.
#include "actors/journal/journal.hpp"
#include "actors/session/listing.hpp"
#include "persistence/forwarding_store.hpp"
#include "test/actors/session_fixture.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct answers_fixture : session_fixture {
  std::vector<event> events_seen() const {
    std::vector<event> all;
    for (const auto& frame : client->frames)
      if (const auto* some = std::get_if<protocol::events>(&frame.body))
        all.insert(all.end(), some->list.begin(), some->list.end());
    return all;
  }

  // A record of nearly the size that a client can make it.
  void store_large_record(int number) {
    deployment d;
    d.id = make_deployment_id({}, static_cast<std::uint64_t>(number));
    d.app = "shop";
    d.cluster = "local";
    d.request_id = "large-" + std::to_string(number);
    auto text = std::string(limits::git_field_bytes, 'm');
    d.git = git_facts{.sha = std::string(40, 'a'),
                      .branch = text,
                      .message = text,
                      .author = text,
                      .author_email = text,
                      .repository = text};
    auto known = records->lane({"shop", "local"});
    auto lane_now = *known;
    auto created = next_created(lane_now, world->wall);
    lane_now.last_created = created;
    change wanted;
    wanted.deployments.push_back(*begin(d, state::queued, created));
    wanted.lane = lane_now;
    auto stored = records->commit(std::span{&wanted, 1});
    BOOST_REQUIRE(stored.front().has_value());
  }
};

// Has a record with more text than is stored today.
struct swollen_store final : forwarding_store {
  swollen_store(std::shared_ptr<store> below, std::string deployment)
      : forwarding_store(std::move(below)), id(std::move(deployment)) {}

  result<deployment> find(std::string_view wanted) const override {
    auto found = below().find(wanted);
    if (found)
      swell(*found);
    return found;
  }
  result<history_page> history(const history_query& query) const override {
    auto page = below().history(query);
    for (auto& one : page->deployments)
      swell(one);
    return page;
  }
  void swell(deployment& d) const {
    if (d.id == id)
      d.error = failure{errc::invalid_argument, std::string(limits::mib, 'x'), {}};
  }

  std::string id;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(session_answers, answers_fixture)

BOOST_AUTO_TEST_CASE(a_record_is_shown_by_its_id_or_its_beginning) {
  auto d = deploy_over_wire("r1");
  BOOST_TEST(to_string(get<protocol::shown>(protocol::show_request{d.id}).deployment.state) ==
             to_string(state::active));
  BOOST_TEST(to_string(refusal(protocol::show_request{"zzzz"})) == to_string(errc::not_found));
}

BOOST_AUTO_TEST_CASE(lists_say_what_there_is) {
  deploy_over_wire("r1");
  deploy_over_wire("b1", "blog");
  auto apps = get<protocol::app_list>(protocol::apps_request{}).apps;
  BOOST_REQUIRE(apps.size() == 2u);
  BOOST_TEST(apps.front().app == "blog");
  BOOST_TEST(apps.back().clusters.front() == "local");
  auto clusters = get<protocol::cluster_list>(protocol::clusters_request{}).clusters;
  BOOST_REQUIRE(clusters.size() == 1u);
  BOOST_TEST(clusters.front().engine == "process");
  auto versions = get<protocol::version_list>(protocol::versions_request{"shop"}).versions;
  BOOST_REQUIRE(versions.size() == 1u);
  BOOST_TEST(versions.front().live_in.front() == "local");
  BOOST_TEST(to_string(refusal(protocol::versions_request{"nothing"})) ==
             to_string(errc::not_found));
}

BOOST_AUTO_TEST_CASE(status_describes_every_lane_in_its_own_state) {
  auto shop = deploy_over_wire("r1");
  world->probe->all_sick = true;
  auto blog = deploy_over_wire("b1", "blog");
  auto lanes = get<protocol::lane_list>(protocol::status_request{}).lanes;
  BOOST_REQUIRE(lanes.size() == 2u);
  BOOST_TEST(lanes[0].app == "blog");
  BOOST_TEST(!lanes[0].active.has_value());
  BOOST_TEST(to_string(lanes[0].in_flight.value().state) == to_string(state::activating));
  BOOST_TEST(lanes[1].active.value().id == shop.id);
  BOOST_TEST(lanes[1].instances.front().state == "running");
  auto one = get<protocol::lane_list>(protocol::status_request{"blog", {}}).lanes;
  BOOST_REQUIRE(one.size() == 1u);
  BOOST_TEST(one.front().in_flight.value().id == blog.id);
  BOOST_TEST(get<protocol::lane_list>(protocol::status_request{"moon", {}}).lanes.empty());
}

// An older pawld stored it.
BOOST_AUTO_TEST_CASE(a_record_that_no_answer_can_carry_is_named_and_the_others_are_shown) {
  auto shop = deploy_over_wire("r1");
  world->manifest_answer = error{errc::invalid_argument, "unknown key", {}};
  auto failed = deploy_over_wire("r2");
  swollen_store swollen{records, failed.id};
  const auto list = listing::history(swollen, {});
  BOOST_REQUIRE(list.has_value());
  BOOST_REQUIRE(list->deployments.size() == 1U);
  BOOST_TEST(list->deployments.front().id == shop.id);
  BOOST_REQUIRE(list->damaged.size() == 1U);
  BOOST_TEST(list->damaged.front().details.at("deployment") == failed.id);
  BOOST_TEST(over_the_wire({1, *list}).has_value());
  const auto alone = listing::show(swollen, failed.id);
  BOOST_REQUIRE(!alone.has_value());
  BOOST_TEST(to_string(alone.error().code) == to_string(errc::too_large));
  swollen_store active{records, shop.id};
  const auto lane = listing::lane_from_store(active, *records->lane({"shop", "local"}));
  BOOST_TEST(!lane.active.has_value());
  BOOST_TEST(lane.error.value().details.at("deployment") == shop.id);
  BOOST_TEST(listing::show(swollen, shop.id).has_value());
}

BOOST_AUTO_TEST_CASE(a_status_of_many_lanes_comes_in_pages) {
  constexpr int count = 60;
  for (int i = 0; i < count; ++i)
    get<protocol::accepted>(deploy_of("r" + std::to_string(i), "app" + std::to_string(100 + i)));
  protocol::status_request asked;
  std::vector<std::string> seen;
  std::size_t pages = 0;
  do {
    auto page = get<protocol::lane_list>(asked);
    for (const auto& lane : page.lanes) {
      seen.push_back(lane.app);
      BOOST_TEST(lane.in_flight.has_value());
    }
    asked.cursor = page.next_cursor;
    ++pages;
  } while (asked.cursor);
  BOOST_TEST(pages == 2u);
  BOOST_REQUIRE(seen.size() == 60u);
  BOOST_TEST(std::is_sorted(seen.begin(), seen.end()));
  BOOST_TEST(std::set(seen.begin(), seen.end()).size() == 60u);
  asked.cursor = "nonsense";
  BOOST_TEST(to_string(refusal(asked)) == to_string(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_status_too_large_for_a_frame_comes_in_more_pages) {
  constexpr int count = 40;
  for (int i = 0; i < count; ++i) {
    auto big = deploy_of("r" + std::to_string(i), "app" + std::to_string(100 + i));
    big.git = git_facts{};
    for (auto* field : {&big.git->branch, &big.git->message, &big.git->author,
                        &big.git->author_email, &big.git->repository})
      field->assign(limits::git_field_bytes, 'x');
    big.message.assign(limits::message_bytes, 'x');
    big.when_busy = when_busy::queue;
    get<protocol::accepted>(big);
    big.request_id += "-2";
    if (i < 20)
      get<protocol::accepted>(big);
  }
  protocol::status_request asked;
  std::size_t lanes = 0;
  std::size_t pages = 0;
  do {
    auto page = get<protocol::lane_list>(asked);
    lanes += page.lanes.size();
    asked.cursor = page.next_cursor;
    ++pages;
  } while (asked.cursor);
  BOOST_TEST(lanes == 40u);
  BOOST_TEST(pages > 1u);
}

BOOST_AUTO_TEST_CASE(a_lane_too_large_for_a_frame_comes_in_parts) {
  constexpr int count = 100;
  for (int i = 0; i < count; ++i)
    store_large_record(i);
  protocol::status_request asked;
  std::vector<std::string> waiting;
  std::size_t pages = 0;
  do {
    auto page = get<protocol::lane_list>(asked);
    BOOST_REQUIRE(page.lanes.size() == 1U);
    for (const auto& one : page.lanes.front().queued)
      waiting.push_back(one.id);
    asked.cursor = page.next_cursor;
    ++pages;
  } while (asked.cursor && pages < count);
  BOOST_TEST(pages > 1U);
  BOOST_REQUIRE(waiting.size() == std::size_t{count});
  BOOST_TEST(std::set(waiting.begin(), waiting.end()).size() == std::size_t{count});
}

// The store knows everything of a lane that has nothing to do.
BOOST_AUTO_TEST_CASE(status_shows_lanes_that_have_ended_without_beginning_them_again) {
  world->engine->failures["build"] = {errc::build_failed, "make: 2", {}};
  deploy_over_wire("r1");
  advance(limits::lane_idle + 1s);
  auto before = running();
  auto lanes = get<protocol::lane_list>(protocol::status_request{}).lanes;
  BOOST_REQUIRE(lanes.size() == 1u);
  BOOST_TEST(lanes.front().app == "shop");
  BOOST_TEST(!lanes.front().active.has_value());
  BOOST_TEST(running() == before);
}

BOOST_AUTO_TEST_CASE(versions_come_in_pages_newest_first) {
  deploy_over_wire("r1");
  auto blog = deploy_over_wire("b1", "blog");
  for (std::size_t i = 1; i < limits::versions_page; ++i) {
    change wanted;
    wanted.version = version_record{};
    wanted.version->app = "blog";
    wanted.version->cluster = "local";
    wanted.version->deployment = blog.id;
    wanted.deployments.push_back(record(blog.id));
    BOOST_REQUIRE(records->commit({&wanted, 1}).front().has_value());
  }
  auto first = get<protocol::version_list>(protocol::versions_request{});
  BOOST_REQUIRE(first.versions.size() == limits::versions_page);
  BOOST_TEST(first.versions.front().version.value == limits::versions_page);
  BOOST_TEST(first.versions.back().version.value == 1u);
  auto second = get<protocol::version_list>(protocol::versions_request{{}, first.next_cursor});
  BOOST_REQUIRE(second.versions.size() == 1u);
  BOOST_TEST(second.versions.front().app == "shop");
  BOOST_TEST(!second.next_cursor.has_value());
  BOOST_TEST(to_string(refusal(protocol::versions_request{{}, "blog"})) ==
             to_string(errc::invalid_argument));
  BOOST_TEST(to_string(refusal(protocol::versions_request{{}, "blog/x"})) ==
             to_string(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(history_gives_pages_that_fit_a_frame_and_loses_nothing) {
  constexpr int count = 100;
  for (int i = 0; i < count; ++i)
    store_large_record(i);
  protocol::history_request asked;
  asked.limit = count;
  std::set<std::string> seen;
  std::size_t pages = 0;
  do {
    auto page = get<protocol::history_list>(asked);
    for (const auto& one : page.deployments)
      BOOST_TEST(seen.insert(one.id).second);
    asked.cursor = page.next_cursor;
    ++pages;
  } while (asked.cursor && pages < count);
  BOOST_TEST(seen.size() == std::size_t{count});
  BOOST_TEST(pages > 1u);
}

BOOST_AUTO_TEST_CASE(a_rollback_is_planned_then_done_and_a_promotion_needs_a_version) {
  deploy_over_wire("r1");
  deploy_over_wire("r2");
  protocol::rollback_request back{"b1", "shop", "local", {}, "", {}, true};
  BOOST_TEST(to_string(get<protocol::planned>(back).to) == "v1");
  back.plan_only = false;
  BOOST_TEST(to_string(get<protocol::accepted>(back).deployment.version.value()) == "v1");
  protocol::promote_request other{"p1", "shop", "local", version_number{9}, "", {}};
  BOOST_TEST(to_string(refusal(other)) == to_string(errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_journal_is_followed_from_a_number_to_its_end) {
  auto how = get<protocol::accepted>(deploy_of("r1"));
  client->frames.clear();
  say(50, protocol::follow_request{how.deployment.id, 1, limits::event_credit});
  BOOST_TEST(events_seen().size() == 1u);
  say(51, protocol::upload_chunk{how.deployment.id, 0, std::vector<char>(100, 'x')});
  advance(1s);
  auto seen = events_seen();
  for (std::size_t i = 0; i < seen.size(); ++i)
    BOOST_TEST(seen[i].seq == i + 1);
  BOOST_TEST(to_string(last<protocol::followed>().deployment.state) == to_string(state::active));
  BOOST_TEST(client->frames.back().ref == 50u);
  client->frames.clear();
  say(52, protocol::follow_request{how.deployment.id, seen.size(), limits::event_credit});
  BOOST_TEST(events_seen().size() == 1u);
  BOOST_TEST(to_string(last<protocol::followed>().deployment.state) == to_string(state::active));
}

BOOST_AUTO_TEST_CASE(a_follower_gets_as_many_events_as_it_has_credit_for) {
  auto d = deploy_over_wire("r1");
  client->frames.clear();
  say(50, protocol::follow_request{d.id, 1, 0});
  BOOST_TEST(client->frames.empty());
  say(50, protocol::follow_credit{2});
  BOOST_TEST(events_seen().size() == 2u);
  say(50, protocol::follow_credit{limits::event_credit});
  BOOST_TEST(last<protocol::followed>().deployment.id == d.id);
  auto frames = client->frames.size();
  say(50, protocol::follow_credit{5});
  BOOST_TEST(client->frames.size() == frames);
  BOOST_TEST(!client->closed);
}

BOOST_AUTO_TEST_CASE(one_connection_follows_so_many_journals_and_no_more) {
  auto how = get<protocol::accepted>(deploy_of("r1"));
  for (std::uint64_t ref = 1; ref <= limits::follows_per_session; ++ref)
    say(ref, protocol::follow_request{how.deployment.id, 1, 0});
  BOOST_TEST(to_string(refusal(protocol::follow_request{how.deployment.id, 1, 0})) ==
             to_string(errc::resource_exhausted));
  BOOST_TEST(to_string(refusal(protocol::follow_request{"zzzz", 1, 0})) ==
             to_string(errc::not_found));
}

BOOST_AUTO_TEST_CASE(viewers_end_with_their_connection_and_the_journal_forgets_them) {
  auto how = get<protocol::accepted>(deploy_of("r1"));
  auto shared = actors.journal;
  actors.journal = system.spawn(journal);
  connect();
  say(49, protocol::hello{protocol::version, "pawl 0.1.0", {}});
  auto before = running();
  say(50, protocol::follow_request{how.deployment.id, 1, 0});
  BOOST_TEST(running() == before + 1);
  auto& journal_now = state_of_actor<journal_state>(actors.journal);
  BOOST_TEST(journal_now.viewers.size() == 1u);
  disconnect();
  BOOST_TEST(running() == before - 2);
  BOOST_TEST(journal_now.viewers.empty());
  BOOST_TEST(journal_now.followed.empty());
  caf::anon_send_exit(std::exchange(actors.journal, shared), caf::exit_reason::kill);
}

BOOST_AUTO_TEST_SUITE_END()
