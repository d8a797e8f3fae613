// Who may do what over a connection: each message, for each role, on an app of their own, a foreign
// one and one that nobody ever had.
#include "actors/session/authorization.hpp"
#include "protocol/msgpack/codec.hpp"
#include "test/actors/session_fixture.hpp"

#include <map>
#include <set>

using namespace pawl;
using namespace pawl::test;

namespace {

// Names a lane, and the deployment that was made in it.
struct target {
  std::string app;
  std::string cluster;
  std::string id;
};

using maker = std::function<protocol::message(const target&)>;

using maker_map = std::multimap<std::string_view, maker>;

// Those about what an app has beside its versions.
void add_makers_of_processes_and_volumes(maker_map& all) {
  using namespace protocol;
  const auto add = [&](std::string_view kind, maker make) { all.emplace(kind, std::move(make)); };
  add("processes_request", [](const target& t) { return processes_request{t.app, t.cluster}; });
  add("scale_request", [](const target& t) {
    return scale_request{t.app, t.cluster, {{"web", 2}}};
  });
  add("restart_request", [](const target& t) {
    return restart_request{"restart-it", t.app, t.cluster, {}, {}};
  });
  add("stop_request", [](const target& t) { return stop_request{t.app, t.cluster}; });
  add("start_request", [](const target& t) { return start_request{t.app, t.cluster}; });
  add("volumes_request", [](const target& t) { return volumes_request{t.app, t.cluster}; });
  add("volume_remove_request", [](const target& t) {
    return volume_remove_request{t.app, t.cluster, "data"};
  });
}

// One or more for each message that names something.
maker_map makers() {
  using namespace protocol;
  maker_map all;
  const auto add = [&](std::string_view kind, maker make) { all.emplace(kind, std::move(make)); };
  add_makers_of_processes_and_volumes(all);
  add("status_request", [](const target& t) { return status_request{t.app, {}, {}}; });
  add("status_request", [](const target& t) { return status_request{{}, t.cluster, {}}; });
  add("status_request", [](const target& t) { return status_request{t.app, t.cluster, {}}; });
  add("history_request", [](const target& t) { return history_request{.app = t.app}; });
  add("history_request",
      [](const target& t) { return history_request{.app = t.app, .cluster = t.cluster}; });
  add("versions_request", [](const target& t) { return versions_request{t.app, {}}; });
  add("show_request", [](const target& t) { return show_request{t.id}; });
  add("follow_request", [](const target& t) { return follow_request{t.id, 1, 100}; });
  add("logs_request", [](const target& t) {
    logs_request asked;
    asked.credit = 100;
    asked.app = t.app;
    asked.cluster = t.cluster;
    return asked;
  });
  add("logs_request", [](const target& t) {
    logs_request asked;
    asked.credit = 100;
    asked.deployment = t.id;
    return asked;
  });
  add("cancel_request", [](const target& t) { return cancel_request{t.id, {}, {}}; });
  add("cancel_request", [](const target& t) { return cancel_request{{}, t.app, t.cluster}; });
  add("deploy_request", [](const target& t) {
    auto asked = session_fixture::deploy_of("deploy-it", t.app);
    asked.cluster = t.cluster;
    return asked;
  });
  add("rollback_request", [](const target& t) {
    rollback_request asked;
    asked.request_id = "back";
    asked.app = t.app;
    asked.cluster = t.cluster;
    return asked;
  });
  add("promote_request", [](const target& t) {
    return promote_request{"promote-it", t.app, t.cluster, {1}, {}};
  });
  add("configure_request", [](const target& t) {
    configure_request asked;
    asked.request_id = "configure-it";
    asked.app = t.app;
    asked.cluster = t.cluster;
    asked.set = {{"LEVEL", secret{"debug"}}};
    return asked;
  });
  add("variables_request", [](const target& t) { return variables_request{t.app, t.cluster}; });
  add("configs_request", [](const target& t) { return configs_request{t.app, t.cluster}; });
  add("destroy_request", [](const target& t) { return destroy_request{t.app, t.cluster}; });
  add("freeze_request", [](const target& t) {
    return freeze_request{t.app, t.cluster, "the sale", {}};
  });
  add("unfreeze_request", [](const target& t) { return unfreeze_request{t.app, t.cluster}; });
  add("audit_request", [](const target& t) { return audit_request{.app = t.app}; });
  return all;
}

// Those that name no app: lists of all that is seen, and what admins do.
bool names_no_app(std::string_view kind) {
  static const std::set<std::string_view> known{"apps_request", "clusters_request",
                                                "token_create_request", "token_list_request",
                                                "token_revoke_request"};
  return known.contains(kind);
}

bool place_has_app(const protocol::message& request) {
  const auto* asked = std::get_if<protocol::status_request>(&request);
  return asked == nullptr || asked->app.has_value();
}

// Those that name the cluster, or a deployment in it.
bool place_has_cluster(const protocol::message& request) {
  if (const auto* status = std::get_if<protocol::status_request>(&request))
    return status->cluster.has_value();
  if (const auto* history = std::get_if<protocol::history_request>(&request))
    return history->cluster.has_value();
  return !std::holds_alternative<protocol::versions_request>(request) &&
         !std::holds_alternative<protocol::audit_request>(request);
}

struct access_fixture : session_fixture {
  target own{"shop", "local", {}};
  target foreign{"blog", "local", {}};
  target elsewhere{"shop", "far", {}}; // the same app, in a cluster that somebody may not see

