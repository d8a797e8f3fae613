#include "engines/docker/container_record.hpp"

#include "engines/docker/api_json.hpp"
#include "posix/tree_removal.hpp"

namespace pawl {

namespace {

constexpr auto container_record_file = "record.json";
constexpr int container_record_format = 1; // a reader refuses another
constexpr std::size_t container_record_bytes = 64 * limits::kib;

} // namespace

result<void> container_records::write(const container_record& record) const {
  const auto directory = directory_of(record.known.name);
  if (auto made = make_directories(directory); !made)
    return made;
  json document{{"format", container_record_format},     {"name", record.known.name},
                {"deployment", record.known.deployment}, {"app", record.known.lane.app},
                {"cluster", record.known.lane.cluster},  {"address", record.known.address},
                {"container", record.container}};
  if (record.config)
    document["config"] = *record.config;
  return write_file_durably(directory / container_record_file, to_text(document) + "\n");
}

result<container_record> container_records::read(const std::string& name) const {
  const auto file = directory_of(name) / container_record_file;
  auto text = read_file(file, container_record_bytes);
  if (!text)
    return std::move(text).error();
  const auto document = parse_json(*text);
  if (number_in(document, "format") != container_record_format || text_in(document, "name") != name)
    return error{errc::data_corruption, file.string() + " is not the record of an instance", {}};
  container_record record;
  record.known.name = name;
  record.known.deployment = text_in(document, "deployment");
  record.known.lane = {text_in(document, "app"), text_in(document, "cluster")};
  record.known.address = text_in(document, "address");
  record.container = text_in(document, "container");
  if (const auto config = number_in(document, "config"); config > 0)
    record.config = static_cast<config_number>(config);
  return record;
}

bool container_records::has(const std::string& name) const {
  std::error_code ignored;
  return std::filesystem::exists(directory_of(name) / container_record_file, ignored);
}

result<void> container_records::remove(const std::string& name) const {
  return remove_tree(directory_of(name));
}

} // namespace pawl
