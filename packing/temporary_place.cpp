#include "packing/temporary_place.hpp"

#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace pawl::packing {

result<std::filesystem::path> temporary_place() {
  const char* said = std::getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): nobody sets it
  std::filesystem::path place = said == nullptr || *said == '\0' ? "/tmp" : said;
  std::error_code unknown;
  if (std::filesystem::is_directory(place, unknown))
    return place;
  return error{
      errc::invalid_argument,
      fmt::format("the directory for temporary files, TMPDIR={}, is not there: make it, or "
                  "set TMPDIR to another",
                  printable(place.native())),
      {}};
}

} // namespace pawl::packing
