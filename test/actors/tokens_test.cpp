// Tokens: made, shown once, used, noted, revoked and expired; and who is nobody.
#include "persistence/token_digest.hpp"
#include "protocol/msgpack/codec.hpp"
#include "test/actors/session_fixture.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

// Over TLS nobody has a user of this machine: the number of one means nothing.
const peer remote{"", 0, "192.0.2.7"};

struct tokens_fixture : session_fixture {
  // By the server's owner.
  protocol::token_created made(const std::string& name,
                               const grant& given = {role::deploy, {"shop"}, {}},
                               std::optional<duration> expires_in = {}) {
    return get<protocol::token_created>(
        protocol::token_create_request{name, given, expires_in, false});
  }
  secret create(const std::string& name, const grant& given = {role::deploy, {"shop"}, {}},
                std::optional<duration> expires_in = {}) {
    return made(name, given, expires_in).token;
  }

  // Everything that a client is told on a new connection, as bytes.
  std::string told(const peer& who, const secret& shown) {
    connect(who);
    greet(shown);
    std::string all;
    for (const auto& frame : client->frames) {
      const auto packed = *protocol::encode(frame);
      all.append(packed.begin(), packed.end());
    }
    return all;
  }

  bool is_admitted(const secret& shown, const peer& who = remote) {
    told(who, shown);
    return std::holds_alternative<protocol::hello>(client->frames.front().body);
  }

  void be_owner() {
    connect();
    greet();
  }

  // By another client.
  void revoke(const std::string& name) {
    auto kept = ask<result<receipt>>(actors.writer, change{.revoked_token = token(name)});
    BOOST_REQUIRE(kept.has_value());
  }

  bool commit_past_the_writer(const change& what) {
    return records->commit(std::span{&what, 1}).front().has_value();
  }

