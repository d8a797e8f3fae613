// docs/manifest.md, the page for people who write a pawl.toml, names what the reader knows.
#include "config/manifest.hpp"
#include "protocol/fields.hpp"
#include "test/support/program.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace pawl;

namespace {

std::string page() {
  return test::read_text(std::filesystem::path{PAWL_SOURCE_DIR} / "docs/manifest.md");
}

template <class Table>
std::vector<std::string> rows_of(std::string_view table) {
  const Table defaults{};
  std::vector<std::string> rows;
  fields(
      [&](std::string_view key, const auto&) {
        if (key != "name") // of a process: it is in the table's own
          rows.push_back(fmt::format("\n| `[{}] {}` |", table, key));
      },
      defaults);
  return rows;
}

} // namespace

BOOST_AUTO_TEST_SUITE(manifest_page)

BOOST_AUTO_TEST_CASE(every_key_has_a_row) {
  const auto text = page();
  for (const auto& rows : {rows_of<build_settings>("build"), rows_of<run_settings>("run"),
                           rows_of<release_settings>("release"), rows_of<health_settings>("health"),
                           rows_of<process_settings>("process.NAME"),
                           std::vector<std::string>{"\n| `[deploy] strategy` |"}})
    for (const auto& row : rows)
      BOOST_TEST(text.find(row) != std::string::npos, "there is no row" << row);
}

BOOST_AUTO_TEST_CASE(its_example_is_a_good_one) {
  const auto text = page();
  const std::string_view fence = "```toml\n";
  const auto begin = text.find(fence);
  BOOST_REQUIRE(begin != std::string::npos);
  const auto example = text.substr(begin + fence.size(),
                                   text.find("```", begin + fence.size()) - begin - fence.size());
  const auto read = config::read_manifest(example, std::nullopt);
  BOOST_REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
  BOOST_TEST(read->app == "shop");
  BOOST_TEST(read->run.instances == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
