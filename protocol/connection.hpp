// The messages that are about the connection itself: a greeting, signs of life, refusals.
#pragma once

#include "lifecycle/secret.hpp"
#include "protocol/fields.hpp"

namespace pawl::protocol {

// The version of the protocol. A side that cannot speak the other's version says so and closes.
//   1  the first
//   2  ids of 17 characters, which a client of version 1 refuses
inline constexpr std::uint32_t version = 2;

// The first message of each side.
struct hello {
  static constexpr std::string_view kind = "hello";

  std::uint32_t protocol = version;
  std::string program; // "pawl 0.1.0"
  // Of a client: empty where the kernel says who connects, or a certificate.
  secret token = {};
};

template <class Visit, is_a<hello> Object>
void fields(Visit&& visit, Object& x) {
  visit("protocol", x.protocol);
  visit("program", x.program);
  visit("token", x.token);
}

result<void> check(const hello& m);

// Asks for a pong; a side that hears nothing for limits::silence_timeout gives the peer up.
struct ping {
  static constexpr std::string_view kind = "ping";
};

template <class Visit, is_a<ping> Object>
void fields(Visit&&, Object&) {}

inline result<void> check(const ping&) {
  return {};
}

struct pong {
  static constexpr std::string_view kind = "pong";
};

template <class Visit, is_a<pong> Object>
void fields(Visit&&, Object&) {}

inline result<void> check(const pong&) {
  return {};
}

// The request was not granted. Every request may be answered so.
struct refused {
  static constexpr std::string_view kind = "refused";

  pawl::error error;
};

template <class Visit, is_a<refused> Object>
void fields(Visit&& visit, Object& x) {
  visit("error", x.error);
}

result<void> check(const refused& m);

// Whether the two sides can speak: nothing, or invalid_argument that says which side to upgrade.
// `our_side` is this program: "pawld". Its version is for those who have shown who they are.
result<void> check_version(const hello& theirs, std::string_view our_side);

} // namespace pawl::protocol
