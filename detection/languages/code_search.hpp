// Looks into code for the few shapes by which an app is known. No parser: lines and words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::detection {

// The lines of a text, without their ends.
std::vector<std::string_view> lines_of(std::string_view text);
std::vector<std::string_view> lines_of(std::string&&) = delete; // they would outlive it

std::string_view trimmed(std::string_view text);

// The name that a line at the margin gives to the result of a call: "app" for `app = Flask(…)` and
// `app: FastAPI = FastAPI(…)`, if `call` is "Flask(".
std::optional<std::string> name_given_to(std::string_view text, std::string_view call);

// The next word in quotes behind `mark`; nothing if the mark is not there.
std::optional<std::string> quoted_behind(std::string_view text, std::string_view mark);

// Whether the word stands in the text with nothing of a name beside it.
bool has_word(std::string_view text, std::string_view word);

} // namespace pawl::detection
