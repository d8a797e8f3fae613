#include "protocol/checks.hpp"

#include "lifecycle/own_requests.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::protocol::checks {

error wrong(std::string message) {
  return {errc::invalid_argument, std::move(message), {}};
}

result<void> at_most(std::string_view what, std::size_t size, std::size_t limit,
                     std::string_view unit) {
  if (size <= limit)
    return {};
  return error{errc::too_large,
               fmt::format("{} has {} {}, and {} is the most", what, size, unit, limit),
               {}};
}

result<void> source_digest(std::string_view text) {
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

result<void> reason(std::string_view what, std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return wrong(fmt::format("{} is empty: say why, in a few words", what));
  return at_most(what, text.size(), limits::reason_bytes);
}

result<void> credit(std::uint32_t amount, std::string_view unit) {
  return at_most("the credit", amount, limits::event_credit, unit);
}

result<void> commit_prefix(const std::optional<std::string>& prefix) {
  if (!prefix || (!prefix->empty() && prefix->size() <= limits::commit_bytes &&
                  prefix->find_first_not_of("0123456789abcdef") == std::string::npos))
    return {};
  return wrong(fmt::format("a commit, or its beginning, has 1 to {} lower-case hexadecimal digits",
                           limits::commit_bytes));
}

namespace {

result<void> of_words(std::string_view what, std::string_view text, std::string_view between) {
  const bool good = std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || between.find(c) != std::string_view::npos;
  });
  if (good)
    return {};
  return wrong(
      fmt::format("{} \"{}\" has characters that it cannot have; is the other side a pawld?", what,
                  printable_start(text)));
}

} // namespace

result<void> word(std::string_view what, std::string_view text) {
  return of_words(what, text, "");
}

result<void> words(std::string_view what, const std::vector<std::string>& all) {
  return each(all, [what](const std::string& one) { return word(what, one); });
}

result<void> next_cursor(const std::optional<std::string>& cursor) {
  auto fits = optional_text("the cursor", cursor, limits::cursor_bytes);
  return fits && cursor ? of_words("the cursor", *cursor, "/") : fits;
}

result<void> git(const git_facts& facts) {
  constexpr auto limit = limits::git_field_bytes;
  return first_error(at_most("git's sha", facts.sha.size(), limit),
                     at_most("git's branch", facts.branch.size(), limit),
                     at_most("git's message", facts.message.size(), limit),
                     at_most("git's author", facts.author.size(), limit),
                     at_most("git's author_email", facts.author_email.size(), limit),
                     at_most("git's repository", facts.repository.size(), limit));
}

result<void> record(const deployment& d) {
  return first_error(
      word("the id", d.id), word("the app", d.app), word("the cluster", d.cluster),
      word("the id", d.replaces.value_or("")),
      at_most("a deployment", d.transitions.size(), limits::record_members, "transitions"),
      at_most("a deployment", d.urls.size(), limits::record_members, "addresses"),
      message_text(d.message));
}

result<void> record(const std::optional<deployment>& d) {
  return d ? record(*d) : result<void>{};
}

result<void> journal_event(const event& e) {
  const auto* line = std::get_if<log_event>(&e.body);
  return line ? at_most("a log line", line->line.size(), limits::log_line_bytes) : result<void>{};
}

std::string printable_start(std::string_view text) {
  constexpr std::size_t shown = 40;
  std::string safe{text.substr(0, shown)};
  for (char& c : safe)
    if (c < ' ' || c > '~')
      c = '?';
  return safe;
}

} // namespace pawl::protocol::checks
