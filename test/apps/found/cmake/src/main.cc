// Answers every request with a greeting.
#include <arpa/inet.h>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

int main() {
  const int server = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<unsigned short>(std::atoi(std::getenv("PORT"))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(server, 16) != 0)
    return 1;
  const std::string body = "Hello, CMake\n";
  const auto answer =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  while (true) {
    const int client = ::accept(server, nullptr, nullptr);
    char request[4096];
    if (client >= 0 && ::read(client, request, sizeof request) > 0 &&
        ::write(client, answer.data(), answer.size()) < 0)
      return 1;
    ::close(client);
  }
}
