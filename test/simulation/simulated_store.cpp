#include "test/simulation/simulated_store.hpp"

namespace pawl::test {

namespace {

std::string text_of(std::span<const change> changes) {
  std::string text = "commit";
  for (const auto& one : changes) {
    for (const auto& d : one.deployments)
      text += fmt::format(" {} {}", d.id, to_string(d.state));
    for (const auto& grown : one.journal)
      text += fmt::format(" +{}", grown.events.size());
  }
  return text;
}

} // namespace

std::vector<result<receipt>> simulated_store::commit(std::span<const change> changes) {
  using outcomes = std::vector<result<receipt>>;
  auto stored =
      machine_.call<outcomes>(machine_.sky.store, text_of(changes), [&]() -> result<outcomes> {
        auto all = commit_ ? commit_(below(), changes) : below().commit(changes);
        for (const auto& one : all)
          if (!one)
            machine_.note("refused: " + one.error().message);
        checker_.committed(all);
        return all;
      });
  if (stored)
    return *std::move(stored);
  return outcomes(changes.size(), stored.error());
}

} // namespace pawl::test
