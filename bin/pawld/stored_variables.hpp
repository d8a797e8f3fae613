// The variables of lanes, from the store and the vault.
#pragma once

#include "engines/variable_source.hpp"
#include "persistence/secret_vault.hpp"
#include "persistence/store.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace pawl {

class stored_variables final : public variable_source {
public:
  // Neither is null.
  stored_variables(std::shared_ptr<const store> records, std::shared_ptr<const secret_vault> vault)
      : records_(std::move(records)), vault_(std::move(vault)) {}

  result<std::vector<variable_text>> variables(const lane_key& lane,
                                               config_number config) const override {
    auto stored = records_->configuration(lane, config);
    if (!stored)
      return std::move(stored).error();
    return vault_->open(*stored);
  }

private:
  std::shared_ptr<const store> records_;
  std::shared_ptr<const secret_vault> vault_;
};

// Tells the operator of the first lane whose secrets do not open, before an app of it has to be
// started: the key may be gone.
void check_secrets(const store& records, const secret_vault& vault,
                   const std::function<void(std::string_view)>& log);

} // namespace pawl
