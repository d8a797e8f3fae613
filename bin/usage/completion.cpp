#include "bin/usage/completion.hpp"

#include <utility>

namespace pawl::usage {

namespace {

void add_options(completion& found, const command& where) {
  for (const auto& each : where.options)
    for (const auto& name : each.names)
      if (name.starts_with(found.begun))
        found.words.push_back({name, each.text});
}

void add_commands(completion& found, const command& where) {
  for (const auto& each : where.commands)
    if (each.word.starts_with(found.begun))
      found.words.push_back({each.word, each.summary});
}

const option* argument(const command& where, std::size_t number) {
  for (const auto& each : where.options)
    if (each.is_argument() && number-- == 0)
      return &each;
  return nullptr;
}

} // namespace

completion complete(const command& program, const std::vector<std::string>& words) {
  if (words.empty())
    return {};
  completion found;
  found.begun = words.back();
  const command* where = &program;
  std::size_t arguments = 0;
  const option* waiting = nullptr; // for its value
  for (std::size_t at = 0; at + 1 < words.size(); ++at) {
    const auto& word = words[at];
    if (const auto* taker = std::exchange(waiting, nullptr)) {
      found.given[taker->value] = word;
    } else if (const auto* named = where->find_option(word.substr(0, word.find('=')))) {
      if (word.find('=') != std::string::npos)
        found.given[named->value] = word.substr(word.find('=') + 1);
      else if (!named->value.empty())
        waiting = named;
    } else if (!word.starts_with('-') && !where->commands.empty()) {
      where = where->find_command(word);
      if (where == nullptr)
        return {};
    } else if (!word.starts_with('-')) {
      ++arguments;
    }
  }
  if (waiting != nullptr) {
    found.value = waiting->value;
  } else if (found.begun.starts_with('-')) {
    add_options(found, *where);
  } else if (!where->commands.empty()) {
    add_commands(found, *where);
  } else if (const auto* next = argument(*where, arguments)) {
    found.value = next->value;
  }
  return found;
}

} // namespace pawl::usage
