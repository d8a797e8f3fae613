// A page of a journal that several viewers read when it has grown: it is read once, and all send
// the same bytes.
#pragma once

#include "lifecycle/limits.hpp"
#include "persistence/store.hpp"

#include <memory>
#include <mutex>

namespace pawl {

// Made after the journal has grown, for all who are told of it. Any thread may call anything.
class shared_page {
public:
  // The page from this event on, as somebody has read it since, or as it is now. Who has sent it is
  // told of what came after it was read: that is another growth.
  result<std::shared_ptr<const journal_page>> from(std::uint64_t number, const store& records,
                                                   const std::string& deployment) {
    std::scoped_lock lock{mutex_};
    if (page_ && number_ == number)
      return page_;
    auto read = records.journal(deployment, number, limits::journal_page_bytes);
    if (!read)
      return std::move(read).error();
    number_ = number;
    page_ = std::make_shared<const journal_page>(*std::move(read));
    return page_;
  }

private:
  std::mutex mutex_;
  std::uint64_t number_ = 0;
  std::shared_ptr<const journal_page> page_;
};

// To a viewer: there may be more to read; with others who are told of it, if there are any.
struct journal_grown {
  std::shared_ptr<shared_page> page = {};
};

} // namespace pawl
