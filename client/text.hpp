// How a person's terminal is written to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pawl::client {

// What the output can show. Everything that came from builds, apps and people goes through
// printable() before it gets here.
struct look {
  bool colours = false; // a terminal, and NO_COLOR is not set
  bool live = false;    // a terminal whose last line may be written again

  std::string good(std::string_view text) const { return paint(text, "32"); }
  std::string bad(std::string_view text) const { return paint(text, "31"); }
  std::string warned(std::string_view text) const { return paint(text, "33"); }
  std::string strong(std::string_view text) const { return paint(text, "1"); }
  std::string faint(std::string_view text) const { return paint(text, "2"); }

private:
  std::string paint(std::string_view text, std::string_view code) const;
};

// Rows in columns that are as wide as their widest cell, two spaces apart. The first row is the
// head. Lines end in a line feed; there are no spaces at their ends.
std::string table(const std::vector<std::vector<std::string>>& rows, const look& how);

// "12 B", "3.4 KiB", "1.2 GiB".
std::string human_bytes(std::uint64_t bytes);

} // namespace pawl::client
