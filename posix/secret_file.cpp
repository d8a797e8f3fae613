#include "posix/secret_file.hpp"

#include "posix/files.hpp"

#include <fmt/format.h>

#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

error bad_secret(const std::filesystem::path& file, std::string_view why) {
  return {errc::invalid_argument, fmt::format("{} {}", file.native(), why), {}};
}

result<void> check_is_private(const std::filesystem::path& file, int fd) {
  struct stat about {};
  if (::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
    return bad_secret(file, "is no file: name one that holds the password alone");
  constexpr mode_t of_others = S_IRWXG | S_IRWXO;
  if ((about.st_mode & of_others) == 0)
    return {};
  return bad_secret(file, fmt::format("holds a password, and others can use it: its mode is "
                                      "{:04o}. Take that from them: chmod 600 {}; if they may have "
                                      "read it, change the password",
                                      about.st_mode & 07777U, file.native()));
}

// Up to `most` and three bytes: a line end, and one by which it is seen to be too long.
result<std::string> read_some(const std::filesystem::path& file, int fd, std::size_t most) {
  std::string text(most + 3, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return bad_secret(file, fmt::format("cannot be read: {}", system_reason(errno)));
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

} // namespace

result<secret> read_secret_file(const std::filesystem::path& file, std::size_t most) {
  // A pipe has nobody who writes.
  const descriptor opened{::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  if (!opened)
    return bad_secret(file, fmt::format("cannot be read: {}", system_reason(errno)));
  if (auto fine = check_is_private(file, opened.get()); !fine)
    return std::move(fine).error();
  auto text = read_some(file, opened.get(), most);
  if (!text)
    return std::move(text).error();
  if (text->ends_with('\n'))
    text->pop_back();
  if (text->ends_with('\r'))
    text->pop_back();
  const auto size = text->size();
  const bool one_line = text->find_first_of(std::string_view{"\0\r\n", 3}) == std::string::npos;
  secret made{*std::move(text)};
  if (size == 0)
    return bad_secret(file, "is empty: write the password into it");
  if (size > most)
    return bad_secret(file, fmt::format("has more than the {} bytes that a password may have: name "
                                        "a file that holds the password alone",
                                        most));
  if (!one_line)
    return bad_secret(file, "has more than one line: write the password alone into it");
  return made;
}

} // namespace pawl
