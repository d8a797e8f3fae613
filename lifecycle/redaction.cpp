#include "lifecycle/redaction.hpp"

#include "lifecycle/limits.hpp"
#include "lifecycle/redaction_scan.hpp"

#include <algorithm>

namespace pawl {

namespace {

constexpr std::size_t part_bytes = 512; // of a long text: as much is held back at most, about
constexpr std::size_t base64_line = 76; // as base64(1) and mail wrap it
constexpr std::size_t shortest = redaction::least;
static_assert(shortest == limits::secret_redacted_bytes);

struct pattern {
  secret text;
  std::string_view name;
};

class patterns {
public:
  // In parts of so many bytes; the last one is not shorter than the shortest.
  void add(std::string_view text, std::string_view name, std::size_t part = part_bytes) {
    while (text.size() >= part + shortest) {
      add_one(text.substr(0, part), name);
      text.remove_prefix(part);
    }
    if (text.size() > part) // its end alone would be too short
      add_one(text.substr(0, part), name);
    add_one(text, name);
  }

  std::vector<pattern> take() {
    std::stable_sort(all_.begin(), all_.end(), [](const pattern& a, const pattern& b) {
      return a.text.reveal() < b.text.reveal();
    });
    all_.erase(std::unique(all_.begin(), all_.end(),
                           [](const pattern& a, const pattern& b) {
                             return a.text.reveal() == b.text.reveal();
                           }),
               all_.end());
    return std::move(all_);
  }

private:
  void add_one(std::string_view text, std::string_view name) {
    if (text.size() >= shortest)
      all_.push_back({secret{std::string{text}}, name});
  }

  std::vector<pattern> all_;
};

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The digits that the text decides when so many bytes stand in front of it; and if nothing follows
// it, those of its end.
secret base64_of(std::string_view text, std::size_t in_front, bool ends, std::string_view digits) {
  std::string out;
  std::uint32_t bits = 0;
  std::size_t known = 0;
  std::size_t given = 0;
  const auto skipped = (8 * in_front + 5) / 6;
  const auto give = [&](std::uint32_t digit) {
    if (given++ >= skipped)
      out += digits[digit & 63U];
  };
  for (std::size_t i = 0; i < in_front + text.size(); ++i) {
    const auto byte = i < in_front ? 0U : static_cast<unsigned char>(text[i - in_front]);
    bits = bits << 8U | byte;
    for (known += 8; known >= 6; known -= 6)
      give(bits >> (known - 6));
  }
  if (ends && known > 0)
    give(bits << (6 - known));
  for (; ends && given % 4 != 0; ++given)
    out += '=';
  return secret{std::move(out)};
}

void add_base64(patterns& to, std::string_view text, std::string_view name) {
  for (std::size_t in_front = 0; in_front < 3; ++in_front)
    for (const auto digits : {base64_digits, base64url_digits})
      for (const bool ends : {false, true})
        to.add(base64_of(text, in_front, ends, digits).reveal(), name,
               in_front == 0 ? base64_line : part_bytes);
}

bool is_plain_in_urls(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A way to encode for URLs: which other characters stay as they are.
struct url_style {
  std::string_view kept;
  bool upper = true;
  bool plus = false; // for a space
};

constexpr auto url_styles = std::to_array<url_style>({
    {"-._~"},             // RFC 3986
    {"-._~", false},      // with small digits
    {"-._~/"},            // quote() of Python
    {"-._~!*'()"},        // encodeURIComponent() of JavaScript
    {"-._*", true, true}, // application/x-www-form-urlencoded
});

secret url_encoded(std::string_view text, const url_style& how) {
  const std::string_view digits = how.upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain_in_urls(c) || how.kept.find(c) != std::string_view::npos)
      out += c;
    else if (c == ' ' && how.plus)
      out += '+';
    else
      (out += '%').append({digits[byte >> 4U], digits[byte & 15U]});
  }
  return secret{std::move(out)};
}

void add_secret(patterns& to, const variable_text& one) {
  auto text = one.value.reveal();
  text = text.substr(0, text.find_last_not_of("\r\n") + 1);
  if (text.size() < shortest)
    return;
  add_base64(to, text, one.name);
  for (const auto& style : url_styles)
    if (const auto encoded = url_encoded(text, style); encoded.reveal() != text)
      to.add(encoded.reveal(), one.name);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    line = line.substr(0, line.find_last_not_of('\r') + 1);
    to.add(line, one.name);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void append(std::string& to, const void* bytes, std::size_t size) {
  to.append(static_cast<const char*>(bytes), size);
}

std::string table_of(const std::vector<pattern>& all) {
  redaction::header head{redaction::mark, static_cast<std::uint32_t>(all.size())};
  std::string filter(redaction::filter_bytes, '\0');
  auto place = redaction::entries_begin + all.size() * sizeof(redaction::entry);
  std::size_t bytes = place;
  for (const auto& one : all) {
    bytes += one.text.size() + one.name.size();
    head.longest = std::max(head.longest, static_cast<std::uint32_t>(one.text.size()));
    const auto bit = redaction::hash(one.text.reveal().data());
    filter[bit / 8] =
        static_cast<char>(static_cast<unsigned char>(filter[bit / 8]) | (1U << (bit % 8)));
  }
  std::string out;
  out.reserve(bytes); // never moved, so that no copy of it is left
  append(out, &head, sizeof head);
  out += filter;
  for (const auto& one : all) {
    const redaction::entry entry{static_cast<std::uint32_t>(place),
                                 static_cast<std::uint32_t>(one.text.size()),
                                 static_cast<std::uint32_t>(place + one.text.size()),
                                 static_cast<std::uint32_t>(one.name.size())};
    append(out, &entry, sizeof entry);
    place += one.text.size() + one.name.size();
  }
  for (const auto& one : all)
    (out += one.text.reveal()) += one.name;
  return out;
}

} // namespace

redaction_table redaction_table::of(const std::vector<variable_text>& all) {
  patterns found;
  for (const auto& one : all)
    if (one.is_secret)
      add_secret(found, one);
  redaction_table table;
  if (const auto ordered = found.take(); !ordered.empty())
    table.bytes_ = std::make_shared<const secret>(table_of(ordered));
  return table;
}

std::string_view redaction_table::bytes() const {
  return bytes_ ? bytes_->reveal() : std::string_view{};
}

std::string redacted(const redaction_table& table, std::string_view text) {
  std::string out;
  redaction_scan{table.bytes()}.pass(text, true, [&](std::string_view piece) { out += piece; });
  return out;
}

} // namespace pawl
