#include "protocol/msgpack/codec.hpp"

#include "lifecycle/limits.hpp"
#include "protocol/checks.hpp"
#include "protocol/msgpack/secret_packing.hpp"
#include "protocol/msgpack/unpacking.hpp"

#include <fmt/format.h>

#include <array>

namespace pawl::protocol {

namespace {

constexpr std::size_t header_bytes = 4;

using emplacer = void (*)(message&);

template <std::size_t... Index>
constexpr auto make_emplacers(std::index_sequence<Index...>) {
  return std::array<emplacer, sizeof...(Index)>{[](message& m) { m.emplace<Index>(); }...};
}

constexpr auto emplacers = make_emplacers(std::make_index_sequence<kinds.size()>{});

// Makes the message an empty one of the named kind.
bool emplace_kind(std::string_view name, message& body) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] == name) {
      emplacers[i](body);
      return true;
    }
  }
  return false;
}

// The memory that a message takes, about: much in a part of an upload, else a little.
std::size_t memory_for(const message& body) {
  constexpr std::size_t envelope = 256;
  const auto* part = std::get_if<upload_chunk>(&body);
  return envelope + (part == nullptr ? 0 : part->bytes.size());
}

error bad_frame(std::string_view what) {
  return {errc::invalid_argument, fmt::format("a frame cannot be read: {}", what), {}};
}

// All of a frame but its body.
void begin_frame(msgpack::writer& out, std::uint64_t ref, std::string_view kind) {
  out.leave_room(header_bytes);
  out.map(3);
  out.string("kind");
  out.string(kind);
  out.string("ref");
  out.unsigned_integer(ref);
  out.string("body");
}

// With its length, of which `to_follow` bytes are sent behind what was written.
result<std::vector<char>> end_frame(msgpack::writer& out, std::size_t to_follow,
                                    std::string_view kind) {
  auto frame = out.take();
  const auto body_bytes = frame.size() - header_bytes + to_follow;
  if (body_bytes > limits::frame_bytes)
    return error{errc::too_large,
                 fmt::format("a message \"{}\" of {} bytes is over the {} that a frame may have; "
                             "ask for fewer at once",
                             kind, body_bytes, limits::frame_bytes),
                 {}};
  auto length = static_cast<std::uint32_t>(body_bytes);
  for (std::size_t i = 0; i < header_bytes; ++i)
    frame[i] = static_cast<char>(static_cast<unsigned char>(length >> (8 * (3 - i))));
  return frame;
}

} // namespace

result<std::vector<char>> encode(const envelope& sent) {
  msgpack::writer out;
  out.expect(memory_for(sent.body));
  begin_frame(out, sent.ref, kind(sent.body));
  std::visit([&](const auto& body) { msgpack::pack(out, body); }, sent.body);
  return end_frame(out, 0, kind(sent.body));
}

// As the field list of `events`, whose last field is the list.
result<std::vector<char>> begin_events_frame(std::uint64_t ref, std::string_view deployment,
                                             const packed_events& list) {
  constexpr std::size_t usual_bytes = 96;
  constexpr auto name = events::kind;
  msgpack::writer out;
  out.expect(usual_bytes);
  begin_frame(out, ref, name);
  out.map(2);
  out.string("deployment");
  out.string(deployment);
  out.string("list");
  out.array(list.size());
  return end_frame(out, list.bytes().size(), name);
}

result<std::size_t> body_length(std::span<const char, 4> header, std::size_t most) {
  std::size_t length = 0;
  for (char byte : header)
    length = length << 8U | static_cast<unsigned char>(byte);
  if (length == 0)
    return bad_frame("its length is 0");
  if (length > most)
    return error{errc::too_large,
                 fmt::format("a frame of {} bytes was announced, and {} is the most; is the other "
                             "side a pawl?",
                             length, most),
                 {}};
  return length;
}

namespace {

// A frame as it is read: {"kind": …, "ref": …, "body": …}, in any order.
class frame_reader {
public:
  explicit frame_reader(std::span<const char> body)
      : in_(body, {.elements = limits::frame_elements,
                   .depth = limits::frame_depth,
                   .string_bytes = limits::chunk_bytes,
                   .containers = limits::frame_containers}) {}

  result<envelope> run() {
    const bool good = msgpack::each_pair(in_, [this](std::string_view key) { return read(key); });
    if (auto malformed = good ? in_.problem_at_end() : in_.problem())
      return *std::move(malformed);
    if (problem_)
      return *std::move(problem_);
    if (!kind_ || !ref_ || !body_)
      return bad_frame("it lacks its kind, ref or body");
    if (!unpacked_ && !unpack(*body_))
      return *std::move(problem_);
    received_.ref = *ref_;
    return std::move(received_);
  }

private:
  bool read(std::string_view key) {
    if (key == "kind")
      return read_kind();
    if (key == "ref")
      return (ref_ = in_.unsigned_integer()).has_value();
    if (key != "body")
      return in_.skip();
    body_ = in_;
    return kind_ ? unpack(in_) : in_.skip();
  }

  bool read_kind() {
    kind_ = in_.string();
    unpacked_ = false;
    if (kind_ && !emplace_kind(*kind_, received_.body))
      problem_ = bad_frame(fmt::format("no message is called \"{}\"; one side may need an upgrade",
                                       checks::printable_start(*kind_)));
    return kind_ && !problem_;
  }

  bool unpack(msgpack::reader& from) {
    const auto to_message = [&](auto& to) { return msgpack::unpack(from, to); };
    unpacked_ = std::visit(to_message, received_.body);
    if (!unpacked_)
      problem_ = bad_frame(
          fmt::format("a field of \"{}\" has the wrong type or range", kind(received_.body)));
    return unpacked_;
  }

  msgpack::reader in_;
  std::optional<std::string_view> kind_;
  std::optional<std::uint64_t> ref_;
  std::optional<msgpack::reader> body_; // where it is
  bool unpacked_ = false;
  envelope received_;
  std::optional<error> problem_;
};

} // namespace

result<envelope> decode(std::span<const char> body) {
  if (body.size() > limits::frame_bytes)
    return error{errc::too_large, "a frame is over its limit", {}};
  auto received = frame_reader{body}.run();
  if (!received)
    return received;
  if (auto judged = check(received->body); !judged)
    return std::move(judged).error();
  return received;
}

} // namespace pawl::protocol
