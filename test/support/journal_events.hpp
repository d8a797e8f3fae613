// The events of a journal's page, for tests that look into them.
#pragma once

#include "persistence/store.hpp"

#include <stdexcept>

namespace pawl::test {

inline std::vector<event> events_of(const journal_page& page) {
  auto list = page.events.unpacked();
  if (!list)
    throw std::runtime_error(list.error().message);
  return *std::move(list);
}

// The texts of all warnings in the first page of a deployment's journal.
inline std::string warnings_of(const store& records, const std::string& deployment) {
  auto page = records.journal(deployment, 1, limits::journal_page_bytes);
  if (!page)
    throw std::runtime_error(page.error().message);
  std::string text;
  for (const auto& one : events_of(*page))
    if (const auto* warning = std::get_if<warning_event>(&one.body))
      text += warning->message;
  return text;
}

} // namespace pawl::test
