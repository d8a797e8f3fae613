// The freezes, the audit journal and the configurations of the store in memory.
#pragma once

#include "persistence/paging.hpp"

#include <map>

namespace pawl::test {

class memory_freezes {
public:
  const std::vector<freeze_record>& all() const { return all_; } // by their scope

  result<void> judge(const change& wanted) const;
  void apply(const change& wanted, receipt& kept);

private:
  bool is_set(const freeze_scope& scope) const;
  std::vector<freeze_record> over_at(const freeze_record& next) const; // of other scopes
  std::optional<freeze_record> take_out(const freeze_scope& scope);

  std::vector<freeze_record> all_;
};

class memory_audit {
public:
  void apply(const change& wanted, receipt& kept);
  result<audit_page> page(const audit_query& query, std::size_t scan_max) const;

private:
  std::map<paging::position, audit_record> all_;
};

class memory_configurations {
public:
  void apply(const change& wanted, receipt& kept);
  result<configuration> find(const lane_key& lane, config_number number) const;

private:
  std::map<std::pair<lane_key, config_number>, configuration> all_;
};

} // namespace pawl::test
