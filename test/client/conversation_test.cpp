#include "client/conversation/conversation.hpp"

#include "posix/descriptor.hpp"
#include "test/client/samples.hpp"
#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>
#include <sys/signalfd.h>

#include <csignal>
#include <fcntl.h>
#include <sys/mman.h>

#include <deque>
#include <fstream>
#include <functional>

using namespace pawl;
using namespace pawl::client;
using namespace std::chrono_literals;

namespace {

// A server in memory, which keeps the promises of the protocol and loses connections when it is
// told to: each connection takes so many messages and is gone then.
struct memory_server {
  std::string source;       // as far as it has arrived
  std::size_t expected = 0; // bytes of the whole source
  std::uint64_t event_count = 0;
  deployment record = test::sample_deployment();
  std::deque<std::size_t> lives = {}; // messages until each connection is lost; none: for ever
  std::optional<error> refusal = {};
  bool refuses_chunks = false;
  int connections = 0;
  int deploys = 0;
  std::uint32_t credit_given = 0;
  bool quiet = false;                        // as beside a build that prints nothing
  std::function<void()> before_loss = [] {}; // while nothing is said on the connection
};

class memory_link : public server_link {
public:
  explicit memory_link(memory_server& server) : server_(server) {
    ++server.connections;
    if (!server.lives.empty()) {
      left_ = server.lives.front();
      server.lives.pop_front();
    }
  }

  result<std::uint64_t> send(protocol::message request) override {
    if (!spend())
      return lost();
    auto ref = ++refs_;
    if (auto* deploy = std::get_if<protocol::deploy_request>(&request)) {
      ++server_.deploys;
      server_.expected = deploy->source.bytes;
      if (server_.refusal)
        say(ref, protocol::refused{*server_.refusal});
      else
        say(ref, protocol::accepted{server_.record, server_.source.size()});
    } else if (auto* follow = std::get_if<protocol::follow_request>(&request)) {
      follow_ref_ = ref;
      next_ = follow->from;
      credit_ = follow->credit;
    } else if (std::holds_alternative<protocol::show_request>(request)) {
      say(ref, protocol::shown{server_.record});
    } else if (std::holds_alternative<protocol::cancel_request>(request)) {
      server_.record.state = state::cancelled;
      server_.event_count = next_ - 1;
    }
    play();
    return ref;
  }

  result<void> send(std::uint64_t ref, protocol::message part) override {
    if (!spend())
      return lost();
    if (auto* chunk = std::get_if<protocol::upload_chunk>(&part)) {
      if (server_.refuses_chunks) {
        say(ref, protocol::refused{{errc::invalid_transition, "it has ended", {}}});
      } else {
        BOOST_REQUIRE(chunk->offset == server_.source.size());
        server_.source.append(chunk->bytes.begin(), chunk->bytes.end());
        say(ref, protocol::upload_progress{server_.record.id, server_.source.size()});
      }
    } else if (auto* more = std::get_if<protocol::follow_credit>(&part)) {
      credit_ += more->events;
      server_.credit_given += more->events;
    }
    play();
    return {};
  }

  result<protocol::envelope> receive(std::chrono::milliseconds) override {
    if (said_.empty() && left_ == 0) {
      server_.before_loss();
      return lost();
    }
    if (said_.empty())
      return error{errc::timed_out, "nothing came", {}};
    auto next = std::move(said_.front());
    said_.pop_front();
    return next;
  }

  int ready_descriptor() const override { return -1; }

private:
  static error lost() { return {errc::unavailable, "the connection was lost", {}}; }

  bool spend() {
    if (left_ == 0)
      return false;
    --left_;
    return true;
  }

  void say(std::uint64_t ref, protocol::message body) { said_.push_back({ref, std::move(body)}); }

  // Sends events as far as the credit goes, one twice at each start; then the end.
  void play() {
    if (follow_ref_ == 0 || server_.quiet || server_.source.size() < server_.expected)
      return;
    for (; next_ <= server_.event_count && credit_ > 0; ++next_, --credit_)
      say(follow_ref_,
          protocol::events{server_.record.id, {{next_, {}, warning_event{std::to_string(next_)}}}});
    if (next_ > server_.event_count && !std::exchange(ended_, true))
      say(follow_ref_, protocol::followed{server_.record});
  }

