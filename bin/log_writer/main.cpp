// pawl-log-writer: appends what an instance prints to its log, also while no server runs. The
// instance has only a pipe, so that it cannot change what it printed before. Each instance has one
// of these, so this uses nothing but the C library.
//
//   pawl-log-writer [IDENTITY]   becomes that user, if root starts it
//
//   descriptor 0   the pipe's reading end
//   descriptor 1   the log, for appending
//
// Ends when nobody can write to the pipe any more. SIGURG: the instance has ended; ends as soon as
// the pipe is empty, whoever may still hold its other end. It survives the other signals that end a
// session or a service. Bytes that the disk does not take are lost; the log says how many.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

constexpr std::size_t pipe_most = 1024 * 1024; // no pipe of an ordinary user is larger

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

void append_or_lose(std::size_t size) {
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
    lost = size - append(buffer.data(), size);
}

} // namespace

int main(int argc, char** argv) {
  if (argc > 2 || (argc == 2 && !become(argv[1])))
    return 1;
  take_signals();
  std::size_t after_end = 0;
  while (after_end <= pipe_most) {
    const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    append_or_lose(static_cast<std::size_t>(got));
    if (ending != 0)
      after_end += static_cast<std::size_t>(got);
  }
  return 0;
}
