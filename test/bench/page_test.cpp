// The page that is made from a run.
#include "bench/harness/page.hpp"

#include "bench/harness/report.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

namespace {

using namespace pawl::bench;

nlohmann::json document_of(const std::string& command, const std::vector<case_report>& cases) {
  return document({{"processors", 2}, {"command", command}, {"floor", {{"flush_p50_us", 812.3}}}},
                  cases);
}

std::vector<case_report> sample_cases() {
  case_report one;
  one.row = "accept";
  one.name = "64 clients";
  one.unit = "requests/s";
  one.ours = 1200;
  one.peers = {{"etcd", 400}};
  one.ratios = {{"etcd", {3, 2.5, 3.5}}};
  one.counts = {{"flushes/op", 0.05}};
  one.promised = {at_least(4, "times etcd", 3, measure::time)};
  decide(one, false);
  auto other = one;
  other.row = "idle";
  other.ours.reset();
  other.peers.clear();
  other.ratios.clear();
  return {one, other};
}

nlohmann::json sample_run() {
  return merged({document_of("pawl-bench all", sample_cases())});
}

void has(const std::string& text, const std::string& part) {
  BOOST_TEST(text.find(part) != std::string::npos, part << " is not in\n" << text);
}

BOOST_AUTO_TEST_SUITE(page_test)

BOOST_AUTO_TEST_CASE(a_page_has_a_table_for_each_row_and_how_to_repeat_it) {
  const auto page = page_of(sample_run(), {{"accept", "It is the flush.\n"}});
  for (const auto* part :
       {"Of 2 cases: 2 missed.", "| processors | 2 |", "| floor: flush_p50_us | 812 |", "## accept",
        "| 64 clients | 1200 requests/s | etcd 400: **3.00** (2.50 to 3.50) |", "flushes/op 0.0500",
        "at least 4 times etcd | missed |", "- 64 clients: at least 4 times etcd: measured 3.00",
        "It is the flush.", "pawl-bench accept`", "(performance/accept.svg)", "## idle"})
    has(page, part);
  BOOST_TEST(page.find("idle.svg") == std::string::npos); // it has no figure to draw
}

BOOST_AUTO_TEST_CASE(a_later_run_has_its_rows_in_place_of_those_of_the_one_before) {
  auto later = sample_cases();
  later.resize(1);
  later.front().name = "10000000 records";
  const auto run = merged({document_of("pawl-bench all", sample_cases()),
                           document_of("pawl-bench accept --large", later)});
  BOOST_TEST(rows_of(run) == (std::vector<std::string>{"accept", "idle"}),
             boost::test_tools::per_element());
  const auto page = page_of(run, {});
  for (const auto* part :
       {"| fact | `pawl-bench all` | `pawl-bench accept --large` |", "| processors | 2 | 2 |",
        "| 10000000 records | 1200", "pawl-bench accept --large`", "pawl-bench idle`"})
    has(page, part);
  BOOST_TEST(page.find("| 64 clients | 1200") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_plot_has_the_cases_and_the_peers) {
  const auto script = plot_of(sample_run(), "accept", "out.svg");
  has(script, "set output 'out.svg'");
  has(script, "\"64 clients\" 1200.0 400.0");
  has(script, "title 'etcd'");
  BOOST_TEST(plot_of(sample_run(), "idle", "out.svg").empty());
}

BOOST_AUTO_TEST_CASE(a_plot_quotes_what_the_peers_are_called) {
  auto run = sample_run();
  for (auto& one : run.at("rows"))
    if (one.at("row") == "accept")
      one["peers"]["nginx's reload"] = 1.0;
  has(plot_of(run, "accept", "out.svg"), "title 'nginx''s reload'");
}

BOOST_AUTO_TEST_CASE(explanations_are_found_by_their_headings) {
  const auto found = sections_of("# Why\n\n## accept\n\nOne.\n\nTwo.\n\n## idle\n\nThree.\n");
  BOOST_TEST(found.size() == 2U);
  BOOST_TEST(found.at("accept") == "One.\n\nTwo.\n");
  BOOST_TEST(found.at("idle") == "Three.\n");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
