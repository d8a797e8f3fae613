// Sealing of short texts: what opens them, and that nothing else does.
#include "posix/sealed_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace pawl;

namespace {

std::string opened(const sealing_key& key, std::string_view place, std::string_view sealed) {
  const auto text = open_sealed(key, place, sealed);
  return text ? std::string{text->reveal()} : "refused";
}

} // namespace

BOOST_AUTO_TEST_SUITE(sealed_texts)

BOOST_AUTO_TEST_CASE(a_text_opens_with_its_key_at_its_place) {
  const auto key = random_sealing_key();
  for (const auto& text : {std::string{}, std::string{"x"}, std::string(70'000, 'y')}) {
    const auto sealed = seal_bytes(key, "shop/local/A/1", text);
    BOOST_TEST((opened(key, "shop/local/A/1", sealed) == text));
    BOOST_TEST((text.size() < 2 || sealed.find(text.substr(0, 8)) == std::string::npos));
  }
}

BOOST_AUTO_TEST_CASE(it_opens_nowhere_else_and_with_no_other_key) {
  const auto key = random_sealing_key();
  const auto sealed = seal_bytes(key, "shop/local/A/1", "sesame");
  BOOST_TEST(opened(key, "shop/local/B/1", sealed) == "refused");
  BOOST_TEST(opened(key, "", sealed) == "refused");
  BOOST_TEST(opened(random_sealing_key(), "shop/local/A/1", sealed) == "refused");
}

BOOST_AUTO_TEST_CASE(a_byte_that_was_changed_or_is_missing_is_seen) {
  const auto key = random_sealing_key();
  const auto sealed = seal_bytes(key, "place", "sesame");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    BOOST_TEST(opened(key, "place", changed) == "refused");
    BOOST_TEST(opened(key, "place", sealed.substr(0, i)) == "refused");
  }
  BOOST_TEST(opened(key, "place", sealed + "x") == "refused");
}

BOOST_AUTO_TEST_CASE(the_same_text_is_sealed_to_other_bytes_each_time) {
  const auto key = random_sealing_key();
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i)
    all.insert(seal_bytes(key, "place", "sesame"));
  BOOST_TEST(all.size() == 100U);
}

BOOST_AUTO_TEST_SUITE_END()
