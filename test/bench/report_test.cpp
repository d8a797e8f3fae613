// Pairs, verdicts, and the two forms of a report.
#include "bench/harness/pairs.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

namespace {

using namespace pawl::bench;
using namespace std::chrono_literals;

// A contestant that takes no time, and says one figure after another.
contestant saying(std::string name, std::vector<double> values, std::string& order) {
  auto next = std::make_shared<std::size_t>(0);
  return {name, [=, &order] {
            order += name.front();
            return figures{{"speed", values[(*next)++ % values.size()]}};
          }};
}

BOOST_AUTO_TEST_SUITE(report_test)

BOOST_AUTO_TEST_CASE(pairs_turn_round_in_every_round) {
  std::string order;
  run_pairs({saying("a", {1}, order), saying("b", {1}, order)}, 1h, 4, 4);
  BOOST_TEST(order == "abbaabba");
}

BOOST_AUTO_TEST_CASE(a_budget_that_is_used_up_ends_after_the_least_rounds) {
  std::string order;
  run_pairs({saying("a", {1}, order)}, 0ms, 3, 7);
  BOOST_TEST(order == "aaa");
}

BOOST_AUTO_TEST_CASE(ratios_are_those_of_the_pairs_and_not_of_the_medians) {
  pairs_outcome outcome;
  outcome.samples[our_name]["speed"] = {10, 20, 60};
  outcome.samples["peer"]["speed"] = {20, 20, 20};
  const auto [report, unsteady] = compare(outcome, "row", "speed", "ops/s");
  BOOST_TEST(!unsteady);
  BOOST_TEST(report.ours.value() == 20);
  BOOST_TEST(report.peers.at("peer") == 20);
  BOOST_TEST(report.ratios.at("peer") == (spread{1, 0.5, 3}));
}

BOOST_AUTO_TEST_CASE(a_peer_whose_runs_lie_apart_makes_a_case_unsteady) {
  pairs_outcome outcome;
  outcome.samples[our_name]["speed"] = {10, 20, 60};
  outcome.samples["peer"]["speed"] = {10, 20, 30};
  BOOST_TEST(compare(outcome, "row", "speed", "ops/s").unsteady);
}

BOOST_AUTO_TEST_CASE(time_that_the_host_took_away_makes_a_case_unsteady) {
  pairs_outcome outcome;
  outcome.samples[our_name]["speed"] = {10};
  outcome.stolen = 0.03;
  BOOST_TEST(compare(outcome, "row", "speed", "ops/s").unsteady);
}

BOOST_AUTO_TEST_CASE(counts_decide_whatever_the_noise_and_times_only_without_it) {
  const auto good_count = at_most(1, "flushes", 0.5, measure::count);
  const auto bad_count = at_most(1, "flushes", 2, measure::count);
  const auto good_time = at_least(2, "times the peer", 3, measure::time);
  const auto bad_time = at_least(2, "times the peer", 1, measure::time);
  using enum verdict;
  const auto is = [](std::vector<criterion> promised, bool unsteady, verdict expected) {
    BOOST_TEST(to_string(judge(promised, unsteady)) == to_string(expected));
  };
  is({good_count, good_time}, false, met);
  is({good_count, bad_time}, false, missed);
  is({good_count, bad_time}, true, inconclusive);
  is({good_count, good_time}, true, inconclusive);
  is({bad_count, good_time}, true, missed);
  is({good_count}, true, met);
  is({}, false, inconclusive);
  BOOST_TEST(counts_hold({good_count, bad_time}));
  BOOST_TEST(!counts_hold({bad_count}));
}

case_report sample_case() {
  case_report one;
  one.row = "accept";
  one.name = "64 clients";
  one.unit = "ops/s";
  one.ours = 1234.5;
  one.peers = {{"etcd", 400}};
  one.ratios = {{"etcd", {3.1, 2.9, 3.3}}};
  one.counts = {{"flushes/op", 0.05}};
  one.promised = {at_least(4, "times etcd", 3.1, measure::time)};
  decide(one, false);
  return one;
}

BOOST_AUTO_TEST_CASE(the_document_has_what_was_promised_to_programs) {
  const auto whole = document({{"processors", 2}}, {sample_case()});
  BOOST_TEST(whole.at("machine").at("processors") == 2);
  const auto& row = whole.at("rows").at(0);
  BOOST_TEST(row.at("row") == "accept");
  BOOST_TEST(row.at("case") == "64 clients");
  BOOST_TEST(row.at("unit") == "ops/s");
  BOOST_TEST(row.at("ours") == 1234.5);
  BOOST_TEST(row.at("floor").is_null());
  BOOST_TEST(row.at("peers").at("etcd") == 400);
  const auto& ratio = row.at("ratios").at("etcd");
  BOOST_TEST(ratio.at("median") == 3.1);
  BOOST_TEST(ratio.at("min") == 2.9);
  BOOST_TEST(ratio.at("max") == 3.3);
  BOOST_TEST(row.at("counts").at("flushes/op") == 0.05);
  BOOST_TEST(row.at("target") == "at least 4 times etcd");
  BOOST_TEST(row.at("verdict") == "missed");
}

BOOST_AUTO_TEST_CASE(people_read_the_verdict_the_ratio_and_what_was_missed) {
  const auto text = text_of(sample_case());
  for (const auto* part : {"missed", "accept", "64 clients", "1234", "etcd 400", "x3.10",
                           "2.90 to 3.30", "at least 4 times etcd: measured 3.10"})
    BOOST_TEST(text.find(part) != std::string::npos, part << " is not in\n" << text);
}

BOOST_AUTO_TEST_CASE(figures_have_three_digits) {
  BOOST_TEST(figure(0) == "0");
  BOOST_TEST(figure(0.01234) == "0.0123");
  BOOST_TEST(figure(12.345) == "12.3");
  BOOST_TEST(figure(123456) == "123456");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
