// is_readable() accepts exactly the values that decode() accepts.
#include "persistence/lmdb/records.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;

namespace {

constexpr timestamp year_10000{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}};
constexpr timestamp before_1970{std::chrono::milliseconds{-1}};

bool is_read_again(const deployment& d) {
  return records::decode<deployment>(d.id, records::encode(d.id, d)).has_value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(readable)

BOOST_AUTO_TEST_CASE(a_full_deployment_is_readable) {
  const auto d = full_sample("a");
  BOOST_TEST(records::is_readable(d));
  BOOST_TEST(is_read_again(d));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_again_is_found_wherever_it_stands) {
  const std::vector<std::function<void(deployment&)>> spoilings{
      [](deployment& d) { d.created_at = year_10000; },
      [](deployment& d) { d.updated_at = before_1970; },
      [](deployment& d) { d.finished_at = year_10000; },
      [](deployment& d) { d.version = version_number{0}; },
      [](deployment& d) { d.transitions.emplace_back().at = before_1970; },
      [](deployment& d) { d.git.emplace().committed_at = year_10000; },
      [](deployment& d) { d.internals.settings.emplace().health.interval = duration{-1}; },
  };
  for (const auto& spoil : spoilings) {
    auto d = full_sample("a");
    spoil(d);
    BOOST_TEST(!records::is_readable(d));
    BOOST_TEST(!is_read_again(d));
  }
}

BOOST_AUTO_TEST_CASE(the_head_is_what_the_whole_says) {
  const auto d = full_sample("a");
  const auto head = records::decode<records::deployment_head>(d.id, records::encode(d.id, d));
  BOOST_REQUIRE(head.has_value());
  const records::deployment_head expected{d.app,        d.cluster,    d.state,
                                          d.request_id, d.created_at, d.internals.revision};
  BOOST_TEST(*head == expected);
}

BOOST_AUTO_TEST_SUITE_END()
