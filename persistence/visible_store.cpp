#include "persistence/visible_store.hpp"

#include "persistence/storable.hpp"

#include <algorithm>

namespace pawl {

result<deployment> visible_store::find(std::string_view id) const {
  auto found = below().find(id);
  if (found ? covers(seen_, found->app, found->cluster)
            : found.error().code != errc::data_corruption)
    return found;
  auto none = below().resolve_seen(id, seen_);
  return none ? std::move(found) : std::move(none).error();
}

result<std::string> visible_store::resolve(std::string_view id_prefix) const {
  return below().resolve_seen(id_prefix, seen_);
}

result<std::optional<std::string>> visible_store::by_request(std::string_view request_id) const {
  auto id = below().by_request(request_id);
  if (id && *id && !find(**id))
    return std::optional<std::string>{};
  return id;
}

result<lane_record> visible_store::lane(const lane_key& key) const {
  if (!covers(seen_, key.app, key.cluster))
    return lane_record{.lane = key};
  return below().lane(key);
}

result<std::vector<lane_record>>
visible_store::lanes(const std::optional<std::string>& app,
                     const std::optional<std::string>& cluster) const {
  auto all = below().lanes(app, cluster);
  if (all)
    std::erase_if(*all, [&](const lane_record& one) {
      return !covers(seen_, one.lane.app, one.lane.cluster);
    });
  return all;
}

result<std::vector<deployment>>
visible_store::unfinished(const std::optional<lane_key>& lane) const {
  if (lane && !covers(seen_, lane->app, lane->cluster))
    return std::vector<deployment>{};
  auto all = below().unfinished(lane);
  if (all)
    std::erase_if(*all,
                  [&](const deployment& one) { return !covers(seen_, one.app, one.cluster); });
  return all;
}

result<history_page> visible_store::history(const history_query& query) const {
  auto narrowed = query;
  narrowed.seen = seen_;
  return below().history(narrowed);
}

result<journal_page> visible_store::journal(std::string_view id, std::uint64_t from,
                                            std::size_t max_bytes) const {
  if (auto known = find(id); !known)
    return std::move(known).error();
  return below().journal(id, from, max_bytes);
}

result<std::vector<version_record>>
visible_store::versions(std::string_view app, std::size_t limit,
                        std::optional<version_number> before) const {
  auto all = below().versions(app, limit, before);
  if (all)
    for (auto& one : *all)
      conceal(one);
  return all;
}

result<version_record> visible_store::version(std::string_view app, version_number number) const {
  auto found = below().version(app, number);
  if (found)
    conceal(*found);
  return found;
}

result<std::vector<freeze_record>> visible_store::freezes() const {
  auto all = below().freezes();
  if (all)
    std::erase_if(*all, [&](const freeze_record& one) {
      return (one.app && !covers({role::view, seen_.apps, {}}, *one.app, {})) ||
             (one.cluster && !covers({role::view, {}, seen_.clusters}, {}, *one.cluster));
    });
  return all;
}

result<audit_page> visible_store::audit(const audit_query& query) const {
  auto narrowed = query;
  narrowed.seen = seen_;
  auto page = below().audit(narrowed);
  if (page && !shows_all(seen_)) {
    page->damaged.clear();
    for (auto& one : page->records)
      if (one.outcome == audit_outcome::refused) // it was told to somebody who may see more
        one.detail.clear();
  }
  return page;
}

result<configuration> visible_store::configuration(const lane_key& lane,
                                                   config_number number) const {
  if (!covers(seen_, lane.app, lane.cluster))
    return no_configuration(lane, number);
  return below().configuration(lane, number);
}

void visible_store::conceal(version_record& version) const {
  if (covers(seen_, version.app, version.cluster))
    return;
  version.cluster.clear();
  version.deployment.clear();
}

} // namespace pawl
