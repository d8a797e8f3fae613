#include "client/link/link_actor.hpp"

#include "protocol/msgpack/codec.hpp"

#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/stateful_actor.hpp>

#include <fmt/format.h>

#include <sys/socket.h>

namespace pawl::client {

namespace {

using look_for_silence = caf::atom_constant<caf::atom("silence")>;

constexpr std::size_t header_bytes = 4;

// All in the multiplexer's thread.
class link_state {
public:
  explicit link_state(caf::io::broker* self) : self_(self) {}

  static inline const char* name = "link";

  caf::behavior start(int descriptor, std::shared_ptr<link_inbox> inbox,
                      const link_settings& settings) {
    descriptor_ = descriptor;
    inbox_ = std::move(inbox);
    settings_ = settings;
    self_->set_default_handler(caf::drop);
    socket_ = self_->add_scribe(descriptor);
    self_->configure_read(socket_, caf::io::receive_policy::exactly(header_bytes));
    self_->delayed_send(self_, settings_.ping_interval, look_for_silence::value);
    return {
        [this](const caf::io::new_data_msg& data) { on_data(data.buf); },
        [this](const caf::io::connection_closed_msg&) {
          end("the server closed the connection; see its log, or try again");
        },
        [this](frame_to_write& frame) { write(std::move(frame.bytes)); },
        [this](look_for_silence) { on_look_for_silence(); },
        [this](hang_up) { end("the link was closed"); },
    };
  }

private:
  void on_data(const std::vector<char>& bytes) {
    heard_ = true;
    if (in_body_)
      on_body(bytes);
    else
      on_header(bytes);
  }

  void on_header(const std::vector<char>& bytes) {
    std::span<const char, header_bytes> header{bytes.data(), bytes.size()};
    auto length = protocol::body_length(header);
    if (!length) {
      end(fmt::format("the server does not speak Pawl's protocol: {}", length.error().message));
      return;
    }
    in_body_ = true;
    self_->configure_read(socket_, caf::io::receive_policy::exactly(*length));
  }

  void on_body(const std::vector<char>& bytes) {
    in_body_ = false;
    self_->configure_read(socket_, caf::io::receive_policy::exactly(header_bytes));
    auto message = protocol::decode(bytes);
    if (!message)
      end(fmt::format(
          "the server sent a frame that cannot be read: {}; use pawl and pawld of the same version",
          message.error().message));
    else if (std::holds_alternative<protocol::ping>(message->body))
      write(*protocol::encode({message->ref, protocol::pong{}}));
    else if (!std::holds_alternative<protocol::pong>(message->body) &&
             !inbox_->put(*std::move(message), bytes.size()))
      end("the server sent more than it was asked for");
  }

  void write(std::vector<char> frame) {
    auto& unsent = self_->wr_buf(socket_);
    if (unsent.empty())
      unsent = std::move(frame); // a part of an upload is not copied once more
    else
      unsent.insert(unsent.end(), frame.begin(), frame.end());
    self_->flush(socket_);
  }

  // Counted in looks, not by a clock: a client that was stopped for a while does not give its
  // server up for it.
  void on_look_for_silence() {
    silence_ = heard_ ? std::chrono::milliseconds{0} : silence_ + settings_.ping_interval;
    heard_ = false;
    if (silence_ >= settings_.silence_timeout)
      end(fmt::format("the server was silent for {} ms; try again", silence_.count()));
    else
      self_->delayed_send(self_, settings_.ping_interval, look_for_silence::value);
  }

  void end(std::string why) {
    inbox_->lose({errc::unavailable, std::move(why), {}});
    // CAF keeps a closed socket until its unsent bytes are taken, and its system waits for that.
    // The descriptor is still open: what owns it lives until the present round of the loop ends.
    ::shutdown(descriptor_, SHUT_RDWR);
    self_->quit();
  }

  caf::io::broker* self_;
  int descriptor_ = -1;
  caf::io::connection_handle socket_;
  std::shared_ptr<link_inbox> inbox_;
  link_settings settings_;
  bool in_body_ = false; // what is read next
  bool heard_ = false;
  std::chrono::milliseconds silence_{0};
};

// As gateway/transport/ending_broker: CAF 0.17.6 leaves the mailbox of an ended broker open, and a
// delayed message to itself would then hold it for ever.
class ending_broker : public caf::io::broker {
public:
  using caf::io::broker::broker;

  bool cleanup(caf::error&& why, caf::execution_unit* host) override {
    close_all();
    return caf::scheduled_actor::cleanup(std::move(why), host);
  }
};

using link_broker = caf::stateful_actor<link_state, ending_broker>;

} // namespace

caf::actor spawn_link_actor(caf::actor_system& system, int descriptor,
                            std::shared_ptr<link_inbox> inbox, const link_settings& settings) {
  return system.middleman().spawn_broker(
      [inbox = std::move(inbox), settings](link_broker* self, int socket) {
        return self->state.start(socket, inbox, settings);
      },
      descriptor);
}

} // namespace pawl::client
