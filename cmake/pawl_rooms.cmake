# One static library for each room: pawl_room(NAME [LINKS …] [PRIVATE_LINKS …] [PCH header]) builds pawl_NAME
# from all .cpp files of the folder and its sub-folders. Every room has fmt, by way of lifecycle.
function(pawl_room name)
  cmake_parse_arguments(ROOM "" "PCH" "LINKS;PRIVATE_LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${name}/*.cpp")
  add_library(pawl_${name} STATIC ${sources})
  target_include_directories(pawl_${name} PUBLIC "${CMAKE_SOURCE_DIR}")
  target_link_libraries(pawl_${name} PUBLIC ${ROOM_LINKS} PRIVATE ${ROOM_PRIVATE_LINKS})
  pawl_target_options(pawl_${name})
  if(ROOM_PCH)
    target_precompile_headers(pawl_${name} PRIVATE "${ROOM_PCH}")
    pawl_checks_for_caf(pawl_${name})
  endif()
endfunction()

# One Boost.Test program for each folder of test/ and its sub-folders: pawl_tests(FOLDER [LINKS …] [LABELS …]). With
# EACH_SUITE, each X_test.cpp, whose suite is X_test, is a test of its own for ctest to run beside the others. UNDER
# is a command that is given the program and its arguments to run.
function(pawl_tests folder)
  cmake_parse_arguments(TESTS "EACH_SUITE" "TIMEOUT" "LINKS;LABELS;UNDER" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/test/${folder}/*.cpp")
  if(NOT TESTS_TIMEOUT)
    set(TESTS_TIMEOUT 300)
  endif()
  add_executable(test_${folder} ${sources})
  target_precompile_headers(test_${folder} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/boost_test_pch.hpp")
  target_compile_options(test_${folder} PRIVATE -O0) # half the time to build; the rooms keep the preset's
  target_link_libraries(test_${folder} PRIVATE ${TESTS_LINKS} pawl_test_support pawl_test_main)
  target_compile_definitions(test_${folder} PRIVATE
    PAWL_SOURCE_DIR="${CMAKE_SOURCE_DIR}" PAWL_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  pawl_target_options(test_${folder})
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
  add_test(NAME ${folder}
    COMMAND ${TESTS_UNDER} $<TARGET_FILE:test_${folder}> --log_level=message --color_output=no)
  set_tests_properties(${folder} PROPERTIES TIMEOUT ${TESTS_TIMEOUT} LABELS "${TESTS_LABELS}")
endfunction()
