// A text that must not be seen: a token, a key.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace pawl {

// It has no way into a format string, a stream, a record or a comparison; reveal() is the only one
// out, and easy to search for. The memory is overwritten at the end.
class secret {
public:
  secret() = default;
  explicit secret(std::string text) : text_(std::move(text)) {}
  secret(const secret&) = default;
  secret(secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  secret& operator=(secret other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~secret() { wipe(); }

  bool empty() const noexcept { return text_.empty(); }
  std::size_t size() const noexcept { return text_.size(); }
  std::string_view reveal() const noexcept { return text_; }

private:
  // A text that was moved from may still have its bytes inside itself.
  void wipe() noexcept {
    text_.resize(text_.capacity());
    ::explicit_bzero(text_.data(), text_.size());
    text_.clear();
  }

  std::string text_;
};

// Takes as long for any two texts of the same length, so that its time tells nothing of where they
// differ.
inline bool same_in_constant_time(std::string_view one, std::string_view other) noexcept {
  if (one.size() != other.size())
    return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    difference = static_cast<unsigned char>(
        difference | (static_cast<unsigned char>(one[i]) ^ static_cast<unsigned char>(other[i])));
  return difference == 0;
}

} // namespace pawl
