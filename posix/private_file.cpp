#include "posix/private_file.hpp"

#include <fmt/format.h>

#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

result<descriptor> open_private_file(const std::filesystem::path& directory,
                                     const std::string& name) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return system_error("create the directory " + directory.native(), errno);
  auto place = open_file(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!place)
    return place;
  struct stat about {};
  if (::fstat(place->get(), &about) != 0)
    return system_error("look at " + directory.native(), errno);
  if (about.st_uid != ::geteuid() || (about.st_mode & 0077U) != 0)
    return error{errc::unavailable,
                 fmt::format("the directory {} belongs to another user, or is open to others; "
                             "remove it",
                             directory.native()),
                 {}};
  descriptor file{
      ::openat(place->get(), name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file)
    return system_error("open " + (directory / name).native(), errno);
  return file;
}

} // namespace pawl
