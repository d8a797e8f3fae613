// pawl login, logout, servers and whoami: the real program, and a TLS server of the test's own.

#include "test/client/tls_peer.hpp"
#include "test/support/eventually.hpp"
#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <atomic>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace pawl;
namespace fs = std::filesystem;

const std::string good_token = "pawl_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const std::string bad_token = "pawl_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

// A server that knows one token, and answers one request.
class token_server {
public:
  explicit token_server(int connections)
      : own_(authority_.issue(test::server_plan())), fingerprint(test::fingerprint_in(own_)),
        server_([this](test::tls_peer& peer) { serve(peer); }, connections) {}

  int greetings() const { return greetings_; }
  std::string address() const { return server_.address(); }

private:
  void serve(test::tls_peer& peer) {
    if (!peer.shake_hands(own_))
      return;
    auto hello = peer.receive();
    const auto* first = hello ? std::get_if<protocol::hello>(&hello->body) : nullptr;
    if (first == nullptr)
      return;
    ++greetings_;
    if (first->token.reveal() != good_token) {
      peer.send(0, protocol::refused{{errc::unauthenticated, "the token is not known", {}}});
      return;
    }
    peer.send(0, protocol::hello{protocol::version, "pawld 0", {}});
    auto request = peer.receive();
    peer.send(request ? request->ref : 0,
              protocol::whoami{"alice",
                               {role::deploy, {"shop"}, {}},
                               credential::token,
                               timestamp{std::chrono::sys_days{std::chrono::year{2030} / 1 / 2}}});
    peer.receive();
  }

  test::certificate_authority authority_;
  test::certified_key own_;
  std::atomic<int> greetings_{0};

public:
  const std::string fingerprint;

private:
  test::tls_server server_; // last: its thread uses the others
};

// A person at a desk, with a home of their own.
struct person_with_pawl {
  test::temporary_directory home;
  std::map<std::string, std::string> environment{{"PATH", PAWL_BIN_DIR ":/usr/bin:/bin"},
                                                 {"HOME", home.path().string()}};

  test::outcome run(std::vector<std::string> arguments) const {
    test::program_plan plan{std::move(arguments), environment, home.path(), home.path() / "out",
                            home.path() / "err"};
    auto end = test::program{plan}.wait();
    for (const auto& token : {good_token, bad_token})
      BOOST_TEST((end.out + end.err).find(token) == std::string::npos, end.out << end.err);
    return end;
  }

  test::outcome pawl(std::vector<std::string> words) const {
    words.insert(words.begin(), PAWL_BIN_DIR "/pawl");
    return run(std::move(words));
  }

  fs::path file() const { return home.path() / ".config/pawl/config.toml"; }
};

void check(const test::outcome& end, int status, const std::vector<std::string>& parts = {}) {
  BOOST_TEST(end.status == status, end.out << end.err);
  for (const auto& part : parts)
    BOOST_TEST((end.out + end.err).find(part) != std::string::npos,
               part << " is not in: " << end.out << end.err);
}

} // namespace

BOOST_AUTO_TEST_SUITE(logins)

BOOST_FIXTURE_TEST_CASE(a_login_is_remembered_until_the_logout, person_with_pawl) {
  const token_server server{2};
  environment["T"] = good_token;
  check(run({"/bin/sh", "-c",
             "echo \"$T\" | pawl login " + server.address() + " --fingerprint " +
                 server.fingerprint + " --token-stdin --name lab"}),
        0,
        {"logged in to " + server.address() + " as alice (deploy)", "lab", "2030-01-02",
         "pawl deploy"});
  struct stat about {};
  BOOST_REQUIRE(::stat(file().c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 07777U) == 0600U);

  check(pawl({"servers"}), 0, {"*", "lab", server.address(), server.fingerprint});
  const auto listed = nlohmann::json::parse(pawl({"servers", "--json"}).out);
  BOOST_TEST(listed == nlohmann::json({{"servers",
                                        {{{"name", "lab"},
                                          {"address", server.address()},
                                          {"fingerprint", server.fingerprint},
                                          {"current", true}}}}}));

  const auto who = pawl({"whoami", "--json"});
  check(who, 0);
  BOOST_TEST(nlohmann::json::parse(who.out) ==
             nlohmann::json({{"user", "alice"},
                             {"role", "deploy"},
                             {"apps", {"shop"}},
                             {"clusters", nlohmann::json::array()},
                             {"authenticated_by", "token"},
                             {"expires_at", "2030-01-02T00:00:00.000Z"}}));

  check(pawl({"logout"}), 0, {"lab", "pawl token revoke"});
  BOOST_TEST(test::read_text(file()).find(good_token) == std::string::npos);
  check(pawl({"logout"}), 2, {"pawl servers"});
  check(pawl({"logout", "lab"}), 2, {"you are not logged in to a server lab"});
}

