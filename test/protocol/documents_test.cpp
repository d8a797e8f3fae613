#include "protocol/json/documents.hpp"

#include "test/client/samples.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace pawl;
using namespace pawl::json;
using pawl::test::failed_deployment;
using pawl::test::sample_deployment;
using pawl::test::sample_time;

static_assert(!std::is_constructible_v<nlohmann::json, secret> &&
              std::is_constructible_v<nlohmann::json, std::string>);

BOOST_AUTO_TEST_SUITE(json_documents)

BOOST_AUTO_TEST_CASE(a_deployment_has_the_fields_of_the_contract) {
  BOOST_TEST(
      deployment_document(sample_deployment(), std::nullopt) ==
      R"({"deployment":{"id":"7kq2m4x8v0abcdef","app":"shop","cluster":"local",)"
      R"("operation":"deploy","state":"active","version":"v3",)"
      R"("source":{"digest":"sha256:00","bytes":1024,"files":2},)"
      R"("git":{"sha":"abc123","branch":"main","message":"Fix the cart","author":"Ana",)"
      R"("author_email":"ana@example.org","committed_at":"2026-01-02T03:04:05.678Z",)"
      R"("repository":"https://example.org/shop.git","dirty":true},"by":"ana","message":"why",)"
      R"("request_id":"r1","created_at":"2026-01-02T03:04:05.678Z",)"
      R"("updated_at":"2026-01-02T03:04:07.678Z","finished_at":"2026-01-02T03:04:07.678Z",)"
      R"("error":null,"replaces":null,"urls":["http://shop.localhost:7480/"],"transitions":[)"
      R"({"state":"preparing","at":"2026-01-02T03:04:05.678Z","by":"ana"},)"
      R"({"state":"active","at":"2026-01-02T03:04:07.678Z","by":"pawl"}],"config":null}})");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_null) {
  auto document = deployment_document(failed_deployment(), std::nullopt);
  for (auto part : {R"("version":null)", R"("source":null)", R"("git":null)", R"("urls":[])",
                    R"("replaces":"0000000000000000")",
                    R"("error":{"code":"build_failed","message":"make: *** [all] Error 2",)"
                    R"("details":{"exit_status":"2"},"state":"building"})"})
    BOOST_TEST(document.find(part) != std::string::npos, part << " is not in " << document);
}

BOOST_AUTO_TEST_CASE(an_error_stands_beside_the_deployment_or_alone) {
  error problem{errc::in_flight, "busy", {{"deployment", "x"}}};
  BOOST_TEST(error_document(problem) ==
             R"({"error":{"code":"in_flight","message":"busy","details":{"deployment":"x"}}})");
  auto both = deployment_document(sample_deployment(), problem);
  BOOST_TEST(both.starts_with(R"({"deployment":{)"));
  BOOST_TEST(both.ends_with(
      R"(,"error":{"code":"in_flight","message":"busy","details":{"deployment":"x"}}})"));
}

BOOST_AUTO_TEST_CASE(events_are_flat) {
  auto line = [](event_body body) { return event_line("d1", {7, sample_time, std::move(body)}); };
  const std::string head = R"({"deployment":"d1","seq":7,"at":"2026-01-02T03:04:05.678Z","event":)";
  BOOST_TEST(line(state_event{state::building, {}}) == head + R"("state","state":"building"})");
  BOOST_TEST(line(state_event{state::failed, failed_deployment().error}) ==
             head + R"("state","state":"failed","error":{"code":"build_failed",)"
                    R"("message":"make: *** [all] Error 2","details":{"exit_status":"2"},)"
                    R"("state":"building"}})");
  BOOST_TEST(line(progress_event{"upload", 1, 2, "bytes"}) ==
             head + R"("progress","step":"upload","current":1,"total":2,"unit":"bytes"})");
  BOOST_TEST(line(log_event{"build", "stderr", "a\"b"}) ==
             head + R"("log","step":"build","stream":"stderr","line":"a\"b"})");
  BOOST_TEST(line(health_event{"d1-1", false, "connection refused"}) ==
             head + R"("health","instance":"d1-1","ok":false,"detail":"connection refused"})");
  BOOST_TEST(line(warning_event{"w"}) == head + R"("warning","message":"w"})");
}

BOOST_AUTO_TEST_CASE(log_lines_that_are_not_utf8_are_shown_with_replacements) {
  auto line = event_line("d", {1, sample_time, log_event{"build", "stdout", "a\xff\x1b[0m"}});
  BOOST_TEST(line.find("a\uFFFD\\u001b[0m") != std::string::npos, line);
}