  access_fixture() {
    cluster_settings far;
    far.name = "far";
    parts->clusters.push_back(far);
    own.id = deploy_to(own);
    foreign.id = deploy_to(foreign);
    elsewhere.id = deploy_to(elsewhere);
  }

  std::string deploy_to(const target& where) {
    auto asked = deploy_of("first-" + where.app + "-" + where.cluster, where.app);
    asked.cluster = where.cluster;
    auto how = get<protocol::accepted>(asked);
    get<protocol::upload_progress>(
        protocol::upload_chunk{how.deployment.id, 0, std::vector<char>(100, 'x')});
    advance(std::chrono::seconds{1});
    return how.deployment.id;
  }

  // From here on the client is this user, who is not the server's owner.
  void speak_as(const grant& given) {
    parts->access.users["bob"] = given;
    connect({"bob", 2000});
    greet();
    BOOST_REQUIRE(std::holds_alternative<protocol::hello>(client->frames.back().body));
  }

  // All that is answered, as bytes, with one name in the place of another of the same length.
  std::string bytes_of(const protocol::message& request,
                       const std::vector<std::pair<std::string, std::string>>& renamed = {}) {
    client->frames.clear();
    say(7, request);
    std::string all;
    for (const auto& frame : client->frames) {
      const auto packed = *protocol::encode(frame);
      all.append(packed.begin(), packed.end());
    }
    for (const auto& [from, to] : renamed)
      for (auto at = all.find(from); at != std::string::npos; at = all.find(from))
        all.replace(at, from.size(), to);
    return all;
  }

  std::string code_of(const protocol::message& request) {
    client->frames.clear();
    say(7, request);
    BOOST_REQUIRE(!client->frames.empty());
    const auto* no = std::get_if<protocol::refused>(&client->frames.front().body);
    return no == nullptr ? "granted" : std::string{to_string(no->error.code)};
  }
};

constexpr std::array all_roles{role::view, role::deploy, role::admin};

} // namespace

BOOST_FIXTURE_TEST_SUITE(access_of_sessions, access_fixture)

BOOST_AUTO_TEST_CASE(each_message_that_can_be_asked_is_in_the_matrix) {
  const auto all = makers();
  for (const auto kind : protocol::kinds) {
    const auto* right = right_of(kind);
    BOOST_REQUIRE_MESSAGE(right != nullptr, kind << " has no row");
    if (right->subject != message_subject::answer && right->subject != message_subject::none)
      BOOST_TEST((all.contains(kind) || names_no_app(kind)), kind << " is not tried");
  }
  for (const auto& row : message_rights)
    BOOST_TEST((std::find(protocol::kinds.begin(), protocol::kinds.end(), row.kind) !=
                protocol::kinds.end()),
               row.kind << " is no message");
}

