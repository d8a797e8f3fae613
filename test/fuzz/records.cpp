#include "persistence/lmdb/records.hpp"
#include "persistence/lmdb/checksum.hpp"
#include "test/fuzz/properties.hpp"

#include <array>

namespace pawl::test {

namespace {

using schema::database;

constexpr std::string_view record_key{"shop\0local", 10};

// As a disk gives it that holds this msgpack under the key.
std::string sealed(database kind, std::string_view msgpack) {
  std::string record(4, '\0');
  record += static_cast<char>(kind);
  record += '\x01'; // the format
  record += msgpack;
  const auto sum = crc32c(std::string_view{record}.substr(4), crc32c(record_key));
  return record.replace(0, 4, schema::big_endian<4>(sum));
}

void demand_corruption(const error& refusal, std::size_t input_bytes) {
  demand(refusal.code == errc::data_corruption, "a record that cannot be read is corrupt");
  demand_refusal(refusal, input_bytes);
  demand_harmless(refusal.message);
}

// What was read is written and read again as the same.
template <class Record>
void read_record(database kind, std::string_view msgpack) {
  auto read = records::decode<Record>(record_key, sealed(kind, msgpack));
  if (!read)
    return demand_corruption(read.error(), msgpack.size());
  if constexpr (requires { records::encode(record_key, *read); }) {
    const auto written = records::encode(record_key, *read);
    auto again = records::decode<Record>(record_key, written);
    if (!again) // a field was missing whose default no record has, such as version 0
      return demand_corruption(again.error(), written.size());
    demand(*again == *read, "what is written is what is read");
    demand(records::encode(record_key, *again) == written, "a record has one form");
  }
}

// Both ways to read a batch find the same events.
void read_batch(database kind, std::string_view msgpack) {
  read_record<records::journal_batch>(kind, msgpack);
  const auto bytes = sealed(kind, msgpack);
  std::vector<std::uint64_t> numbers;
  std::size_t packed_bytes = 0;
  auto walked = records::each_event(record_key, bytes, [&](std::uint64_t seq, auto packed) {
    numbers.push_back(seq);
    packed_bytes += packed.size();
    return true;
  });
  if (!walked)
    return demand_corruption(walked.error(), msgpack.size());
  demand(packed_bytes <= msgpack.size(), "events are a part of their batch");
}

struct record_kind {
  database kind;
  void (*read)(database kind, std::string_view msgpack);
};

constexpr auto record_kinds = std::to_array<record_kind>({
    {database::meta, read_record<records::meta_record>},
    {database::deployments, read_record<deployment>},
    {database::deployments, read_record<records::deployment_head>},
    {database::lanes, read_record<lane_record>},
    {database::versions, read_record<version_record>},
    {database::hosts, read_record<host_claim>},
    {database::tokens, read_record<token_record>},
    {database::version_counters, read_record<records::version_counter>},
    {database::requests, read_record<records::request_claim>},
    {database::journals, read_batch},
    {database::journal_heads, read_record<records::journal_head>},
});

} // namespace

void fuzz_records(fuzz_input in) {
  const auto& chosen = record_kinds.at(take_byte(in) % record_kinds.size());
  chosen.read(chosen.kind, text_of(in));
}

} // namespace pawl::test
