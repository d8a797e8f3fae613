// A job of a CI system deploys over TLS, by the token that its issuer has signed. The issuer is the
// test's own, over HTTPS.
#include "test/end_to_end/ci_issuer.hpp"
#include "test/end_to_end/running_server.hpp"

#include "test/support/http_server.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

struct ci_system : ci_issuer {
  running_server server;
  std::uint16_t tls_port = free_port();

  ci_system() {
    check_exit(server.stop(), 0);
    const auto vouches = server.place() / "ca.crt";
    write_text(vouches, authority.certificate());
    write_certified_key(server.place(), authority.issue(server_plan()));
    const auto file = server.place() / "pawld.toml";
    auto text = read_text(file);
    text.insert(text.find("socket ="),
                fmt::format("tls = \"127.0.0.1:{}\"\ncertificate = \"server.crt\"\n"
                            "key = \"server.key\"\n",
                            tls_port));
    write_text(file, text + table(vouches));
    server.start();
  }

  outcome as_job(const std::string& token, const words& arguments) const {
    program_plan plan{{(fs::path{PAWL_BIN_DIR} / "pawl").string()}};
    plan.arguments.insert(plan.arguments.end(), arguments.begin(), arguments.end());
    plan.environment = {{"PATH", "/usr/bin:/bin"},
                        {"HOME", server.place().string()},
                        {"PAWL_SERVER", fmt::format("localhost:{}", tls_port)},
                        {"PAWL_TOKEN", token},
                        {"SSL_CERT_FILE", (server.place() / "ca.crt").string()}};
    plan.directory = server.place();
    plan.out = server.place() / "output" / "job.out";
    plan.err = server.place() / "output" / "job.err";
    return program{plan}.wait();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(oidc_test, ci_system)

BOOST_AUTO_TEST_CASE(a_job_deploys_by_the_token_of_its_issuer_and_does_nothing_else) {
  const auto shown = token();
  const auto who = document_of(as_job(shown, {"whoami", "--json"}));
  BOOST_TEST(who.at("user") == "ci:repo:acme/shop");
  BOOST_TEST(who.at("role") == "deploy");
  const auto shop = write_app(server.place(), {.name = "shop"});
  check_exit(as_job(shown, {"deploy", shop}), 0);
  BOOST_TEST(server.answer_of("shop") == "hello");
  BOOST_TEST(lane_of(server).at("active").at("by") == "ci:repo:acme/shop");
  const auto blog = write_app(server.place(), {.name = "blog"});
  check_exit(as_job(shown, {"deploy", blog}), 10);
  check_exit(as_job(shown, {"token", "list"}), 9);
  BOOST_TEST(documents.requests() == 2U); // its documents, once
  BOOST_TEST(!mentions(server.log(), shown));
  for (const auto& each : fs::recursive_directory_iterator(server.data()))
    if (each.is_regular_file())
      BOOST_TEST(!mentions(read_text(each.path()), shown), each.path());
}

BOOST_AUTO_TEST_CASE(tokens_that_are_not_right_get_the_answer_of_an_unknown_one) {
  const auto unknown = as_job("pawl_unknown", {"whoami"});
  check_exit(unknown, 9);
  const auto head = R"({"alg":"none","kid":"first"})";
  for (const auto& bad :
       {key.sign("ES256", claims(R"("ref":"refs/heads/other")")),
        key.sign("ES256", claims(R"("ref":"refs/heads/main","aud":"other")")),
        signing_key::curve("first").sign("ES256", claims()),
        base64url(head) + "." + base64url(claims()) + ".AAAA",
        sign_by_secret(key.public_pem(), R"({"alg":"HS256","kid":"first"})", claims())}) {
    const auto refused = as_job(bad, {"whoami"});
    check_exit(refused, 9);
    BOOST_TEST(refused.err == unknown.err);
  }
  const auto expired =
      as_job(key.sign("ES256", claims(R"("ref":"refs/heads/main","exp":1600000000)")), {"whoami"});
  check_exit(expired, 9);
  BOOST_TEST(mentions(expired.err, "ci:repo:acme/shop expired at 2020-09-13"), expired.err);
}

BOOST_AUTO_TEST_CASE(an_issuer_that_is_down_keeps_out_only_whom_it_alone_could_vouch_for) {
  check_exit(as_job(token(), {"whoami"}), 0);
  documents.be_silent(true);
  check_exit(as_job(token(), {"whoami"}), 0);
  check_exit(server.stop(), 0);
  server.start();
  check_exit(as_job(token(), {"whoami"}), 11);
  BOOST_TEST(mentions(server.log(), "the keys of [access.oidc.ci] could not be fetched"));
  check_exit(server.pawl({"whoami"}), 0); // the owner, meanwhile
  documents.be_silent(false);
}

BOOST_AUTO_TEST_SUITE_END()
