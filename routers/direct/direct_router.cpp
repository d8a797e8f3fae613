#include "routers/direct/direct_router.hpp"

namespace pawl {

result<void> direct_router::restore(const std::vector<route>&) {
  return {};
}

result<void> direct_router::switch_to(const route&) {
  return {};
}

result<void> direct_router::let_clients_go(const lane_key&, const std::string&) {
  return {};
}

result<void> direct_router::forget(const lane_key&, const std::string&) {
  return {};
}

std::vector<std::string> direct_router::hosts(const lane_key&) const {
  return {};
}

std::vector<std::string> direct_router::urls(const lane_key&) const {
  return {};
}

void direct_router::watch(std::function<void()>) {}

void direct_router::stop() {}

} // namespace pawl
