// bare_client SOCKET FRAMES: the least that a client of the server can be. Connects, sends what is
// in the file, and reads two frames, the greeting and the answer. No library but C's.
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

bool read_all(int from, unsigned char* to, std::size_t size) {
  while (size > 0) {
    const auto count = ::read(from, to, size);
    if (count <= 0)
      return false;
    to += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

bool read_frame(int from) {
  static unsigned char body[1 << 20];
  unsigned char head[4];
  if (!read_all(from, head, sizeof head))
    return false;
  const auto size = std::uint32_t{head[0]} << 24U | std::uint32_t{head[1]} << 16U |
                    std::uint32_t{head[2]} << 8U | std::uint32_t{head[3]};
  return size <= sizeof body && read_all(from, body, size);
}

} // namespace

int main(int argc, char** argv) {
  char frames[4096];
  sockaddr_un address{};
  if (argc != 3 || std::strlen(argv[1]) >= sizeof address.sun_path)
    return 2;
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, argv[1]);
  const int file = ::open(argv[2], O_RDONLY);
  const auto size = ::read(file, frames, sizeof frames);
  const int server = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (size <= 0 ||
      ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return 11;
  const bool asked = ::write(server, frames, static_cast<std::size_t>(size)) == size;
  return asked && read_frame(server) && read_frame(server) ? 0 : 1;
}