// A foreign name and one that nobody ever had are answered alike, whatever the role.
BOOST_AUTO_TEST_CASE(a_foreign_app_is_answered_as_an_unknown_one) {
  const target unknown{"nope", "local", "zzzzzzzzzzzzzzzzz"};
  for (const auto which : all_roles)
    for (const auto& [kind, make] : makers())
      BOOST_TEST_CONTEXT(kind << " as " << to_string(which)) {
        if (kind == "status_request" && !place_has_app(make(foreign)))
          continue;
        speak_as({which, {"shop"}, {}});
        const auto of_foreign =
            bytes_of(make(foreign), {{foreign.app, unknown.app}, {foreign.id, unknown.id}});
        BOOST_TEST(of_foreign == bytes_of(make(unknown)));
        BOOST_TEST(code_of(make(foreign)) == "not_found");
      }
}

BOOST_AUTO_TEST_CASE(a_foreign_cluster_is_answered_as_an_unknown_one) {
  const target unknown{"shop", "sky", "zzzzzzzzzzzzzzzzz"};
  for (const auto which : all_roles)
    for (const auto& [kind, make] : makers())
      BOOST_TEST_CONTEXT(kind << " as " << to_string(which)) {
        if (!place_has_cluster(make(elsewhere)))
          continue;
        speak_as({which, {}, {"local"}});
        const auto of_foreign = bytes_of(
            make(elsewhere), {{elsewhere.cluster, unknown.cluster}, {elsewhere.id, unknown.id}});
        BOOST_TEST(of_foreign == bytes_of(make(unknown)));
        BOOST_TEST(code_of(make(elsewhere)) == "not_found");
      }
}

BOOST_AUTO_TEST_CASE(on_what_is_seen_the_role_decides) {
  for (const auto which : all_roles)
    for (const auto& [kind, make] : makers())
      BOOST_TEST_CONTEXT(kind << " as " << to_string(which)) {
        speak_as({which, {"shop"}, {"local"}});
        const bool may = which >= info(right_of(kind)->permission).least;
        const auto code = code_of(make(own));
        BOOST_TEST((code == "permission_denied") == !may, "it is answered " << code);
        BOOST_TEST(code != "unauthenticated");
      }
}

BOOST_AUTO_TEST_CASE(overriding_a_freeze_needs_the_right_to_that_too) {
  for (const auto which : all_roles)
    BOOST_TEST_CONTEXT("as " << to_string(which)) {
      speak_as({which, {"shop"}, {"local"}});
      auto deploy = deploy_of("over-" + std::string{to_string(which)});
      deploy.override_freeze = "it is on fire";
      protocol::promote_request promote{
          "on-" + std::string{to_string(which)}, "shop", "local", {1}, {}};
      promote.override_freeze = "it is on fire";
      for (const auto& request : {protocol::message{deploy}, protocol::message{promote}})
        BOOST_TEST((code_of(request) == "permission_denied") == (which != role::admin));
      deploy.app = "blog";
      BOOST_TEST(code_of(deploy) == "not_found");
    }
}

// All apps, or all clusters, are frozen by those who may do so for each of them.
BOOST_AUTO_TEST_CASE(a_freeze_of_all_is_for_those_who_cover_all) {
  speak_as({role::admin, {"shop"}, {}});
  BOOST_TEST(code_of(protocol::freeze_request{{}, {}, "sale", {}}) == "permission_denied");
  BOOST_TEST(code_of(protocol::freeze_request{{}, "local", "sale", {}}) == "permission_denied");
  BOOST_TEST(code_of(protocol::freeze_request{"shop", {}, "sale", {}}) == "granted");
  speak_as({role::admin, {}, {"local"}});
  BOOST_TEST(code_of(protocol::freeze_request{"shop", {}, "sale", {}}) == "permission_denied");
  BOOST_TEST(code_of(protocol::unfreeze_request{"shop", {}}) == "permission_denied");
  BOOST_TEST(code_of(protocol::freeze_request{{}, "local", "sale", {}}) == "granted");
}

