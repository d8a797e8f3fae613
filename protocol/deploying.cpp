#include "protocol/deploying.hpp"

#include "protocol/checks.hpp"

#include <limits>

namespace pawl::protocol {

using namespace checks;

namespace {

result<void> reason_to_override(const std::optional<std::string>& text) {
  return text ? reason("the reason to override the freeze", *text) : result<void>{};
}

} // namespace

result<void> check(const deploy_request& m) {
  auto files = at_most("the source", m.source.files, limits::source_entries, "files");
  return first_error(
      client_request_id(m.request_id), check_name("app", m.app), cluster_or_only(m.cluster),
      message_text(m.message), source_digest(m.source.digest),
      m.contents.empty() ? result<void>{} : source_digest(m.contents), std::move(files),
      m.git ? git(*m.git) : result<void>{}, reason_to_override(m.override_freeze));
}

result<void> check(const upload_chunk& m) {
  if (m.bytes.empty())
    return wrong("an upload's chunk is empty");
  if (m.offset > std::numeric_limits<std::uint64_t>::max() - m.bytes.size())
    return wrong("an upload's chunk ends beyond every file");
  return first_error(deployment_prefix(m.deployment),
                     at_most("an upload's chunk", m.bytes.size(), limits::chunk_bytes));
}

result<void> check(const cancel_request& m) {
  if (m.deployment)
    return deployment_prefix(*m.deployment);
  return first_error(check_name("app", m.app), cluster_or_only(m.cluster));
}

result<void> check(const rollback_request& m) {
  return first_error(client_request_id(m.request_id), check_name("app", m.app),
                     cluster_or_only(m.cluster), message_text(m.message));
}

result<void> check(const promote_request& m) {
  if (m.version.value == 0)
    return wrong("versions are numbered from 1; say which one to promote");
  return first_error(client_request_id(m.request_id), check_name("app", m.app),
                     check_name("cluster", m.cluster), message_text(m.message),
                     reason_to_override(m.override_freeze));
}

result<void> check(const destroy_request& m) {
  return first_error(check_name("app", m.app), cluster_or_only(m.cluster));
}

result<void> check(const accepted& m) {
  return record(m.deployment);
}

result<void> check(const destroyed& m) {
  return first_error(word("the app", m.app), word("the cluster", m.cluster),
                     word("the id", m.deployment.value_or("")));
}

result<void> check(const planned& m) {
  return first_error(word("the app", m.app), word("the cluster", m.cluster),
                     word("the id", m.deployment), words("a variable", m.added),
                     words("a variable", m.changed), words("a variable", m.removed));
}

} // namespace pawl::protocol
