// The variables of a lane: names, changes, revisions, and ${NAME} in a manifest.
#include "lifecycle/variables.hpp"

#include "lifecycle/limits.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace pawl;

namespace {

const lane_key shop_lane{"shop", "local"};

variable_text text(std::string name, std::string value, bool is_secret = false) {
  return {std::move(name), secret{std::move(value)}, is_secret};
}

configuration revision(config_number number, const configuration* before, variable_change what,
                       const configuration* restored = nullptr) {
  auto made = next_configuration(shop_lane, number, before, what, restored, "ann",
                                 timestamp{std::chrono::milliseconds{number}});
  BOOST_REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message));
  return *std::move(made);
}

// "NAME=VALUE@REVISION" of each; of a secret that was set now "NAME*".
std::string shown(const configuration& one) {
  std::string all;
  for (const auto& each : one.variables)
    all += fmt::format("{}{}{}@{}", all.empty() ? "" : " ", each.name,
                       each.is_secret ? "*" : "=" + each.value, each.revision);
  return all;
}

std::string changes_of(const configuration& one) {
  return fmt::format("+{} ~{} -{}", fmt::join(one.added, ","), fmt::join(one.changed, ","),
                     fmt::join(one.removed, ","));
}

std::string code_of(const result<void>& outcome) {
  return outcome ? "good" : std::string{to_string(outcome.error().code)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(variables)

BOOST_AUTO_TEST_CASE(a_name_is_what_shells_take_and_none_that_the_server_gives) {
  for (const auto* good : {"A", "_", "a_1", "PAWLS", "PORTS", "Path"})
    BOOST_TEST(code_of(check_variable_name(good)) == "good", good);
  for (const auto* bad : {"", "1A", "A-B", "A B", "Ä", "A=B", "A.B", "PORT", "PAWL_APP", "PAWL_"})
    BOOST_TEST(code_of(check_variable_name(bad)) == "invalid_argument", bad);
  BOOST_TEST(code_of(check_variable_name(std::string(limits::variable_name_bytes, 'A'))) == "good");
  BOOST_TEST(code_of(check_variable_name(std::string(limits::variable_name_bytes + 1, 'A'))) ==
             "too_large");
}

BOOST_AUTO_TEST_CASE(a_change_is_refused_before_anything_changes_and_its_values_are_not_told) {
  const auto refusal = [](variable_change what) {
    const auto checked = check_change(what);
    return checked ? std::string{"good"} : checked.error().message;
  };
  BOOST_TEST(refusal({}).find("nothing is to be set") != std::string::npos);
  BOOST_TEST(refusal({{text("A", "1"), text("A", "2")}}).find("A is given twice") !=
             std::string::npos);
  BOOST_TEST(refusal({{text("A", "1")}, {"A"}}).find("A is given twice") != std::string::npos);
  BOOST_TEST(refusal({{text("A", "1")}, {}, 1}).find("restored as it was") != std::string::npos);
  BOOST_TEST(refusal({{}, {}, 0}).find("numbered from 1") != std::string::npos);
  const auto nul = refusal({{text("A", std::string{"sesame\0x", 8})}});
  BOOST_TEST(nul.find("a byte that is 0") != std::string::npos);
  BOOST_TEST(nul.find("sesame") == std::string::npos);
  BOOST_TEST(refusal({{text("A", std::string(limits::variable_bytes, 'x'))}}) == "good");
  BOOST_TEST(
      refusal({{text("A", std::string(limits::variable_bytes + 1, 'x'))}}).find("65537 bytes") !=
      std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_revision_has_all_variables_and_says_what_it_changed) {
  const auto one = revision(1, nullptr, {{text("B", "1"), text("A", "x")}});
  BOOST_TEST(shown(one) == "A=x@1 B=1@1");
  BOOST_TEST(changes_of(one) == "+A,B ~ -");
  const auto two = revision(2, &one, {{text("B", "2"), text("C", "c")}, {"A"}});
  BOOST_TEST(shown(two) == "B=2@2 C=c@2");
  BOOST_TEST(changes_of(two) == "+C ~B -A");
  const auto three = revision(3, &two, {{}, {}, 1}, &one);
  BOOST_TEST(shown(three) == "A=x@1 B=1@1");
  BOOST_TEST(changes_of(three) == "+A ~B -C");
  BOOST_TEST(three.restored.value() == 1U);
}

BOOST_AUTO_TEST_CASE(a_secret_counts_as_changed_when_it_is_set_again) {
  auto one = revision(1, nullptr, {{text("KEY", "sesame", true)}});
  BOOST_TEST(shown(one) == "KEY*@1");
  BOOST_TEST(one.variables.front().value.empty());
  one.variables.front().value = "sealed";
  one.variables.front().clear = secret{};
  const auto same = revision(2, &one, {{text("A", "1")}});
  BOOST_TEST(changes_of(same) == "+A ~ -");
  const auto again = revision(3, &same, {{text("KEY", "sesame", true)}});
  BOOST_TEST(changes_of(again) == "+ ~KEY -");
}

BOOST_AUTO_TEST_CASE(a_name_that_is_not_there_cannot_be_unset) {
  const auto one = revision(1, nullptr, {{text("A", "1")}});
  const auto made = next_configuration(shop_lane, 2, &one, {{}, {"B"}}, nullptr, "ann", {});
  BOOST_REQUIRE(!made.has_value());
  BOOST_TEST(made.error().message.find("has no variable B") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(all_variables_together_have_a_bound) {
  variable_change full;
  for (int i = 0; i < 4; ++i)
    full.set.push_back(text(fmt::format("V{}", i), std::string(limits::variable_bytes - 2, 'x')));
  const auto one = revision(1, nullptr, full);
  const auto made = next_configuration(shop_lane, 2, &one, {{text("A", "")}}, nullptr, "ann", {});
  BOOST_REQUIRE(!made.has_value());
  BOOST_TEST(to_string(made.error().code) == "too_large");
  BOOST_TEST(made.error().message.find("262145 bytes") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_manifests_reference_is_replaced_and_a_missing_one_is_named) {
  const auto look = [](std::string_view name) {
    return name == "A" ? std::optional<std::string_view>{"1"} : std::nullopt;
  };
  std::vector<std::string> missing;
  BOOST_TEST(expand_variables("x${A}y${B}", look, missing) == "x1y${B}");
  BOOST_TEST(missing == std::vector<std::string>{"B"}, boost::test_tools::per_element());
  missing.clear();
  for (const auto* plain : {"$A", "${A", "${}", "${A:-1}", "$", "}"})
    BOOST_TEST(expand_variables(plain, look, missing) == plain);
  BOOST_TEST(expand_variables("$${A}${A}", look, missing) == "${A}1");
  BOOST_TEST(missing.empty());
}

BOOST_AUTO_TEST_CASE(what_a_manifest_needs_is_asked_for_by_the_command_that_sets_it) {
  const std::map<std::string, std::string> env{{"URL", "db://${USER_NAME}:${PASSWORD}@db"}};
  const auto one = revision(1, nullptr, {{text("USER_NAME", "shop")}});
  const auto checked = check_references(env, &one, shop_lane);
  BOOST_REQUIRE(!checked.has_value());
  const auto& said = checked.error().message;
  BOOST_TEST(said.find("[run] env URL needs ${PASSWORD}") != std::string::npos, said);
  BOOST_TEST(said.find("pawl env set PASSWORD=… -a shop -C local") != std::string::npos, said);
  BOOST_TEST(said.find("${USER_NAME}") == std::string::npos, said);
  const auto two = revision(2, &one, {{text("PASSWORD", "x", true)}});
  BOOST_TEST(check_references(env, &two, shop_lane).has_value());
  BOOST_TEST(!check_references(env, nullptr, shop_lane).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
