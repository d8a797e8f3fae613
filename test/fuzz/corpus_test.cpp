// Runs the targets on the inputs that are kept: those of which a fuzzer begins, in corpus/, and
// those that once broke a reader, in regressions/, named after what they found.
#include "test/fuzz/properties.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

BOOST_AUTO_TEST_SUITE(corpus_test)

namespace {

namespace fs = std::filesystem;
using namespace pawl::test;

const fs::path inputs = fs::path{PAWL_SOURCE_DIR} / "test" / "fuzz";

constexpr std::size_t most_bytes = 4096; // of an input
constexpr std::size_t most_inputs = 40;  // of a target's corpus

using kept_inputs = std::map<fs::path, std::string>;

kept_inputs inputs_in(const fs::path& folder) {
  kept_inputs all;
  if (!fs::exists(folder))
    return all;
  for (const auto& file : fs::directory_iterator{folder}) {
    std::ifstream opened{file.path(), std::ios::binary};
    all.emplace(file.path(), std::string{std::istreambuf_iterator<char>{opened}, {}});
  }
  return all;
}

kept_inputs inputs_of(const fuzz_target& target) {
  auto all = inputs_in(inputs / "corpus" / target.name);
  all.merge(inputs_in(inputs / "regressions" / target.name));
  return all;
}

// Whether the target's properties hold for the text; else says which does not.
bool holds(const fuzz_target& target, const std::string& text, const std::string& what) {
  const std::vector<std::uint8_t> bytes{text.begin(), text.end()}; // its end is no NUL
  try {
    target.run(bytes);
    return true;
  } catch (const std::exception& problem) {
    BOOST_ERROR(fmt::format("{}: {}: {}", target.name, what, problem.what()));
    return false;
  }
}

BOOST_AUTO_TEST_CASE(every_input_that_is_kept_is_read_as_it_should) {
  for (const auto& target : fuzz_targets())
    for (const auto& [path, text] : inputs_of(target))
      holds(target, text, path.filename().string());
}

BOOST_AUTO_TEST_CASE(an_input_may_be_cut_anywhere) {
  constexpr std::size_t cuts = 32;
  for (const auto& target : fuzz_targets())
    for (const auto& [path, text] : inputs_of(target)) {
      const auto step = 1 + text.size() / cuts;
      for (std::size_t size = 0; size < text.size(); size += step)
        if (!holds(target, text.substr(0, size),
                   fmt::format("{} cut to {} bytes", path.filename().string(), size)))
          break;
    }
}

BOOST_AUTO_TEST_CASE(every_target_has_a_small_corpus_and_every_folder_a_target) {
  for (const auto& target : fuzz_targets()) {
    const auto corpus = inputs_in(inputs / "corpus" / target.name);
    BOOST_TEST(!corpus.empty(), target.name << " has nothing to begin with");
    BOOST_TEST(corpus.size() <= most_inputs, target.name << " has " << corpus.size() << " inputs");
    for (const auto& [path, text] : inputs_of(target))
      BOOST_TEST(text.size() <= most_bytes, path << " has " << text.size() << " bytes");
  }
  for (const auto* kind : {"corpus", "regressions"})
    for (const auto& folder : fs::directory_iterator{inputs / kind})
      BOOST_TEST(find_fuzz_target(folder.path().filename().string()) != nullptr,
                 folder.path() << " is no target's");
}

BOOST_AUTO_TEST_CASE(a_control_character_in_any_disguise_is_found) {
  for (const std::string_view bad :
       {"\x1b[31m", "a\rb", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6", "\xef\xbb\xbf",
        "\xd8\x9c", "\xc0\x9b", "\xff", "\xe2\x80"})
    BOOST_CHECK_THROW(demand_harmless(bad), broken_property);
  BOOST_CHECK_NO_THROW(demand_harmless("plain\nand \xc3\xbc \xf0\x9f\x90\xbe"));
}

} // namespace

BOOST_AUTO_TEST_SUITE_END()
