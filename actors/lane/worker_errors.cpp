#include "actors/lane/worker_errors.hpp"

#include "actors/runtime/own_thread.hpp"

#include <fmt/format.h>

namespace pawl {

error worker_died(const caf::error& why) {
  if (auto refused = refusal_in(why))
    return *refused;
  return {errc::internal,
          fmt::format("the worker of this step ended without an answer ({}); deploy again",
                      caf::to_string(why)),
          {}};
}

error workers_died(std::uint32_t count, const caf::error& why) {
  return {
      errc::internal,
      fmt::format("the worker of this step died {} times in a row ({}). This is a bug of pawld: "
                  "report it, with the server's log. To try again, deploy again",
                  count, caf::to_string(why)),
      {}};
}

} // namespace pawl
