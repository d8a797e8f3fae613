#include "actors/session/store_reads.hpp"

#include <utility>

namespace pawl {

result<void> store_reads::need_reader() {
  if (reader_)
    return {};
  auto made = spawn_with_thread(owner_->home_system(), store_reader, records_, look_);
  if (!made)
    return std::move(made).error();
  reader_ = *std::move(made);
  return {};
}

void store_reads::one_is_done() {
  if (--under_way_ == 0)
    end();
}

void store_reads::one_failed(const store_reader_actor& reader, const caf::error& why) {
  if (why == caf::sec::request_timeout) { // the reader may be busy with it still
    --under_way_;
    return;
  }
  if (reader_ == reader)
    reader_ = store_reader_actor{};
  one_is_done();
}

void store_reads::end() {
  if (reader_)
    owner_->send_exit(std::exchange(reader_, store_reader_actor{}),
                      caf::exit_reason::user_shutdown);
}

} // namespace pawl
