// The tokens of this server, in memory: nobody waits for a disk before they have shown who they
// are. The store writer keeps it as the store is.
#pragma once

#include "lifecycle/secret.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace pawl {

// Any thread may call any function.
class known_tokens {
public:
  // Called once, from any thread, when the token is no longer one.
  using on_end = std::function<void()>;

  // Knows these and no others. Calls what watches a token that is gone.
  void reload(const std::vector<token_record>& all);

  // Follows a change that is durable. Gives what watches the tokens that are gone with it, to be
  // called by the caller: they are refused from here on.
  std::vector<on_end> apply(const receipt& stored);

  std::optional<token_record> find(std::string_view name) const;

  // The token with this text.
  std::optional<token_record> holder(const secret& text) const;

  // All, by name.
  std::vector<token_record> list() const;

  // While the returned object lives, `tell` is called when the token ends. Nothing if it has
  // ended already.
  std::shared_ptr<void> watch(const token_record& token, on_end tell);

private:
  struct content {
    std::mutex mutex;
    std::map<std::string, token_record, std::less<>> by_name = {};
    std::map<std::string, std::string, std::less<>> names = {};                       // by digest
    std::map<std::string, std::map<std::uint64_t, on_end>, std::less<>> watches = {}; // by digest
    std::uint64_t last_watch = 0;

    void put(const token_record& token);
    std::vector<on_end> remove(const token_record& token);
  };

  std::shared_ptr<content> content_ = std::make_shared<content>();
};

} // namespace pawl
