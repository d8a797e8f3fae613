#include "persistence/lmdb/change_writer.hpp"

#include "persistence/lmdb/records.hpp"
#include "persistence/paging.hpp"

namespace pawl {

namespace {

using schema::database;

class writer_of_change {
public:
  explicit writer_of_change(lmdb::transaction& to) : to_(to) {}

  result<void> run(const judged_change& judged) {
    for (std::size_t i = 0; i < judged.deployments.size(); ++i)
      write_deployment(judged.kept.deployments[i], judged.deployments[i]);
    if (judged.kept.lane)
      write_lane(*judged.kept.lane);
    if (judged.kept.version)
      write_version(*judged.kept.version);
    for (std::size_t i = 0; i < judged.kept.journal.size(); ++i)
      write_journal(judged.kept.journal[i], judged.heads[i]);
    for (const auto& host : judged.released_hosts)
      remove(database::hosts, host);
    for (const auto& claim : judged.claimed_hosts)
      put(database::hosts, claim.host, records::encode(claim.host, claim));
    if (const auto& token = judged.kept.revoked_token)
      remove(database::tokens, token->name);
    for (const auto& token : judged.kept.expired_tokens)
      remove(database::tokens, token.name);
    if (const auto& token = judged.kept.token)
      put(database::tokens, token->name, records::encode(token->name, *token));
    for (const auto& over : judged.kept.over_freezes)
      remove(database::freezes, schema::freeze_key(scope_of(over)));
    if (const auto& freeze = judged.kept.freeze)
      write_freeze(*freeze);
    if (const auto& lifted = judged.kept.lifted)
      remove(database::freezes, schema::freeze_key(scope_of(*lifted)));
    for (const auto& [key, record] : judged.audit)
      put(database::audit, key, records::encode(key, record));
    for (const auto& key : judged.outdated_audit)
      remove(database::audit, key);
    if (const auto& config = judged.kept.configuration)
      write_configuration(*config, judged.dropped_configurations);
    return failure_ ? result<void>{*failure_} : result<void>{};
  }

private:
  void write_deployment(const deployment& d, const judged_change::deployment_write& how) {
    const auto key = schema::deployment_key(d.id);
    put(database::deployments, key, records::encode(key, d));
    if (how.is_new)
      for (auto index : {database::history, database::timelines, database::ids})
        put(index, schema::index_key(index, d), {});
    if (how.is_new && !d.request_id.empty())
      put(database::requests, d.request_id,
          records::encode(d.request_id, records::request_claim{d.id}));
    bool unfinished = !is_settled(d.state);
    if (unfinished && !how.was_unfinished)
      put(database::unfinished, schema::index_key(database::unfinished, d), {});
    if (!unfinished && how.was_unfinished)
      remove(database::unfinished, schema::index_key(database::unfinished, d));
  }

  void write_lane(const lane_record& lane) {
    auto key = schema::lane_key_of(lane.lane);
    put(database::lanes, key, records::encode(key, lane));
  }

  void write_version(const version_record& version) {
    auto key = schema::version_key(version.app, version.number);
    put(database::versions, key, records::encode(key, version));
    put(database::version_counters, version.app,
        records::encode(version.app, records::version_counter{version.number}));
  }

  void write_freeze(const freeze_record& freeze) {
    const auto key = schema::freeze_key(scope_of(freeze));
    put(database::freezes, key, records::encode(key, freeze));
  }

  void write_configuration(const configuration& config, const std::vector<config_number>& dropped) {
    const auto key = schema::configuration_key(config.lane, config.number);
    put(database::configurations, key, records::encode(key, config));
    for (const auto number : dropped)
      remove(database::configurations, schema::configuration_key(config.lane, number));
  }

  // In batches of about limits::log_batch_bytes: a reader in the middle unpacks one of them.
  void write_journal(const journal_append& append,
                     const std::optional<records::journal_head>& head) {
    if (!head)
      return;
    const auto key = schema::deployment_key(append.deployment);
    put(database::journal_heads, key, records::encode(key, *head));
    records::journal_batch batch;
    std::size_t bytes = 0;
    for (const auto& event : append.events) {
      bytes += paging::bytes_of(event);
      batch.events.push_back(event);
      if (bytes >= limits::log_batch_bytes) {
        write_batch(append.deployment, batch);
        batch.events.clear();
        bytes = 0;
      }
    }
    if (!batch.events.empty())
      write_batch(append.deployment, batch);
  }

  void write_batch(std::string_view deployment, const records::journal_batch& batch) {
    auto key = schema::journal_key(deployment, batch.events.front().seq);
    put(database::journals, key, records::encode(key, batch));
  }

  void put(database db, std::string_view key, std::string_view value) {
    keep(failure_ ? result<void>{} : to_.put(db, key, value));
  }

  void remove(database db, std::string_view key) {
    keep(failure_ ? result<void>{} : to_.remove(db, key));
  }

  void keep(result<void> done) {
    if (!done)
      failure_ = std::move(done).error();
  }

  lmdb::transaction& to_;
  std::optional<error> failure_; // the first; nothing is written after it
};

} // namespace

result<void> write(lmdb::transaction& to, const judged_change& judged) {
  return writer_of_change{to}.run(judged);
}

} // namespace pawl
