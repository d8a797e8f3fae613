# pawl_precompile(TARGET HEADER OWNER): the header is compiled once, for OWNER, and all others read that. They must be
# compiled with the same flags; GCC ignores the optimization of one that reads another's.
function(pawl_precompile target header owner)
  if(target STREQUAL owner)
    target_precompile_headers(${target} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/${header}")
  else()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

# For what sees the rooms without CAF. Where each source is compiled alone, that proves that it includes what it needs.
function(pawl_precompile_room target)
  if(CMAKE_UNITY_BUILD)
    pawl_precompile(${target} room_pch.hpp pawl_lifecycle)
  endif()
endfunction()

# For what is built of CAF's templates and linked into programs alone, which need no position independent library.
function(pawl_precompile_caf target)
  target_compile_options(${target} PRIVATE -fPIE)
  pawl_precompile(${target} caf_pch.hpp pawl_actors)
endfunction()

# One static library for each room: pawl_room(NAME [CAF] [LINKS …] [PRIVATE_LINKS …]) builds pawl_NAME from all .cpp
# files of the folder and its sub-folders. fmt comes with lifecycle, so every room has it. CAF: of actors.
function(pawl_room name)
  cmake_parse_arguments(ROOM "CAF" "" "LINKS;PRIVATE_LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${name}/*.cpp")
  add_library(pawl_${name} STATIC ${sources})
  target_include_directories(pawl_${name} PUBLIC "${CMAKE_SOURCE_DIR}")
  target_link_libraries(pawl_${name} PUBLIC ${ROOM_LINKS} PRIVATE ${ROOM_PRIVATE_LINKS})
  pawl_target_options(pawl_${name})
  if(ROOM_CAF)
    pawl_precompile_caf(pawl_${name})
  else()
    pawl_precompile_room(pawl_${name})
  endif()
endfunction()

# One Boost.Test program for each folder of test/ and its sub-folders: pawl_tests(FOLDER [CAF] [LINKS …] [LABELS …]).
# With EACH_SUITE, each X_test.cpp, whose suite is X_test, is a test of its own for ctest to run beside the others.
# CASES are the cases (SUITE/CASE) that ctest runs each by itself; one that prints "skipped: " counts as skipped.
# UNDER is a command that is given the program and its arguments to run; ARGUMENTS are more of those. OPTIMIZE is the
# compiler's -O, 0 if it is not given.
function(pawl_tests folder)
  cmake_parse_arguments(TESTS "EACH_SUITE;CAF" "TIMEOUT;OPTIMIZE" "LINKS;LABELS;UNDER;ARGUMENTS;CASES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/test/${folder}/*.cpp")
  if(NOT TESTS_TIMEOUT)
    set(TESTS_TIMEOUT 300)
  endif()
  add_executable(test_${folder} ${sources})
  if(TESTS_OPTIMIZE) # then its precompiled headers cannot be another's
    target_precompile_headers(test_${folder} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/caf_test_pch.hpp")
  elseif(TESTS_CAF)
    pawl_precompile(test_${folder} caf_test_pch.hpp test_actors)
  else()
    pawl_precompile(test_${folder} boost_test_pch.hpp test_house)
  endif()
  if(TESTS_CAF)
    pawl_checks_for_caf(test_${folder})
  endif()
  if(NOT TESTS_OPTIMIZE)
    set(TESTS_OPTIMIZE 0) # half the time to build; the rooms keep the preset's
  endif()
  target_compile_options(test_${folder} PRIVATE -O${TESTS_OPTIMIZE})
  target_link_libraries(test_${folder} PRIVATE ${TESTS_LINKS} pawl_test_support pawl_test_main)
  target_compile_definitions(test_${folder} PRIVATE
    PAWL_SOURCE_DIR="${CMAKE_SOURCE_DIR}" PAWL_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  pawl_target_options(test_${folder})
  target_compile_options(test_${folder} PRIVATE $<${PAWL_OPTIMIZED}:-U_FORTIFY_SOURCE>) # it needs the optimizer
  if(PAWL_SANITIZE MATCHES "undefined") # a third of the time to build; the rooms under test keep it
    target_compile_options(test_${folder} PRIVATE -fno-sanitize=undefined)
  endif()
  if(TESTS_EACH_SUITE)
    foreach(source IN LISTS sources)
      get_filename_component(suite "${source}" NAME_WE)
      if(suite MATCHES "^(.*)_test$")
        add_test(NAME ${folder}_${CMAKE_MATCH_1}
          COMMAND test_${folder} --run_test=${suite} --log_level=message --color_output=no)
        set_tests_properties(${folder}_${CMAKE_MATCH_1} PROPERTIES
          TIMEOUT ${TESTS_TIMEOUT} LABELS "${TESTS_LABELS}")
      endif()
    endforeach()
    return()
  endif()
  if(TESTS_CASES)
    foreach(case IN LISTS TESTS_CASES)
      string(REPLACE "/" "_" name "${case}")
      string(REGEX REPLACE "^${folder}_" "" name "${name}")
      add_test(NAME ${folder}_${name}
        COMMAND test_${folder} --run_test=${case} --log_level=message --color_output=no)
      set_tests_properties(${folder}_${name} PROPERTIES TIMEOUT ${TESTS_TIMEOUT} LABELS "${TESTS_LABELS}"
        SKIP_REGULAR_EXPRESSION "skipped: ")
    endforeach()
    return()
  endif()
  add_test(NAME ${folder}
    COMMAND ${TESTS_UNDER} $<TARGET_FILE:test_${folder}> --log_level=message --color_output=no
      ${TESTS_ARGUMENTS})
  set_tests_properties(${folder} PROPERTIES TIMEOUT ${TESTS_TIMEOUT} LABELS "${TESTS_LABELS}")
endfunction()
