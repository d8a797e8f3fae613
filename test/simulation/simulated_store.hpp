// The store of a simulated server: another store, whose commits take time, fail, or are interrupted
// by the end of the server.
#pragma once

#include "persistence/forwarding_store.hpp"
#include "test/simulation/record_checker.hpp"

#include <memory>

namespace pawl::test {

// Commits changes to the store below; a test may replace it to break the store on purpose.
using commit_function =
    std::function<std::vector<result<receipt>>(store& below, std::span<const change> changes)>;

class simulated_store final : public forwarding_store {
public:
  simulated_store(machine& on, std::shared_ptr<store> below, record_checker& checker,
                  commit_function commit)
      : forwarding_store(std::move(below)), machine_(on), checker_(checker),
        commit_(std::move(commit)) {}

  std::vector<result<receipt>> commit(std::span<const change> changes) override;

private:
  machine& machine_;
  record_checker& checker_;
  commit_function commit_;
};

} // namespace pawl::test
