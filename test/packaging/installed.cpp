#include "test/packaging/installed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>

namespace pawl::test {

namespace fs = std::filesystem;

outcome run(std::vector<std::string> arguments, std::map<std::string, std::string> more) {
  const temporary_directory place;
  arguments.insert(arguments.begin(), "/usr/bin/env"); // looks for it in PATH
  program_plan plan{std::move(arguments)};
  plan.environment = std::move(more);
  plan.environment.insert({{"PATH", "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
                           {"HOME", place.path().string()},
                           {"LC_ALL", "C"}});
  plan.directory = place.path();
  plan.out = place.path() / "out";
  plan.err = place.path() / "err";
  return program{plan}.wait();
}

bool machine_has(const std::string& program) {
  constexpr std::array folders{"/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"};
  const bool found = std::any_of(folders.begin(), folders.end(), [&](const char* folder) {
    return fs::exists(fs::path{folder} / program);
  });
  if (!found)
    BOOST_TEST_MESSAGE("skipped: this machine has no " << program << "; scripts/setup installs it");
  return found;
}

installed::installed(std::string prefix, bool staged)
    : root_(place_.path() / "root"), prefix_(staged ? std::move(prefix) : root_.string()),
      staged_(staged) {
  install();
}

// As a component: the list of what a person installed is in another file, and stays.
void installed::install() const {
  std::map<std::string, std::string> more;
  if (staged_)
    more["DESTDIR"] = root_.string();
  const auto end =
      run({"cmake", "--install", PAWL_BUILD_DIR, "--component", "Unspecified", "--prefix", prefix_},
          more);
  BOOST_REQUIRE_MESSAGE(end.status == 0, end.out << end.err);
}

} // namespace pawl::test
