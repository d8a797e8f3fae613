#include "test/fuzz/targets.hpp"

#include <algorithm>
#include <array>

namespace pawl::test {

std::span<const fuzz_target> fuzz_targets() {
  static constexpr auto table = std::to_array<fuzz_target>({
      {"answers", fuzz_answers},
      {"client_config", fuzz_client_config},
      {"client_hellos", fuzz_client_hellos},
      {"cursors", fuzz_cursors},
      {"dockerignore", fuzz_dockerignore},
      {"frames", fuzz_frames},
      {"http_requests", fuzz_http_requests},
      {"manifest", fuzz_manifest},
      {"pawlignore", fuzz_pawlignore},
      {"procfile", fuzz_procfile},
      {"records", fuzz_records},
      {"server_config", fuzz_server_config},
      {"tar", fuzz_tar},
      {"terminal_text", fuzz_terminal_text},
      {"tokens", fuzz_tokens},
      {"tree", fuzz_tree},
      {"written_values", fuzz_written_values},
  });
  return table;
}

const fuzz_target* find_fuzz_target(std::string_view name) {
  const auto all = fuzz_targets();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const fuzz_target& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

} // namespace pawl::test
