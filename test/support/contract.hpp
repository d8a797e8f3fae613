// A contract suite: test cases for an interface, written once and run over every implementation.
#pragma once

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace pawl::test {

// A case gets a site: a new instance of the implementation, with what the case needs around it.
template <class Site>
struct contract_case {
  const char* name;
  void (*run)(Site& site);
};

template <class Site>
using make_site = std::function<std::unique_ptr<Site>()>;

// Adds the cases to the Boost suite that is open where this is called, usually for a static object:
//
//   BOOST_AUTO_TEST_SUITE(docker_engine_contract)
//   const bool added = add_engine_contract([] { return std::make_unique<docker_site>(); });
//   BOOST_AUTO_TEST_SUITE_END()
//
// Cases in `exempt` are left out: promises that a fake does not keep because no test needs them. A
// name there that no case has is an error, so that the list stays short.
template <class Site>
bool add_contract(const std::vector<contract_case<Site>>& cases, const make_site<Site>& make,
                  std::set<std::string> exempt) {
  auto& suite = boost::unit_test::framework::current_auto_test_suite();
  for (const auto& one : cases)
    if (exempt.erase(one.name) == 0)
      suite.add(boost::unit_test::make_test_case([make, run = one.run] { run(*make()); }, one.name,
                                                 __FILE__, __LINE__));
  for (const auto& unknown : exempt)
    suite.add(boost::unit_test::make_test_case(
        [unknown] { BOOST_FAIL("the contract has no case " << unknown); },
        "an_exemption_names_no_case", __FILE__, __LINE__));
  return true;
}

} // namespace pawl::test
