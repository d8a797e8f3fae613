#include "client/terminal/text_processes.hpp"
#include "protocol/json/documents.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

namespace {

protocol::process_list shop() {
  return {"shop", "local", "d1", version_number{3}, {}, {{"web", 2, 2}, {"worker", 3, 1}}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(text_of_processes)

BOOST_AUTO_TEST_CASE(each_process_has_a_line_with_its_count_and_what_runs) {
  BOOST_TEST(client::processes_text(shop(), {}) == "shop in local, v3\n"
                                                   "  web       2  all run\n"
                                                   "  worker    3  1 run\n");
}

BOOST_AUTO_TEST_CASE(a_stopped_app_says_since_when_and_how_to_start_it) {
  auto list = shop();
  list.stopped_at = timestamp{};
  const auto text = client::processes_text(list, {});
  BOOST_TEST(text.find("  worker    3  stopped\n") != std::string::npos, text);
  BOOST_TEST(text.find("to start it: pawl start -a shop -C local\n") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(programs_get_the_same_as_json) {
  BOOST_TEST(json::document(shop()) ==
             "{\"app\":\"shop\",\"cluster\":\"local\",\"deployment\":\"d1\",\"version\":\"v3\","
             "\"stopped_at\":null,\"processes\":[{\"process\":\"web\",\"instances\":2,"
             "\"running\":2},{\"process\":\"worker\",\"instances\":3,\"running\":1}]}");
}

BOOST_AUTO_TEST_SUITE_END()
