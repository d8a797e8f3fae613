// Who has connections open: so many are one user's that others find a place too.
#pragma once

#include "lifecycle/access.hpp"
#include "lifecycle/error.hpp"
#include "lifecycle/result.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace pawl {

// Any thread may call any function.
class user_connections {
public:
  // For so many connections of users, in all.
  explicit user_connections(std::size_t places) : content_(std::make_shared<content>(places)) {}

  // The user has one more, as long as the returned object lives. resource_exhausted where they may
  // not (may_take_another()).
  result<std::shared_ptr<void>> open(const std::string& user);

  // The same for who owns the machine or the server: never refused, and counted.
  std::shared_ptr<void> open_for_owner(const std::string& user);

private:
  struct content {
    explicit content(std::size_t most) : places(most) {}

    const std::size_t places;
    std::mutex mutex = {};
    std::size_t taken = 0;
    std::map<std::string, std::size_t> by_user = {};
  };

  static std::shared_ptr<void> count(const std::shared_ptr<content>& in, const std::string& user);

  std::shared_ptr<content> content_;
};

} // namespace pawl
