#include "protocol/msgpack.hpp"

#include <fmt/format.h>
#include <msgpack.hpp>

#include <algorithm>
#include <limits>

namespace pawl::msgpack_io {

struct writer::impl {
  std::vector<char> bytes;
  struct sink {
    std::vector<char>* to;
    void write(const char* data, std::size_t size) { to->insert(to->end(), data, data + size); }
  } out{&bytes};
  msgpack::packer<sink> packer{out};
};

writer::writer() : impl_(std::make_unique<impl>()) {}
writer::~writer() = default;

namespace {

// The format counts in 32 bits; what is longer is a bug of whoever writes it.
std::uint32_t length(std::size_t size) {
  if (size > std::numeric_limits<std::uint32_t>::max())
    std::abort();
  return static_cast<std::uint32_t>(size);
}

} // namespace

void writer::nil() {
  impl_->packer.pack_nil();
}

void writer::boolean(bool value) {
  if (value)
    impl_->packer.pack_true();
  else
    impl_->packer.pack_false();
}

void writer::unsigned_integer(std::uint64_t value) {
  impl_->packer.pack_uint64(value);
}

void writer::integer(std::int64_t value) {
  impl_->packer.pack_int64(value);
}

void writer::real(double value) {
  impl_->packer.pack_double(value);
}

void writer::string(std::string_view value) {
  impl_->packer.pack_str(length(value.size()));
  impl_->packer.pack_str_body(value.data(), length(value.size()));
}

void writer::binary(std::span<const char> value) {
  impl_->packer.pack_bin(length(value.size()));
  impl_->packer.pack_bin_body(value.data(), length(value.size()));
}

void writer::array(std::size_t members) {
  impl_->packer.pack_array(length(members));
}

void writer::map(std::size_t pairs) {
  impl_->packer.pack_map(length(pairs));
}

void writer::leave_room(std::size_t bytes) {
  impl_->bytes.resize(bytes);
}

void writer::expect(std::size_t bytes) {
  impl_->bytes.reserve(bytes);
}

std::vector<char> writer::take() {
  return std::exchange(impl_->bytes, {});
}

// --- reading

namespace {

const msgpack::object& as_object(const void* object) {
  return *static_cast<const msgpack::object*>(object);
}

} // namespace

bool value::is_nil() const {
  return as_object(object_).type == msgpack::type::NIL;
}

std::optional<bool> value::boolean() const {
  const auto& o = as_object(object_);
  if (o.type != msgpack::type::BOOLEAN)
    return std::nullopt;
  return o.via.boolean;
}

std::optional<std::uint64_t> value::unsigned_integer() const {
  const auto& o = as_object(object_);
  if (o.type != msgpack::type::POSITIVE_INTEGER)
    return std::nullopt;
  return o.via.u64;
}

std::optional<std::int64_t> value::integer() const {
  const auto& o = as_object(object_);
  if (o.type == msgpack::type::NEGATIVE_INTEGER)
    return o.via.i64;
  if (o.type != msgpack::type::POSITIVE_INTEGER ||
      o.via.u64 > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
    return std::nullopt;
  return static_cast<std::int64_t>(o.via.u64);
}

std::optional<double> value::real() const {
  const auto& o = as_object(object_);
  if (o.type != msgpack::type::FLOAT32 && o.type != msgpack::type::FLOAT64)
    return std::nullopt;
  return o.via.f64;
}

std::optional<std::string_view> value::string() const {
  const auto& o = as_object(object_);
  if (o.type != msgpack::type::STR)
    return std::nullopt;
  return std::string_view{o.via.str.ptr, o.via.str.size};
}

std::optional<std::span<const char>> value::binary() const {
  const auto& o = as_object(object_);
  if (o.type != msgpack::type::BIN)
    return std::nullopt;
  return std::span{o.via.bin.ptr, o.via.bin.size};
}

std::optional<std::size_t> value::array_size() const {
  const auto& o = as_object(object_);
  if (o.type != msgpack::type::ARRAY)
    return std::nullopt;
  return o.via.array.size;
}

value value::at(std::size_t index) const {
  return value{as_object(object_).via.array.ptr + index};
}

std::optional<std::size_t> value::map_size() const {
  const auto& o = as_object(object_);
  if (o.type != msgpack::type::MAP)
    return std::nullopt;
  return o.via.map.size;
}

std::pair<std::string_view, value> value::pair(std::size_t index) const {
  const auto& kv = as_object(object_).via.map.ptr[index];
  return {value{&kv.key}.string().value_or(std::string_view{}), value{&kv.val}};
}

std::optional<value> value::find(std::string_view key) const {
  for (std::size_t i = 0, size = map_size().value_or(0); i < size; ++i)
    if (const auto& kv = as_object(object_).via.map.ptr[i]; value{&kv.key}.string() == key)
      return value{&kv.val};
  return std::nullopt;
}

std::optional<value> value::find(std::string_view key, std::size_t& from) const {
  const auto size = map_size().value_or(0);
  for (std::size_t looked = 0, i = from; looked < size; ++looked, ++i) {
    if (i >= size)
      i = 0;
    const auto& kv = as_object(object_).via.map.ptr[i];
    if (value{&kv.key}.string() == key) {
      from = i + 1;
      return value{&kv.val};
    }
  }
  return std::nullopt;
}

struct document::impl {
  msgpack::zone zone;
  msgpack::object root;
};

// A zone begins with a chunk of 8 KiB, which costs more to get and to give back than a record to
// parse: each thread keeps those of its last documents for the next.
class document::spare {
public:
  std::unique_ptr<impl> take() {
    if (kept_.empty())
      return std::make_unique<impl>();
    auto one = std::move(kept_.back());
    kept_.pop_back();
    return one;
  }

  // Of a zone, its first chunk alone is kept.
  void give_back(std::unique_ptr<impl> one) {
    constexpr std::size_t most = 4;
    if (kept_.size() == most)
      return;
    one->zone.clear();
    kept_.push_back(std::move(one));
  }

  static spare& of_this_thread() {
    thread_local spare all;
    return all;
  }

private:
  std::vector<std::unique_ptr<impl>> kept_;
};

document::document() : impl_(spare::of_this_thread().take()) {}
document::document(document&&) noexcept = default;
document& document::operator=(document&&) noexcept = default;

document::~document() {
  if (impl_)
    spare::of_this_thread().give_back(std::move(impl_));
}

value document::root() const {
  return value{&impl_->root};
}

namespace {

bool refer(msgpack::type::object_type, std::size_t, void*) {
  return true;
}

// A container's members take a byte of input each, so a length beyond the input is a lie: with
// that, what a parse can allocate is a multiple of the input's size, however large the bounds.
// Extension types are not used here: none may carry a byte.
msgpack::unpack_limit unpack_limit(const bounds& allowed, std::size_t input_bytes) {
  auto elements = std::min(allowed.elements, input_bytes);
  return {elements, elements, allowed.string_bytes, allowed.string_bytes, 0, allowed.depth};
}

error malformed(std::string_view why) {
  return {errc::invalid_argument, fmt::format("the bytes are not valid msgpack: {}", why), {}};
}

} // namespace

result<document> document::parse(std::span<const char> input, const bounds& allowed) {
  document parsed;
  std::size_t used = 0;
  bool referenced = false;
  try {
    parsed.impl_->root =
        msgpack::unpack(parsed.impl_->zone, input.data(), input.size(), used, referenced, refer,
                        nullptr, unpack_limit(allowed, input.size()));
  } catch (const msgpack::size_overflow&) {
    return malformed("a string, array or map is longer, or nested deeper, than is allowed");
  } catch (const msgpack::insufficient_bytes&) {
    return malformed("they end too early");
  } catch (const msgpack::unpack_error&) {
    return malformed("a byte has no meaning");
  }
  if (used != input.size())
    return malformed("more follows after the value");
  return parsed;
}

} // namespace pawl::msgpack_io
