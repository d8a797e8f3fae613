// The parts that the checks of the messages are made of. A check sees what decoding alone cannot:
// names, lengths, ranges. Each gives nothing, or the error that a client is shown.
#pragma once

#include "lifecycle/event.hpp"
#include "lifecycle/limits.hpp"
#include "lifecycle/names.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pawl::protocol::checks {

error wrong(std::string message);

// too_large for more than the limit: "{what} has {size} {unit}, and {limit} is the most".
result<void> at_most(std::string_view what, std::size_t size, std::size_t limit,
                     std::string_view unit = "bytes");

// The first of the results that is an error.
template <class... Results>
result<void> first_error(Results&&... results) {
  result<void> found;
  static_cast<void>(((results.has_value() || (found = std::move(results), false)) && ...));
  return found;
}

// The first error of check(member), over all members.
template <class T, class Check>
result<void> each(const std::vector<T>& list, Check&& check_member) {
  for (const auto& member : list)
    if (auto checked = check_member(member); !checked)
      return checked;
  return {};
}

result<void> source_digest(std::string_view text);
// A request id that a client may choose: not one of the server's own.
result<void> client_request_id(std::string_view id);
result<void> deployment_prefix(std::string_view id);
// Empty stands for the server's only cluster.
result<void> cluster_or_only(std::string_view cluster);
result<void> optional_name(std::string_view what, const std::optional<std::string>& name);
result<void> optional_text(std::string_view what, const std::optional<std::string>& text,
                           std::size_t limit);
result<void> message_text(std::string_view text);
// A text that has to be there: why something is frozen, or is released all the same.
result<void> reason(std::string_view what, std::string_view text);
result<void> credit(std::uint32_t amount, std::string_view unit = "events");
result<void> commit_prefix(const std::optional<std::string>& prefix);

// A name or an id in an answer: empty, or of letters, digits, hyphens and underscores. `pawl` shows
// it in commands that a person may copy, and a server may be anybody's.
result<void> word(std::string_view what, std::string_view text);
result<void> words(std::string_view what, const std::vector<std::string>& all);
// A cursor in an answer, which stands in such a command too: words with slashes between them.
result<void> next_cursor(const std::optional<std::string>& cursor);

// The records in answers: how many members and how long, and that names and ids are words; not what
// else they say.
result<void> git(const git_facts& facts);
result<void> record(const deployment& d);
result<void> record(const std::optional<deployment>& d);
result<void> journal_event(const event& e);

// The beginning of a text from a stranger, fit to be shown: '?' for what is not printable ASCII.
std::string printable_start(std::string_view text);

} // namespace pawl::protocol::checks
