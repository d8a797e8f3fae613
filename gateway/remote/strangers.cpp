#include "gateway/remote/strangers.hpp"

#include <fmt/format.h>

#include <string_view>

namespace pawl::gateway {

namespace {

std::string words_for(stranger_end how, std::size_t count) {
  switch (how) {
  case stranger_end::handshake:
    return fmt::format("{} in the TLS handshake", count);
  case stranger_end::silence:
    return fmt::format("{} without a whole request in time", count);
  case stranger_end::no_login:
    return fmt::format("{} without a login", count);
  case stranger_end::refused:
    return fmt::format("{} with a bad credential", count);
  case stranger_end::throttled:
    return fmt::format("{} after {} failed logins of their address", count, limits::failed_logins);
  case stranger_end::crowd:
    return fmt::format("{} beside {} others of their address", count,
                       limits::strangers_per_address);
  case stranger_end::displaced:
    return fmt::format("{} to make room for others, having waited longest", count);
  case stranger_end::full:
    return fmt::format("{} because the server has no room for more", count);
  }
  return {};
}

} // namespace

void stranger_report::note(stranger_end how, const std::string& address, std::string detail) {
  ++count_[how];
  latest_ = detail.empty() ? address : fmt::format("{}: {}", address, std::move(detail));
}

std::optional<std::string> stranger_report::take(time_point now) {
  if (empty() || (told_ && now - *told_ < limits::strangers_report))
    return std::nullopt;
  told_ = now;
  std::size_t all = 0;
  std::string each;
  for (const auto& [how, count] : count_) {
    all += count;
    each += (each.empty() ? "" : ", ") + words_for(how, count);
  }
  count_.clear();
  return fmt::format("{} {} ended before {} had authenticated: {}; the latest came from {}", all,
                     all == 1 ? "connection" : "connections", all == 1 ? "it" : "they", each,
                     latest_);
}

} // namespace pawl::gateway
