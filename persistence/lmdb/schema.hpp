// The layout of the store: the table of LMDB databases, and their keys, byte by byte.
//
// Keys are compared as bytes, so numbers in them are big endian. Names are joined by a NUL, which
// no name, id or request id contains: a prefix of a key then ends where a name ends, and sorts
// before every longer name. Every value is a record (records.hpp): checksum, kind, format, msgpack.
// Index entries have an empty value: the key has all information, and a torn key is a missing
// record for LMDB.
//
// Only the store's writer (commit) writes to the databases; "by" names the changes that do.
//
// The records of a deployment are stored under its key, which is its id with the time in front
// (deployment_key()): records that were made at about the same time also change at the same time,
// and share pages. The beginning of an id is looked up in `ids`.
//
// The history has two indexes, for the two ways in which it is read: per lane, and per cluster over
// all apps. A page of either is one walk backwards from a seek. The history of all clusters is a
// merge of their walks, and so is that of one app in all clusters: clusters are few.
#pragma once

#include "lifecycle/deployment.hpp"
#include "lifecycle/freeze.hpp"
#include "lifecycle/limits.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace pawl::schema {

// The format that this program writes, and the newest that it reads.
//   1  the first
//   2  `timelines`
//   3  `ids`; deployments whose ids end with their time
//   4  `hosts`, which the server fills when it starts
//   5  `tokens`, `audit`, `freezes`
//   6  `configurations`; deployments of operation configure
inline constexpr std::uint32_t format = 6;

// The number is the kind byte of the database's records: never reuse or renumber one.
enum class database : std::uint8_t {
  meta = 0,
  deployments = 1,
  history = 2,
  unfinished = 3,
  lanes = 4,
  versions = 5,
  version_counters = 6,
  requests = 7,
  journals = 8,
  journal_heads = 9,
  timelines = 10,
  ids = 11,
  hosts = 12,
  tokens = 13,
  audit = 14,
  freezes = 15,
  configurations = 16,
};

struct database_info {
  database number;
  std::string_view name; // in the LMDB file
  std::string_view key;
  std::string_view value;
  std::string_view by;
  std::uint32_t since; // format
};

inline constexpr auto database_table = std::to_array<database_info>({
    {database::meta, "meta", "\"format\"", "meta_record", "the first opening", 1},
    {database::deployments, "deployments", "deployment key", "deployment with its internals",
     "every change of a deployment", 1},
    {database::history, "history", "app NUL cluster NUL be64(created_at in ms) id", "nothing",
     "a new deployment", 1},
    {database::unfinished, "unfinished", "as history: those queued or in flight", "nothing",
     "a new deployment, and one that settles", 1},
    {database::lanes, "lanes", "app NUL cluster", "lane_record", "a change with a lane", 1},
    {database::versions, "versions", "app NUL be32(number)", "version_record",
     "a change with a version", 1},
    {database::version_counters, "version_counters", "app",
     "version_counter: the last number given", "a change with a version", 1},
    {database::requests, "requests", "request id", "request_claim: the deployment made for it",
     "a new deployment", 1},
    {database::journals, "journals", "deployment key NUL be64(number of the first event)",
     "journal_batch: events in a row", "a change with events", 1},
    {database::journal_heads, "journal_heads", "deployment key",
     "journal_head: number of the last event", "a change with events", 1},
    {database::timelines, "timelines", "cluster NUL be64(created_at in ms) id", "nothing",
     "a new deployment", 2},
    {database::ids, "ids", "id", "nothing", "a new deployment", 3},
    {database::hosts, "hosts", "host name", "host_claim: the lane that answers under it",
     "a change with host names", 4},
    {database::tokens, "tokens", "the token's name", "token_record", "a change with a token", 5},
    {database::audit, "audit", "be64(at in ms) be32(number within the millisecond)", "audit_record",
     "a change with such records; removed by their age", 5},
    {database::freezes, "freezes", "app NUL cluster, each empty for all", "freeze_record",
     "a change with a freeze, and one that lifts it", 5},
    {database::configurations, "configurations", "app NUL cluster NUL be32(number)",
     "configuration: all variables of a lane, secrets sealed",
     "a change with a configuration; removed when there are many newer ones", 6},
});

inline constexpr std::size_t database_count = database_table.size();

constexpr const database_info& info(database db) {
  return database_table[static_cast<std::size_t>(db)];
}

static_assert(
    [] {
      for (std::size_t i = 0; i < database_count; ++i)
        if (static_cast<std::size_t>(database_table[i].number) != i)
          return false;
      return true;
    }(),
    "the table's rows stand in the order of the numbers");

// --- keys

inline constexpr std::string_view meta_key = "format";

// `Bytes` bytes, the highest first.
template <std::size_t Bytes>
std::string big_endian(std::uint64_t number) {
  std::string out(Bytes, '\0');
  for (std::size_t i = 0; i < Bytes; ++i)
    out[i] = static_cast<char>(static_cast<unsigned char>(number >> (8 * (Bytes - 1 - i))));
  return out;
}

// The number that all the bytes are; at most eight.
inline std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (char c : bytes)
    number = number << 8U | static_cast<unsigned char>(c);
  return number;
}

inline std::string terminated(std::string_view name) {
  std::string out{name};
  out.push_back('\0');
  return out;
}

// No id begins with it, and it sorts behind every character that ids begin with.
inline constexpr char time_mark = '~';

// The key of an id that make_deployment_id() has made is its time and its random part; any other id
// is its own key, as the ids of 16 random characters that were made until format 3.
inline std::string deployment_key(std::string_view id) {
  if (id.size() != limits::deployment_id_bytes)
    return std::string{id};
  std::string key{time_mark};
  key.append(id.substr(limits::deployment_id_random));
  return key.append(id.substr(0, limits::deployment_id_random));
}

