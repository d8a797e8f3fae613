#include "persistence/lmdb/audit_verification.hpp"

#include "persistence/lmdb/record_walk.hpp"

namespace pawl {

using schema::database;

result<void> verify_audit(const lmdb::transaction& in,
                          const std::function<void(database db, std::string_view key,
                                                   const std::string& problem)>& tell) {
  const auto broken_in = [&tell](database db) {
    return [&tell, db](std::string_view key, const error& why) { tell(db, key, why.message); };
  };
  auto audit = each_record<audit_record>(
      in, database::audit,
      [&](std::string_view key, const audit_record& record) {
        const auto place = schema::parse_place(key);
        if (!place || place->created_at != record.at ||
            place->id.size() != schema::audit_number_bytes)
          tell(database::audit, key, "it is of another time");
      },
      broken_in(database::audit));
  if (!audit)
    return audit;
  return each_record<freeze_record>(
      in, database::freezes,
      [&](std::string_view key, const freeze_record& freeze) {
        if (schema::freeze_key(scope_of(freeze)) != key)
          tell(database::freezes, key, "it is of another scope");
      },
      broken_in(database::freezes));
}

} // namespace pawl
