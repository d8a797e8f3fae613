#include "posix/network_namespace.hpp"

#include "lifecycle/exhaustion.hpp"
#include "posix/child_process.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include <sched.h>
#include <sys/stat.h>

namespace pawl {

namespace {

constexpr auto own_network = "/proc/thread-self/ns/net";

// An exception of `work` is its caller's.
result<void> on_a_thread(const std::function<result<void>()>& work) {
  result<void> outcome;
  std::exception_ptr thrown;
  try {
    std::thread{[&] {
      try {
        outcome = work();
      } catch (...) {
        thrown = std::current_exception();
      }
    }}.join();
  } catch (const std::system_error&) {
    return no_process_left("start a thread in the network of a sandbox");
  }
  if (thrown)
    std::rethrow_exception(thrown);
  return outcome;
}

} // namespace

result<descriptor> other_network_of(pid_t pid) {
  const auto process = open_process(pid);
  auto network = open_file(fmt::format("/proc/{}/ns/net", pid), O_RDONLY);
  // The process is still the one that had the number before its network was opened.
  if (!process || wait_for_end(process, std::chrono::milliseconds{0}) || !network)
    return error{errc::not_found, fmt::format("process {} has ended", pid), {}};
  struct stat theirs {};
  struct stat ours {};
  if (::fstat(network->get(), &theirs) != 0 || ::stat(own_network, &ours) != 0)
    return system_error("look at a network", errno);
  if (theirs.st_ino == ours.st_ino)
    return error{errc::not_found, fmt::format("process {} has no network of its own", pid), {}};
  return network;
}

result<descriptor> new_network() {
  descriptor made;
  auto done = on_a_thread([&]() -> result<void> {
    if (::unshare(CLONE_NEWNET) != 0)
      return system_error("make a network", errno);
    auto opened = open_file(own_network, O_RDONLY);
    if (!opened)
      return std::move(opened).error();
    made = *std::move(opened);
    return {};
  });
  if (!done)
    return std::move(done).error();
  return made;
}

result<void> in_network(const descriptor& network, const std::function<result<void>()>& work) {
  return on_a_thread([&]() -> result<void> {
    if (::setns(network.get(), CLONE_NEWNET) != 0)
      return system_error("enter the network of a sandbox", errno);
    return work();
  });
}

} // namespace pawl
