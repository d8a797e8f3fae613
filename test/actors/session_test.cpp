// A connection's conversation with its session: requests in, answers out.
#include "test/actors/session_fixture.hpp"
#include "test/support/print.hpp"

#include <fmt/format.h>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(sessions, session_fixture)

BOOST_AUTO_TEST_CASE(the_first_frame_of_each_side_is_hello) {
  connect();
  say(7, protocol::hello{protocol::version, "pawl 0.1.0", {}});
  BOOST_TEST(client->frames.front().ref == 7u);
  BOOST_TEST(last<protocol::hello>().protocol == protocol::version);
  BOOST_TEST(client->handled == 1u);
  BOOST_TEST(!client->closed);
}

BOOST_AUTO_TEST_CASE(another_protocol_version_is_told_which_side_to_upgrade_and_closed) {
  connect();
  auto before = running();
  say(1, protocol::hello{protocol::version + 1, "pawl 9.0.0", {}});
  BOOST_TEST(to_string(last<protocol::refused>().error.code) == to_string(errc::invalid_argument));
  BOOST_TEST(last<protocol::refused>().error.message.find("upgrade") != std::string::npos);
  BOOST_TEST(client->closed);
  BOOST_TEST(running() == before - 1);
}

BOOST_AUTO_TEST_CASE(a_first_frame_that_is_not_hello_ends_the_connection) {
  connect();
  say(1, protocol::apps_request{});
  BOOST_TEST(to_string(last<protocol::refused>().error.code) == to_string(errc::invalid_argument));
  BOOST_TEST(client->frames.size() == 1u);
  BOOST_TEST(client->closed);
}

BOOST_AUTO_TEST_CASE(a_frame_that_is_no_message_ends_the_connection) {
  caf::anon_send(speaker,
                 unreadable_input{protocol::decode(std::string_view{"\x01\x02\x03"}).error()});
  run();
  BOOST_TEST(to_string(last<protocol::refused>().error.code) == to_string(errc::invalid_argument));
  BOOST_TEST(client->closed);
}

BOOST_AUTO_TEST_CASE(what_only_a_server_sends_ends_the_connection_of_a_client) {
  say(1, protocol::app_list{});
  BOOST_TEST(last<protocol::refused>().error.message == "a client does not send app_list");
  BOOST_TEST(client->closed);
}

BOOST_AUTO_TEST_CASE(a_second_hello_ends_the_connection) {
  say(1, protocol::hello{protocol::version, "pawl 0.1.0", {}});
  BOOST_TEST(client->closed);
}

