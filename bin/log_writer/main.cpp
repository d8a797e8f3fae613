// pawl-log-writer: appends what an instance prints to its log, also while no server runs. The
// instance has only a pipe, so that it cannot change what it printed before. Each instance has one
// of these, so this uses nothing but the C library.
//
//   pawl-log-writer [IDENTITY]   becomes that user, if root starts it
//
//   descriptor 0   the pipe's reading end
//   descriptor 1   the log, for appending
//   descriptor 3   if it is open: a file with the secrets that are not to be in the log, as
//                  lifecycle/redaction_scan.hpp reads it
//
// Ends when nobody can write to the pipe any more. SIGURG: the instance has ended; ends as soon as
// the pipe is empty, whoever may still hold its other end. It survives the other signals that end a
// session or a service. Bytes that the disk does not take are lost; the log says how many.
#include "lifecycle/redaction_scan.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

constexpr std::size_t pipe_most = 1024 * 1024; // no pipe of an ordinary user is larger

constexpr int secrets_fd = 3;

std::array<char, 64 * 1024> buffer;
volatile std::sig_atomic_t ending = 0;
unsigned long long lost = 0;

// Not only a flag: a read that is about to begin must not wait either.
void end_when_empty(int) {
  const int before = errno;
  ending = 1;
  ::fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
  errno = before;
}

void take_signals() {
  for (const int survived : {SIGTERM, SIGINT, SIGHUP})
    ::signal(survived, SIG_IGN);
  struct sigaction action {};
  action.sa_handler = end_when_empty; // without SA_RESTART
  ::sigaction(SIGURG, &action, nullptr);
}

bool become(const char* identity) {
  const auto id = static_cast<uid_t>(std::strtoul(identity, nullptr, 10));
  return id != 0 && ::setgroups(0, nullptr) == 0 && ::setresgid(id, id, id) == 0 &&
         ::setresuid(id, id, id) == 0 && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

// How many of the bytes the log has taken.
std::size_t append(const char* bytes, std::size_t size) {
  std::size_t written = 0;
  while (written < size) {
    const auto put = ::write(STDOUT_FILENO, bytes + written, size - written);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      break;
    written += static_cast<std::size_t>(put);
  }
  return written;
}

void append_or_lose(const char* bytes, std::size_t size) {
  if (lost > 0) {
    std::array<char, 120> words{};
    const int length = std::snprintf(
        words.data(), words.size(),
        "\npawl: %llu bytes of output are missing here: the log could not be written\n", lost);
    if (append(words.data(), static_cast<std::size_t>(length)) == static_cast<std::size_t>(length))
      lost = 0;
  }
  if (lost > 0)
    lost += size;
  else
    lost = size - append(bytes, size);
}

// Gathers the pieces of what was read, so that they are written at once.
class gathered {
public:
  void add(std::string_view piece) {
    while (!piece.empty()) {
      const auto part = piece.substr(0, bytes_.size() - size_);
      std::memcpy(bytes_.data() + size_, part.data(), part.size());
      size_ += part.size();
      piece.remove_prefix(part.size());
      if (size_ == bytes_.size())
        flush();
    }
  }
  void flush() {
    if (size_ > 0)
      append_or_lose(bytes_.data(), size_);
    size_ = 0;
  }

private:
  std::array<char, 16 * 1024> bytes_{};
  std::size_t size_ = 0;
};

gathered gathering;

// Empty without secrets. Nobody else can read them here: not even in a core.
std::string_view read_secrets() {
  struct stat about {};
  if (::fstat(secrets_fd, &about) != 0 || about.st_size <= 0)
    return {};
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const auto size = static_cast<std::size_t>(about.st_size);
  const auto* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, secrets_fd, 0);
  ::close(secrets_fd);
  if (bytes == MAP_FAILED)
    std::exit(1); // rather no log than one with secrets
  return {static_cast<const char*>(bytes), size};
}

// Reads once; false at the end. What may be the beginning of a secret stays in the buffer.
class copying {
public:
  explicit copying(std::string_view secrets) : scan_(secrets) {}

  bool step(std::size_t& got_in_all) {
    const auto got = ::read(STDIN_FILENO, buffer.data() + held_, buffer.size() - held_);
    if (got < 0 && errno == EINTR)
      return true;
    got_in_all = got > 0 ? static_cast<std::size_t>(got) : 0;
    if (scan_.is_empty()) {
      if (got > 0)
        append_or_lose(buffer.data(), got_in_all);
      return got > 0;
    }
    const auto size = held_ + got_in_all;
    held_ = scan_.pass({buffer.data(), size}, got <= 0,
                       [](std::string_view piece) { gathering.add(piece); });
    gathering.flush();
    std::memmove(buffer.data(), buffer.data() + size - held_, held_);
    return got > 0;
  }

private:
  pawl::redaction_scan scan_;
  std::size_t held_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  if (argc > 2 || (argc == 2 && !become(argv[1])))
    return 1;
  take_signals();
  copying all{read_secrets()};
  std::size_t after_end = 0;
  std::size_t got = 0;
  while (after_end <= pipe_most && all.step(got))
    if (ending != 0)
      after_end += got;
  return 0;
}
