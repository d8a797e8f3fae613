// A session with a connection that writes down what it is told to send.
#pragma once

#include "actors/session/session.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/over_the_wire.hpp"

namespace pawl::test {

// A connection as its client has seen it.
struct client_side {
  std::vector<protocol::envelope> frames;
  std::size_t handled = 0; // of its own frames
  bool closed = false;
};

inline caf::behavior fake_connection(caf::event_based_actor*, std::shared_ptr<client_side> seen) {
  const auto note = [seen](result<protocol::envelope> got) {
    BOOST_REQUIRE_MESSAGE(got.has_value(), (got ? "" : got.error().message));
    seen->frames.push_back(std::move(*got));
  };
  return {
      [note](const server_answer& answer) { note(over_the_wire(answer.message)); },
      [note](const server_events& what) { note(over_the_wire(what)); },
      [seen](const request_handled&) { ++seen->handled; },
      [seen](const close_connection&) { seen->closed = true; },
  };
}

struct session_fixture : actor_fixture {
  std::shared_ptr<client_side> client = std::make_shared<client_side>();
  caf::actor connection;
  caf::actor speaker;

  session_fixture() {
    connect();
    greet();
    client->frames.clear();
    client->handled = 0;
  }

  ~session_fixture() { disconnect(); }

  // A new connection of this client.
  void connect(const peer& who = {"ann", 1000}) {
    disconnect();
    *client = {};
    connection = system.spawn(fake_connection, client);
    speaker = make_session_factory(system, parts, actors)(connection, who);
  }

  void greet(const secret& token = {}) {
    say(1, protocol::hello{protocol::version, "pawl 0.1.0", token});
  }

  void disconnect() {
    caf::anon_send_exit(connection, caf::exit_reason::user_shutdown);
    connection = {};
    speaker = {};
    scheduler.run();
  }

  // Gives the session a message; nothing runs yet.
  void push(std::uint64_t ref, protocol::message body) {
    auto message = over_the_wire({ref, std::move(body)});
    BOOST_REQUIRE_MESSAGE(message.has_value(), (message ? "" : message.error().message));
    caf::anon_send(speaker, client_request{std::move(*message)});
  }

  void say(std::uint64_t ref, protocol::message body) {
    push(ref, std::move(body));
    scheduler.run();
  }

  // The one answer to a request that is said now.
  template <class Answer>
  Answer get(protocol::message body) {
    client->frames.clear();
    say(++ref_, std::move(body));
    BOOST_REQUIRE(client->frames.size() == 1u);
    BOOST_TEST(client->frames.front().ref == ref_);
    return last<Answer>();
  }

  template <class Answer>
  Answer last() const {
    BOOST_REQUIRE(!client->frames.empty());
    const auto& body = client->frames.back().body;
    const auto* answer = std::get_if<Answer>(&body);
    BOOST_REQUIRE_MESSAGE(answer != nullptr, "the answer is " << protocol::kind(body));
    return *answer;
  }

  errc refusal(protocol::message body) {
    return get<protocol::refused>(std::move(body)).error.code;
  }

  static protocol::deploy_request deploy_of(const std::string& request_id,
                                            const std::string& app = "shop") {
    auto asked = request(request_id).request;
    asked.app = app;
    return asked;
  }

  // Over the connection: a deployment, and all of its source.
  deployment deploy_over_wire(const std::string& request_id, const std::string& app = "shop") {
    auto how = get<protocol::accepted>(deploy_of(request_id, app));
    get<protocol::upload_progress>(
        protocol::upload_chunk{how.deployment.id, 0, std::vector<char>(100, 'x')});
    advance(std::chrono::seconds{1});
    return how.deployment;
  }

private:
  std::uint64_t ref_ = 100;
};

} // namespace pawl::test
