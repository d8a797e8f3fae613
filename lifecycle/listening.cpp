#include "lifecycle/listening.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

std::string_view port_of(std::string_view endpoint) {
  return endpoint.substr(endpoint.rfind(':') + 1);
}

std::string_view ip_of(std::string_view endpoint) {
  return endpoint.substr(0, endpoint.rfind(':'));
}

bool is_loopback(std::string_view place) {
  return place.starts_with("127.") || ip_of(place) == "[::1]";
}

bool takes(std::string_view place, std::string_view address, const listening_places& all_places) {
  if (port_of(place) != port_of(address))
    return false;
  if (all_places.own_network)
    return all_places.reached_on_loopback || !is_loopback(place);
  const std::string_view all = address.starts_with('[') ? "[::]" : "0.0.0.0";
  return ip_of(place) == ip_of(address) || ip_of(place) == all;
}

bool has_port(const listening_places& places, std::string_view port) {
  return std::any_of(places.tcp.begin(), places.tcp.end(),
                     [&](const std::string& one) { return port_of(one) == port; });
}

} // namespace

listening_verdict judge_listening(std::string_view address, const listening_places& places) {
  for (const auto& one : places.tcp)
    if (takes(one, address, places))
      return listening_verdict::as_asked;
  return places.tcp.empty() && places.local.empty() ? listening_verdict::nowhere
                                                    : listening_verdict::elsewhere;
}

std::string listening_advice(std::string_view who, std::string_view address,
                             const listening_places& places) {
  if (judge_listening(address, places) == listening_verdict::as_asked)
    return {};
  const auto port = port_of(address);
  if (has_port(places, port) && places.own_network)
    return fmt::format("{} listens on {}, where nothing from outside of its container reaches it; "
                       "it should listen on $HOST, which is 0.0.0.0",
                       who, places_text(places.tcp));
  if (has_port(places, port))
    return fmt::format("{} listens on {}, and is asked at {}; it should listen on $HOST, which is "
                       "{}",
                       who, places_text(places.tcp), address, ip_of(address));
  std::string where = "no port";
  if (!places.tcp.empty())
    where = places_text(places.tcp);
  else if (!places.local.empty())
    where = fmt::format("the Unix socket {} and on no port", places_text(places.local));
  return fmt::format("{} listens on {}; it should listen on $PORT, which is {}", who, where, port);
}

std::vector<std::string> open_places(const listening_places& places) {
  std::vector<std::string> open;
  if (!places.own_network)
    std::copy_if(places.tcp.begin(), places.tcp.end(), std::back_inserter(open),
                 [](const std::string& one) { return !is_loopback(one); });
  return open;
}

std::string places_text(const std::vector<std::string>& places) {
  constexpr std::size_t most = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(places.size(), most); ++i)
    text += (i == 0 ? "" : ", ") + places[i];
  return places.size() > most ? fmt::format("{} and {} more", text, places.size() - most) : text;
}

} // namespace pawl
