// Commands that send one request and show its answer.
#pragma once

#include "bin/pawl/following.hpp"
#include "client/terminal/text.hpp"
#include "lifecycle/timestamp.hpp"
#include "protocol/json/documents.hpp"

#include <unistd.h>

namespace pawl::cli {

std::optional<std::string> unless_empty(const std::string& text);

// invalid_argument: the option has a word that is not among those that it knows.
error unknown_word(std::string_view option, std::string_view word, std::string_view known);

// The time that an option of a filter names; nothing where it is not given.
result<std::optional<timestamp>> time_of(std::string_view option, const std::string& text);

// Asks, and shows what it gets: as JSON, or as_text(content, look).
template <class Ask, class AsText>
int show(const options& given, Ask ask, AsText as_text) {
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  viewer shows{given, -1};
  client::conversation talk{*connect, shows};
  auto content = ask(talk);
  if (!content)
    return fail(given, content.error());
  write_to(STDOUT_FILENO, given.json ? json::document(*content) + "\n"
                                     : as_text(*content, look_of(STDOUT_FILENO)));
  return 0;
}

// Sends a request that has one answer, and prints it. Fails with internal if the answer is of
// another kind.
template <class Answer, class AsText>
int list(const options& given, const protocol::message& request, AsText as_text) {
  auto ask = [&](client::conversation& talk) -> result<Answer> {
    auto answer = talk.ask(request);
    if (!answer)
      return std::move(answer).error();
    auto* content = std::get_if<Answer>(&*answer);
    if (content == nullptr)
      return client::unexpected_answer();
    return std::move(*content);
  };
  return show(given, ask, as_text);
}

} // namespace pawl::cli
