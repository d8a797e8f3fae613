// The two functions that libFuzzer calls. One program has all targets: --target=NAME, an option
// that libFuzzer leaves to us, chooses.
#include "test/fuzz/targets.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

const pawl::test::fuzz_target* chosen_target = nullptr;

} // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view option = "--target=";
  for (int i = 1; i < *argc; ++i)
    if (std::string_view given{(*argv)[i]}; given.starts_with(option))
      chosen_target = pawl::test::find_fuzz_target(given.substr(option.size()));
  if (chosen_target != nullptr)
    return 0;
  std::string names;
  for (const auto& each : pawl::test::fuzz_targets())
    names += fmt::format(" {}", each.name);
  fmt::print(stderr, "choose what is fuzzed with --target=NAME, one of:{}\n", names);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  chosen_target->run({bytes, size});
  return 0;
}
