// Boost.Test, parsed once for each test program instead of once for each file.
#pragma once

#include <boost/test/unit_test.hpp>
