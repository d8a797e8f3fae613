// The promises of source_store.hpp as tests that run over every source store
// (test/support/contract.hpp says how a store is added).
#pragma once

#include "sources/source_store.hpp"
#include "test/support/contract.hpp"

namespace pawl::test {

// A source as a client sends it.
struct sample_source {
  source_facts facts;
  std::string bytes;
};

// An empty store, and sources for it.
class source_site {
public:
  source_site() = default;
  source_site(const source_site&) = delete;
  source_site& operator=(const source_site&) = delete;
  virtual ~source_site() = default;

  virtual source_store& store() = 0;

  // The server process ends and the next one starts: store() is another object, over the same
  // uploads and sources.
  virtual void restart() = 0;

  // A source of at least 100 bytes, with a pawl.toml; another one for each number.
  virtual sample_source source(std::uint32_t number) = 0;
};

bool add_source_store_contract(const make_site<source_site>& make,
                               std::set<std::string> exempt = {});

} // namespace pawl::test
