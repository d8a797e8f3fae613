// The programs are compiled and linked with what makes a mistake in them hard to use.
#include "test/packaging/installed.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl::test;

struct built {
  std::string file;
  bool program = true; // else a module, which has no interpreter and is not named as a program
};

std::vector<built> programs() {
  const std::string folder = PAWL_BUILD_DIR "/" PAWL_MODULE_FOLDER;
  return {{PAWL_BIN_DIR "/pawld"},
          {PAWL_BIN_DIR "/pawl"},
          {folder + "/pawl-log-writer"},
          {folder + "/pawl-packing.so", false}};
}

std::string read_elf(const std::string& what, const built& one) {
  const auto end = run({"readelf", "--wide", what, one.file});
  BOOST_REQUIRE_MESSAGE(end.status == 0, end.err);
  return end.out;
}

// The line with these words; empty if there is none.
std::string line_with(const std::string& text, const std::string& words) {
  const auto at = text.find(words);
  if (at == std::string::npos)
    return {};
  const auto begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

bool has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(hardening_test)

BOOST_AUTO_TEST_CASE(every_program_can_be_loaded_anywhere) {
  for (const auto& one : programs()) {
    BOOST_TEST(has(line_with(read_elf("--file-header", one), "Type:"), "DYN"), one.file);
    if (one.program)
      BOOST_TEST(has(line_with(read_elf("--dynamic", one), "FLAGS_1"), "PIE"), one.file);
  }
}

BOOST_AUTO_TEST_CASE(tables_of_addresses_are_read_only_once_a_program_runs) {
  for (const auto& one : programs()) {
    BOOST_TEST(has(read_elf("--program-headers", one), "GNU_RELRO"), one.file);
    BOOST_TEST(has(line_with(read_elf("--dynamic", one), "FLAGS_1"), "NOW"), one.file);
  }
}

BOOST_AUTO_TEST_CASE(no_memory_can_be_written_and_executed) {
  for (const auto& one : programs()) {
    const auto headers = read_elf("--program-headers", one);
    BOOST_TEST(has(line_with(headers, "GNU_STACK"), " RW "), one.file);
    BOOST_TEST(!has(headers, " RWE "), one.file);
  }
}

BOOST_AUTO_TEST_CASE(an_overrun_of_the_stack_is_noticed) {
  for (const auto& one : programs())
    BOOST_TEST(has(read_elf("--dyn-syms", one), "__stack_chk_fail"), one.file);
}

#ifdef PAWL_OPTIMIZED
// Which calls there are to check depends on the code; these two have some. All are compiled alike.
BOOST_AUTO_TEST_CASE(calls_of_the_c_library_check_their_bounds) {
  for (const auto& one : programs())
    if (one.file.find("/" PAWL_MODULE_FOLDER "/") != std::string::npos)
      BOOST_TEST(has(read_elf("--dyn-syms", one), "_chk@GLIBC"), one.file);
}

// The programs themselves show no trace of these, but GCC notes its options beside each source's
// name. No mark says that all of a program has the targets of indirect jumps: Debian's own startup
// code has none.
#ifndef __clang__
BOOST_AUTO_TEST_CASE(large_frames_and_indirect_jumps_are_guarded) {
  for (const auto& one : programs()) {
    const auto end = run({"readelf", "--debug-dump=info", "--dwarf-depth=1", one.file});
    BOOST_TEST(has(end.out, "-fstack-clash-protection"), one.file);
#ifdef __x86_64__
    BOOST_TEST(has(end.out, "-fcf-protection"), one.file);
#endif
  }
}
#endif
#endif

BOOST_AUTO_TEST_SUITE_END()
