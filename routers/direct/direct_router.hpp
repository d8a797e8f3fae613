// The router of kind "none": apps answer on their own ports, without a router.
#pragma once

#include "routers/router.hpp"

namespace pawl {

class direct_router : public router {
public:
  result<void> restore(const std::vector<route>& routes) override;
  result<void> switch_to(const route& to) override;
  bool is_running() const override { return true; }
  result<void> let_clients_go(const lane_key& lane, const std::string& deployment) override;
  result<void> forget(const lane_key& lane, const std::string& deployment) override;
  std::vector<std::string> hosts(const lane_key& lane) const override;
  std::vector<std::string> urls(const lane_key& lane) const override;
  void watch(std::function<void()> on_death) override; // never calls: no process can die
  void stop() override;
};

} // namespace pawl
