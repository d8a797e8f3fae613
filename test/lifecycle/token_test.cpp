#include "lifecycle/token.hpp"

#include "lifecycle/limits.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <set>

using namespace pawl;

namespace {

template <class T>
concept can_be_compared = requires(const T& x, const T& y) {
  x == y;
};

template <class T>
concept can_be_streamed = requires(std::ostream& out, const T& x) {
  out << x;
};

template <class T>
concept can_be_ordered = requires(const T& x, const T& y) {
  x < y;
};

template <class T>
concept can_be_hashed = requires(const T& x) {
  std::hash<T>{}(x);
};

template <class T>
concept can_be_appended = requires(const T& x, std::string text) {
  text + x;
};

template <class T>
concept can_become_text = requires(const T& x) {
  to_string(x);
};

template <class T>
constexpr bool has_a_way_out =
    fmt::is_formattable<T>::value || can_be_streamed<T> || can_be_compared<T> ||
    can_be_ordered<T> || can_be_hashed<T> || can_be_appended<T> || can_become_text<T> ||
    std::is_convertible_v<T, std::string> || std::is_convertible_v<T, std::string_view> ||
    std::is_constructible_v<std::string, T> || std::is_constructible_v<std::string_view, T>;

// A secret has no way into a message, a log line, a map or a comparison, and no text becomes one by
// itself.
static_assert(!has_a_way_out<secret>);
static_assert(!has_a_way_out<std::optional<secret>> && !fmt::is_formattable<const secret&>::value);
static_assert(!std::is_convertible_v<std::string, secret> &&
              !std::is_convertible_v<const char*, secret>);
// A question that nothing could answer with yes would show nothing.
static_assert(fmt::is_formattable<std::string>::value && can_be_streamed<std::string> &&
              can_be_compared<std::string> && can_be_ordered<std::string> &&
              can_be_hashed<std::string> && can_be_appended<std::string> && can_become_text<role>);

} // namespace

BOOST_AUTO_TEST_SUITE(token_test)

BOOST_AUTO_TEST_CASE(a_token_is_its_256_bits_in_base64url) {
  BOOST_TEST(make_token({}).reveal() == "pawl_" + std::string(43, 'A'));
  token_randomness ones;
  ones.fill(0xff);
  BOOST_TEST(make_token(ones).reveal() == "pawl_" + std::string(42, '_') + "8");
  token_randomness counted{};
  for (std::size_t i = 0; i < counted.size(); ++i)
    counted[i] = static_cast<std::uint8_t>(i);
  // base64.urlsafe_b64encode(bytes(range(32)))
  BOOST_TEST(make_token(counted).reveal() == "pawl_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
}

BOOST_AUTO_TEST_CASE(each_bit_of_the_randomness_makes_another_token) {
  std::set<std::string> all;
  for (std::size_t bit = 0; bit < 256; ++bit) {
    token_randomness random{};
    random[bit / 8] = static_cast<std::uint8_t>(1U << bit % 8);
    const auto token = make_token(random);
    BOOST_TEST(is_token(token.reveal()));
    all.emplace(token.reveal());
  }
  BOOST_TEST(all.size() == 256U);
}

BOOST_AUTO_TEST_CASE(other_texts_are_no_tokens) {
  const std::string good{make_token({}).reveal()};
  for (const auto& bad : {std::string{}, std::string{"pawl_"}, good + "A", good.substr(1),
                          good.substr(0, good.size() - 1), "Pawl_" + good.substr(5),
                          good.substr(0, good.size() - 1) + "+", std::string("ey.ey.sig")})
    BOOST_TEST(!is_token(bad), bad);
}

BOOST_AUTO_TEST_CASE(a_token_ends_at_its_time_and_one_without_never) {
  token_record token;
  const timestamp now{std::chrono::seconds{10}};
  BOOST_TEST(!is_expired(token, now));
  token.expires_at = now;
  BOOST_TEST(is_expired(token, now));
  BOOST_TEST(!is_expired(token, now - std::chrono::milliseconds{1}));
}

BOOST_AUTO_TEST_CASE(a_grant_names_apps_and_clusters_that_can_be_each_once) {
  BOOST_TEST(check_grant({}).has_value());
  BOOST_TEST(check_grant({role::deploy, {"shop", "blog"}, {"shop"}}).has_value());
  const auto said = [](const grant& given) { return check_grant(given).error().message; };
  BOOST_TEST(said({role::view, {"No"}, {}}).find("app") != std::string::npos);
  BOOST_TEST(said({role::view, {}, {"No"}}).find("cluster") != std::string::npos);
  BOOST_TEST(said({role::view, {"a", "b", "a"}, {}}) == "app \"a\" is named twice");
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= limits::granted_names; ++i)
    many.push_back(fmt::format("c{}", i));
  BOOST_TEST(said({role::view, {}, many}).find("the most are 64") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(texts_are_compared_as_a_whole) {
  BOOST_TEST(same_in_constant_time("abc", "abc"));
  for (const auto* other : {"abd", "bbc", "ab", "abcd", ""})
    BOOST_TEST(!same_in_constant_time("abc", other), other);
}

BOOST_AUTO_TEST_CASE(a_secret_that_was_moved_from_is_empty) {
  secret first{"a text that is longer than what a string keeps inside itself"};
  const auto second = std::move(first);
  BOOST_TEST(first.empty()); // NOLINT(bugprone-use-after-move)
  BOOST_TEST(second.size() == 60U);
}

BOOST_AUTO_TEST_SUITE_END()