BOOST_AUTO_TEST_CASE(nothing_is_answered_after_the_end) {
  push(1, protocol::app_list{});
  push(2, protocol::apps_request{});
  run();
  BOOST_TEST(client->frames.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_ping_is_answered_and_a_pong_is_not) {
  get<protocol::pong>(protocol::ping{});
  say(5, protocol::pong{});
  BOOST_TEST(client->frames.size() == 1u);
  BOOST_TEST(client->handled == 2u);
}

BOOST_AUTO_TEST_CASE(a_deployment_is_by_whom_the_connection_says_and_goes_to_its_end) {
  auto d = deploy_over_wire("r1");
  BOOST_TEST(d.by == "ann");
  BOOST_TEST(to_string(state_of(d.id)) == to_string(state::active));
}

BOOST_AUTO_TEST_CASE(the_same_request_again_says_where_its_upload_goes_on) {
  auto how = get<protocol::accepted>(deploy_of("r1"));
  get<protocol::upload_progress>(
      protocol::upload_chunk{how.deployment.id, 0, std::vector<char>(40, 'x')});
  auto again = get<protocol::accepted>(deploy_of("r1"));
  BOOST_TEST(again.deployment.id == how.deployment.id);
  BOOST_TEST(again.upload_offset == 40u);
}

BOOST_AUTO_TEST_CASE(a_chunk_is_handled_only_after_its_bytes_were_appended) {
  auto how = get<protocol::accepted>(deploy_of("r1"));
  auto before = client->handled;
  push(9, protocol::upload_chunk{how.deployment.id, 0, std::vector<char>(10, 'x')});
  while (client->handled == before)
    BOOST_REQUIRE(scheduler.try_run_once());
  BOOST_TEST(world->sources->open.at(how.deployment.id).offset == 10u);
}

BOOST_AUTO_TEST_CASE(a_chunk_of_no_upload_or_at_another_offset_is_refused_and_handled) {
  auto how = get<protocol::accepted>(deploy_of("r1"));
  auto before = client->handled;
  BOOST_TEST(to_string(refusal(protocol::upload_chunk{"0123456789abcdef", 0, {'x'}})) ==
             to_string(errc::invalid_argument));
  BOOST_TEST(to_string(refusal(protocol::upload_chunk{how.deployment.id, 50, {'x'}})) ==
             to_string(errc::invalid_argument));
  BOOST_TEST(client->handled == before + 2);
}

BOOST_AUTO_TEST_CASE(an_upload_that_is_complete_counts_no_more) {
  for (std::size_t i = 0; i <= limits::uploads_at_once; ++i)
    deploy_over_wire(fmt::format("r{}", i)); // requires that each is accepted
}

BOOST_AUTO_TEST_CASE(a_chunk_for_a_deployment_that_has_ended_is_refused) {
  auto how = get<protocol::accepted>(deploy_of("r1"));
  advance(limits::upload_timeout + 1s);
  BOOST_TEST(to_string(state_of(how.deployment.id)) == to_string(state::failed));
  BOOST_TEST(to_string(refusal(protocol::upload_chunk{how.deployment.id, 0, {'x'}})) ==
             to_string(errc::unavailable));
}

BOOST_AUTO_TEST_CASE(more_requests_in_work_than_the_limit_are_refused) {
  deploy_over_wire("r1");
  client->frames.clear();
  for (std::size_t i = 0; i <= limits::requests_in_work; ++i)
    push(i, protocol::cancel_request{{}, "shop", "local"});
  push(1000, protocol::status_request{});
  while (scheduler.prioritize(speaker))
    scheduler.try_run_once();
  run();
  auto refused = [&](errc code) {
    return std::count_if(client->frames.begin(), client->frames.end(), [&](const auto& frame) {
      return std::get<protocol::refused>(frame.body).error.code == code;
    });
  };
  BOOST_TEST(client->frames.size() == limits::requests_in_work + 2);
  BOOST_TEST(refused(errc::resource_exhausted) == 2);
  client->frames.clear();
  say(1, protocol::cancel_request{{}, "shop", "local"});
  BOOST_TEST(refused(errc::not_found) == 1);
}

BOOST_AUTO_TEST_CASE(a_cluster_may_be_left_out_where_there_is_one) {
  auto asked = deploy_of("r1");
  asked.cluster = "";
  BOOST_TEST(get<protocol::accepted>(asked).deployment.cluster == "local");
  asked.cluster = "moon";
  BOOST_TEST(to_string(refusal(asked)) == to_string(errc::not_found));
}

BOOST_AUTO_TEST_CASE(of_several_clusters_the_only_one_with_the_app_is_meant) {
  deploy_over_wire("r1", "other");
  auto staging = cluster_settings{};
  staging.name = "staging";
  parts->clusters.push_back(staging);
  auto asked = deploy_of("r2");
  asked.cluster = "";
  const auto nowhere = get<protocol::refused>(asked).error;
  BOOST_TEST(to_string(nowhere.code) == to_string(errc::invalid_argument));
  BOOST_TEST(nowhere.message == "this server has several clusters, and shop is in none of them: "
                                "say which with -C (local, staging)");
  // The other is in one, for every request that names an app.
  asked = deploy_of("r3", "other");
  asked.cluster = "";
  asked.when_busy = when_busy::queue;
  BOOST_TEST(get<protocol::accepted>(asked).deployment.cluster == "local");
  protocol::cancel_request cancel{{}, "other", ""};
  BOOST_TEST(get<protocol::shown>(cancel).deployment.cluster == "local");
  protocol::logs_request logs;
  logs.app = "other";
  logs.credit = 1;
  say(50, logs);
  last<protocol::logs_complete>();
  protocol::rollback_request back;
  back.request_id = "b1";
  back.app = "other";
  BOOST_TEST(to_string(refusal(back)) == to_string(errc::not_found)); // nothing to go back to
  // And then in both.
  asked = deploy_of("r4", "other");
  asked.cluster = "staging";
  get<protocol::accepted>(asked);
  const auto both = get<protocol::refused>(protocol::cancel_request{{}, "other", ""}).error;
  BOOST_TEST(both.message == "other is in several clusters: say which with -C (local, staging)");
}

BOOST_AUTO_TEST_CASE(the_default_cluster_is_meant_where_no_other_rule_says_which) {
  deploy_over_wire("r1", "other");
  auto staging = cluster_settings{};
  staging.name = "staging";
  staging.is_default = true;
  parts->clusters.push_back(staging);
  auto asked = deploy_of("r2");
  asked.cluster = "";
  BOOST_TEST(get<protocol::accepted>(asked).deployment.cluster == "staging"); // it is in none
  asked = deploy_of("r3", "other");
  asked.cluster = "";
  asked.when_busy = when_busy::queue;
  BOOST_TEST(get<protocol::accepted>(asked).deployment.cluster == "local"); // it is there only
}

BOOST_AUTO_TEST_CASE(a_cancel_by_the_beginning_of_an_id_answers_with_the_cancelled_record) {
  auto how = get<protocol::accepted>(deploy_of("r1"));
  auto gone = get<protocol::shown>(protocol::cancel_request{how.deployment.id, "", ""});
  BOOST_TEST(to_string(gone.deployment.state) == to_string(state::cancelled));
  BOOST_TEST(to_string(refusal(protocol::cancel_request{"zzzz", "", ""})) ==
             to_string(errc::not_found));
}

BOOST_AUTO_TEST_CASE(asking_about_an_app_that_nobody_deployed_leaves_no_lane_behind) {
  auto before = running();
  BOOST_TEST(to_string(refusal(protocol::cancel_request{{}, "nobody", "local"})) ==
             to_string(errc::not_found));
  protocol::rollback_request back;
  back.request_id = "b1";
  back.app = "nobody";
  back.cluster = "local";
  BOOST_TEST(to_string(refusal(back)) == to_string(errc::not_found));
  back.plan_only = true;
  BOOST_TEST(to_string(refusal(back)) == to_string(errc::not_found));
  BOOST_TEST(running() == before);
}

// The session was given the lane's handle, and then the lane ended.
BOOST_AUTO_TEST_CASE(a_request_that_comes_just_as_the_idle_lane_ends_is_answered_by_the_next) {
  auto idle = lane();
  push(7, deploy_of("r1"));
  advance(limits::lane_idle);
  BOOST_TEST(lane() != idle);
  BOOST_TEST(to_string(last<protocol::accepted>().deployment.state) == to_string(state::preparing));
}

// And of a lane that it has asked before, whose handle it has kept.
BOOST_AUTO_TEST_CASE(a_session_finds_the_next_of_a_lane_that_has_ended_since) {
  for (const std::string request : {"r1", "r2", "r3"}) {
    auto how = get<protocol::accepted>(deploy_of(request));
    BOOST_TEST(to_string(how.deployment.state) == to_string(state::preparing));
    auto asked = lane();
    get<protocol::shown>(protocol::cancel_request{how.deployment.id, "", ""});
    advance(limits::lane_idle + 1s);
    BOOST_TEST(lane() != asked);
    advance(limits::lane_idle + 1s); // lane() has made another
  }
}

BOOST_AUTO_TEST_CASE(the_servers_uploads_are_counted_over_all_connections) {
  auto nth = [](std::size_t i) {
    return deploy_of("r" + std::to_string(i), "app" + std::to_string(i));
  };
  auto first = get<protocol::accepted>(nth(0));
  for (std::size_t i = 1; i < limits::uploads_at_once; ++i) {
    if (i == limits::uploads_at_once / 2) {
      connect();
      say(1, protocol::hello{protocol::version, "pawl 0.1.0", {}});
    }
    get<protocol::accepted>(nth(i));
  }
  BOOST_TEST(to_string(refusal(nth(100))) == to_string(errc::resource_exhausted));
  BOOST_TEST(get<protocol::accepted>(nth(0)).deployment.id == first.deployment.id);
  get<protocol::shown>(protocol::cancel_request{first.deployment.id, "", ""});
  get<protocol::accepted>(nth(100));
}

BOOST_AUTO_TEST_CASE(a_complete_source_that_waits_for_its_turn_takes_no_place) {
  hold_builds();
  auto before = running();
  deploy("r1");
  auto queued = deploy("r2", when_busy::queue);
  BOOST_TEST(to_string(state_of(queued.id)) == to_string(state::queued));
  BOOST_TEST(running() == before + 1); // the build that is held
  held->end_all();
  run();
  advance(1s);
  held->end_all();
  run();
  advance(1s);
  BOOST_TEST(to_string(state_of(queued.id)) == to_string(state::active));
}

BOOST_AUTO_TEST_CASE(the_session_ends_with_its_connection) {
  auto before = running();
  disconnect();
  BOOST_TEST(running() == before - 2);
}

BOOST_AUTO_TEST_SUITE_END()
