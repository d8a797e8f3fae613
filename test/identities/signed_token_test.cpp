// Tokens and the keys that check them: which signatures count.
#include "identities/oidc/signed_token.hpp"

#include "test/support/signing_key.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace pawl;
using namespace pawl::test;

namespace {

constexpr std::string_view claims =
    R"({"iss":"https://ci.example","sub":"job","aud":"pawl","exp":2000000000,"nbf":1000000000,)"
    R"("repository":"acme/shop","run":7,"protected":true,"groups":["a"]})";

// It takes a moment to make one.
const signing_key& rsa_key() {
  static const auto key = signing_key::rsa("r");
  return key;
}

const signing_key& curve_key() {
  static const auto key = signing_key::curve("c");
  return key;
}

std::shared_ptr<const key_set> keys_of(std::initializer_list<std::string> published) {
  auto read = keys_in(key_set_of(published));
  BOOST_REQUIRE(read.has_value());
  return make_key_set(*read);
}

std::shared_ptr<const key_set> both_keys() {
  auto keys = keys_of({rsa_key().published(), curve_key().published()});
  BOOST_REQUIRE(keys != nullptr);
  return keys;
}

std::string header(std::string_view algorithm, std::string_view key, std::string_view more = "") {
  return fmt::format(R"({{"alg":"{}","kid":"{}"{}}})", algorithm, key, more);
}

void check_refused(const key_set& keys, std::string token, std::string_view reason) {
  const auto read = keys.verify(secret{std::move(token)});
  BOOST_REQUIRE(!read.has_value());
  BOOST_TEST((read.error().code == errc::unauthenticated));
  BOOST_TEST(read.error().message.find(reason) != std::string::npos, read.error().message);
}

} // namespace

BOOST_AUTO_TEST_SUITE(signed_token_test)

BOOST_AUTO_TEST_CASE(signatures_of_each_algorithm_for_public_keys_are_right) {
  const auto p384 = signing_key::curve("c384", "P-384");
  const auto p521 = signing_key::curve("c521", "P-521");
  const auto keys =
      keys_of({rsa_key().published(), curve_key().published(), p384.published(), p521.published()});
  BOOST_REQUIRE(keys != nullptr);
  const std::array<std::pair<const char*, const signing_key*>, 9> all{{{"RS256", &rsa_key()},
                                                                       {"RS384", &rsa_key()},
                                                                       {"RS512", &rsa_key()},
                                                                       {"PS256", &rsa_key()},
                                                                       {"PS384", &rsa_key()},
                                                                       {"PS512", &rsa_key()},
                                                                       {"ES256", &curve_key()},
                                                                       {"ES384", &p384},
                                                                       {"ES512", &p521}}};
  for (const auto& [algorithm, key] : all)
    BOOST_TEST_CONTEXT(algorithm) {
      const auto read = keys->verify(secret{key->sign(algorithm, claims)});
      BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
      BOOST_TEST(read->subject == "job");
    }
}