// The refusal names the freezes that there are.
BOOST_AUTO_TEST_CASE(freezes_of_foreign_lanes_are_not_told) {
  get<protocol::frozen>(protocol::freeze_request{"blog", {}, "sale", {}});
  get<protocol::frozen>(protocol::freeze_request{{}, "far", "sale", {}});
  get<protocol::frozen>(protocol::freeze_request{{}, "local", "sale", {}});
  speak_as({role::admin, {"shop"}, {"local"}});
  const auto bytes = bytes_of(protocol::unfreeze_request{"shop", "local"});
  BOOST_TEST(bytes.find("blog") == std::string::npos);
  BOOST_TEST(bytes.find("far") == std::string::npos);
  BOOST_TEST(bytes.find("-C local") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(lists_leave_out_what_is_not_seen) {
  using namespace protocol;
  const std::vector<message> lists{status_request{}, history_request{}, versions_request{},
                                   apps_request{}, clusters_request{}};
  speak_as({role::view, {"shop"}, {}});
  for (const auto& list : lists) {
    const auto bytes = bytes_of(list);
    BOOST_TEST(bytes.find("blog") == std::string::npos, kind(list));
    BOOST_TEST(bytes.find(foreign.id) == std::string::npos, kind(list));
    BOOST_TEST(bytes.find("far") != std::string::npos, kind(list)); // it is seen there
  }
  speak_as({role::view, {}, {"local"}});
  for (const auto& list : lists) {
    const auto bytes = bytes_of(list);
    BOOST_TEST(bytes.find("far") == std::string::npos, kind(list));
    BOOST_TEST(bytes.find(elsewhere.id) == std::string::npos, kind(list));
    BOOST_TEST(bytes.find("local") != std::string::npos, kind(list));
  }
}

BOOST_AUTO_TEST_CASE(a_list_is_whole_over_its_pages_for_somebody_who_sees_a_part) {
  speak_as({role::view, {"shop"}, {}});
  std::vector<std::string> seen;
  protocol::history_request request{.limit = 1};
  do {
    auto page = get<protocol::history_list>(request);
    for (const auto& one : page.deployments)
      seen.push_back(one.id);
    request.cursor = page.next_cursor;
  } while (request.cursor && seen.size() < 10);
  BOOST_TEST((seen == std::vector<std::string>{elsewhere.id, own.id}));
}

// The beginning that several ids have in common is ambiguous only among those that are seen.
BOOST_AUTO_TEST_CASE(a_prefix_is_looked_up_among_what_is_seen) {
  ids_ = 32; // an id begins with its number's lowest bits, five to a character
  foreign.app = "mail";
  foreign.id = deploy_to(foreign);
  const auto prefix = own.id.substr(0, 1);
  BOOST_REQUIRE(foreign.id.starts_with(prefix));
  BOOST_TEST(code_of(protocol::show_request{prefix}) == "invalid_argument"); // ann sees all
  speak_as({role::view, {"shop"}, {"local"}});
  BOOST_TEST(get<protocol::shown>(protocol::show_request{prefix}).deployment.id == own.id);
  speak_as({role::view, {"other"}, {}});
  BOOST_TEST(code_of(protocol::show_request{prefix}) == "not_found");
}

BOOST_AUTO_TEST_CASE(a_cluster_that_is_left_out_is_one_that_is_seen) {
  speak_as({role::view, {}, {"local"}});
  protocol::logs_request asked;
  asked.credit = 100;
  asked.app = "shop";
  BOOST_TEST(code_of(asked) == "granted");
  speak_as({role::deploy, {"shop"}, {}});
  const auto why =
      get<protocol::refused>(protocol::cancel_request{{}, "shop", {}}).error; // in both clusters
  BOOST_TEST(to_string(why.code) == "invalid_argument");
  BOOST_TEST(why.message.find("local, far") != std::string::npos, why.message);
  speak_as({role::deploy, {}, {"moon"}});
  BOOST_TEST(bytes_of(asked).find("far") == std::string::npos);
}

// An id of a request that somebody else has used says nothing of what it was used for.
BOOST_AUTO_TEST_CASE(the_id_of_a_foreign_request_tells_nothing) {
  speak_as({role::deploy, {"shop"}, {}});
  auto asked = deploy_of("first-blog-local", "shop");
  const auto bytes = bytes_of(asked);
  BOOST_TEST(bytes.find("blog to") == std::string::npos);
  BOOST_TEST(bytes.find(foreign.id) == std::string::npos);
  BOOST_TEST(code_of(asked) == "invalid_argument");
}

BOOST_AUTO_TEST_CASE(whoami_tells_the_rights_of_the_connection) {
  speak_as({role::deploy, {"shop"}, {"local"}});
  const auto who = get<protocol::whoami>(protocol::whoami_request{});
  BOOST_TEST(who.user == "bob");
  BOOST_TEST((who.grant == grant{role::deploy, {"shop"}, {"local"}}));
  BOOST_TEST((who.authenticated_by == credential::socket));
  BOOST_TEST(!who.expires_at.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
