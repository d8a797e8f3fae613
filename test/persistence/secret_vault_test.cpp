// The key of the secrets: made when it is needed, and used only while nobody else can read it.
#include "persistence/sealing_store.hpp"
#include "test/support/memory_store.hpp"
#include "test/support/print.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>

#include <sys/stat.h>

using namespace pawl;
using namespace pawl::test;

namespace {

struct vault_fixture {
  temporary_directory place;
  std::filesystem::path key = secret_key_file(place.path());
  std::shared_ptr<secret_vault> vault = std::make_shared<secret_vault>(key);

  static configuration revision(config_number number = 1, const std::string& value = "sesame") {
    const auto set = variable_change{{{"LEVEL", secret{"debug"}}, {"TOKEN", secret{value}, true}}};
    return *next_configuration({"shop", "local"}, number, nullptr, set, nullptr, "ann", {});
  }

  configuration sealed() {
    auto made = revision();
    const auto done = vault->seal(made);
    BOOST_REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message));
    return made;
  }

  std::string key_text() const {
    std::ifstream in{key};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  // "NAME=VALUE," of each, or the message.
  std::string opened(const configuration& stored) const {
    const auto all = vault->open(stored);
    if (!all)
      return all.error().message;
    std::string shown;
    for (const auto& one : *all)
      shown += one.name + "=" + std::string{one.value.reveal()} + ",";
    return shown;
  }
};

bool has(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(vault_of_secrets, vault_fixture)

BOOST_AUTO_TEST_CASE(the_key_is_made_with_the_first_secret_and_is_its_owners_alone) {
  auto plain = *next_configuration({"shop", "local"}, 1, nullptr, {{{"A", secret{"1"}}}}, nullptr,
                                   "ann", {});
  BOOST_REQUIRE(vault->seal(plain).has_value());
  BOOST_TEST(!std::filesystem::exists(key));
  const auto made = sealed();
  struct stat about {};
  BOOST_REQUIRE(::stat(key.c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 07777U) == 0600U);
  BOOST_TEST(made.variables.back().clear.empty());
  BOOST_TEST(!has(made.variables.back().value, "sesame"));
  BOOST_TEST(opened(made) == "LEVEL=debug,TOKEN=sesame,");
}

BOOST_AUTO_TEST_CASE(another_vault_with_the_key_opens_what_was_sealed) {
  const auto made = sealed();
  vault = std::make_shared<secret_vault>(key);
  const auto text = key_text();
  BOOST_TEST(opened(made) == "LEVEL=debug,TOKEN=sesame,");
  sealed();
  BOOST_TEST((key_text() == text));
}

BOOST_AUTO_TEST_CASE(a_secret_that_was_put_elsewhere_in_the_store_does_not_open) {
  const auto made = sealed();
  const auto moved = [&](auto change) {
    auto other = made;
    change(other);
    return opened(other);
  };
  BOOST_TEST(has(moved([](auto& x) { x.lane.app = "blog"; }), "does not open"));
  BOOST_TEST(has(moved([](auto& x) { x.lane.cluster = "far"; }), "does not open"));
  BOOST_TEST(has(moved([](auto& x) { x.variables.back().name = "OTHER"; }), "does not open"));
  BOOST_TEST(has(moved([](auto& x) { x.variables.back().revision = 2; }), "does not open"));
  BOOST_TEST(moved([](auto& x) { x.number = 2; }) == "LEVEL=debug,TOKEN=sesame,");
}

BOOST_AUTO_TEST_CASE(without_its_key_a_secret_is_not_opened_and_the_file_is_named) {
  const auto made = sealed();
  std::filesystem::remove(key);
  const auto said = opened(made);
  BOOST_TEST(has(said, key.native() + ", is gone"), said);
  BOOST_TEST(has(said, "pawl env set --secret"), said);
  sealed(); // makes another key
  BOOST_TEST(has(opened(made), "is not the one that has sealed the secret TOKEN of shop in local"));
}

BOOST_AUTO_TEST_CASE(a_key_that_others_can_read_or_that_is_none_is_not_used) {
  const auto made = sealed();
  ::chmod(key.c_str(), 0640);
  BOOST_TEST(has(opened(made), "can be read by others"));
  auto next = revision(2);
  const auto refused = vault->seal(next);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(has(refused.error().message, "chmod 600 " + key.native()));
  ::chmod(key.c_str(), 0600);
  BOOST_TEST(opened(made) == "LEVEL=debug,TOKEN=sesame,");
  std::ofstream{key} << "nothing";
  BOOST_TEST(has(opened(made), "holds no key"));
  BOOST_TEST(!vault->seal(next).has_value());
}

BOOST_AUTO_TEST_CASE(below_the_sealing_store_no_secret_can_be_read_and_a_refusal_hits_one_change) {
  const auto below = std::make_shared<memory_store>();
  sealing_store above{below, vault};
  const auto with = [](lane_key lane, config_number number) {
    change wanted;
    wanted.lane = lane_record{.lane = lane};
    wanted.lane->configs = number;
    wanted.configuration = revision(number);
    wanted.configuration->lane = lane;
    return wanted;
  };
  const std::vector<change> first{with({"shop", "local"}, 1), {}};
  auto stored = above.commit(first);
  BOOST_REQUIRE(stored.size() == 2U);
  BOOST_REQUIRE_MESSAGE(stored[0].has_value(), (stored[0] ? "" : stored[0].error().message));
  BOOST_TEST(stored[0]->configuration->variables.back().is_sealed());
  BOOST_TEST(opened(*above.configuration({"shop", "local"}, 1)) == "LEVEL=debug,TOKEN=sesame,");
  BOOST_TEST(!below->commit(std::vector{with({"blog", "local"}, 1)})[0].has_value());
  ::chmod(key.c_str(), 0644);
  change plain;
  plain.lane = lane_record{.lane = {"news", "local"}};
  const std::vector<change> second{with({"blog", "local"}, 1), plain};
  stored = above.commit(second);
  BOOST_TEST(!stored[0].has_value());
  BOOST_TEST(stored[1].has_value());
}

BOOST_AUTO_TEST_SUITE_END()
