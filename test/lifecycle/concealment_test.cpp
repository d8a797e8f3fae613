#include "lifecycle/concealment.hpp"

#include "lifecycle/token.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

namespace {

std::string some_token() {
  token_randomness random{};
  for (std::size_t i = 0; i < random.size(); ++i)
    random[i] = static_cast<std::uint8_t>(37 * i + 11);
  return std::string{make_token(random).reveal()};
}

const std::string signed_token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.MEUCIQDabcdefgh_-ijklmnop";

} // namespace

BOOST_AUTO_TEST_SUITE(concealments)

BOOST_AUTO_TEST_CASE(a_token_is_not_shown_wherever_it_stands) {
  const auto token = some_token();
  BOOST_TEST(concealed(token) == "(a token)");
  BOOST_TEST(concealed("no option --tokn=" + token + "; did you mean") ==
             "no option --tokn=(a token); did you mean");
  BOOST_TEST(concealed("\"" + token + "\", " + token + ".") == "\"(a token)\", (a token).");
  BOOST_TEST(concealed("-t" + token + "/x") == "-t(a token)/x");
  BOOST_TEST(concealed("is it " + signed_token + ".") == "is it (a token).");
}

BOOST_AUTO_TEST_CASE(a_token_that_was_cut_or_is_too_long_is_not_shown) {
  const auto token = some_token();
  BOOST_TEST(concealed(token.substr(0, 40)) == "(a token)");
  BOOST_TEST(concealed(token + "xyz") == "(a token)");
  BOOST_TEST(concealed(token + token) == "(a token)");
}

BOOST_AUTO_TEST_CASE(a_private_key_is_not_shown) {
  const std::string key =
      "-----BEGIN PRIVATE KEY-----\nMIGHAgEA\nMBMGByqG\n-----END PRIVATE KEY-----";
  BOOST_TEST(concealed("is /srv/" + key + ", which cannot be read") ==
             "is /srv/(a private key), which cannot be read");
  BOOST_TEST(concealed("x" + key.substr(0, 40)) == "x(a private key)");
  BOOST_TEST(concealed(key + key) == "(a private key)(a private key)");
  const std::string certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
  BOOST_TEST(concealed(certificate) == certificate);
  BOOST_TEST(concealed(certificate + key) == certificate + "(a private key)");
}

BOOST_AUTO_TEST_CASE(other_texts_stay_as_they_are) {
  for (const std::string text :
       {"", "pawl_", "a.b.c", "see pawl login --help", "PAWL_TOKEN", "deploy.example.org:7420",
        "/usr/share/doc/pawl_deployment_server/pawl_0.1.0_amd64.deb", "-----BEGIN ", "...",
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "pawl_ and pawl_ and pawl_\xff\x00 and …"})
    BOOST_TEST(concealed(text) == text);
}

BOOST_AUTO_TEST_CASE(an_error_shows_none_in_its_details_either) {
  const auto token = some_token();
  const auto shown = concealed(error{errc::invalid_argument,
                                     "\"" + token + "\" is no server",
                                     {{"server", token}, {"nearest", "lab"}}});
  BOOST_TEST(shown.message == "\"(a token)\" is no server");
  BOOST_TEST(shown.details.at("server") == "(a token)");
  BOOST_TEST(shown.details.at("nearest") == "lab");
}

BOOST_AUTO_TEST_SUITE_END()
