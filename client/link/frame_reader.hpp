// Cuts the bytes of a connection into frames, however they come.
#pragma once

#include "lifecycle/result.hpp"
#include "protocol/msgpack/codec.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace pawl::client {

class frame_reader {
public:
  // Takes the bytes that came, and calls `take(body)` with the body of each frame that is complete;
  // it returns whether it wants more. Memory is taken for bytes that came, and for no others. The
  // error of a length that no frame has: nothing can be read then any more.
  template <class Take>
  result<void> read(std::span<const char> bytes, Take take) {
    while (!bytes.empty()) {
      if (have_ < header_.size()) {
        copy_header(bytes);
        if (have_ < header_.size())
          return {};
        auto length = protocol::body_length(header_);
        if (!length)
          return std::move(length).error();
        length_ = *length;
      }
      const auto part = std::min(bytes.size(), length_ - body_.size());
      body_.insert(body_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(part));
      bytes = bytes.subspan(part);
      if (body_.size() < length_)
        return {};
      have_ = 0;
      const auto whole = std::exchange(body_, {});
      if (!take(whole))
        return {};
    }
    return {};
  }

private:
  void copy_header(std::span<const char>& bytes) {
    const auto part = std::min(bytes.size(), header_.size() - have_);
    std::copy_n(bytes.begin(), part, header_.begin() + static_cast<std::ptrdiff_t>(have_));
    have_ += part;
    bytes = bytes.subspan(part);
  }

  std::array<char, 4> header_{};
  std::size_t have_ = 0; // bytes of the header
  std::size_t length_ = 0;
  std::vector<char> body_;
};

} // namespace pawl::client
