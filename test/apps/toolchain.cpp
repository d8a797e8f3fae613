#include "test/apps/toolchain.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace pawl::test {

bool can_run(const toolchain& needed) {
  const auto missing = std::find_if(needed.files.begin(), needed.files.end(), [](const auto& file) {
    return !std::filesystem::exists(file);
  });
  const auto remedy = fmt::format("install {}", needed.packages);
  if (needed.everywhere) {
    BOOST_REQUIRE_MESSAGE(missing == needed.files.end(),
                          missing->native() << " is missing: run scripts/setup, or " << remedy);
    return true;
  }
  const auto* wanted = std::getenv("PAWL_APPS");
  if (wanted == nullptr || std::string_view{wanted} != "all") {
    fmt::print("skipped: set PAWL_APPS=all to try it{}\n",
               needed.fetches ? "; its build takes packages from the network" : "");
    return false;
  }
  if (missing != needed.files.end())
    fmt::print("skipped: {} is missing, {}\n", missing->native(), remedy);
  return missing == needed.files.end();
}

} // namespace pawl::test
