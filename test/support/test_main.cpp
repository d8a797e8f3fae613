// The main of every test program: Boost.Test parses once here.
#define BOOST_TEST_MODULE pawl
#include <boost/test/unit_test.hpp>
