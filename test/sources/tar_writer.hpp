// Writes tars block by block, honest and hostile ones: no library would write the latter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace pawl::test {

class tar_writer {
public:
  struct header {
    std::string name;
    char type = '0';
    std::string link = "";
    unsigned mode = 0644;
    std::string size = ""; // as it stands in the field; empty: of the contents
    std::string magic = std::string{"ustar\00000", 8};
    bool good_checksum = true;
    std::uint64_t time = 0;
    std::string prefix = "";
  };

  tar_writer& entry(const header& head, const std::string& contents = "") {
    std::string block(512, '\0');
    put(block, 0, head.name);
    put(block, 100, octal(head.mode, 7));
    put(block, 108, octal(0, 7));
    put(block, 116, octal(0, 7));
    put(block, 124, head.size.empty() ? octal(contents.size(), 11) : head.size);
    put(block, 136, octal(head.time, 11));
    put(block, 148, "        ");
    block[156] = head.type;
    put(block, 157, head.link);
    put(block, 257, head.magic);
    put(block, 345, head.prefix);
    unsigned sum = head.good_checksum ? 0 : 1;
    for (char c : block)
      sum += static_cast<unsigned char>(c);
    put(block, 148, octal(sum, 6) + std::string{"\0 ", 2});
    bytes_ += block + contents;
    bytes_.resize((bytes_.size() + 511) / 512 * 512, '\0');
    return *this;
  }

  tar_writer& file(const std::string& name, const std::string& contents, unsigned mode = 0644) {
    return entry({.name = name, .mode = mode}, contents);
  }
  tar_writer& directory(const std::string& name) {
    return entry({.name = name, .type = '5', .mode = 0755});
  }
  tar_writer& symlink(const std::string& name, const std::string& target) {
    return entry({.name = name, .type = '2', .link = target, .mode = 0777});
  }
  tar_writer& pax(const std::string& records) {
    return entry({.name = "pax", .type = 'x'}, records);
  }
  tar_writer& raw(const std::string& bytes) {
    bytes_ += bytes;
    return *this;
  }

  static std::string record(const std::string& key, const std::string& value) {
    auto rest = " " + key + "=" + value + "\n";
    auto size = rest.size() + 1;
    while (std::to_string(size).size() + rest.size() != size)
      ++size;
    return std::to_string(size) + rest;
  }

  std::string whole() const { return bytes_ + std::string(1024, '\0'); }
  const std::string& cut() const { return bytes_; }

private:
  static void put(std::string& block, std::size_t at, const std::string& text) {
    std::copy(text.begin(), text.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
  }
  static std::string octal(std::uint64_t value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*llo", digits, static_cast<unsigned long long>(value));
    return text;
  }

  std::string bytes_;
};

inline void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary} << bytes;
}

} // namespace pawl::test