BOOST_FIXTURE_TEST_CASE(whoami_tells_all_of_it, person_with_pawl) {
  const token_server server{1};
  environment["PAWL_SERVER"] = server.address();
  environment["PAWL_TOKEN"] = good_token;
  environment["PAWL_FINGERPRINT"] = server.fingerprint;
  check(pawl({"whoami"}), 0, {"alice", "deploy", "shop", "all", "by token", "2030-01-02"});
}

BOOST_FIXTURE_TEST_CASE(without_a_terminal_nothing_is_asked, person_with_pawl) {
  const token_server server{0};
  check(pawl({"login", server.address(), "--fingerprint", server.fingerprint}), 2,
        {"--token-stdin", "PAWL_TOKEN"});
  BOOST_TEST(!fs::exists(file()));
}

BOOST_FIXTURE_TEST_CASE(on_a_terminal_the_token_is_asked_for_and_not_shown, person_with_pawl) {
  const token_server server{1};
  const auto keyboard = home.path() / "keyboard";
  BOOST_REQUIRE(::mkfifo(keyboard.c_str(), 0600) == 0);
  const descriptor typing{::open(keyboard.c_str(), O_RDWR | O_CLOEXEC)};
  environment["TERM"] = "xterm";
  test::program_plan plan{{"/bin/sh", "-c",
                           "exec script -qefc 'pawl login " + server.address() + " --fingerprint " +
                               server.fingerprint + "' /dev/null <keyboard"},
                          environment,
                          home.path(),
                          home.path() / "out",
                          home.path() / "err"};
  test::program at_terminal{plan};
  BOOST_REQUIRE(test::eventually([&] {
    return at_terminal.out().find("Token for " + server.address()) != std::string::npos;
  }));
  const auto line = good_token + "\n";
  BOOST_REQUIRE(::write(typing.get(), line.data(), line.size()) ==
                static_cast<ssize_t>(line.size()));
  const auto end = at_terminal.wait();
  check(end, 0, {"logged in"});
  BOOST_TEST(end.out.find(good_token) == std::string::npos, end.out);
}

BOOST_FIXTURE_TEST_CASE(a_refused_login_stores_nothing_and_says_why, person_with_pawl) {
  const token_server server{2};
  const auto other = "sha256:" + std::string(64, '0');
  environment["PAWL_TOKEN"] = good_token;
  check(pawl({"login", server.address(), "--fingerprint", other}), 9, {server.fingerprint, other});
  BOOST_TEST(server.greetings() == 0);
  check(
      pawl({"login", server.address(), "--fingerprint", server.fingerprint, "--token", bad_token}),
      9, {"the token is not known"});
  check(pawl({"login", server.address(), "--fingerprint", "md5:1"}), 2, {"is no fingerprint"});
  check(pawl({"login", "nowhere"}), 2, {"HOST:PORT"});
  check(pawl({"login", "unix:/run/x"}), 2, {"nobody logs in at a socket"});
  check(pawl({"login", server.address(), "--name", "a b"}), 2, {"is no name for a server"});
  BOOST_TEST(!fs::exists(file()));
}

BOOST_FIXTURE_TEST_CASE(two_servers_have_two_names, person_with_pawl) {
  const token_server first{2};
  const token_server second{2};
  auto log_in = [&](const token_server& server, std::vector<std::string> more) {
    more.insert(more.begin(), {"login", server.address(), "--fingerprint", server.fingerprint,
                               "--token", good_token});
    return pawl(more);
  };
  check(log_in(first, {}), 0, {"127.0.0.1"});
  check(log_in(second, {"--name", "127.0.0.1"}), 2, {first.address(), "--name"});
  check(log_in(second, {}), 0, {"127.0.0.1-"});
  check(log_in(first, {}), 0); // again: renewed, not doubled
  const auto listed = nlohmann::json::parse(pawl({"servers", "--json"}).out).at("servers");
  BOOST_REQUIRE(listed.size() == 2U);
  BOOST_TEST(listed[0].at("current") == true); // the latest login
  BOOST_TEST(listed[1].at("current") == false);
}

