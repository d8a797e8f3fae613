// The lower end of a terminal: lines that stay, and below them a region that is rewritten.
//
// The cursor rests below the region and is never hidden, and no mode of the terminal is changed:
// however the program ends, the terminal is as it was.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::client {

// Takes text as it is to be written, line feeds included, and writes it at once.
using writer = std::function<void(std::string_view text)>;

struct terminal_size {
  std::size_t columns = 80;
  std::size_t rows = 24;
};
using measure = std::function<terminal_size()>; // asked at each writing: people resize windows

class screen {
public:
  screen(writer out, measure size) : out_(std::move(out)), size_(std::move(size)) {}

  terminal_size size() const { return size_(); }

  // A line that stays, above the region; the region is gone until it is shown again.
  void print(std::string_view line);

  // The region, in the place of the one before. Lines are cut to the terminal's width, and the
  // last ones left out where the terminal is too low for all.
  void show(const std::vector<std::string>& region, std::string_view cut_mark);

  // Takes the region away.
  void clear();

private:
  std::string to_the_top() const;

  writer out_;
  measure size_;
  std::vector<std::size_t> shown_ = {}; // the width of each line of the region
};

} // namespace pawl::client
