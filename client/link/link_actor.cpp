#include "client/link/link_actor.hpp"

#include "client/link/frame_reader.hpp"
#include "protocol/msgpack/codec.hpp"

#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/stateful_actor.hpp>

#include <fmt/format.h>

#include <sys/socket.h>

namespace pawl::client {

namespace {

using look_for_silence = caf::atom_constant<caf::atom("silence")>;

constexpr std::size_t read_bytes = 64 * 1024; // at once, at most

// All in the multiplexer's thread.
class link_state {
public:
  explicit link_state(caf::io::broker* self) : self_(self) {}

  static inline const char* name = "link";

  caf::behavior start(int descriptor, std::shared_ptr<tls_session> tls,
                      std::shared_ptr<link_inbox> inbox, const link_settings& settings) {
    descriptor_ = descriptor;
    tls_ = std::move(tls);
    inbox_ = std::move(inbox);
    settings_ = settings;
    self_->set_default_handler(caf::drop);
    socket_ = self_->add_scribe(descriptor);
    self_->configure_read(socket_, caf::io::receive_policy::at_most(read_bytes));
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
    if (tls_ == nullptr)
      return read_frames(bytes);
    std::vector<char> opened;
    std::vector<char> answer;
    auto good = tls_->open(bytes, opened, answer);
    send(std::move(answer));
    read_frames(opened); // what came before the end
    if (!good)
      end(std::move(good).error().message);
  }

  void read_frames(std::span<const char> bytes) {
    auto readable = frames_.read(bytes, [this](std::span<const char> body) {
      on_frame(body);
      return !ended_;
    });
    if (!readable)
      end(fmt::format("the server does not speak Pawl's protocol: {}", readable.error().message));
  }

  void on_frame(std::span<const char> body) {
    auto message = protocol::decode(body);
    if (!message)
      end(fmt::format(
          "the server sent a frame that cannot be read: {}; use pawl and pawld of the same version",
          message.error().message));
    else if (std::holds_alternative<protocol::ping>(message->body))
      write(*protocol::encode({message->ref, protocol::pong{}}));
    else if (!std::holds_alternative<protocol::pong>(message->body) &&
             !inbox_->put(*std::move(message), body.size()))
      end("the server sent more than it was asked for");
  }

  void write(std::vector<char> frame) {
    if (tls_ == nullptr)
      return send(std::move(frame));
    std::vector<char> sealed;
    auto good = tls_->seal(frame, sealed);
    send(std::move(sealed));
    if (!good)
      end(std::move(good).error().message);
  }

  void send(std::vector<char> bytes) {
    if (bytes.empty() || ended_)
      return;
    auto& unsent = self_->wr_buf(socket_);
    if (unsent.empty())
      unsent = std::move(bytes); // a part of an upload is not copied once more
    else
      unsent.insert(unsent.end(), bytes.begin(), bytes.end());
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
    if (std::exchange(ended_, true))
      return;
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
  std::shared_ptr<tls_session> tls_; // none on a unix socket
  frame_reader frames_;
  bool ended_ = false;
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
                            std::shared_ptr<tls_session> tls, std::shared_ptr<link_inbox> inbox,
                            const link_settings& settings) {
  return system.middleman().spawn_broker(
      [tls = std::move(tls), inbox = std::move(inbox), settings](link_broker* self, int socket) {
        return self->state.start(socket, tls, inbox, settings);
      },
      descriptor);
}

} // namespace pawl::client