BOOST_FIXTURE_TEST_CASE(a_token_of_the_environment_goes_to_the_server_it_is_meant_for_alone,
                        person_with_pawl) {
  const token_server server{1};
  environment["PAWL_SERVER"] = "127.0.0.1:1";
  environment["PAWL_TOKEN"] = good_token;
  const std::vector<std::string> login{"login", server.address(), "--fingerprint",
                                       server.fingerprint};
  check(pawl(login), 2, {"no token is given"});
  BOOST_TEST(server.greetings() == 0);
  environment["PAWL_SERVER"] = server.address();
  check(pawl(login), 0, {"logged in"});
}

// person_with_pawl looks for the token in all that pawl prints.
BOOST_FIXTURE_TEST_CASE(a_token_in_a_wrong_place_is_not_shown, person_with_pawl) {
  const std::vector<std::vector<std::string>> slips{
      {"login", "a:1", "--tokn=" + good_token},
      {"login", "a:1", good_token},
      {"login", good_token},
      {"login", "a:1", "--fingerprint", good_token, "--token", "x"},
      {"login", "a:1", "--name", good_token, "--token", "x"},
      {"logout", good_token},
      {"--server", good_token, "whoami", "--json"},
      {"whoami", "--json=" + good_token},
      {"token", good_token},
      {"token", "revoke", good_token},
      {"token", "create", good_token, "--role", "view"},
      {"token", "create", "ci", "--role", good_token},
      {"history", "--limit", good_token},
      {"show", good_token, "--json"},
      {good_token}};
  for (const auto& words : slips)
    BOOST_TEST_CONTEXT(words.front() << " " << words.back()) {
      const auto end = pawl(words);
      BOOST_TEST(end.status == 2);
      BOOST_TEST((end.out + end.err).find("(a token)") != std::string::npos, end.out << end.err);
    }
  for (const auto* variable : {"PAWL_SERVER", "PAWL_FINGERPRINT"}) {
    environment = {{"HOME", home.path().string()}, {variable, good_token}};
    environment.insert({"PAWL_SERVER", "a:1"});
    check(pawl({"whoami"}), 2, {"(a token)"});
  }
}

BOOST_FIXTURE_TEST_CASE(a_token_in_a_wrong_line_of_the_file_is_not_shown, person_with_pawl) {
  const auto quoted = "\"" + good_token + "\"";
  fs::create_directories(file().parent_path());
  for (const auto& line :
       {"token = " + good_token, "tokn = " + quoted, quoted, good_token, good_token + " = 1",
        "token = \"" + good_token, "token = [" + quoted + "]", "token = " + quoted + "x",
        "token " + quoted, "fingerprint = " + quoted, "token = \"\\q" + good_token + quoted,
        "[servers." + quoted + "]"}) {
    test::write_text(file(), "server = \"lab\"\n[servers.lab]\naddress = \"a:1\"\n" + line + "\n");
    ::chmod(file().c_str(), 0600);
    check(pawl({"whoami"}), 2, {file().string(), "line 4"});
  }
}

BOOST_FIXTURE_TEST_CASE(a_token_of_the_command_line_leaves_the_list_of_processes,
                        person_with_pawl) {
  const test::tls_server silent{[](test::tls_peer& peer) { peer.wait_for_end(); }, 2};
  for (const std::vector<std::string>& given :
       {std::vector<std::string>{"--token", good_token}, {"--token=" + good_token}}) {
    test::program_plan plan{{PAWL_BIN_DIR "/pawl", "login", silent.address()},
                            environment,
                            home.path(),
                            home.path() / "out",
                            home.path() / "err"};
    plan.arguments.insert(plan.arguments.end(), given.begin(), given.end());
    const test::program waiting{plan};
    const auto place = "/proc/" + std::to_string(waiting.pid()) + "/cmdline";
    BOOST_TEST(test::eventually([&] {
      const auto words = test::read_text(place);
      return words.find("--token") != std::string::npos &&
             words.find(good_token) == std::string::npos;
    }));
  }
}

BOOST_AUTO_TEST_SUITE_END()
