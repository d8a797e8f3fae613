#include "client/terminal/text.hpp"
#include "posix/utf8.hpp"
#include "test/fuzz/properties.hpp"

namespace pawl::test {

namespace {

using client::look;

void demand_line(std::string_view text) {
  demand_harmless(text);
  demand(text.find('\n') == std::string_view::npos, "a printable text is one line");
}

} // namespace

// The first byte is the width of the terminal.
void fuzz_terminal_text(fuzz_input in) {
  const std::size_t columns = 1 + take_byte(in) % 100;
  const auto text = text_of(in);
  const auto shown = printable(text);
  demand_line(shown);
  demand(shown.size() <= 4 * text.size(), "what is shown does not outgrow what it shows");
  demand(printable(shown) == shown, "a printable text is shown as it is");
  const auto output = printable_output(text);
  demand_line(output);
  demand(output.size() <= 4 * text.size(), "an output does not outgrow what it shows");
  const auto fitted = fit(shown, columns, "…");
  demand_line(fitted);
  demand(width(fitted) <= columns, "what fits is no wider than its place");
  demand(width(shown) > columns || fitted == shown, "what fits as it is is not cut");
  demand_harmless(valid_utf8(printable(valid_utf8(text))));
  demand(is_utf8(valid_utf8(text)), "text that was made valid is valid");
  demand(is_utf8(text) == (valid_utf8(text) == text), "valid text stays as it is");
  const auto valid = valid_utf8(text);
  const auto cut = cut_utf8(valid, columns);
  demand(cut.size() <= columns && is_utf8(cut), "no character is cut in two");
  demand_harmless(prose(text, "  ", look{.columns = columns}));
  demand_harmless(prose(text, "", look{}));
}

} // namespace pawl::test