BOOST_AUTO_TEST_CASE(a_line_of_an_app_says_when_it_came_if_that_is_known) {
  BOOST_TEST(log_entry({"d1-1", sample_time, "up\x1b[0m"}) ==
             R"({"instance":"d1-1","at":"2026-01-02T03:04:05.678Z","line":"up\u001b[0m"})");
  BOOST_TEST(log_event_line({"d1-1", std::nullopt, "up"}) ==
             R"({"event":"log","instance":"d1-1","at":null,"line":"up"})");
}

BOOST_AUTO_TEST_CASE(the_last_line_is_the_result) {
  BOOST_TEST(result_line(sample_deployment(), std::nullopt)
                 .starts_with(R"({"event":"result","deployment":{"id":)"));
  BOOST_TEST(result_line(std::nullopt, error{errc::internal, "m", {}}) ==
             R"({"event":"result","error":{"code":"internal","message":"m","details":{}}})");
}

BOOST_AUTO_TEST_CASE(lists_have_the_fields_of_the_contract) {
  BOOST_TEST(document(protocol::history_list{{}, std::nullopt}) ==
             R"({"deployments":[],"next_cursor":null})");
  BOOST_TEST(document(protocol::history_list{{}, "c"}) ==
             R"({"deployments":[],"next_cursor":"c"})");
  BOOST_TEST(
      document(protocol::lane_list{
          {{"shop", "local", {}, {{"d-1", "running", "127.0.0.1:1"}}, {}, {}}}}) ==
      R"({"lanes":[{"app":"shop","cluster":"local","active":null,"instances":[)"
      R"({"name":"d-1","process":"web","state":"running","address":"127.0.0.1:1","restarts":0}],)"
      R"("in_flight":null,"queued":[]}]})");
  BOOST_TEST(document(protocol::version_list{
                 {{"shop", version_number{2}, "sha256:1", sample_time, "d", {"local"}, true}}}) ==
             R"({"versions":[{"app":"shop","version":"v2","artifact":"sha256:1",)"
             R"("created_at":"2026-01-02T03:04:05.678Z","deployment":"d","live_in":["local"],)"
             R"("can_roll_back":true,"readiness":"cold"}]})");
  BOOST_TEST(document(protocol::app_list{{{"shop", {"a", "b"}}}}) ==
             R"({"apps":[{"app":"shop","clusters":["a","b"]}]})");
  BOOST_TEST(document(protocol::cluster_list{{{"local", "process", when_busy::queue}}}) ==
             R"({"clusters":[{"name":"local","engine":"process","when_busy":"queue"}]})");
  BOOST_TEST(
      document(protocol::planned{"shop", "local", version_number{2}, version_number{1}, "d"}) ==
      R"({"plan":{"app":"shop","cluster":"local","from":"v2","to":"v1","deployment":"d",)"
      R"("instances":0,"readiness":"cold","expected_ms":null,"config":null,)"
      R"("added":[],"changed":[],"removed":[]}})");
  protocol::lane_view lane{.app = "shop", .cluster = "local"};
  lane.warm = {{version_number{1}, sample_time}};
  const auto shown = document(protocol::lane_list{{lane}});
  BOOST_TEST(shown.find(R"("warm":[{"version":"v1","until":"2026-01-02T03:04:05.678Z"}])") !=
                 std::string::npos,
             shown);
}

BOOST_AUTO_TEST_CASE(freezes_and_audit_records_have_the_fields_of_the_contract) {
  const freeze_record freeze{"shop", {}, "sale", "ann", sample_time, {}};
  const std::string fields = R"({"app":"shop","cluster":null,"reason":"sale","by":"ann",)"
                             R"("at":"2026-01-02T03:04:05.678Z","until":null})";
  BOOST_TEST(document(protocol::frozen{freeze}) == R"({"freeze":)" + fields + "}");
  BOOST_TEST(document(protocol::unfrozen{freeze}) == R"({"unfrozen":)" + fields + "}");
  protocol::lane_view lane{.app = "shop", .cluster = "local"};
  BOOST_TEST(document(protocol::lane_list{{lane}}).find("frozen") == std::string::npos);
  lane.frozen = lane_freeze{"sale", "ann", sample_time, {}, {}};
  const auto shown = document(protocol::lane_list{{lane}});
  BOOST_TEST(shown.find(R"("frozen":{"reason":"sale","by":"ann",)"
                        R"("since":"2026-01-02T03:04:05.678Z","until":null)") != std::string::npos,
             shown);
  audit_record told;
  told.at = sample_time;
  told.by = "ann";
  told.action = "deploy";
  told.app = "shop";
  told.outcome = audit_outcome::refused;
  told.code = errc::frozen;
  told.address = "192.0.2.7";
  told.detail = "why";
  BOOST_TEST(document(protocol::audit_list{{told}, "c"}) ==
             R"({"records":[{"at":"2026-01-02T03:04:05.678Z","by":"ann","action":"deploy",)"
             R"("app":"shop","cluster":null,"target":null,"outcome":"refused","code":"frozen",)"
             R"("address":"192.0.2.7","detail":"why"}],"next_cursor":"c"})");
}

BOOST_AUTO_TEST_SUITE_END()