  token_record token(const std::string& name) const { return actors.tokens->find(name).value(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tokens_of_sessions, tokens_fixture)

BOOST_AUTO_TEST_CASE(a_token_opens_a_connection_in_its_name_with_its_rights) {
  const auto text = create("ci", {role::view, {"shop"}, {"local"}});
  BOOST_TEST(is_token(text.reveal()));
  BOOST_REQUIRE(is_admitted(text));
  const auto who = get<protocol::whoami>(protocol::whoami_request{});
  BOOST_TEST(who.user == "ci");
  BOOST_TEST((who.grant == grant{role::view, {"shop"}, {"local"}}));
  BOOST_TEST((who.authenticated_by == credential::token));
  BOOST_TEST((who.expires_at == world->wall + limits::token_expiry));
  BOOST_TEST((refusal(deploy_of("r1")) == errc::permission_denied));
}

BOOST_AUTO_TEST_CASE(a_token_is_kept_as_its_digest_and_listed_without_it) {
  const auto text = create("ci");
  const auto stored = records->tokens()->front();
  BOOST_TEST(stored.digest == token_digest(text));
  BOOST_TEST(stored.created_by == "ann");
  client->frames.clear();
  say(5, protocol::token_list_request{});
  const auto packed = *protocol::encode(client->frames.front());
  const std::string bytes{packed.begin(), packed.end()};
  BOOST_TEST(bytes.find("ci") != std::string::npos);
  BOOST_TEST(bytes.find(text.reveal()) == std::string::npos);
  BOOST_TEST(bytes.find(stored.digest.substr(7)) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(
    a_new_token_comes_with_the_place_at_which_other_machines_reach_the_server_now) {
  BOOST_TEST(!made("first").server);
  protocol::server_place place{"192.0.2.10:7420", "sha256:" + std::string(64, 'a')};
  parts->place_for_others = [&place] { return place; };
  BOOST_TEST(made("second").server.value().address == place.address);
  place.fingerprint = "sha256:" + std::string(64, 'b'); // of another certificate
  BOOST_TEST(made("third").server.value().fingerprint == place.fingerprint);
}

BOOST_AUTO_TEST_CASE(a_token_of_a_server_that_starts_again_is_known) {
  const auto text = create("ci");
  disconnect();
  restart();
  BOOST_TEST(is_admitted(text));
}

// Whatever is wrong with a credential, the answer is the same, and tells nothing of the server.
BOOST_AUTO_TEST_CASE(those_who_are_nobody_get_the_same_bytes) {
  const auto revoked = create("old");
  revoke("old");
  const auto expected = told(remote, {});
  BOOST_TEST(expected.find("unauthenticated") != std::string::npos);
  BOOST_TEST(expected.find(PAWL_VERSION) == std::string::npos);
  BOOST_TEST(client->closed);
  const auto never = make_token({9, 9, 9});
  for (const auto& shown : {secret{"x"}, secret{"pawl_short"}, secret{"ey.ey.sig"}, never, revoked})
    BOOST_TEST(told(remote, shown) == expected);
  BOOST_TEST(told({"bob", 2000}, {}) == expected);            // a user without an entry
  BOOST_TEST(told({"root", 0, "192.0.2.7"}, {}) == expected); // a certificate is no user here
  BOOST_TEST(told({"ann", 1000}, never) == expected);         // what is shown is what counts
}

BOOST_AUTO_TEST_CASE(another_version_of_the_protocol_is_told_no_version_of_the_server) {
  connect(remote);
  say(1, protocol::hello{protocol::version + 1, "pawl 9.0.0", {}});
  const auto why = last<protocol::refused>().error.message;
  BOOST_TEST(why.find("version " + std::to_string(protocol::version)) != std::string::npos);
  BOOST_TEST(why.find(PAWL_VERSION) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(users_of_the_configuration_have_its_rights_on_the_socket_and_by_certificate) {
  parts->access.users["bob"] = {role::view, {"shop"}, {}};
  for (const auto& who : {peer{"bob", 2000}, peer{"bob", 0, "192.0.2.7"}}) {
    BOOST_REQUIRE(is_admitted({}, who));
    const auto said = get<protocol::whoami>(protocol::whoami_request{});
    BOOST_TEST((said.grant == grant{role::view, {"shop"}, {}}));
    BOOST_TEST(
        (said.authenticated_by == (who.address ? credential::certificate : credential::socket)));
  }
  BOOST_REQUIRE(is_admitted({}, {"root", 0}));
  BOOST_TEST((get<protocol::whoami>(protocol::whoami_request{}).grant.role == role::admin));
}

BOOST_AUTO_TEST_CASE(a_revoked_token_ends_its_connections_and_no_others) {
  const auto text = create("ci");
  create("other");
  BOOST_REQUIRE(is_admitted(text));
  revoke("other");
  BOOST_TEST(!client->closed);
  revoke("ci");
  BOOST_TEST((last<protocol::refused>().error.code == errc::unauthenticated));
  BOOST_TEST(client->closed);
  BOOST_TEST(!is_admitted(text));
}

BOOST_AUTO_TEST_CASE(a_connection_that_follows_ends_with_its_token) {
  const auto text = create("ci", {role::view, {}, {}});
  const auto d = get<protocol::accepted>(deploy_of("r1")).deployment;
  BOOST_REQUIRE(is_admitted(text));
  say(2, protocol::follow_request{d.id, 1, 100});
  const auto before = running();
  revoke("ci");
  BOOST_TEST(client->closed);
  BOOST_TEST(running() < before - 1); // the session, and its viewer
}

BOOST_AUTO_TEST_CASE(who_revokes_their_own_token_is_answered_first) {
  const auto text = create("me", {role::admin, {}, {}});
  BOOST_REQUIRE(is_admitted(text));
  client->frames.clear();
  say(3, protocol::token_revoke_request{"me"});
  BOOST_REQUIRE(client->frames.size() == 2U);
  BOOST_TEST(std::holds_alternative<protocol::token_revoked>(client->frames.front().body));
  BOOST_TEST(client->closed);
  BOOST_TEST(records->tokens()->empty());
}

BOOST_AUTO_TEST_CASE(a_revocation_that_cannot_be_stored_changes_nothing) {
  const auto text = create("ci");
  records->fail_next_commit({errc::resource_exhausted, "disk full", {}});
  BOOST_TEST((refusal(protocol::token_revoke_request{"ci"}) == errc::resource_exhausted));
  BOOST_TEST(is_admitted(text));
}

BOOST_AUTO_TEST_CASE(a_connection_ends_when_its_token_expires) {
  const auto text = create("ci", {role::view, {}, {}}, 1h);
  BOOST_REQUIRE(is_admitted(text));
  for (int minutes = 0; minutes < 59; ++minutes)
    advance(1min);
  BOOST_TEST(!client->closed);
  advance(2min);
  const auto why = last<protocol::refused>().error;
  BOOST_TEST((why.code == errc::unauthenticated));
  BOOST_TEST(why.message.find("pawl token create") != std::string::npos);
  BOOST_TEST(client->closed);
  BOOST_TEST(!is_admitted(text));
  BOOST_TEST(last<protocol::refused>().error.message.find("expired") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_last_use_is_stored_once_an_hour) {
  const auto text = create("ci");
  BOOST_TEST(!token("ci").last_used_at.has_value());
  BOOST_REQUIRE(is_admitted(text));
  const auto first = world->wall;
  BOOST_TEST((records->tokens()->front().last_used_at == first));
  advance(59min);
  BOOST_REQUIRE(is_admitted(text));
  BOOST_TEST((records->tokens()->front().last_used_at == first));
  advance(1min);
  BOOST_REQUIRE(is_admitted(text));
  BOOST_TEST((records->tokens()->front().last_used_at == first + 1h));
}

BOOST_AUTO_TEST_CASE(an_admin_of_some_apps_has_no_power_over_others) {
  create("other", {role::view, {"blog"}, {}});
  const auto text = create("boss", {role::admin, {"shop"}, {}});
  BOOST_REQUIRE(is_admitted(text));
  for (const auto& wider : {grant{role::view, {}, {}}, grant{role::view, {"shop", "blog"}, {}}})
    BOOST_TEST((refusal(protocol::token_create_request{"more", wider, {}, false}) ==
                errc::permission_denied));
  create("less", {role::deploy, {"shop"}, {"local"}});
  std::vector<std::string> seen;
  for (const auto& one : get<protocol::token_list>(protocol::token_list_request{}).tokens)
    seen.push_back(one.name);
  BOOST_TEST((seen == std::vector<std::string>{"boss", "less"}));
  const auto foreign = get<protocol::refused>(protocol::token_revoke_request{"other"}).error;
  auto unknown = get<protocol::refused>(protocol::token_revoke_request{"never"}).error;
  BOOST_TEST((foreign.code == errc::not_found && unknown.code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(only_admins_handle_tokens) {
  for (const auto which : {role::view, role::deploy}) {
    be_owner();
    const auto text = create(std::string{to_string(which)}, {which, {}, {}});
    BOOST_REQUIRE(is_admitted(text));
    BOOST_TEST(
        (refusal(protocol::token_create_request{"x", {}, {}, false}) == errc::permission_denied));
    BOOST_TEST((refusal(protocol::token_list_request{}) == errc::permission_denied));
    BOOST_TEST((refusal(protocol::token_revoke_request{"view"}) == errc::permission_denied));
  }
}

BOOST_AUTO_TEST_CASE(a_name_is_one_tokens_or_one_users) {
  create("ci");
  parts->access.users["bob"] = {};
  for (const auto* taken : {"ci", "bob", "root", "pawl"}) {
    const auto why =
        get<protocol::refused>(protocol::token_create_request{taken, {}, {}, false}).error;
    BOOST_TEST((why.code == errc::invalid_argument));
    BOOST_TEST(why.message.find(taken) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(an_admin_of_some_apps_learns_of_a_foreign_name_that_it_is_taken_and_no_more) {
  parts->access.users["bob"] = {};
  create("foreign", {role::view, {"blog"}, {}});
  create("mine", {role::view, {"shop"}, {}});
  const auto text = create("boss", {role::admin, {"shop"}, {}});
  const auto refused = [this](const std::string& name) {
    return get<protocol::refused>(
               protocol::token_create_request{name, {role::view, {"shop"}, {}}, {}, false})
        .error.message;
  };
  be_owner();
  BOOST_TEST(refused("bob").find("[access.users]") != std::string::npos);
  BOOST_REQUIRE(is_admitted(text));
  for (const std::string name : {"foreign", "bob", "root"})
    BOOST_TEST(refused(name) == name + " is taken on this server: choose another name");
  BOOST_TEST(refused("mine").find("pawl token revoke mine") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_user_has_as_many_connections_as_are_left_for_others_and_owners_get_in) {
  parts->connections_of_users = 8;
  restart();
  be_owner();
  const auto crowd = create("crowd");
  const auto other = create("other");
  std::vector<caf::actor> open;
  std::vector<caf::actor> their_sessions; // a connection holds its own
  const auto another = [&](const secret& shown, const peer& who) {
    open.push_back(std::exchange(connection, system.spawn(fake_connection, client)));
    their_sessions.push_back(speaker);
    return is_admitted(shown, who);
  };
  for (int i = 0; i < 3; ++i) // beside the owner's
    BOOST_TEST(another(crowd, remote));
  BOOST_TEST(another(other, remote));
  BOOST_TEST(!another(crowd, remote));
  const auto why = last<protocol::refused>().error;
  BOOST_TEST((why.code == errc::resource_exhausted));
  BOOST_TEST(why.message.find("crowd has 3 connections open") != std::string::npos, why.message);
  BOOST_TEST(!another(crowd, {"root", 0})); // who shows a token is whom it names
  for (int i = 0; i < 6; ++i)
    BOOST_TEST(another({}, {"root", 0}));
  BOOST_TEST(!another(other, remote));
  for (const auto& one : open)
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  run();
  BOOST_TEST(another(crowd, remote));
}

BOOST_AUTO_TEST_CASE(a_server_full_of_expired_tokens_makes_another) {
  for (std::size_t i = 0; i < limits::tokens; ++i) {
    token_record one;
    one.name = "t" + std::to_string(i);
    one.digest = token_digest(secret{one.name});
    one.created_at = world->wall;
    one.created_by = "ann";
    one.expires_at = world->wall + 1h;
    BOOST_REQUIRE(commit_past_the_writer({.token = one}));
  }
  actors.tokens->reload(*records->tokens());
  BOOST_TEST(
      (refusal(protocol::token_create_request{"more", {}, {}, false}) == errc::resource_exhausted));
  advance(1h);
  create("more");
  BOOST_TEST(actors.tokens->list().size() == 1U);
  create("t1"); // the name is free
}

BOOST_AUTO_TEST_CASE(many_tokens_are_listed_in_pages) {
  for (std::size_t i = 0; i < limits::tokens_page + 2; ++i)
    create("t" + std::to_string(1000 + i));
  auto first = get<protocol::token_list>(protocol::token_list_request{});
  BOOST_TEST(first.tokens.size() == limits::tokens_page);
  const auto rest = get<protocol::token_list>(protocol::token_list_request{first.next_cursor});
  BOOST_TEST(rest.tokens.size() == 2U);
  BOOST_TEST(!rest.next_cursor.has_value());
}

// Between the commit of a revocation and its effect the writer may die: the next one sees to it.
BOOST_AUTO_TEST_CASE(what_a_dead_store_writer_has_revoked_is_revoked) {
  const auto text = create("ci");
  BOOST_REQUIRE(is_admitted(text));
  const auto known = token("ci");
  BOOST_REQUIRE(commit_past_the_writer({.revoked_token = known}));
  BOOST_TEST(!client->closed);
  actors.tokens->reload(*records->tokens());
  run();
  BOOST_TEST(client->closed);
  BOOST_TEST(!is_admitted(text));
}

BOOST_AUTO_TEST_SUITE_END()