  memory_server& server_;
  std::size_t left_ = std::numeric_limits<std::size_t>::max();
  std::uint64_t refs_ = 0;
  std::uint64_t follow_ref_ = 0;
  std::uint64_t next_ = 0;
  std::uint32_t credit_ = 0;
  bool ended_ = false;
  std::deque<protocol::envelope> said_;
};

struct listener : observer {
  std::vector<std::uint64_t> numbers;
  std::uint64_t last_upload = 0;
  int accepts = 0;
  int losses = 0;
  interrupt_choice answer = interrupt_choice::detach;

  void accepted(const deployment&) override { ++accepts; }
  void uploaded(std::uint64_t bytes, std::uint64_t) override { last_upload = bytes; }
  void seen(const std::string&, const event& what) override { numbers.push_back(what.seq); }
  void lost(const error&) override { ++losses; }
  void found_again() override {}
  void cancel_refused(const error&) override {}
  interrupt_choice interrupted(bool) override { return answer; }

  void forget() {
    numbers.clear();
    accepts = 0;
  }

  bool saw_all(std::uint64_t from, std::uint64_t to) const {
    std::vector<std::uint64_t> all;
    for (auto n = from; n <= to; ++n)
      all.push_back(n);
    return numbers == all;
  }
};

void pass(std::chrono::milliseconds time) {
  static_cast<void>(pawl::test::eventually([] { return false; }, time));
}

struct scene {
  memory_server server;
  listener hears;
  patience short_patience{1ms, 1ms, 1s}; // more than a busy machine takes to connect
  descriptor file{::memfd_create("source", MFD_CLOEXEC)};
  std::string contents;

  conversation talk(int interrupts = -1) {
    return {[this]() -> result<std::unique_ptr<server_link>> {
              return std::unique_ptr<server_link>{std::make_unique<memory_link>(server)};
            },
            hears, interrupts, short_patience};
  }

