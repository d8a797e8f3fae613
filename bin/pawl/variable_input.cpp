#include "bin/pawl/variable_input.hpp"

#include "bin/pawl/secret_input.hpp"
#include "config/dotenv.hpp"
#include "lifecycle/limits.hpp"
#include "posix/files.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl::cli {

namespace {

error invalid(std::string message) {
  return {errc::invalid_argument, std::move(message), {}};
}

// All that comes, of a pipe too.
result<secret> read_all(int from, std::string_view what, std::size_t most) {
  std::string text(most + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(from, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return invalid(fmt::format("{} cannot be read: {}", what, system_reason(errno)));
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  secret whole{std::move(text)}; // wiped with all that was read
  if (size > most)
    return error{errc::too_large,
                 fmt::format("{} has more than {} bytes, which is the most", what, most),
                 {}};
  return secret{std::string{whole.reveal().substr(0, size)}};
}

result<secret> read_file_of(const std::string& path, std::string_view what, std::size_t most) {
  auto file = open_file(path, O_RDONLY);
  struct stat about {};
  if (!file || ::fstat(file->get(), &about) != 0)
    return invalid(
        fmt::format("{}: {} cannot be opened: {}", what, printable(path), system_reason(errno)));
  if (S_ISDIR(about.st_mode))
    return invalid(fmt::format("{}: {} is a directory; name a file", what, printable(path)));
  return read_all(file->get(), fmt::format("{}: {}", what, printable(path)), most);
}

class given_words {
public:
  explicit given_words(bool is_secret) : is_secret_(is_secret) {}

  result<void> add(const std::string& word) {
    const auto equals = word.find('=');
    if (equals == std::string::npos)
      return invalid(fmt::format("\"{}\" has no =: write KEY=VALUE, KEY=- to read stdin, or "
                                 "KEY=@FILE",
                                 printable(word)));
    auto name = word.substr(0, equals);
    if (auto good = check_variable_name(name); !good)
      return good;
    const std::string_view text = std::string_view{word}.substr(equals + 1);
    auto value = value_of(name, text);
    if (!value)
      return std::move(value).error();
    all.push_back({std::move(name), *std::move(value), is_secret_});
    return {};
  }

  std::vector<variable_text> all;

private:
  result<secret> value_of(const std::string& name, std::string_view text) {
    if (text.starts_with('@'))
      return read_file_of(std::string{text.substr(1)}, name, limits::variable_bytes);
    if (text != "-")
      return secret{std::string{text}};
    if (std::exchange(stdin_is_read_, true))
      return invalid("only one variable can be read from stdin");
    if (is_secret_ && can_ask())
      return ask_secret(name + ": ");
    return read_all(STDIN_FILENO, fmt::format("{}: stdin", name), limits::variable_bytes);
  }

  bool is_secret_;
  bool stdin_is_read_ = false;
};

} // namespace

result<std::vector<variable_text>> read_variables(const std::vector<std::string>& words,
                                                  const std::vector<std::string>& files,
                                                  bool is_secret) {
  // Comments and quotes come on top of what the variables may have.
  constexpr std::size_t file_most = 2 * limits::variables_bytes;
  given_words given{is_secret};
  for (const auto& word : words)
    if (auto added = given.add(word); !added)
      return std::move(added).error();
  for (const auto& path : files) {
    auto text = read_file_of(path, "--file", file_most);
    if (!text)
      return std::move(text).error();
    auto read = config::read_dotenv(text->reveal());
    if (!read)
      return error{errc::invalid_argument,
                   fmt::format("{}: {}", printable(path), read.error().message),
                   read.error().details};
    for (auto& one : *read) {
      one.is_secret = is_secret;
      given.all.push_back(std::move(one));
    }
  }
  if (auto good = check_change({given.all, {}, {}}); !good)
    return std::move(good).error();
  return std::move(given.all);
}

} // namespace pawl::cli
