// What decoding alone cannot see: names, lengths, ranges.
#include "protocol/msgpack/codec.hpp"

#include "lifecycle/limits.hpp"
#include "lifecycle/names.hpp"
#include "lifecycle/own_requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <type_traits>

namespace pawl::protocol {

namespace {

error wrong(std::string message) {
  return {errc::invalid_argument, std::move(message), {}};
}

result<void> at_most(std::string_view what, std::size_t size, std::size_t limit,
                     std::string_view unit = "bytes") {
  if (size <= limit)
    return {};
  return error{errc::too_large,
               fmt::format("{} has {} {}, and {} is the most", what, size, unit, limit),
               {}};
}

// The first of the results that is an error.
template <class... Results>
result<void> first_error(Results&&... results) {
  result<void> found;
  static_cast<void>(((results.has_value() || (found = std::move(results), false)) && ...));
  return found;
}

result<void> digest(std::string_view text) {
  if (is_digest(text))
    return {};
  return wrong("a source's digest is \"sha256:\" and 64 lower-case hexadecimal digits");
}

result<void> client_request_id(std::string_view id) {
  if (id.starts_with(own_request_prefix))
    return wrong(fmt::format("a request id that begins with \"{}\" is the server's own",
                             own_request_prefix));
  return check_request_id(id);
}

result<void> deployment_prefix(std::string_view id) {
  if (is_deployment_id_prefix(id))
    return {};
  return wrong(fmt::format("a deployment's id, or its beginning, has 1 to {} characters of "
                           "0-9 and a-z without i, l, o and u",
                           limits::deployment_id_bytes));
}

// Empty stands for the server's only cluster.
result<void> cluster_or_only(std::string_view cluster) {
  return cluster.empty() ? result<void>{} : check_name("cluster", cluster);
}

result<void> optional_name(std::string_view what, const std::optional<std::string>& name) {
  return name ? check_name(what, *name) : result<void>{};
}

result<void> optional_text(std::string_view what, const std::optional<std::string>& text,
                           std::size_t limit) {
  return text ? at_most(what, text->size(), limit) : result<void>{};
}

result<void> message_text(std::string_view text) {
  return at_most("the message", text.size(), limits::message_bytes);
}

// --- the records in answers: how many and how long

result<void> judge(const git_facts& git) {
  constexpr auto limit = limits::git_field_bytes;
  return first_error(at_most("git's sha", git.sha.size(), limit),
                     at_most("git's branch", git.branch.size(), limit),
                     at_most("git's message", git.message.size(), limit),
                     at_most("git's author", git.author.size(), limit),
                     at_most("git's author_email", git.author_email.size(), limit),
                     at_most("git's repository", git.repository.size(), limit));
}

result<void> judge(const deployment& d) {
  return first_error(
      at_most("a deployment", d.transitions.size(), limits::record_members, "transitions"),
      at_most("a deployment", d.urls.size(), limits::record_members, "addresses"),
      message_text(d.message));
}

result<void> judge(const std::optional<deployment>& d) {
  return d ? judge(*d) : result<void>{};
}

result<void> judge(const event& e) {
  const auto* line = std::get_if<log_event>(&e.body);
  return line ? at_most("a log line", line->line.size(), limits::log_line_bytes) : result<void>{};
}

result<void> judge(const lane_view& lane);
result<void> judge(const log_place& place);

template <class T>
result<void> judge_all(const std::vector<T>& list) {
  for (const auto& member : list)
    if (auto judged = judge(member); !judged)
      return judged;
  return {};
}

result<void> judge(const lane_view& lane) {
  return first_error(
      judge(lane.active), judge(lane.in_flight),
      at_most("a lane", lane.instances.size(), limits::instances_per_lane * 2, "instances"),
      judge_all(lane.queued));
}

// --- messages

result<void> judge(const hello& m) {
  return first_error(at_most("a program's name", m.program.size(), limits::program_bytes),
                     at_most("a token", m.token.size(), limits::token_bytes));
}

result<void> judge(const deploy_request& m) {
  auto files = at_most("the source", m.source.files, limits::source_entries, "files");
  return first_error(client_request_id(m.request_id), check_name("app", m.app),
                     cluster_or_only(m.cluster), message_text(m.message), digest(m.source.digest),
                     std::move(files), m.git ? judge(*m.git) : result<void>{});
}

result<void> judge(const upload_chunk& m) {
  if (m.bytes.empty())
    return wrong("an upload's chunk is empty");
  if (m.offset > std::numeric_limits<std::uint64_t>::max() - m.bytes.size())
    return wrong("an upload's chunk ends beyond every file");
  return first_error(deployment_prefix(m.deployment),
                     at_most("an upload's chunk", m.bytes.size(), limits::chunk_bytes));
}

result<void> judge_credit(std::uint32_t amount, std::string_view unit = "events") {
  return at_most("the credit", amount, limits::event_credit, unit);
}

result<void> judge(const follow_request& m) {
  if (m.from == 0)
    return wrong("events are numbered from 1; there is no event 0 to start from");
  return first_error(deployment_prefix(m.deployment), judge_credit(m.credit));
}

result<void> judge(const follow_credit& m) {
  return judge_credit(m.events);
}

// Its deployment's id, and a number. Names that no instance has are found out where the records
// are.
result<void> judge_instance(std::string_view name) {
  return at_most("an instance's name", name.size(), limits::instance_name_bytes);
}

result<void> judge(const log_place& place) {
  return judge_instance(place.instance);
}

result<void> judge(const logs_request& m) {
  return first_error(check_name("app", m.app), cluster_or_only(m.cluster),
                     at_most("the request", m.lines, limits::log_lines_max, "lines"),
                     judge_credit(m.credit, "lines"),
                     at_most("the request", m.places.size(), limits::log_places, "places"),
                     judge_all(m.places));
}

result<void> judge(const log_lines& m) {
  for (const auto& line : m.lines)
    if (auto fits = at_most("a log line", line.size(), limits::log_line_bytes); !fits)
      return fits;
  return first_error(judge_instance(m.instance),
                     at_most("a page", m.lines.size(), limits::log_page_lines, "lines"));
}

result<void> judge(const cancel_request& m) {
  if (m.deployment)
    return deployment_prefix(*m.deployment);
  return first_error(check_name("app", m.app), cluster_or_only(m.cluster));
}

result<void> judge(const rollback_request& m) {
  return first_error(client_request_id(m.request_id), check_name("app", m.app),
                     cluster_or_only(m.cluster), message_text(m.message));
}

result<void> judge(const promote_request& m) {
  if (m.version.value == 0)
    return wrong("versions are numbered from 1; say which one to promote");
  return first_error(client_request_id(m.request_id), check_name("app", m.app),
                     check_name("cluster", m.cluster), message_text(m.message));
}

result<void> judge(const show_request& m) {
  return deployment_prefix(m.deployment);
}

result<void> judge(const status_request& m) {
  return first_error(optional_name("app", m.app), optional_name("cluster", m.cluster),
                     optional_text("the cursor", m.cursor, limits::cursor_bytes));
}

result<void> judge_commit(const std::optional<std::string>& prefix) {
  if (!prefix || (!prefix->empty() && prefix->size() <= limits::commit_bytes &&
                  prefix->find_first_not_of("0123456789abcdef") == std::string::npos))
    return {};
  return wrong(fmt::format("a commit, or its beginning, has 1 to {} lower-case hexadecimal digits",
                           limits::commit_bytes));
}

result<void> judge(const history_request& m) {
  if (m.limit == 0 || m.limit > limits::history_page_max)
    return wrong(
        fmt::format("a page of the history has 1 to {} records", limits::history_page_max));
  return first_error(optional_name("app", m.app), optional_name("cluster", m.cluster),
                     optional_text("the author", m.by, limits::git_field_bytes),
                     judge_commit(m.commit),
                     optional_text("the cursor", m.cursor, limits::cursor_bytes));
}

result<void> judge(const versions_request& m) {
  return first_error(optional_name("app", m.app),
                     optional_text("the cursor", m.cursor, limits::cursor_bytes));
}

result<void> judge(const accepted& m) {
  return judge(m.deployment);
}

result<void> judge(const refused& m) {
  return at_most("an error", m.error.details.size(), limits::record_members, "details");
}

result<void> judge(const events& m) {
  return first_error(at_most("a page", m.list.size(), limits::event_credit, "events"),
                     judge_all(m.list));
}

result<void> judge(const followed& m) {
  return judge(m.deployment);
}

result<void> judge(const shown& m) {
  return judge(m.deployment);
}

result<void> judge(const lane_list& m) {
  return judge_all(m.lanes);
}

result<void> judge(const history_list& m) {
  return first_error(at_most("a page", m.deployments.size() + m.damaged.size(),
                             limits::history_page_max, "records"),
                     judge_all(m.deployments),
                     optional_text("the cursor", m.next_cursor, limits::cursor_bytes));
}

// A message whose frame bounds it enough, or that has nothing in it.
template <class Message>
result<void> judge(const Message&) {
  static_assert(std::is_empty_v<Message> || std::is_same_v<Message, upload_progress> ||
                    std::is_same_v<Message, planned> || std::is_same_v<Message, version_list> ||
                    std::is_same_v<Message, app_list> || std::is_same_v<Message, cluster_list>,
                "a new message has a judge of its own, or stands here");
  return {};
}

} // namespace

result<void> check(const message& body) {
  return std::visit([](const auto& m) { return judge(m); }, body);
}

} // namespace pawl::protocol
