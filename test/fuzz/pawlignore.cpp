#include "packing/ignore_rules.hpp"
#include "test/fuzz/properties.hpp"
#include "test/support/temporary_directory.hpp"

#include <array>
#include <fstream>

namespace pawl::test {

namespace {

constexpr auto paths = std::to_array<std::string_view>(
    {"secret.key", "a", "a/b", "src/main.py", "src/.env", "node_modules", "README.md", "\xff[x]"});

result<packing::ignore_rules> rules_of(const std::filesystem::path& place, std::string_view text) {
  std::ofstream{place / ".pawlignore", std::ios::binary | std::ios::trunc} << text;
  return packing::ignore_rules::of_pawlignore(place);
}

} // namespace

// Whatever the lines above it say, the last rule of a file counts.
void fuzz_pawlignore(fuzz_input in) {
  static const temporary_directory place;
  auto rules = rules_of(place.path(), text_of(in));
  if (!rules)
    return demand_refusal(rules.error(), in.size());
  for (const auto path : paths)
    for (const bool is_directory : {false, true})
      demand(rules->ignores(std::string{path}, is_directory) ==
                 rules->ignores(std::string{path}, is_directory),
             "a rule says the same when it is asked again");
  auto more = rules_of(place.path(), std::string{text_of(in)} + "\n/secret.key\n");
  demand(more.has_value(), "a rule more is read");
  demand(more->ignores("secret.key", false), "what the last rule names is not sent");
}

} // namespace pawl::test
