// The keys of an issuer, fetched over HTTPS from one that the test runs.
#include "identities/oidc/oidc_client.hpp"

#include "lifecycle/limits.hpp"
#include "test/support/eventually.hpp"
#include "test/support/https_server.hpp"
#include "test/support/program.hpp"
#include "test/support/signing_key.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>

using namespace pawl;
using namespace pawl::test;

namespace {

struct issuer_fixture {
  temporary_directory directory;
  certificate_authority authority;
  https_server server{authority.issue(server_plan())};
  signing_key key = signing_key::curve("k1");
  oidc_client client;
  oidc_issuer issuer;

  issuer_fixture() {
    write_text(directory.path() / "ca.crt", authority.certificate());
    issuer = {"test", server.url(), "pawl", directory.path() / "ca.crt", {}};
    publish(server.url(), server.url() + "/keys");
    server.put_document("/keys", key_set_of({key.published()}));
  }

  void publish(const std::string& name, const std::string& keys) {
    server.put_document("/.well-known/openid-configuration",
                        fmt::format(R"({{"issuer":"{}","jwks_uri":"{}"}})", name, keys));
  }

  void check_unavailable(std::string_view reason) const {
    const auto got = client.fetch_keys(issuer);
    BOOST_REQUIRE(!got.has_value());
    BOOST_TEST((got.error().code == errc::unavailable));
    BOOST_TEST(got.error().message.find(reason) != std::string::npos, got.error().message);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(oidc_client_test, issuer_fixture)

BOOST_AUTO_TEST_CASE(the_keys_are_those_that_the_discovery_document_names) {
  const auto keys = client.fetch_keys(issuer);
  BOOST_REQUIRE_MESSAGE(keys, (keys ? "" : keys.error().message));
  BOOST_TEST((*keys)->has("k1"));
  BOOST_TEST(!(*keys)->has("k2"));
  BOOST_TEST((*keys)->verify(secret{key.sign("ES256", R"({"exp":2000000000})")}).has_value());
}

BOOST_AUTO_TEST_CASE(a_slash_at_the_end_of_the_issuer_is_part_of_its_name_only) {
  issuer.url += "/";
  publish(issuer.url, server.url() + "/keys");
  BOOST_TEST(client.fetch_keys(issuer).has_value());
}

BOOST_AUTO_TEST_CASE(a_server_that_nobody_vouches_for_is_not_asked) {
  issuer.ca.reset();
  check_unavailable("certificate");
  BOOST_TEST(server.requests() == 0U);
}

BOOST_AUTO_TEST_CASE(a_server_with_another_name_is_not_asked) {
  https_server other{authority.issue({.common_name = "elsewhere", .hosts = {"elsewhere.example"}})};
  issuer.url = other.url();
  check_unavailable("target host name 'localhost'");
  BOOST_TEST(other.requests() == 0U);
}

BOOST_AUTO_TEST_CASE(a_discovery_document_of_another_issuer_is_refused) {
  publish("https://elsewhere.example", server.url() + "/keys");
  check_unavailable("of another issuer");
}

BOOST_AUTO_TEST_CASE(keys_are_read_over_https_only) {
  publish(server.url(), "http://localhost/keys");
  check_unavailable("jwks_uri");
  publish(server.url(), "file:///etc/passwd");
  check_unavailable("jwks_uri");
}

BOOST_AUTO_TEST_CASE(redirections_are_not_followed) {
  server.put_document("/moved", key_set_of({key.published()}));
  server.put("/keys", fmt::format("HTTP/1.1 302 Found\r\nLocation: {}/moved\r\n"
                                  "Content-Length: 0\r\nConnection: close\r\n\r\n",
                                  server.url()));
  check_unavailable("status 302");
}

BOOST_AUTO_TEST_CASE(documents_that_are_too_large_are_refused_with_and_without_their_size) {
  const std::string body(limits::issuer_document_bytes + 1, ' ');
  server.put_document("/keys", body);
  check_unavailable("more than 262144 bytes");
  server.put("/keys", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body);
  check_unavailable("more than 262144 bytes");
}

BOOST_AUTO_TEST_CASE(documents_that_are_no_keys_are_refused) {
  for (const auto* bad : {"", "{}", "[]", "nonsense", R"({"keys":{}})"}) {
    server.put_document("/keys", bad);
    check_unavailable("no JSON Web Key Set");
  }
  server.put_document("/keys", R"({"keys":[{"kty":"oct","k":"AAAA"},7]})");
  check_unavailable("no key for signatures");
  server.put_document("/.well-known/openid-configuration", "<html>");
  check_unavailable("no JSON object");
}

BOOST_AUTO_TEST_CASE(an_issuer_that_says_nothing_is_given_up) {
  server.be_silent(true);
  const auto begin = std::chrono::steady_clock::now();
  check_unavailable("imed out");
  BOOST_TEST((std::chrono::steady_clock::now() - begin < patience));
  server.be_silent(false);
}

BOOST_AUTO_TEST_CASE(an_issuer_where_nobody_listens_is_unavailable) {
  issuer.url = "https://localhost:1";
  check_unavailable("localhost");
}

BOOST_AUTO_TEST_SUITE_END()
