#include "engines/process/instance_record.hpp"

#include "posix/files.hpp"
#include "posix/process_table.hpp"

#include <nlohmann/json.hpp>

namespace pawl {

namespace {

constexpr int record_format = 1; // of the record; a reader refuses another

result<instance_record> parse_record(const std::filesystem::path& file) {
  auto text = read_file(file, 64 * 1024);
  if (!text)
    return std::move(text).error();
  try {
    auto document = nlohmann::json::parse(*text);
    if (document.at("format").get<int>() != record_format)
      return error{errc::data_corruption, file.string() + " has a format of another version", {}};
    instance_record record;
    document.at("name").get_to(record.name);
    document.at("deployment").get_to(record.deployment);
    document.at("app").get_to(record.lane.app);
    document.at("cluster").get_to(record.lane.cluster);
    document.at("version").get_to(record.version.value);
    document.at("artifact").get_to(record.artifact);
    document.at("port").get_to(record.port);
    record.address = document.value("address", "");
    record.mark = document.value("mark", "");
    document.at("boot").get_to(record.boot);
    document.at("outer").get_to(record.outer);
    document.at("outer_started").get_to(record.outer_started);
    document.at("init").get_to(record.init);
    document.at("init_started").get_to(record.init_started);
    record.log_writer = document.value("log_writer", record.log_writer);
    record.log_writer_started = document.value("log_writer_started", record.log_writer_started);
    record.volumes = document.value("volumes", record.volumes);
    return record;
  } catch (const nlohmann::json::exception& problem) {
    return error{errc::data_corruption,
                 file.string() + " is not an instance's record: " + problem.what(),
                 {}};
  }
}

} // namespace

std::string instance_job(const std::string& name) {
  return "instance-" + name;
}

result<void> write_record(const std::filesystem::path& file, const instance_record& record) {
  nlohmann::json document{{"format", record_format},
                          {"name", record.name},
                          {"deployment", record.deployment},
                          {"app", record.lane.app},
                          {"cluster", record.lane.cluster},
                          {"version", record.version.value},
                          {"artifact", record.artifact},
                          {"port", record.port},
                          {"address", record.address},
                          {"mark", record.mark},
                          {"boot", record.boot},
                          {"outer", record.outer},
                          {"outer_started", record.outer_started},
                          {"init", record.init},
                          {"init_started", record.init_started},
                          {"log_writer", record.log_writer},
                          {"log_writer_started", record.log_writer_started},
                          {"volumes", record.volumes}};
  return write_file_durably(
      file, document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

result<instance_record> read_record(const std::filesystem::path& file, const std::string& mark) {
  auto record = parse_record(file);
  if (!record || !runs(*record))
    return record;
  const auto carried = record->mark.empty() ? called_as(record->init) : record->mark;
  if (carried.empty() || carried == mark)
    return record;
  return error{errc::not_found, file.string() + " tells of an instance of another server", {}};
}

bool runs(const instance_record& record) {
  return record.boot == boot_id() && is_running(record.init, record.init_started);
}

} // namespace pawl
