// Messages of every kind with every field set, valid, and the same for the same seed.
#pragma once

#include "protocol/messages.hpp"
#include "protocol/msgpack/packing.hpp"

#include <random>
#include <vector>

namespace pawl::test {

class sample_maker {
public:
  explicit sample_maker(std::uint32_t seed) : random_(seed) {}

  // One message of each kind, in the order of the variant.
  std::vector<protocol::message> one_of_each() {
    return all(std::make_index_sequence<std::variant_size_v<protocol::message>>{});
  }

private:
  template <std::size_t... Index>
  std::vector<protocol::message> all(std::index_sequence<Index...>) {
    std::vector<protocol::message> made;
    (made.push_back(filled<std::variant_alternative_t<Index, protocol::message>>()), ...);
    return made;
  }

  template <class T>
  T filled() {
    T made{};
    fields([&](std::string_view name, auto& member) { fill(name, member); }, made);
    make_valid(made);
    return made;
  }

  template <class T>
  static void make_valid(T&) {}

  // Not all that has been filled in goes together.
  static void make_valid(protocol::token_create_request& made) {
    made.name = "ci";
    made.never_expires = false;
    made.grant.apps = {"shop", "blog"};
    made.grant.clusters = {"local"};
  }
  static void make_valid(protocol::token_revoke_request& made) { made.name = "ci"; }

  std::uint64_t below(std::uint64_t end) { return random_() % end; }

  std::string text(std::string_view alphabet, std::size_t size) {
    std::string made(size, ' ');
    for (char& c : made)
      c = alphabet[below(alphabet.size())];
    return made;
  }

  void fill(std::string_view name, std::string& x) {
    if (name == "digest" || name == "contents")
      x = "sha256:" + text("0123456789abcdef", 64);
    else if (name == "commit")
      x = text("0123456789abcdef", 1 + below(40));
    else if (name == "deployment" || name == "id")
      x = text("0123456789abcdefghjkmnpqrstvwxyz", 16);
    else if (name == "process")
      x = "worker"; // drawn from nothing, as below
    else if (name == "volume")
      x = "data"; // the same
    else if (name == "app" || name == "cluster")
      x = text("abcdefghij0123456789", 1 + below(40));
    else
      x = text("abcdefghijklmnopqrstuvwxyz-ABC_0123", 1 + below(60));
  }

  std::string text_for(std::string_view name) {
    std::string made;
    fill(name, made);
    return made;
  }

  void fill(std::string_view, bool& x) { x = true; }
  void fill(std::string_view name, std::uint64_t& x) {
    const bool is_of_a_plan = name == "instances" || name == "expected_ms";
    x = is_of_a_plan ? 7 : 1 + below(100'000); // drawn from nothing, as below
  }
  void fill(std::string_view name, std::uint32_t& x) {
    const bool is_of_a_process = name == "instances" || name == "running";
    x = is_of_a_process    ? 3
        : name == "config" ? 4 // from nothing too
                           : 1 + static_cast<std::uint32_t>(below(1000));
  }
  void fill(std::string_view, version_number& x) {
    x.value = 1 + static_cast<std::uint32_t>(below(1'000'000));
  }
  void fill(std::string_view name, timestamp& x) {
    x = name == "stopped_at" ? timestamp{std::chrono::hours{24 * 365 * 50}}
                             : timestamp{std::chrono::milliseconds{1 + below(4'000'000'000'000)}};
  }
  void fill(std::string_view, state& x) { x = state_table[below(state_table.size())].state; }
  void fill(std::string_view, operation& x) { x = static_cast<operation>(below(3)); }
  void fill(std::string_view, errc& x) { x = error_table[below(error_table.size())].code; }
  void fill(std::string_view, audit_outcome& x) { x = static_cast<audit_outcome>(below(2)); }
  void fill(std::string_view, when_busy& x) { x = static_cast<when_busy>(below(3)); }

  void fill(std::string_view, role& x) { x = static_cast<role>(below(3)); }
  void fill(std::string_view, credential& x) { x = static_cast<credential>(below(4)); }
  void fill(std::string_view, duration& x) {
    x = limits::token_expiry_least + std::chrono::milliseconds{below(1'000'000'000)};
  }
  // Drawn from nothing: the samples behind it stay as they were.
  void fill(std::string_view, protocol::server_place& x) {
    x = {"192.0.2.10:7420", "sha256:" + std::string(64, 'f')};
  }
  void fill(std::string_view, readiness& x) { x = readiness::warm; }
  void fill(std::string_view, std::vector<protocol::warm_version>& x) {
    x = {{version_number{3}, timestamp{std::chrono::hours{24 * 365 * 50}}}};
  }
  void fill(std::string_view, std::vector<variable_text>& x) { // names are there once
    x = {{"LOG_LEVEL", secret{"debug"}, true}};
  }
  void fill(std::string_view name, std::vector<std::string>& x) {
    const bool are_variables =
        name == "added" || name == "changed" || name == "removed" || name == "unset";
    if (are_variables)
      x = {"OLD_LEVEL"};
    else
      for (auto count = 1 + below(3); count > 0; --count)
        fill(name, x.emplace_back());
  }
  void fill(std::string_view name, secret& x) { x = secret{text_for(name)}; }

  void fill(std::string_view, std::vector<char>& x) {
    for (auto& byte : x = std::vector<char>(1 + below(300)))
      byte = static_cast<char>(below(256));
  }

  void fill(std::string_view, std::map<std::string, std::string>& x) {
    for (auto count = 1 + below(3); count > 0; --count)
      x[text("abcdef", 8)] = text("xyz", below(20));
  }

  void fill(std::string_view, event_body& x) {
    switch (below(5)) {
    case 0:
      x = filled<state_event>();
      break;
    case 1:
      x = filled<progress_event>();
      break;
    case 2:
      x = filled<log_event>();
      std::get<log_event>(x).line += "\xff\x1b[31m"; // what programs print
      break;
    case 3:
      x = filled<health_event>();
      break;
    default:
      x = filled<warning_event>();
    }
  }

  template <class T>
  void fill(std::string_view name, std::optional<T>& x) {
    if (name != "restore") // which goes with no other change
      fill(name, x.emplace());
  }

  template <class T>
  void fill(std::string_view name, std::vector<T>& x) {
    for (auto count = 1 + below(3); count > 0; --count)
      fill(name, x.emplace_back());
  }

  template <msgpack::listed T>
  void fill(std::string_view, T& x) {
    x = filled<T>();
  }

  std::mt19937 random_;
};

} // namespace pawl::test