// The id that has this key.
inline std::string id_of_key(std::string_view deployment_key) {
  if (!deployment_key.starts_with(time_mark) ||
      deployment_key.size() != limits::deployment_id_bytes + 1)
    return std::string{deployment_key};
  constexpr auto random_begin = 1 + limits::deployment_id_time;
  std::string id{deployment_key.substr(random_begin)};
  return id.append(deployment_key.substr(1, limits::deployment_id_time));
}

inline std::string lane_key_of(const lane_key& lane) {
  return terminated(lane.app) + lane.cluster;
}

inline lane_key parse_lane_key(std::string_view key) {
  auto app_end = std::min(key.find('\0'), key.size());
  return {std::string{key.substr(0, app_end)},
          std::string{key.substr(std::min(app_end + 1, key.size()))}};
}

// The prefix of a lane's keys in `history` and `unfinished`.
inline std::string lane_prefix(const lane_key& lane) {
  return terminated(lane_key_of(lane));
}

// The end of a key in a lane's history or a cluster's timeline: the deployment's place in it. A
// time before 1970, which no record has, sorts as 1970.
inline std::string place(timestamp created_at, std::string_view id) {
  auto ms = std::max<std::int64_t>(created_at.time_since_epoch().count(), 0);
  return big_endian<8>(static_cast<std::uint64_t>(ms)).append(id);
}

inline std::string history_key(const lane_key& lane, timestamp created_at, std::string_view id) {
  return lane_prefix(lane) + place(created_at, id);
}

inline std::string timeline_key(std::string_view cluster, timestamp created_at,
                                std::string_view id) {
  return terminated(cluster) + place(created_at, id);
}

struct parsed_place {
  timestamp created_at = {};
  std::string_view id; // in the key
};

// Nothing for bytes that are no place.
inline std::optional<parsed_place> parse_place(std::string_view bytes) {
  constexpr std::size_t time_bytes = 8;
  if (bytes.size() <= time_bytes)
    return std::nullopt;
  auto ms = from_big_endian(bytes.substr(0, time_bytes));
  return parsed_place{timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(ms)}},
                      bytes.substr(time_bytes)};
}

// The names before the place, each with its NUL: one in a key of `timelines`, two in keys of the
// other indexes. Empty for bytes that are no such key.
inline std::string_view strand_prefix(database index, std::string_view key) {
  auto end = key.find('\0');
  if (index != database::timelines && end != std::string_view::npos)
    end = key.find('\0', end + 1);
  return end == std::string_view::npos ? std::string_view{} : key.substr(0, end + 1);
}

// Greater than every key with this prefix, and not greater than any key of the next prefix: names
// have no byte below it.
inline std::string after_strand(std::string_view prefix) {
  return std::string{prefix.substr(0, prefix.size() - 1)} + '\x01';
}

struct history_entry {
  lane_key lane;
  timestamp created_at = {};
  std::string id;
};

// Nothing for bytes that are no key of `history` or `unfinished`.
inline std::optional<history_entry> parse_history_key(std::string_view key) {
  auto prefix = strand_prefix(database::history, key);
  auto place = prefix.empty() ? std::nullopt : parse_place(key.substr(prefix.size()));
  if (!place)
    return std::nullopt;
  return history_entry{parse_lane_key(prefix.substr(0, prefix.size() - 1)), place->created_at,
                       std::string{place->id}};
}

// The key of a deployment in `history`, `unfinished`, `timelines` or `ids`.
inline std::string index_key(database index, const deployment& d) {
  if (index == database::ids)
    return d.id;
  if (index == database::timelines)
    return timeline_key(d.cluster, d.created_at, d.id);
  return history_key(lane_of(d), d.created_at, d.id);
}

// The id that a key of these indexes has; nothing for bytes that are no such key.
inline std::optional<std::string> indexed_id(database index, std::string_view key) {
  if (index == database::ids)
    return std::string{key};
  auto prefix = strand_prefix(index, key);
  auto place = prefix.empty() ? std::nullopt : parse_place(key.substr(prefix.size()));
  return place ? std::optional{std::string{place->id}} : std::nullopt;
}

// Also of a scope that is all: the NUL is always there.
inline std::string freeze_key(const freeze_scope& scope) {
  return terminated(scope.app.value_or("")) + scope.cluster.value_or("");
}

inline freeze_scope parse_freeze_key(std::string_view key) {
  auto names = parse_lane_key(key);
  freeze_scope scope;
  if (!names.app.empty())
    scope.app = std::move(names.app);
  if (!names.cluster.empty())
    scope.cluster = std::move(names.cluster);
  return scope;
}

inline std::string configuration_key(const lane_key& lane, std::uint32_t number) {
  return lane_prefix(lane) + big_endian<4>(number);
}

inline constexpr std::size_t audit_number_bytes = 4;

inline std::string audit_key(timestamp at, std::uint64_t number) {
  return place(at, big_endian<audit_number_bytes>(number));
}

inline std::string version_key(std::string_view app, version_number number) {
  return terminated(app) + big_endian<4>(number.value);
}

// The prefix of the keys of a deployment's journal.
inline std::string journal_prefix(std::string_view id) {
  return terminated(deployment_key(id));
}

inline std::string journal_key(std::string_view id, std::uint64_t first_seq) {
  return journal_prefix(id) + big_endian<8>(first_seq);
}

constexpr bool is_under_deployment_key(database db) {
  return db == database::deployments || db == database::journals || db == database::journal_heads;
}

// The id of the deployment that a key in one of these databases belongs to.
inline std::string owner_of(std::string_view key) {
  return id_of_key(key.substr(0, key.find('\0')));
}

} // namespace pawl::schema
