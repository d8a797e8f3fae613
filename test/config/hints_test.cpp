// Hints for an app: worth telling, though no mistakes.
#include "config/hints.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using pawl::config::hints_of;

namespace {

struct hinted_app {
  std::map<std::string, std::string, std::less<>> files = {};

  std::vector<std::string> hints() const {
    return hints_of([this](std::string_view name) {
      auto found = files.find(name);
      return found == files.end() ? std::nullopt : std::optional{found->second};
    });
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(app_hints)

BOOST_AUTO_TEST_CASE(an_app_like_others_has_none) {
  hinted_app one;
  BOOST_TEST(one.hints().empty());
  one.files["Procfile"] = "web: ./web\nrelease: ./migrate\n";
  one.files["package.json"] = "{\"name\": \"page\"}";
  BOOST_TEST(one.hints().empty());
}

BOOST_AUTO_TEST_CASE(lines_of_a_procfile_that_start_nothing_are_named) {
  hinted_app one;
  one.files["Procfile"] = "web: ./web\nworker: ./work\n# old: ./old\n\n";
  BOOST_TEST(one.hints().empty());
  one.files["Procfile"] = "web: ./web\nrelease:\n# old: ./old\nclock ./tick\nweb: ./again\n";
  BOOST_REQUIRE(one.hints().size() == 1U);
  BOOST_TEST(one.hints().front() ==
             "not used: line 2, 4, 5 of the Procfile; a line that starts a process is NAME: "
             "COMMAND, and each name stands once");
}

BOOST_AUTO_TEST_SUITE_END()
