// What the tests of actors parse in every file.
#pragma once

#include "cmake/boost_test_pch.hpp"
#include "cmake/caf_pch.hpp"
