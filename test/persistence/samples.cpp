#include "test/persistence/samples.hpp"

#include "persistence/token_digest.hpp"

#include <boost/test/unit_test.hpp>

namespace pawl::test {

timestamp at(std::int64_t ms) {
  return timestamp{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}} +
         std::chrono::milliseconds{ms};
}

deployment sample(std::string id, std::int64_t created_ms, const lane_key& lane) {
  deployment draft;
  draft.request_id = "request-" + id;
  draft.id = std::move(id);
  draft.app = lane.app;
  draft.cluster = lane.cluster;
  draft.by = "ada";
  draft.source = source_facts{"sha256:00", 10, 2};
  return *begin(std::move(draft), state::preparing, at(created_ms));
}

deployment full_sample(std::string id) {
  auto d = sample(std::move(id));
  d.version = version_number{7};
  d.git = git_facts{"abc123", "main", "Fix\nit", "Ada", "ada@example.org", at(-5), "git@x:y", true};
  d.message = "why";
  d.finished_at = at(9);
  d.error = failure{errc::unhealthy, "no answer", {{"instance", "1"}}, state::activating};
  d.replaces = "before";
  d.urls = {"http://shop.localhost"};
  d.internals.settings = manifest{};
  d.internals.settings->run.env = {{"LOG_LEVEL", "info"}};
  d.internals.settings->run.user = "1000:1000";
  d.internals.settings->run.read_only = true;
  d.internals.settings->build.image = "ghcr.io/acme/shop:v7";
  d.internals.settings->build.target = "live";
  d.internals.settings->build.args = {{"NODE_VERSION", "18"}};
  d.internals.artifact = "sha256:11";
  d.internals.outcome = failure{errc::cancelled, "by ada", {}, state::building};
  d.internals.resumes = 2;
  d.internals.took_over = "another";
  return d;
}

version_record sample_version(const deployment& built) {
  version_record v;
  v.app = built.app;
  v.artifact = "sha256:22";
  v.deployment = built.id;
  v.cluster = built.cluster;
  v.engine = "process";
  v.created_at = at(3);
  return v;
}

token_record sample_token(std::string name, std::uint64_t revision) {
  token_record token;
  token.digest = token_digest(secret{name});
  token.name = std::move(name);
  token.grant = {role::deploy, {"blog", "shop"}, {"staging"}};
  token.created_at = at(1);
  token.created_by = "ada";
  token.expires_at = at(1000);
  token.last_used_at = at(2);
  token.revision = revision;
  return token;
}

event log_line(std::string line, std::int64_t ms) {
  return {0, at(ms), log_event{"build", "stdout", std::move(line)}};
}

result<receipt> commit_one(store& to, change wanted) {
  auto results = to.commit(std::span{&wanted, 1});
  BOOST_REQUIRE_EQUAL(results.size(), 1U);
  return std::move(results.front());
}

deployment keep(store& to, deployment d) {
  auto kept = commit_one(to, {.deployments = {std::move(d)}});
  BOOST_REQUIRE_MESSAGE(kept.has_value(), (kept ? "" : kept.error().message));
  return kept->deployments.front();
}

deployment move(store& to, deployment d, state next, std::int64_t ms) {
  auto moved = advance(std::move(d), next, at(ms), "pawl");
  BOOST_REQUIRE(moved.has_value());
  auto id = moved->id;
  auto kept = commit_one(to, {.deployments = {*std::move(moved)},
                              .journal = {{id, {{0, at(ms), state_event{next, {}}}}}}});
  BOOST_REQUIRE_MESSAGE(kept.has_value(), (kept ? "" : kept.error().message));
  return kept->deployments.front();
}

std::vector<std::string> walk(const store& in, history_query query) {
  std::vector<std::string> ids;
  do {
    auto page = in.history(query);
    BOOST_REQUIRE(page.has_value());
    for (const auto& d : page->deployments)
      ids.push_back(d.id);
    query.cursor = page->next_cursor;
  } while (query.cursor);
  return ids;
}

} // namespace pawl::test
