// Single records and short lists, read in a transaction: each function is the one of store.hpp with
// its name.
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/store.hpp"

namespace pawl {

result<deployment> find_deployment(const lmdb::transaction& in, std::string_view id);

result<std::string> resolve_id(const lmdb::transaction& in, std::string_view id_prefix,
                               const grant& seen);

result<std::optional<std::string>> find_by_request(const lmdb::transaction& in,
                                                   std::string_view request_id);

result<lane_record> find_lane(const lmdb::transaction& in, const lane_key& key);

result<std::vector<lane_record>> list_lanes(const lmdb::transaction& in,
                                            const std::optional<std::string>& app,
                                            const std::optional<std::string>& cluster);

result<std::optional<lane_key>> find_holder(const lmdb::transaction& in, std::string_view host);

result<std::vector<deployment>> list_unfinished(const lmdb::transaction& in,
                                                const std::optional<lane_key>& lane);

result<std::vector<version_record>> list_versions(const lmdb::transaction& in, std::string_view app,
                                                  std::size_t limit,
                                                  std::optional<version_number> before);

result<version_record> find_version(const lmdb::transaction& in, std::string_view app,
                                    version_number number);

result<std::vector<token_record>> list_tokens(const lmdb::transaction& in);
result<std::vector<freeze_record>> list_freezes(const lmdb::transaction& in);
result<configuration> find_configuration(const lmdb::transaction& in, const lane_key& lane,
                                         config_number number);

// not_found, for people.
error no_deployment(std::string_view id);

} // namespace pawl