  upload source(std::size_t chunks) {
    contents.resize(chunks * limits::chunk_bytes + 7);
    for (std::size_t i = 0; i < contents.size(); ++i)
      contents[i] = static_cast<char>(i * 31 % 251);
    BOOST_REQUIRE(::pwrite(file.get(), contents.data(), contents.size(), 0) ==
                  static_cast<ssize_t>(contents.size()));
    upload what;
    what.request.request_id = "r1";
    what.request.source.bytes = contents.size();
    what.file = file.get();
    return what;
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(conversations)

BOOST_FIXTURE_TEST_CASE(a_deploy_sends_its_source_and_ends_with_its_record, scene) {
  server.event_count = 5;
  auto end = talk().deploy(source(9), false);
  BOOST_REQUIRE(end.record.has_value());
  BOOST_TEST(!end.problem.has_value());
  BOOST_TEST(!end.detached);
  BOOST_TEST(server.source == contents);
  BOOST_TEST(hears.saw_all(1, 5));
  BOOST_TEST(hears.last_upload == contents.size());
}

BOOST_FIXTURE_TEST_CASE(wherever_the_connection_is_lost_nothing_is_sent_or_seen_twice, scene) {
  auto what = source(6);
  for (std::size_t life = 2; life < 14; ++life) {
    server = memory_server{};
    server.event_count = 3;
    server.lives = {life, life, life};
    hears.forget();
    auto end = talk().deploy(what, false);
    BOOST_TEST_CONTEXT("connections of " << life << " messages") {
      BOOST_TEST(!end.problem.has_value());
      BOOST_TEST(server.source == contents);
      BOOST_TEST(hears.saw_all(1, 3));
      BOOST_TEST(hears.accepts == 1);
    }
  }
}

BOOST_FIXTURE_TEST_CASE(credit_is_renewed_as_events_are_seen, scene) {
  server.event_count = 5000;
  auto end = talk().attach("7kq2", 1);
  BOOST_TEST(!end.problem.has_value());
  BOOST_TEST(hears.saw_all(1, 5000));
  BOOST_TEST(server.credit_given >= 5000U - limits::event_credit);
}

BOOST_FIXTURE_TEST_CASE(a_journal_is_shown_from_the_number_that_was_asked_for, scene) {
  server.event_count = 9;
  static_cast<void>(talk().attach("7kq2", 4));
  BOOST_TEST(hears.saw_all(4, 9));
}

// The time before the loss does not count.
BOOST_FIXTURE_TEST_CASE(a_server_that_was_quiet_for_long_is_looked_for_like_any_other, scene) {
  short_patience.total = 50ms;
  server.event_count = 3;
  server.quiet = true;
  server.lives = {1};
  server.before_loss = [this] {
    pass(4 * short_patience.total);
    server.quiet = false;
  };
  auto end = talk().attach("7kq2", 1);
  BOOST_TEST(!end.problem.has_value());
  BOOST_TEST(hears.saw_all(1, 3));
}

BOOST_FIXTURE_TEST_CASE(a_server_that_is_found_at_each_loss_is_not_given_up, scene) {
  short_patience = {.first = 1ms, .longest = 1s, .total = 100ms};
  server.event_count = 3;
  server.quiet = true;
  constexpr std::size_t losses = 20;
  constexpr std::size_t until_followed = 2; // messages: it answers the first
  server.lives.resize(losses, until_followed);
  server.before_loss = [this] {
    pass(short_patience.total / 10);
    server.quiet = !server.lives.empty();
  };
  auto end = talk().start(protocol::deploy_request{}, false);
  BOOST_TEST(!end.problem.has_value());
  BOOST_TEST(hears.losses == losses);
  BOOST_TEST(hears.saw_all(1, 3));
}

BOOST_FIXTURE_TEST_CASE(a_server_that_stays_lost_is_given_up_with_the_way_back, scene) {
  server.lives = {2}; // the request and the follow; the source does not arrive
  server.lives.resize(10'000, 0);
  auto sending = talk().deploy(source(0), false);
  BOOST_REQUIRE(sending.problem.has_value());
  BOOST_TEST(to_string(sending.problem->code) == "unavailable");
  BOOST_TEST(sending.record.has_value());
  BOOST_TEST(sending.problem->message.find("--request-id r1") != std::string::npos);

  server = memory_server{};
  server.event_count = 5000;
  server.lives = {1};
  server.lives.resize(10'000, 0);
  auto following = talk().attach("7kq2", 1);
  BOOST_REQUIRE(following.problem.has_value());
  BOOST_TEST(to_string(following.problem->code) == "unavailable");
  BOOST_TEST(following.problem->message.find("pawl attach 7kq2m4x8v0abcdef") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_refused_deploy_is_its_refusal, scene) {
  server.refusal = error{errc::in_flight, "busy", {{"deployment", "x"}}};
  auto end = talk().deploy(source(1), false);
  BOOST_TEST(end.problem == server.refusal);
  BOOST_TEST(!end.record.has_value());
  BOOST_TEST(server.deploys == 1);
}

BOOST_FIXTURE_TEST_CASE(a_refused_upload_is_explained_by_the_record, scene) {
  server.refuses_chunks = true;
  server.record = test::failed_deployment();
  auto end = talk().deploy(source(1), false);
  BOOST_REQUIRE(end.record.has_value());
  BOOST_TEST(end.record->state == state::failed);
  BOOST_TEST(!end.problem.has_value());
}

BOOST_FIXTURE_TEST_CASE(a_detached_deploy_leaves_when_its_source_is_there, scene) {
  server.event_count = 5;
  auto end = talk().deploy(source(5), true);
  BOOST_TEST(end.detached);
  BOOST_TEST(end.upload_complete);
  BOOST_TEST(server.source == contents);
  BOOST_TEST(hears.numbers.empty());
}

BOOST_FIXTURE_TEST_CASE(an_interrupt_detaches_or_cancels, scene) {
  std::array<int, 2> ends{};
  BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  descriptor interrupts{ends[0]};
  descriptor person{ends[1]};
  server.event_count = std::numeric_limits<std::uint64_t>::max(); // it never ends by itself
  BOOST_REQUIRE(::write(person.get(), "x", 1) == 1);
  auto left = talk(interrupts.get()).attach("7kq2", 1);
  BOOST_TEST(left.detached);
  BOOST_TEST(!left.problem.has_value());

  hears.answer = interrupt_choice::cancel; // which nobody is asked for by these
  for (int ending : {SIGTERM, SIGHUP}) {
    signalfd_siginfo told{};
    told.ssi_signo = static_cast<std::uint32_t>(ending);
    BOOST_REQUIRE(::write(person.get(), &told, sizeof told) == sizeof told);
    BOOST_TEST(talk(interrupts.get()).attach("7kq2", 1).detached);
  }

  BOOST_REQUIRE(::write(person.get(), "x", 1) == 1);
  auto ended = talk(interrupts.get()).attach("7kq2", 1);
  BOOST_TEST(!ended.detached);
  BOOST_REQUIRE(ended.record.has_value());
  BOOST_TEST(ended.record->state == state::cancelled);
}

BOOST_AUTO_TEST_SUITE_END()
