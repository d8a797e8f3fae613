#include "bin/pawl/secret_input.hpp"

#include "bin/pawl/following.hpp"
#include "lifecycle/limits.hpp"
#include "posix/files.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

namespace pawl::cli {

namespace {

// While it lives, the terminal does not show what is typed.
class hidden_typing {
public:
  hidden_typing() {
    hidden_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    hidden_ = hidden_ && ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~hidden_typing() {
    if (hidden_)
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  hidden_typing(const hidden_typing&) = delete;
  hidden_typing& operator=(const hidden_typing&) = delete;

  bool works() const { return hidden_; }

private:
  termios before_{};
  bool hidden_ = false;
};

secret trimmed(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  const auto begin = text.find_first_not_of(white);
  if (begin == std::string_view::npos)
    return {};
  return secret{std::string{text.substr(begin, text.find_last_not_of(white) - begin + 1)}};
}

error interrupted() {
  return {errc::cancelled, "interrupted: nothing was stored", {}};
}

// The bytes of stdin, which are overwritten at the end.
class input_buffer {
public:
  input_buffer() = default;
  ~input_buffer() { ::explicit_bzero(bytes_.data(), bytes_.size()); }
  input_buffer(const input_buffer&) = delete;
  input_buffer& operator=(const input_buffer&) = delete;

  // False at the end of the input.
  result<bool> read_more() {
    if (size_ == bytes_.size())
      return error{errc::invalid_argument,
                   fmt::format("what stdin gives is no token: it has more than {} bytes",
                               limits::token_bytes),
                   {}};
    const auto got = ::read(STDIN_FILENO, bytes_.data() + size_, bytes_.size() - size_);
    if (got < 0 && errno == EINTR)
      return true;
    if (got < 0)
      return system_error("read the token from stdin", errno);
    size_ += static_cast<std::size_t>(got);
    return got > 0;
  }

  std::string_view text() const { return {bytes_.data(), size_}; }

private:
  std::array<char, limits::token_bytes + 1> bytes_{};
  std::size_t size_ = 0;
};

class kept_signal_mask {
public:
  kept_signal_mask() { ::pthread_sigmask(SIG_SETMASK, nullptr, &before_); }
  ~kept_signal_mask() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  kept_signal_mask(const kept_signal_mask&) = delete;
  kept_signal_mask& operator=(const kept_signal_mask&) = delete;

private:
  sigset_t before_{};
};

} // namespace

bool can_ask() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

// A signal that ended the program here would leave the terminal without an echo. Afterwards it
// ends the program again.
result<secret> ask_secret(std::string_view question) {
  const kept_signal_mask mask;
  const auto interrupts = take_interrupts();
  const hidden_typing hidden;
  if (!hidden.works())
    return error{
        errc::unavailable, "the terminal cannot hide what is typed: use --token-stdin", {}};
  write_to(STDERR_FILENO, question);
  std::array<pollfd, 2> watched{{{STDIN_FILENO, POLLIN, 0}, {interrupts.get(), POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
  }
  input_buffer typed;
  const bool left = (watched[1].revents & POLLIN) != 0;
  signalfd_siginfo taken{}; // off the descriptor: it is answered by our exit status
  while (left && ::read(interrupts.get(), &taken, sizeof taken) > 0) {
  }
  auto more = left ? result<bool>{false} : typed.read_more();
  write_to(STDERR_FILENO, "\n"); // that of the person was not shown
  if (!more)
    return std::move(more).error();
  return *more ? result<secret>{trimmed(typed.text())} : interrupted();
}

result<secret> read_secret_from_stdin() {
  input_buffer input;
  auto more = input.read_more();
  while (more && *more)
    more = input.read_more();
  if (!more)
    return std::move(more).error();
  auto token = trimmed(input.text());
  if (token.empty())
    return error{errc::invalid_argument, "stdin gives no token: pipe one into pawl", {}};
  return token;
}

} // namespace pawl::cli
