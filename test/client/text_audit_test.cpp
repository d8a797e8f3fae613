// Freezes and the audit journal, as people read them.
#include "client/terminal/text_audit.hpp"

#include "client/terminal/text_records.hpp"
#include "client/terminal/time.hpp"
#include "test/client/samples.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::client;
using namespace std::chrono_literals;
using pawl::test::sample_time;

namespace {

freeze_record freeze_of(const std::string& text) {
  return {text, "local", text, text, sample_time, {}};
}

audit_record record_of(const std::string& text) {
  audit_record told;
  told.at = sample_time;
  told.app = told.target = text;
  told.by = told.action = told.address = told.detail = text;
  return told;
}

} // namespace

BOOST_AUTO_TEST_SUITE(texts_of_audit)

BOOST_AUTO_TEST_CASE(a_freeze_says_how_it_is_lifted) {
  auto freeze = freeze_of("shop");
  BOOST_TEST(frozen_text({freeze}, {}) == "shop in local frozen until it is lifted: shop\n"
                                          "to lift it: pawl unfreeze -a shop -C local\n");
  freeze.app.reset();
  freeze.until = sample_time;
  BOOST_TEST(frozen_text({freeze}, {})
                 .starts_with("all apps in local frozen until 2026-01-02T03:04:05.678Z: shop\n"));
  BOOST_TEST(unfrozen_text({freeze}, {}) ==
             "all apps in local not frozen any more; the freeze of shop was: shop\n");
}

BOOST_AUTO_TEST_CASE(a_frozen_lane_says_by_whom_and_why) {
  protocol::lane_view lane{.app = "shop", .cluster = "local"};
  lane.frozen = lane_freeze{"the sale", "ann", sample_time, {}, {}};
  const auto text = lanes_text({{lane}, {}}, sample_time, {});
  BOOST_TEST(text.find("  frozen     by ann until it is lifted: the sale\n") != std::string::npos,
             text);
}

BOOST_AUTO_TEST_CASE(a_record_is_a_row_with_its_code_where_it_was_refused) {
  auto refused = record_of("x");
  refused.outcome = audit_outcome::refused;
  refused.code = errc::permission_denied;
  const auto text = audit_text({{refused, record_of("y")}, "next"}, {});
  BOOST_TEST(text.find("permission_denied") != std::string::npos, text);
  BOOST_TEST(text.find("done") != std::string::npos, text);
  BOOST_TEST(text.find("--cursor next") != std::string::npos, text);
  BOOST_TEST(audit_text({}, {}) == "no records match\n");
  BOOST_TEST(audit_text({{}, "c"}, {}).starts_with("none found so far\n"));
}

BOOST_AUTO_TEST_CASE(texts_of_others_do_not_reach_the_terminal_unescaped) {
  const std::string evil = "x\x1b]0;title\x07\x9b"
                           "2J";
  auto list = protocol::audit_list{{record_of(evil)}, evil, {{errc::data_corruption, evil, {}}}};
  protocol::lane_view lane{.app = evil, .cluster = evil};
  lane.frozen = lane_freeze{evil, evil, sample_time, {}, {}};
  const auto all = frozen_text({freeze_of(evil)}, {}) + unfrozen_text({freeze_of(evil)}, {}) +
                   audit_text(list, {}) + lanes_text({{lane}, {}}, sample_time, {});
  for (char c : {'\x1b', '\x07', '\x9b'})
    BOOST_TEST(all.find(c) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_freeze_is_a_time_or_a_duration_from_now) {
  BOOST_TEST((parse_end("2h", sample_time) == sample_time + 2h));
  BOOST_TEST((parse_end("2026-01-02T03:04:05.678Z", {}) == sample_time));
  for (const auto* wrong : {"soon", "", "99999999d", "-1h"})
    BOOST_TEST(!parse_end(wrong, sample_time).has_value(), wrong);
}

BOOST_AUTO_TEST_SUITE_END()
