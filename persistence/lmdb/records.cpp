#include "persistence/lmdb/records.hpp"

#include "persistence/lmdb/checksum.hpp"
#include "persistence/lmdb/stored_fields.hpp"
#include "protocol/msgpack/unpacking.hpp"

#include <fmt/format.h>

namespace pawl::records {

namespace {

using schema::database;

constexpr std::uint8_t record_format = 1;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t header_bytes = checksum_bytes + 2;
constexpr std::size_t depth_max = 16;

template <class T>
constexpr database database_of = database::meta;
template <>
constexpr database database_of<deployment> = database::deployments;
template <>
constexpr database database_of<deployment_head> = database::deployments;
template <>
constexpr database database_of<lane_record> = database::lanes;
template <>
constexpr database database_of<version_record> = database::versions;
template <>
constexpr database database_of<host_claim> = database::hosts;
template <>
constexpr database database_of<token_record> = database::tokens;
template <>
constexpr database database_of<freeze_record> = database::freezes;
template <>
constexpr database database_of<audit_record> = database::audit;
template <>
constexpr database database_of<configuration> = database::configurations;
template <>
constexpr database database_of<version_counter> = database::version_counters;
template <>
constexpr database database_of<request_claim> = database::requests;
template <>
constexpr database database_of<journal_batch> = database::journals;
template <>
constexpr database database_of<journal_head> = database::journal_heads;

void pack_body(msgpack::writer& out, const deployment& x) {
  out.map(2);
  out.string("deployment");
  msgpack::pack(out, x);
  out.string("internals");
  msgpack::pack(out, x.internals);
}

template <class T>
void pack_body(msgpack::writer& out, const T& x) {
  msgpack::pack(out, x);
}

bool unpack_body(msgpack::reader& in, deployment& x) {
  bool shown = false;
  bool internals = false;
  const auto read = [&](std::string_view key) {
    if (key == "deployment")
      return shown = msgpack::unpack(in, x);
    if (key == "internals")
      return internals = msgpack::unpack(in, x.internals);
    return in.skip();
  };
  return msgpack::each_pair(in, read) && shown && internals;
}

bool unpack_body(msgpack::reader& in, deployment_head& x) {
  bool shown = false;
  bool revision = false;
  const auto read_internals = [&](std::string_view key) {
    if (key == "revision")
      return revision = msgpack::unpack(in, x.revision);
    return in.skip();
  };
  const auto read = [&](std::string_view key) {
    if (key == "deployment")
      return shown = msgpack::unpack(in, x);
    if (key == "internals")
      return msgpack::each_pair(in, read_internals);
    return in.skip();
  };
  return msgpack::each_pair(in, read) && shown && revision;
}

template <class T>
bool unpack_body(msgpack::reader& in, T& x) {
  return msgpack::unpack(in, x);
}

template <class T>
std::string seal(std::string_view key, const T& x) {
  constexpr std::size_t usual_bytes = 2048;
  msgpack::writer out;
  out.expect(usual_bytes);
  out.leave_room(header_bytes);
  pack_body(out, x);
  auto bytes = out.take();
  bytes[checksum_bytes] = static_cast<char>(database_of<T>);
  bytes[checksum_bytes + 1] = static_cast<char>(record_format);
  std::string record{bytes.data(), bytes.size()};
  auto checksum = crc32c(std::string_view{record}.substr(checksum_bytes), crc32c(key));
  record.replace(0, checksum_bytes, schema::big_endian<checksum_bytes>(checksum));
  return record;
}

// The problem of the header; empty if there is none.
std::string_view header_problem(database db, std::string_view key, std::string_view bytes) {
  if (bytes.size() < header_bytes)
    return "it is cut short";
  if (schema::from_big_endian(bytes.substr(0, checksum_bytes)) !=
      crc32c(bytes.substr(checksum_bytes), crc32c(key)))
    return "its checksum differs";
  if (bytes[checksum_bytes] != static_cast<char>(db))
    return "it is of another kind";
  if (bytes[checksum_bytes + 1] != static_cast<char>(record_format))
    return "its format is not known";
  return {};
}

} // namespace

std::string printable(database db, std::string_view key) {
  std::string readable{key};
  if (schema::is_under_deployment_key(db))
    readable.replace(0, key.find('\0'), schema::owner_of(key));
  std::string out;
  for (char c : readable) {
    if (c == '\0')
      out.push_back('/');
    else if (c > ' ' && c < 0x7f)
      out.push_back(c);
    else
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

error corrupt(database db, std::string_view key, std::string_view why) {
  auto shown = printable(db, key);
  auto name = schema::info(db).name;
  return {errc::data_corruption,
          fmt::format("the stored record \"{}\" of \"{}\" does not verify: {}. The disk or the "
                      "store's file is damaged; restore the data directory from a backup",
                      shown, name, why),
          {{"database", std::string{name}}, {"record", shown}}};
}

bool is_readable(const deployment& x) {
  return msgpack::is_readable(x) && msgpack::is_readable(x.internals);
}
bool is_readable(const lane_record& x) {
  return msgpack::is_readable(x);
}
bool is_readable(const version_record& x) {
  return msgpack::is_readable(x);
}
bool is_readable(const host_claim& x) {
  return msgpack::is_readable(x);
}
bool is_readable(const token_record& x) {
  return msgpack::is_readable(x);
}
bool is_readable(const freeze_record& x) {
  return msgpack::is_readable(x);
}
bool is_readable(const audit_record& x) {
  return msgpack::is_readable(x);
}
bool is_readable(const configuration& x) {
  return msgpack::is_readable(x);
}

std::string encode(std::string_view key, const meta_record& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const deployment& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const lane_record& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const version_record& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const host_claim& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const token_record& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const freeze_record& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const audit_record& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const configuration& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const version_counter& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const request_claim& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const journal_batch& x) {
  return seal(key, x);
}
std::string encode(std::string_view key, const journal_head& x) {
  return seal(key, x);
}

namespace {

template <class T>
result<void> read_into(T& to, std::string_view key, std::string_view bytes) {
  constexpr auto db = database_of<T>;
  if (auto problem = header_problem(db, key, bytes); !problem.empty())
    return corrupt(db, key, problem);
  auto body = bytes.substr(header_bytes);
  msgpack::reader in{std::span{body.data(), body.size()},
                     {body.size(), depth_max, body.size(), body.size()}};
  const bool good = unpack_body(in, to);
  if (auto malformed = good ? in.problem_at_end() : in.problem())
    return corrupt(db, key, malformed->message);
  if (!good)
    return corrupt(db, key, "a field has a value that it cannot have");
  return {};
}

} // namespace

template <class T>
result<T> decode(std::string_view key, std::string_view bytes) {
  result<T> read{T{}};
  if (auto good = read_into(*read, key, bytes); !good)
    return std::move(good).error();
  return read;
}

result<void> decode_into(deployment& to, std::string_view key, std::string_view bytes) {
  return read_into(to, key, bytes);
}

namespace {

std::optional<std::uint64_t> number_of_next(msgpack::reader in) {
  std::optional<std::uint64_t> seq;
  msgpack::each_pair(in, [&](std::string_view name) {
    if (name != "seq")
      return in.skip();
    seq = in.unsigned_integer();
    return false; // enough
  });
  return seq;
}

// False: it is not well-formed.
bool walk_batch(msgpack::reader& in, const take_event& take) {
  bool wanted = true;
  const auto read = [&](std::string_view field) {
    if (field != "events")
      return in.skip();
    const auto count = in.array();
    for (std::size_t i = 0; i < count.value_or(0) && wanted; ++i) {
      const auto seq = number_of_next(in);
      const auto packed = in.raw();
      if (!seq || !packed)
        return false;
      wanted = take(*seq, *packed);
    }
    in.leave();
    return count && wanted;
  };
  return msgpack::each_pair(in, read) || !wanted;
}

} // namespace

result<void> each_event(std::string_view key, std::string_view bytes, const take_event& take) {
  constexpr auto db = database::journals;
  if (auto problem = header_problem(db, key, bytes); !problem.empty())
    return corrupt(db, key, problem);
  auto body = bytes.substr(header_bytes);
  msgpack::reader in{std::span{body.data(), body.size()},
                     {body.size(), depth_max, body.size(), body.size()}};
  if (!walk_batch(in, take))
    return corrupt(db, key, "it is no batch of events");
  return {};
}

template result<meta_record> decode(std::string_view, std::string_view);
template result<deployment> decode(std::string_view, std::string_view);
template result<deployment_head> decode(std::string_view, std::string_view);
template result<lane_record> decode(std::string_view, std::string_view);
template result<version_record> decode(std::string_view, std::string_view);
template result<host_claim> decode(std::string_view, std::string_view);
template result<token_record> decode(std::string_view, std::string_view);
template result<freeze_record> decode(std::string_view, std::string_view);
template result<audit_record> decode(std::string_view, std::string_view);
template result<configuration> decode(std::string_view, std::string_view);
template result<version_counter> decode(std::string_view, std::string_view);
template result<request_claim> decode(std::string_view, std::string_view);
template result<journal_batch> decode(std::string_view, std::string_view);
template result<journal_head> decode(std::string_view, std::string_view);

} // namespace pawl::records
