// The promises of router.hpp as tests that run over every router (test/support/contract.hpp says
// how a router is added).
#pragma once

#include "routers/router.hpp"
#include "test/support/contract.hpp"

namespace pawl::test {

// A router that does not run yet, and apps behind it.
class router_site {
public:
  router_site() = default;
  router_site(const router_site&) = delete;
  router_site& operator=(const router_site&) = delete;
  virtual ~router_site() = default; // stops the router

  virtual pawl::router& router() = 0;

  // The server process ends and the next one starts: router() is another object, over the same
  // router.
  virtual void restart() = 0;

  // An app's address; its requests are answered by `name`.
  virtual std::string app(const std::string& name) = 0;

  // The answer to a client of the lane: an app's name, or "404", or "503".
  virtual std::string ask(const lane_key& lane) = 0;

  // The router dies by itself.
  virtual void kill() = 0;
};

bool add_router_contract(const make_site<router_site>& make, std::set<std::string> exempt = {});

} // namespace pawl::test
