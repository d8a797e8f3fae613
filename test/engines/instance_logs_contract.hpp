// The promises of instance_logs.hpp as tests that run over every engine with logs.
#pragma once

#include "test/engines/engine_contract.hpp"

namespace pawl::test {

bool add_instance_logs_contract(const make_site<engine_site>& make,
                                std::set<std::string> exempt = {});

} // namespace pawl::test
