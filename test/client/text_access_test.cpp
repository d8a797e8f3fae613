#include "client/terminal/text_access.hpp"

#include "protocol/json/documents.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace pawl;
using namespace pawl::client;

namespace {

constexpr timestamp now{std::chrono::hours{24 * 365 * 50}};

protocol::token_created made_token() {
  return {"ci", secret{"pawl_abc"}, {role::deploy, {"blog", "shop"}, {}}, now};
}

} // namespace

BOOST_AUTO_TEST_SUITE(texts_of_tokens)

BOOST_AUTO_TEST_CASE(a_new_token_stands_on_a_line_of_its_own) {
  const auto text = token_created_text(made_token(), "pawl login a:1", {});
  BOOST_TEST(text.find("\npawl_abc\n") != std::string::npos, text);
  BOOST_TEST(text.find("not shown again") != std::string::npos, text);
  BOOST_TEST(text.find("blog, shop") != std::string::npos, text);
  BOOST_TEST(text.find("clusters   all") != std::string::npos, text);
  BOOST_TEST(text.find("\n  pawl login a:1\n") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(a_login_is_told_with_the_fingerprint_unless_authorities_decide) {
  BOOST_TEST(login_command("192.0.2.7:7420", "sha256:12") ==
             "pawl login 192.0.2.7:7420 --fingerprint sha256:12");
  BOOST_TEST(login_command("deploy.example.org:7420", {}) == "pawl login deploy.example.org:7420");
}

BOOST_AUTO_TEST_CASE(the_list_says_what_never_ends_what_has_ended_and_what_was_never_used) {
  protocol::token_list list;
  list.tokens.push_back({"ci", {role::deploy, {"shop"}, {}}, now, "ann", {}, now});
  list.tokens.push_back({"old", {role::view, {}, {}}, now, "ann", now, {}});
  const auto text = tokens_text(list, now, {});
  for (const auto* word : {"ci", "deploy", "shop", "all", "never", "old", "expired", "ann"})
    BOOST_TEST(text.find(word) != std::string::npos, text);
  BOOST_TEST(tokens_text({}, now, {}).find("pawl token create") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(documents_have_the_keys_of_the_contract) {
  const auto made = nlohmann::json::parse(json::document(made_token()));
  BOOST_TEST(made.at("token") == "pawl_abc");
  BOOST_TEST(made.at("role") == "deploy");
  BOOST_TEST(made.at("clusters").empty());
  BOOST_TEST(made.size() == 6U);
  protocol::token_list list;
  list.tokens.push_back({"ci", {role::view, {}, {}}, now, "ann", {}, {}});
  const auto listed = nlohmann::json::parse(json::document(list));
  BOOST_TEST(listed.size() == 1U);
  BOOST_TEST(listed.at("tokens").at(0).size() == 8U);
  BOOST_TEST(listed.at("tokens").at(0).at("expires_at").is_null());
}

BOOST_AUTO_TEST_SUITE_END()
