#include "engines/process/network/network_programs.hpp"

#include "posix/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace pawl {

namespace {

constexpr int report_wait = 50; // milliseconds; a report takes microseconds on an idle machine

constexpr std::string_view settings_directory = "/proc/sys/net/ipv4/";

result<std::string> run_installed(std::string_view name, program_call call) {
  auto program = find_program(name);
  if (!program)
    return error{errc::unavailable, fmt::format("the program {} is not installed", name), {}};
  call.program = *std::move(program);
  return run_program(call);
}

result<void> without_output(result<std::string> outcome) {
  if (!outcome)
    return std::move(outcome).error();
  return {};
}

} // namespace

std::vector<std::string> missing_network_programs() {
  std::vector<std::string> missing;
  for (const auto& [name, package] :
       {std::pair<std::string_view, std::string_view>{"ip", "iproute2"}, {"nft", "nftables"}})
    if (!find_program(name))
      missing.push_back(fmt::format("{} (package {})", name, package));
  return missing;
}

result<void> run_ip(std::string commands, std::vector<std::pair<int, int>> descriptors) {
  return without_output(run_installed("ip", {.arguments = {"-batch", "-"},
                                             .input = std::move(commands),
                                             .descriptors = std::move(descriptors)}));
}

result<std::string> ask_ip(std::vector<std::string> arguments) {
  return run_installed("ip", {.arguments = std::move(arguments)});
}

result<void> run_nft(std::string rules) {
  return without_output(
      run_installed("nft", {.arguments = {"-f", "-"}, .input = std::move(rules)}));
}

result<std::string> ask_nft(std::vector<std::string> arguments) {
  return run_installed("nft", {.arguments = std::move(arguments)});
}

result<std::string> network_setting(const std::string& name) {
  constexpr std::size_t most = 100;
  auto text = read_file(fmt::format("{}{}", settings_directory, name), most);
  if (text)
    text->resize(std::min(text->find('\n'), text->size()));
  return text;
}

result<void> set_network_setting(const std::string& name, const std::string& value) {
  auto file = open_file(fmt::format("{}{}", settings_directory, name), O_WRONLY);
  if (!file)
    return std::move(file).error();
  return write_all(file->get(), value);
}

bool has_interface(const std::string& name) {
  return ::if_nametoindex(name.c_str()) != 0;
}

std::vector<std::string> interface_names() {
  std::vector<std::string> names;
  auto* all = ::if_nameindex();
  for (const auto* one = all; one != nullptr && one->if_index != 0; ++one)
    names.emplace_back(one->if_name);
  if (all != nullptr)
    ::if_freenameindex(all);
  return names;
}

int send_packet(std::string_view address, std::uint16_t port) {
  const descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = ::htons(port);
  ::inet_pton(AF_INET, std::string{address}.c_str(), &to.sin_addr);
  // Only then the kernel reports that the packet found no way.
  const int errors = 1;
  ::setsockopt(socket.get(), IPPROTO_IP, IP_RECVERR, &errors, sizeof errors);
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    return errno;
  if (::send(socket.get(), "", 0, 0) < 0)
    return errno;
  // The report comes when the kernel has time for it, and only the first few at once.
  pollfd report{socket.get(), 0, 0};
  ::poll(&report, 1, report_wait);
  int problem = 0;
  socklen_t size = sizeof problem;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &size);
  return problem;
}

} // namespace pawl