BOOST_AUTO_TEST_CASE(the_claims_are_those_of_the_token) {
  const auto read = both_keys()->verify(secret{curve_key().sign("ES256", claims)});
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->issuer == "https://ci.example");
  BOOST_TEST((read->audiences == std::vector<std::string>{"pawl"}));
  BOOST_TEST((read->expires_at == timestamp{std::chrono::seconds{2'000'000'000}}));
  BOOST_TEST((read->not_before == timestamp{std::chrono::seconds{1'000'000'000}}));
  const std::map<std::string, std::string, std::less<>> texts{
      {"iss", "https://ci.example"}, {"sub", "job"}, {"aud", "pawl"}, {"repository", "acme/shop"}};
  BOOST_TEST((read->texts == texts));
}

BOOST_AUTO_TEST_CASE(the_heading_says_which_key_and_issuer_to_ask_for) {
  const auto heading = heading_of(secret{curve_key().sign("ES256", claims)});
  BOOST_REQUIRE(heading.has_value());
  BOOST_TEST(heading->issuer == "https://ci.example");
  BOOST_TEST(heading->key == "c");
  for (const auto* bad : {"", "a.b.c", "..", "e30.e30.e30", "not a token at all"})
    BOOST_TEST(!heading_of(secret{bad}).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(a_signature_of_another_key_is_wrong) {
  check_refused(*both_keys(), signing_key::curve("c").sign("ES256", claims), "signature is wrong");
  check_refused(*both_keys(), signing_key::rsa("r").sign("RS256", claims), "signature is wrong");
  check_refused(*both_keys(), signing_key::curve("x").sign("ES256", claims),
                "none of the issuer's");
}

BOOST_AUTO_TEST_CASE(claims_that_were_changed_are_refused) {
  const auto token = curve_key().sign("ES256", claims);
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  const auto other = base64url(R"({"iss":"https://ci.example","sub":"boss","exp":2000000000})");
  check_refused(*both_keys(), token.substr(0, first + 1) + other + token.substr(second),
                "signature is wrong");
}

BOOST_AUTO_TEST_CASE(algorithms_without_a_public_key_are_refused) {
  const auto keys = both_keys();
  const auto none = base64url(header("none", "r")) + "." + base64url(claims) + ".";
  BOOST_TEST(!keys->verify(secret{none}).has_value());
  BOOST_TEST(!keys->verify(secret{none + "AAAA"}).has_value());
  for (const auto& known : {rsa_key().public_pem(), rsa_key().published(), std::string{}})
    check_refused(*keys, sign_by_secret(known, header("HS256", "r"), claims),
                  "none for public keys");
}

// A set that publishes a secret key would let everybody sign.
BOOST_AUTO_TEST_CASE(secret_keys_of_a_set_are_left_out) {
  const auto oct =
      fmt::format(R"({{"kty":"oct","kid":"o","k":"{}"}})", base64url("0123456789abcdef"
                                                                     "0123456789abcdef"));
  BOOST_TEST(keys_of({oct}) == nullptr);
  const auto keys = keys_of({oct, curve_key().published()});
  BOOST_REQUIRE(keys != nullptr);
  BOOST_TEST(!keys->has("o"));
  BOOST_TEST(keys->has("c"));
}

BOOST_AUTO_TEST_CASE(an_algorithm_has_to_fit_its_key) {
  const auto keys = both_keys();
  check_refused(*keys, rsa_key().sign("RS256", header("ES256", "r"), claims), "does not fit");
  check_refused(*keys, curve_key().sign("ES256", header("ES384", "c"), claims), "does not fit");
  const auto bound = keys_of({rsa_key().published(R"(,"alg":"PS256")")});
  check_refused(*bound, rsa_key().sign("RS256", claims), "does not fit");
  BOOST_TEST(bound->verify(secret{rsa_key().sign("PS256", claims)}).has_value());
}

BOOST_AUTO_TEST_CASE(short_keys_and_keys_for_something_else_do_not_count) {
  BOOST_TEST(keys_of({signing_key::rsa("small", 1024).published()}) == nullptr);
  BOOST_TEST(keys_of({curve_key().published(R"(,"use":"enc")")}) == nullptr);
  BOOST_TEST(keys_of({curve_key().published(R"(,"use":"sig")")}) != nullptr);
  BOOST_TEST(keys_of({R"({"kty":"EC","kid":"c","crv":"P-256","x":"AA","y":"AA"})"}) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_token_without_a_key_id_is_checked_where_there_is_one_key) {
  const auto token = curve_key().sign("ES256", R"({"alg":"ES256"})", claims);
  BOOST_TEST(keys_of({curve_key().published()})->verify(secret{token}).has_value());
  check_refused(*both_keys(), token, "none of the issuer's");
}

BOOST_AUTO_TEST_CASE(extensions_that_have_to_be_known_are_refused) {
  const auto head = header("ES256", "c", R"(,"crit":["b64"],"b64":false)");
  check_refused(*both_keys(), curve_key().sign("ES256", head, claims), "crit");
}

BOOST_AUTO_TEST_CASE(claims_without_a_readable_end_are_refused) {
  const auto keys = both_keys();
  for (const auto* bad : {R"({"iss":"i"})", R"({"exp":"2000000000"})", R"({"exp":-1})",
                          R"({"exp":1e300})", R"({"exp":null})"})
    check_refused(*keys, curve_key().sign("ES256", bad), "no time at which it ends");
  check_refused(*keys, curve_key().sign("ES256", R"({"exp":2000000000,"nbf":"now"})"), "nbf");
  check_refused(*keys, curve_key().sign("ES256", "[1]"), "no JSON object");
  check_refused(*keys, curve_key().sign("ES256", "{"), "no JSON object");
}

// Of documents and tokens that others write.
BOOST_AUTO_TEST_CASE(deep_nesting_costs_no_stack) {
  constexpr std::size_t depth = 100'000;
  const auto nested = std::string(depth, '[') + std::string(depth, ']');
  const auto keys = keys_of({curve_key().published(R"(,"x5c":)" + nested)});
  BOOST_REQUIRE(keys != nullptr);
  BOOST_TEST(keys->has("c"));
  const auto read = claims_in(R"({"exp":2000000000,"deep":)" + nested + "}");
  BOOST_TEST(read.has_value());
  BOOST_TEST(!claims_in(nested).has_value());
  BOOST_TEST(issuer_in(R"({"iss":"i","deep":)" + nested + "}") == "i");
}

BOOST_AUTO_TEST_SUITE_END()
