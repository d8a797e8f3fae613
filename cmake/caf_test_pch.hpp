// The headers that every test of actors parses.
#pragma once

#include "cmake/boost_test_pch.hpp"
#include "cmake/caf_pch.hpp"
