// Converts values into the bytes that are stored, and back.
//
//   be32 CRC-32C of the record's key and everything after these four bytes
//   u8   kind: the number of its database
//   u8   format of the record: 1
//   …    msgpack: the field list as a map; of a deployment {"deployment": …, "internals": …}
//
// LMDB 0.9 has no checksums. This one covers the key, so that a record under another's key does not
// verify either. It comes first, so that it covers all other bytes.
#pragma once

#include "lifecycle/audit.hpp"
#include "lifecycle/event.hpp"
#include "lifecycle/host_names.hpp"
#include "lifecycle/lane.hpp"
#include "lifecycle/token.hpp"
#include "lifecycle/variables.hpp"
#include "persistence/lmdb/schema.hpp"

#include <functional>
#include <span>

namespace pawl::records {

struct meta_record {
  std::uint32_t format = schema::format;

  friend bool operator==(const meta_record&, const meta_record&) = default;
};

struct version_counter {
  version_number last; // given in this app

  friend bool operator==(const version_counter&, const version_counter&) = default;
};

struct request_claim {
  std::string deployment;

  friend bool operator==(const request_claim&, const request_claim&) = default;
};

struct journal_batch {
  std::vector<event> events;

  friend bool operator==(const journal_batch&, const journal_batch&) = default;
};

struct journal_head {
  std::uint64_t last = 0;     // number of the journal's last event
  std::uint64_t bytes = 0;    // of its events, as journal_budget.hpp counts them
  std::uint64_t left_out = 0; // events since the last that says how many

  friend bool operator==(const journal_head&, const journal_head&) = default;
};

// The fields of a stored deployment that judging a change needs; only these are decoded.
struct deployment_head {
  std::string app;
  std::string cluster;
  pawl::state state = state::queued;
  std::string request_id;
  timestamp created_at = {};
  std::uint64_t revision = 0;

  friend bool operator==(const deployment_head&, const deployment_head&) = default;
};

// Whether decode() accepts what encode() makes of the value; false for a time in the year 10000.
bool is_readable(const deployment& x);
bool is_readable(const lane_record& x);
bool is_readable(const version_record& x);
bool is_readable(const host_claim& x);
bool is_readable(const token_record& x);
bool is_readable(const freeze_record& x);
bool is_readable(const audit_record& x);
bool is_readable(const configuration& x);

// The record as bytes. The writer checks limits.
std::string encode(std::string_view key, const meta_record& x);
std::string encode(std::string_view key, const deployment& x);
std::string encode(std::string_view key, const lane_record& x);
std::string encode(std::string_view key, const version_record& x);
std::string encode(std::string_view key, const host_claim& x);
std::string encode(std::string_view key, const token_record& x);
std::string encode(std::string_view key, const freeze_record& x);
std::string encode(std::string_view key, const audit_record& x);
std::string encode(std::string_view key, const configuration& x);
std::string encode(std::string_view key, const version_counter& x);
std::string encode(std::string_view key, const request_claim& x);
std::string encode(std::string_view key, const journal_batch& x);
std::string encode(std::string_view key, const journal_head& x);

// The value of the record that was stored under this key; T is one of the types above, or
// deployment_head. data_corruption, naming the record, for bytes that encode() did not make for
// this key.
template <class T>
result<T> decode(std::string_view key, std::string_view bytes);

// The same into a value that is T{}: records of a list are too large to be moved. After an error
// the value is unspecified.
result<void> decode_into(deployment& to, std::string_view key, std::string_view bytes);

// Gets an event's number and its bytes (protocol::packed_events); false ends the reading.
using take_event = std::function<bool(std::uint64_t seq, std::span<const char> packed)>;

// Reads the events of the journal's batch that was stored under this key, in their order.
// data_corruption as decode(), except that the events' own fields are not decoded.
result<void> each_event(std::string_view key, std::string_view bytes, const take_event& take);

// A key for people: "shop/local" for "shop" NUL "local", and a deployment's id for its key.
std::string printable(schema::database db, std::string_view key);

// The error for a record that does not verify, or is missing although another one names it.
error corrupt(schema::database db, std::string_view key, std::string_view why);

} // namespace pawl::records
