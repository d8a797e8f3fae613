// The table of errors against the specification's rows, written out again here. What programs read
// (name, exit status, HTTP status, number) must never change by accident.
#include "lifecycle/error.hpp"
#include "lifecycle/result.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>

namespace {

using namespace pawl;

struct specified {
  errc code;
  int number;
  std::string name;
  int exit;
  int http;
};

const std::vector<specified>& specification() {
  static const std::vector<specified> rows{
      {errc::invalid_argument, 1, "invalid_argument", 2, 400},
      {errc::too_large, 2, "too_large", 2, 413},
      {errc::build_failed, 3, "build_failed", 3, 422},
      {errc::release_failed, 4, "release_failed", 4, 422},
      {errc::unhealthy, 5, "unhealthy", 5, 422},
      {errc::in_flight, 6, "in_flight", 6, 409},
      {errc::invalid_transition, 7, "invalid_transition", 6, 409},
      {errc::too_late, 8, "too_late", 6, 409},
      {errc::frozen, 9, "frozen", 6, 409},
      {errc::superseded, 10, "superseded", 7, 409},
      {errc::cancelled, 11, "cancelled", 8, 409},
      {errc::unauthenticated, 12, "unauthenticated", 9, 401},
      {errc::permission_denied, 13, "permission_denied", 9, 403},
      {errc::not_found, 14, "not_found", 10, 404},
      {errc::unavailable, 15, "unavailable", 11, 503},
      {errc::timed_out, 16, "timed_out", 11, 504},
      {errc::resource_exhausted, 17, "resource_exhausted", 11, 507},
      {errc::data_corruption, 18, "data_corruption", 12, 500},
      {errc::internal, 19, "internal", 12, 500},
  };
  return rows;
}

BOOST_AUTO_TEST_SUITE(errors)

BOOST_AUTO_TEST_CASE(every_code_has_the_name_the_exit_status_and_the_http_status_specified) {
  BOOST_TEST(error_table.size() == specification().size());
  for (const auto& row : specification()) {
    BOOST_TEST(static_cast<int>(row.code) == row.number, row.name);
    BOOST_TEST(to_string(row.code) == row.name);
    BOOST_TEST(parse_errc(row.name) == row.code, row.name);
    BOOST_TEST(info(row.code).exit == row.exit, row.name);
    BOOST_TEST(info(row.code).http == row.http, row.name);
    BOOST_TEST(!info(row.code).when.empty(), row.name);
  }
}

BOOST_AUTO_TEST_CASE(no_code_shares_an_exit_status_with_success_with_other_errors_or_an_interrupt) {
  for (const auto& row : error_table) {
    BOOST_TEST(row.exit > 1, row.name);
    BOOST_TEST(row.exit < 126, row.name);
  }
}

BOOST_AUTO_TEST_CASE(a_name_that_is_no_codes_is_not_parsed) {
  for (auto name : {"", "Internal", "internal ", "no_such_code"})
    BOOST_TEST(!parse_errc(name).has_value(), name);
}

BOOST_AUTO_TEST_CASE(a_result_is_a_value_or_an_error) {
  result<int> value = 7;
  BOOST_REQUIRE(value.has_value());
  BOOST_TEST(*value == 7);
  result<int> problem = error{errc::frozen, "not now", {{"since", "noon"}}};
  BOOST_REQUIRE(!problem);
  BOOST_TEST(to_string(problem.error().code) == "frozen");
  BOOST_TEST(problem.error().details.at("since") == "noon");
}

BOOST_AUTO_TEST_CASE(a_result_gives_up_a_value_that_can_only_be_moved) {
  result<std::unique_ptr<int>> owned = std::make_unique<int>(3);
  std::unique_ptr<int> taken = *std::move(owned);
  BOOST_REQUIRE(taken != nullptr);
  BOOST_TEST(*taken == 3);
}

BOOST_AUTO_TEST_CASE(a_result_without_a_value_is_done_or_an_error) {
  result<void> done;
  BOOST_TEST(done.has_value());
  result<void> problem = error{errc::not_found, "no such app", {}};
  BOOST_REQUIRE(!problem);
  BOOST_TEST(problem.error().message == "no such app");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
