// msgpack behind two small classes, so that msgpack.hpp is parsed in one file only.
#pragma once

#include "lifecycle/result.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::msgpack_io {

// Appends msgpack to a buffer of its own.
class writer {
public:
  writer();
  ~writer();
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  void nil();
  void boolean(bool value);
  void unsigned_integer(std::uint64_t value);
  void integer(std::int64_t value);
  void real(double value);
  void string(std::string_view value);
  void binary(std::span<const char> value);
  void array(std::size_t members);
  void map(std::size_t pairs);

  std::vector<char> take(); // what was written; the writer is empty again
  // Leaves room in front of what is written, for a header that needs its length. First of all.
  void leave_room(std::size_t bytes);
  void expect(std::size_t bytes); // so much will be written, about: memory is taken once

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

// How much an input may hold; checked while it is parsed, before memory is taken for it.
struct bounds {
  std::size_t elements = 0; // of one array or map
  std::size_t depth = 0;
  std::size_t string_bytes = 0; // of one string or binary
};

// A view of one value in a parsed document. Valid as long as the document. Accessors give nothing
// for another type.
class value {
public:
  bool is_nil() const;
  std::optional<bool> boolean() const;
  std::optional<std::uint64_t> unsigned_integer() const;
  std::optional<std::int64_t> integer() const;
  std::optional<double> real() const;
  std::optional<std::string_view> string() const;
  std::optional<std::span<const char>> binary() const;

  std::optional<std::size_t> array_size() const;
  value at(std::size_t index) const; // index < *array_size()

  std::optional<std::size_t> map_size() const;
  // Key and value of a pair; index < *map_size(). A key that is not a string gives an empty view.
  std::pair<std::string_view, value> pair(std::size_t index) const;
  std::optional<value> find(std::string_view key) const; // the first with this key
  // The same for a reader that takes the keys in the order in which they were written: it begins
  // the search at `from`, goes round, and leaves there where the next key should be.
  std::optional<value> find(std::string_view key, std::size_t& from) const;

private:
  friend class document;
  explicit value(const void* object) : object_(object) {}
  const void* object_; // msgpack::object
};

// Owns one parsed value and everything in it.
class document {
public:
  // Parses exactly one msgpack value that fills the input. invalid_argument for anything else. The
  // input must outlive the document: strings and binaries are not copied.
  static result<document> parse(std::span<const char> input, const bounds& allowed);

  document(document&&) noexcept;
  document& operator=(document&&) noexcept;
  ~document();

  value root() const;

private:
  document();
  struct impl;
  class spare;
  std::unique_ptr<impl> impl_;
};

} // namespace pawl::msgpack_io
