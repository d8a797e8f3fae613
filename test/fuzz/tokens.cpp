#include "lifecycle/names.hpp"
#include "lifecycle/token.hpp"
#include "persistence/token_digest.hpp"
#include "test/fuzz/properties.hpp"

#include <algorithm>

namespace pawl::test {

namespace {

// A digest does not contain the text that it is of.
void demand_digest(const secret& token) {
  const auto digest = token_digest(token);
  demand(is_digest(digest), "the digest of a token has the form of a digest");
  demand(digest == token_digest(token), "a token has one digest");
}

// Names in lines: of apps up to an empty line, then of clusters.
grant grant_of(fuzz_input in) {
  grant given;
  auto* names = &given.apps;
  while (!in.empty()) {
    const auto line = take_text(in, '\n');
    if (line.empty())
      names = &given.clusters;
    else
      names->emplace_back(line);
  }
  return given;
}

} // namespace

void fuzz_tokens(fuzz_input in) {
  const auto text = text_of(in);
  if (is_token(text)) {
    demand(text.size() == 48, "a token has the length of a token");
    demand_harmless(text);
  }
  demand_digest(secret{std::string{text}});
  token_randomness random{};
  std::copy_n(in.begin(), std::min(in.size(), random.size()), random.begin());
  const auto made = make_token(random);
  demand(is_token(made.reveal()), "a token that is made is one");
  random.back() ^= 1U;
  demand(make_token(random).reveal() != made.reveal(), "each bit of the randomness is in a token");
  const auto given = grant_of(in);
  if (auto good = check_grant(given); !good)
    demand_refusal(good.error(), in.size());
  else
    demand(given.apps.size() <= limits::granted_names &&
               given.clusters.size() <= limits::granted_names,
           "a grant names no more than it may");
}

} // namespace pawl::test
