#include "lifecycle/concealment.hpp"

#include "lifecycle/oidc.hpp"
#include "lifecycle/token.hpp"

#include <algorithm>

namespace pawl {

namespace {

constexpr std::string_view token_shown = "(a token)";
constexpr std::string_view key_shown = "(a private key)";

// So many characters of a token let nobody guess the others; paths and names have fewer.
constexpr std::size_t characters_to_hide = 32;
// A signed token has a header, and a signature that is longer.
constexpr std::size_t least_signed_part = 16;

constexpr std::string_view word_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
constexpr std::string_view token_characters = word_characters.substr(0, word_characters.size() - 1);

constexpr std::string_view pem_begin = "-----BEGIN ";
constexpr std::string_view pem_end = "-----END ";
constexpr std::string_view pem_dashes = "-----";

// The bytes of the private key that the text begins with; 0 if it does with none. One that has no
// end goes to the end of the text.
std::size_t private_key_bytes(std::string_view text) {
  const auto head = text.find(pem_dashes, pem_begin.size());
  if (head == std::string_view::npos || !text.substr(0, head).ends_with("PRIVATE KEY"))
    return 0;
  const auto foot = text.find(pem_end, head);
  const auto last =
      foot == std::string_view::npos ? foot : text.find(pem_dashes, foot + pem_end.size());
  return last == std::string_view::npos ? text.size() : last + pem_dashes.size();
}

std::string without_private_keys(std::string_view text) {
  std::string shown;
  for (auto at = text.find(pem_begin); at != std::string_view::npos; at = text.find(pem_begin)) {
    const auto bytes = private_key_bytes(text.substr(at));
    shown += text.substr(0, bytes == 0 ? at + pem_begin.size() : at);
    if (bytes != 0)
      shown += key_shown;
    text.remove_prefix(at + (bytes == 0 ? pem_begin.size() : bytes));
  }
  return shown.append(text);
}

bool is_long_signed_token(std::string_view word) {
  return is_signed_token(word) && word.find('.') >= least_signed_part &&
         word.size() - word.rfind('.') > least_signed_part;
}

// A word of word_characters. A dot behind it may end a sentence.
std::string concealed_word(std::string_view word) {
  const auto size = word.find_last_not_of('.') + 1;
  if (is_long_signed_token(word.substr(0, size)))
    return std::string{token_shown}.append(word.substr(size));
  std::string shown;
  for (auto at = word.find(token_prefix); at != std::string_view::npos;
       at = word.find(token_prefix)) {
    const auto secret_at = at + token_prefix.size();
    const auto end = std::min(word.find_first_not_of(token_characters, secret_at), word.size());
    const bool hides = end - secret_at >= characters_to_hide;
    shown.append(word.substr(0, hides ? at : end));
    if (hides)
      shown.append(token_shown);
    word.remove_prefix(end);
  }
  return shown.append(word);
}

} // namespace

std::string concealed(std::string_view text) {
  const auto without_keys = without_private_keys(text);
  std::string shown;
  for (std::string_view rest = without_keys; !rest.empty();) {
    const auto word = std::min(rest.find_first_not_of(word_characters), rest.size());
    shown += concealed_word(rest.substr(0, word));
    rest.remove_prefix(word);
    const auto between = std::min(rest.find_first_of(word_characters), rest.size());
    shown += rest.substr(0, between);
    rest.remove_prefix(between);
  }
  return shown;
}

error concealed(error problem) {
  problem.message = concealed(problem.message);
  for (auto& [name, value] : problem.details)
    value = concealed(value);
  return problem;
}

} // namespace pawl
