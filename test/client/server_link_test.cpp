#include "client/link/server_link.hpp"

#include "gateway/frames/unix_listener.hpp"
#include "gateway/transport/unix_socket.hpp"
#include "protocol/msgpack/codec.hpp"
#include "test/support/eventually.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>

#include <array>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace pawl;
using namespace pawl::client;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds link_patience = pawl::test::patience;

// --- a server that follows a script, frame by frame

class scripted_peer {
public:
  explicit scripted_peer(int descriptor) : descriptor_(descriptor) {
    timeval wait{20, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool send(std::uint64_t ref, protocol::message body) {
    auto frame = protocol::encode({ref, std::move(body)});
    return frame && send(std::string_view{frame->data(), frame->size()});
  }

  std::optional<protocol::envelope> receive() {
    std::array<char, 4> header{};
    if (!read(header.data(), header.size()))
      return std::nullopt;
    auto length = protocol::body_length(header);
    if (!length)
      return std::nullopt;
    std::vector<char> body(*length);
    if (!read(body.data(), body.size()))
      return std::nullopt;
    auto decoded = protocol::decode(body);
    return decoded ? std::optional{*std::move(decoded)} : std::nullopt;
  }

  void greet() {
    receive();
    send(0, protocol::hello{protocol::version, "pawld 0", {}});
  }

  // Until the client hangs up.
  void wait_for_end() {
    while (receive()) {
    }
  }

private:
  bool read(char* to, std::size_t size) {
    return ::recv(descriptor_, to, size, MSG_WAITALL) == static_cast<ssize_t>(size);
  }

  int descriptor_;
};

struct scripted_fixture {
  using script = std::function<void(scripted_peer&)>;

  ~scripted_fixture() {
    link.reset();
    if (server.joinable())
      server.join();
  }

  std::string path() const { return (directory.path() / "pawld.sock").string(); }

  void serve(script play) {
    auto bound = gateway::bind_unix_socket(path());
    BOOST_REQUIRE(bound);
    server = std::thread{[play = std::move(play), socket = *std::move(bound)] {
      pollfd waiting{socket.descriptor.get(), POLLIN, 0};
      ::poll(&waiting, 1, 20'000);
      descriptor accepted{::accept4(socket.descriptor.get(), nullptr, nullptr, SOCK_CLOEXEC)};
      scripted_peer peer{accepted.get()};
      play(peer);
    }};
  }

  void connect(const link_settings& settings = {}) {
    auto made = server_link::connect({{path()}}, link_patience, settings);
    BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    link = *std::move(made);
  }

  error refusal(std::chrono::milliseconds timeout = link_patience) {
    auto made = server_link::connect({{path()}}, timeout);
    BOOST_REQUIRE(!made);
    return made.error();
  }

  bool ready(std::chrono::milliseconds time) {
    pollfd waiting{link->ready_descriptor(), POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(time.count())) == 1;
  }

  test::temporary_directory directory;
  std::thread server;
  std::unique_ptr<server_link> link;
};

// --- the real gateway, with a session that sends back what it gets

struct io_config : caf::actor_system_config {
  io_config() {
    set("scheduler.policy", caf::atom("sharing"));
    load<caf::io::middleman>();
  }
};

caf::behavior echo(caf::event_based_actor* self, const caf::actor& connection) {
  self->monitor(connection);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  return {[=](const client_request& request) {
            auto got = request.message;
            if (std::holds_alternative<protocol::hello>(got.body))
              got.body = protocol::hello{protocol::version, "echo 0", {}};
            self->send(connection, server_answer{std::move(got)});
            self->send(connection, request_handled{});
          },
          [](const unreadable_input&) {}};
}

struct gateway_fixture {
  gateway_fixture() {
    auto made = gateway::listen_unix(system, directory.path() / "pawld.sock",
                                     [this](const caf::actor& connection, const peer&) {
                                       return system.spawn(echo, connection);
                                     });
    BOOST_REQUIRE(made);
    listener.emplace(*std::move(made));
  }

  std::unique_ptr<server_link> connect() {
    auto made = server_link::connect({{listener->path().string()}}, link_patience);
    BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    return *std::move(made);
  }

  test::temporary_directory directory;
  io_config config;
  caf::actor_system system{config};
  std::optional<gateway::unix_listener> listener;
};

} // namespace

BOOST_AUTO_TEST_SUITE(links)

BOOST_FIXTURE_TEST_CASE(a_request_is_answered_under_its_ref, gateway_fixture) {
  auto link = connect();
  for (std::uint64_t expected = 1; expected <= 3; ++expected) {
    auto ref = link->send(protocol::show_request{"abc"});
    BOOST_REQUIRE(ref);
    BOOST_TEST(*ref == expected);
    auto answer = link->receive(link_patience);
    BOOST_REQUIRE(answer);
    BOOST_TEST(answer->ref == *ref);
  }
  BOOST_REQUIRE(link->send(2, protocol::follow_credit{7}));
  auto answer = link->receive(link_patience);
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->ref == 2U);
}

BOOST_FIXTURE_TEST_CASE(ten_thousand_frames_go_both_ways_in_order, gateway_fixture) {
  auto link = connect();
  constexpr std::uint64_t count = 10'000;
  constexpr std::uint64_t window = 64;
  std::uint64_t sent = 0;
  for (std::uint64_t received = 0; received < count; ++received) {
    for (; sent < count && sent < received + window; ++sent)
      BOOST_REQUIRE(link->send(protocol::show_request{"abc"}));
    auto answer = link->receive(link_patience);
    BOOST_REQUIRE(answer);
    BOOST_REQUIRE_EQUAL(answer->ref, received + 1);
  }
}

BOOST_FIXTURE_TEST_CASE(a_server_that_goes_is_noticed, gateway_fixture) {
  auto link = connect();
  listener->close();
  auto lost = link->receive(link_patience);
  BOOST_REQUIRE(!lost);
  BOOST_CHECK(lost.error().code == errc::unavailable);
  auto sent = link->send(protocol::apps_request{});
  BOOST_REQUIRE(!sent);
  BOOST_CHECK(sent.error().code == errc::unavailable);
}

BOOST_FIXTURE_TEST_CASE(what_check_refuses_is_not_sent, gateway_fixture) {
  auto link = connect();
  auto sent = link->send(protocol::show_request{"NOT AN ID"});
  BOOST_REQUIRE(!sent);
  BOOST_CHECK(sent.error().code == errc::invalid_argument);
  BOOST_TEST(link->send(protocol::apps_request{}).has_value());
}

BOOST_FIXTURE_TEST_CASE(without_a_server_the_error_says_how_to_start_one, scripted_fixture) {
  auto why = refusal();
  BOOST_CHECK(why.code == errc::unavailable);
  BOOST_TEST(why.message.find(path()) != std::string::npos);
  BOOST_TEST(why.message.find("pawld --config") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_server_of_another_version_is_an_error, scripted_fixture) {
  serve([](scripted_peer& peer) {
    peer.receive();
    peer.send(0, protocol::hello{protocol::version + 1, "pawld 9", {}});
    peer.wait_for_end();
  });
  auto why = refusal();
  BOOST_CHECK(why.code == errc::invalid_argument);
  BOOST_TEST(why.message.find("upgrade pawl") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_refuses_the_hello_is_believed, scripted_fixture) {
  serve([](scripted_peer& peer) {
    peer.receive();
    peer.send(0, protocol::refused{{errc::unauthenticated, "who are you?", {}}});
  });
  auto why = refusal();
  BOOST_CHECK(why.code == errc::unauthenticated);
  BOOST_TEST(why.message == "who are you?");
}

BOOST_FIXTURE_TEST_CASE(a_server_that_says_nothing_is_given_up, scripted_fixture) {
  serve([](scripted_peer& peer) { peer.wait_for_end(); });
  BOOST_CHECK(refusal(50ms).code == errc::unavailable);
}

BOOST_FIXTURE_TEST_CASE(garbage_instead_of_a_hello_is_an_error, scripted_fixture) {
  serve([](scripted_peer& peer) {
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.wait_for_end();
  });
  BOOST_CHECK(refusal().code == errc::unavailable);
}

BOOST_FIXTURE_TEST_CASE(nothing_in_time_is_timed_out_and_the_link_stays, scripted_fixture) {
  serve([](scripted_peer& peer) {
    peer.greet();
    peer.receive();
    peer.send(1, protocol::app_list{});
    peer.wait_for_end();
  });
  connect();
  auto none = link->receive(10ms);
  BOOST_REQUIRE(!none);
  BOOST_CHECK(none.error().code == errc::timed_out);
  BOOST_TEST(!ready(0ms));
  BOOST_REQUIRE(link->send(protocol::apps_request{}));
  BOOST_TEST(ready(link_patience));
  BOOST_TEST(link->receive(0ms).has_value());
  BOOST_TEST(!ready(0ms));
}

BOOST_FIXTURE_TEST_CASE(pings_are_answered_and_not_seen, scripted_fixture) {
  std::atomic<int> pongs{0};
  serve([&](scripted_peer& peer) {
    peer.greet();
    for (std::uint64_t i = 0; i < 3; ++i) {
      peer.send(i, protocol::ping{});
      auto answer = peer.receive();
      if (answer && answer->ref == i && std::holds_alternative<protocol::pong>(answer->body))
        ++pongs;
    }
    peer.send(9, protocol::app_list{});
    peer.wait_for_end();
  });
  connect();
  auto first = link->receive(link_patience);
  BOOST_REQUIRE(first);
  BOOST_TEST(first->ref == 9U);
  BOOST_TEST(pongs.load() == 3);
}

BOOST_FIXTURE_TEST_CASE(a_silent_server_is_unavailable, scripted_fixture) {
  serve([](scripted_peer& peer) {
    peer.greet();
    peer.wait_for_end();
  });
  connect({.ping_interval = 20ms, .silence_timeout = 100ms});
  auto lost = link->receive(link_patience);
  BOOST_REQUIRE(!lost);
  BOOST_CHECK(lost.error().code == errc::unavailable);
  BOOST_TEST(lost.error().message.find("silent") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_came_before_the_loss_is_received_first, scripted_fixture) {
  serve([](scripted_peer& peer) {
    peer.greet();
    for (std::uint64_t ref = 1; ref <= 100; ++ref)
      peer.send(ref, protocol::app_list{});
  });
  connect();
  for (std::uint64_t ref = 1; ref <= 100; ++ref) {
    auto message = link->receive(link_patience);
    BOOST_REQUIRE(message);
    BOOST_REQUIRE_EQUAL(message->ref, ref);
  }
  BOOST_TEST(ready(link_patience));
  auto lost = link->receive(link_patience);
  BOOST_REQUIRE(!lost);
  BOOST_CHECK(lost.error().code == errc::unavailable);
  BOOST_TEST(ready(0ms)); // and it stays so
}

BOOST_FIXTURE_TEST_CASE(a_server_that_sends_beyond_the_credit_is_hung_up_on, scripted_fixture) {
  serve([](scripted_peer& peer) {
    peer.greet();
    while (peer.send(1, protocol::app_list{})) {
    }
  });
  link_settings settings;
  settings.unread_bytes = 64 * limits::kib;
  connect(settings);
  server.join(); // its sending fails: it was hung up on
  std::size_t kept = 0;
  auto message = link->receive(link_patience);
  for (; message; message = link->receive(link_patience))
    ++kept;
  BOOST_TEST(kept > 0U);
  BOOST_TEST(kept < 64 * limits::kib);
  BOOST_CHECK(message.error().code == errc::unavailable);
}

BOOST_FIXTURE_TEST_CASE(a_link_ends_at_once_although_its_server_does_not_read, scripted_fixture) {
  std::atomic<bool> hold{true};
  serve([&](scripted_peer& peer) {
    peer.greet();
    hold.wait(true);
  });
  connect();
  protocol::upload_chunk chunk{"abc", 0, std::vector<char>(limits::chunk_bytes, 'x')};
  for (int i = 0; i < 40; ++i)
    BOOST_REQUIRE(link->send(1, chunk));
  auto before = std::chrono::steady_clock::now();
  link.reset();
  BOOST_CHECK(std::chrono::steady_clock::now() - before < link_patience);
  hold = false;
  hold.notify_all();
  server.join(); // while there is a hold to wait for
}

BOOST_FIXTURE_TEST_CASE(many_links_come_and_go_without_leaving_descriptors, gateway_fixture) {
  auto next_descriptor = [] { return descriptor{::open("/", O_RDONLY | O_CLOEXEC)}.get(); };
  connect().reset();
  auto before = next_descriptor();
  for (int i = 0; i < 50; ++i)
    connect().reset();
  BOOST_TEST(next_descriptor() < before + 25); // the server closes its ends a moment later
}

BOOST_AUTO_TEST_SUITE_END()
