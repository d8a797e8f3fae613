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

} // namespace pawl::test
