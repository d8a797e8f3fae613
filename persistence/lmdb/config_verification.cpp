#include "persistence/lmdb/config_verification.hpp"

#include "persistence/lmdb/record_walk.hpp"
#include "persistence/lmdb/stored.hpp"

#include <fmt/format.h>

namespace pawl {

using schema::database;

namespace {

// The revision that the lane's active deployment runs with; 0 if there is none to be known.
config_number running(const lmdb::transaction& in, const lane_record& lane) {
  if (!lane.active)
    return 0;
  const auto active = load_of<deployment>(in, database::deployments, *lane.active);
  return active && *active ? (*active)->config.value_or(0) : 0;
}

} // namespace

result<void> verify_configurations(const lmdb::transaction& in,
                                   const std::function<void(database db, std::string_view key,
                                                            const std::string& problem)>& tell) {
  constexpr auto configs = database::configurations;
  auto walked = each_record<configuration>(
      in, configs,
      [&](std::string_view key, const configuration& config) {
        if (schema::configuration_key(config.lane, config.number) != key)
          return tell(configs, key, "it is another revision");
        auto lane = load<lane_record>(in, database::lanes, schema::lane_key_of(config.lane));
        if (lane && (!*lane || (*lane)->configs < config.number))
          tell(configs, key, "its lane does not count it, and would give its number again");
      },
      [&](std::string_view key, const error& why) { tell(configs, key, why.message); });
  if (!walked)
    return walked;
  return each_record<lane_record>(
      in, database::lanes,
      [&](std::string_view key, const lane_record& lane) {
        const auto number = running(in, lane);
        auto there = in.get(configs, schema::configuration_key(lane.lane, number));
        if (number > 0 && there && !*there)
          tell(database::lanes, key,
               fmt::format("its active deployment runs with revision {} of the configuration, "
                           "which is gone",
                           number));
      },
      [](std::string_view, const error&) {}); // told where the lanes are walked
}

} // namespace pawl
