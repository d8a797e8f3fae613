#include "client/terminal/time.hpp"
#include "config/document.hpp"
#include "config/freeze_windows.hpp"
#include "config/values.hpp"
#include "lifecycle/ip_address.hpp"
#include "lifecycle/names.hpp"
#include "lifecycle/network_range.hpp"
#include "posix/utf8.hpp"
#include "test/fuzz/properties.hpp"

#include <fmt/format.h>

namespace pawl::test {

namespace {

constexpr timestamp written_at{std::chrono::milliseconds{1'800'000'000'000}}; // in 2027

void demand_times(std::string_view text) {
  if (auto time = config::parse_duration(text)) {
    demand(*time >= duration::zero(), "no duration is negative");
    demand(config::parse_duration(config::format_duration(*time)) == time,
           "a duration that is written is read as the same");
  }
  if (auto bytes = config::parse_size(text))
    demand(config::parse_size(config::format_size(*bytes)) == bytes,
           "a size that is written is read as the same");
  if (auto at = client::parse_time(text, written_at)) {
    const auto shown = format_time(*at);
    demand(client::parse_time(shown, written_at) == at, "a time that is shown is read as the same");
    demand_harmless(client::ago(*at, written_at));
  }
  if (auto window = config::parse_freeze_window(text)) {
    constexpr std::chrono::minutes week = std::chrono::hours{7 * 24};
    for (const auto moment : {window->from, window->to})
      demand(moment >= std::chrono::minutes::zero() && moment < week,
             "a window begins and ends in the week");
    demand(window->from != window->to, "a window is not empty");
    demand(window->zone != nullptr, "a window has clocks");
  }
}

void demand_addresses(std::string_view text) {
  if (auto endpoint = canonical_endpoint(text))
    demand(canonical_endpoint(*endpoint) == endpoint && config::is_host_and_port(*endpoint),
           "an endpoint has one form");
  if (auto network = canonical_network(text))
    demand(canonical_network(*network) == network, "a network has one form");
  if (is_ip_address(text)) {
    demand(canonical_network(text).has_value(), "an address is a network of one");
    demand_harmless(counted_address(*canonical_network(text)));
  }
  if (auto network = parse_ipv4_network(text))
    demand(network->prefix <= 32 && overlap(*network, *network), "a network overlaps itself");
  if (auto range = network_range::parse(text))
    for (const auto port : {std::uint16_t{1}, std::uint16_t{65535}})
      demand(is_ip_address(range->address_of(port)), "each port has an address");
  if (config::is_host_and_port(text))
    demand(text.rfind(':') != std::string_view::npos, "an address has a port");
}

void demand_names(std::string_view text) {
  if (auto version = parse_version(text))
    demand(parse_version(to_string(*version)) == version && version->value > 0,
           "a version that is written is read as the same");
  if (check_name("app", text))
    demand(text.size() <= 40 && text.find_first_of("/. \n") == std::string_view::npos,
           "a name can be a part of a path and of a host name");
  if (check_request_id(text))
    demand_harmless(text);
  if (is_deployment_id_prefix(text) || is_digest(text))
    demand_harmless(text);
  demand(text.starts_with(deployment_of_instance(text)), "a deployment begins an instance's name");
  demand(!is_link_name(text) || text.size() <= 15, "the kernel takes the name of a link");
  static_cast<void>(port_of_link("0123456789abcdef", text));
  if (auto near = config::nearest(text, {"build", "run", "health", "deadline"}))
    demand(!near->empty(), "a hint is a word");
}

// A text that TOML can hold at all comes out as it went in.
void demand_quoting(std::string_view text) {
  if (!is_utf8(text))
    return;
  config::problem_list problems;
  auto table = config::read_toml(fmt::format("key = {}\n", config::toml_string(text)), problems);
  demand(table.has_value(), "a text in quotes is TOML");
  const auto* found = table->find("key");
  demand(found != nullptr && std::get<std::string>(found->value) == text,
         "a text in quotes is read as the same");
}

} // namespace

void fuzz_written_values(fuzz_input in) {
  const auto text = text_of(in);
  demand_times(text);
  demand_addresses(text);
  demand_names(text);
  demand_quoting(text);
}

} // namespace pawl::test
