#include "bench/harness/floor.hpp"

#include "bench/harness/spread.hpp"
#include "posix/descriptor.hpp"
#include "posix/digest.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace pawl::bench {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

double microseconds(clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

// The times of calls, one after another, for so long.
template <class Call>
std::vector<double> times_of(milliseconds each, Call&& call) {
  std::vector<double> times;
  const auto end = clock::now() + each;
  do {
    const auto begin = clock::now();
    call();
    times.push_back(microseconds(clock::now() - begin));
  } while (clock::now() < end);
  return times;
}

void probe_flush(floors& found, const std::filesystem::path& place, milliseconds each) {
  const auto path = place / "floor";
  descriptor file{::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)};
  if (!file)
    throw std::runtime_error("no file can be written in " + place.native());
  const std::string page(4096, 'x');
  const auto times = times_of(each, [&] {
    if (::write(file.get(), page.data(), page.size()) < 0 || ::fdatasync(file.get()) != 0)
      throw std::runtime_error("the disk refuses a page");
  });
  file.reset();
  std::filesystem::remove(path);
  found.flush_p50_us = quantile(times, 0.5);
  found.flush_p99_us = quantile(times, 0.99);
}

double probe_round_trip(milliseconds each) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::runtime_error("no socket pair");
  descriptor near{ends[0]};
  const descriptor far{ends[1]};
  std::jthread other([end = far.get()] {
    char byte = 0;
    while (::read(end, &byte, 1) == 1 && ::write(end, &byte, 1) == 1) {
    }
  });
  const auto times = times_of(each, [end = near.get()] {
    char byte = 'x';
    if (::write(end, &byte, 1) != 1 || ::read(end, &byte, 1) != 1)
      throw std::runtime_error("the socket pair broke");
  });
  near.reset(); // the other's read ends
  other.join();
  return quantile(times, 0.5);
}

double probe_sha256(milliseconds each) {
  const std::string block(1 << 20, 'x');
  const auto times = times_of(each, [&] {
    digest sum;
    sum.add(block);
    if (sum.text().empty())
      throw std::runtime_error("no digest");
  });
  return static_cast<double>(block.size()) / quantile(times, 0.5);
}

double probe_spins(milliseconds each) {
  constexpr int additions = 1'000'000;
  const auto times = times_of(each, [] {
    volatile int sum = 0;
    for (int i = 0; i < additions; ++i)
      sum = sum + i % 2;
  });
  return additions / quantile(times, 0.5);
}

} // namespace

nlohmann::ordered_json floors::json() const {
  return {{"flush_p50_us", flush_p50_us},
          {"flush_p99_us", flush_p99_us},
          {"round_trip_us", round_trip_us},
          {"sha256_mb_s", sha256_mb_s},
          {"spins_us", spins_us}};
}

floors probe_floors(const std::filesystem::path& place, milliseconds each) {
  floors found;
  probe_flush(found, place, each);
  found.round_trip_us = probe_round_trip(each);
  found.sha256_mb_s = probe_sha256(each);
  found.spins_us = probe_spins(each);
  return found;
}

} // namespace pawl::bench
