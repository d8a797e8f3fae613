// A layer over a store that seals the secrets of configurations before they are stored: below it no
// change has a secret that can be read.
#pragma once

#include "persistence/forwarding_store.hpp"
#include "persistence/secret_vault.hpp"

namespace pawl {

class sealing_store final : public forwarding_store {
public:
  // Neither is null.
  sealing_store(std::shared_ptr<store> below, std::shared_ptr<secret_vault> vault)
      : forwarding_store(std::move(below)), vault_(std::move(vault)) {}

  // A change whose secrets cannot be sealed is refused alone, as one whose compare fails.
  std::vector<result<receipt>> commit(std::span<const change> changes) override;

private:
  std::shared_ptr<secret_vault> vault_;
};

} // namespace pawl
