// Reading logs over connections that are lost: every line once, and credit only for what was taken.
#include "client/conversation/conversation.hpp"
#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>

using namespace pawl;
using namespace pawl::client;
using namespace std::chrono_literals;

namespace {

// An instance that has printed "1", "2", …, and a server that loses each connection after some
// pages.
struct log_server {
  std::uint64_t printed = 0;
  std::uint64_t pages = std::numeric_limits<std::uint64_t>::max(); // of each connection
  bool refuses = false;
  std::vector<protocol::logs_request> requests = {};
  std::uint64_t credit = 0; // given by the client in all
};

class log_link : public server_link {
public:
  explicit log_link(log_server& server) : server_(server), left_(server.pages) {}

  result<std::uint64_t> send(protocol::message request) override {
    const auto& wanted = std::get<protocol::logs_request>(request);
    server_.requests.push_back(wanted);
    next_ = server_.printed > wanted.lines ? server_.printed - wanted.lines : 0;
    if (wanted.resumed)
      next_ = wanted.places.at(0).offset;
    credit_ = wanted.credit;
    return 1;
  }

  result<void> send(std::uint64_t, protocol::message part) override {
    auto more = std::get<protocol::follow_credit>(part).events;
    credit_ += more;
    server_.credit += more;
    return {};
  }

  result<protocol::envelope> receive(std::chrono::milliseconds) override {
    if (server_.refuses)
      return protocol::envelope{1, protocol::refused{{errc::not_found, "no such app", {}}}};
    if (left_-- == 0)
      return error{errc::unavailable, "the connection was lost", {}};
    if (next_ == server_.printed)
      return protocol::envelope{1, protocol::logs_complete{}};
    BOOST_REQUIRE(credit_ > 0);
    protocol::log_lines page{"a-1", {}, 0, 0, false};
    for (int i = 0; i < 3 && next_ < server_.printed && credit_ > 0; ++i, --credit_)
      page.lines.push_back(std::to_string(++next_));
    page.next = next_;
    return protocol::envelope{1, page};
  }

  int ready_descriptor() const override { return -1; }

private:
  log_server& server_;
  std::uint64_t left_;
  std::uint64_t next_ = 0;
  std::uint64_t credit_ = 0;
};

struct nobody : observer {
  int losses = 0;
  void accepted(const deployment&) override {}
  void uploaded(std::uint64_t, std::uint64_t) override {}
  void seen(const std::string&, const event&) override {}
  void lost(const error&) override { ++losses; }
  void found_again() override {}
  void cancel_refused(const error&) override {}
  interrupt_choice interrupted(bool) override { return interrupt_choice::detach; }
};

struct log_scene {
  log_server server;
  nobody listener;
  std::vector<std::string> seen;
  std::chrono::milliseconds given_up_after = pawl::test::patience;

  result<void> read(std::uint32_t lines,
                    std::size_t most = std::numeric_limits<std::size_t>::max()) {
    conversation talk{[this]() -> result<std::unique_ptr<server_link>> {
                        return std::unique_ptr<server_link>{std::make_unique<log_link>(server)};
                      },
                      listener, -1, patience{1ms, 1ms, given_up_after}};
    protocol::logs_request wanted{"shop", "local", lines, false};
    return talk.read_logs(wanted, [&](const protocol::log_lines& page) {
      seen.insert(seen.end(), page.lines.begin(), page.lines.end());
      return seen.size() < most;
    });
  }

  static std::vector<std::string> numbers(int from, int to) {
    std::vector<std::string> all;
    for (int i = from; i <= to; ++i)
      all.push_back(std::to_string(i));
    return all;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_readings, log_scene)

BOOST_AUTO_TEST_CASE(the_last_lines_come_to_their_end) {
  server.printed = 20;
  BOOST_TEST(read(10).has_value());
  BOOST_TEST(seen == numbers(11, 20));
  BOOST_TEST(server.requests.size() == 1U);
  BOOST_TEST(!server.requests.front().resumed);
}

BOOST_AUTO_TEST_CASE(lost_connections_neither_lose_nor_double_a_line) {
  server.printed = 50;
  server.pages = 4;
  BOOST_TEST(read(40).has_value());
  BOOST_TEST(seen == numbers(11, 50));
  BOOST_TEST(listener.losses > 2);
  BOOST_TEST(server.requests.back().resumed);
}

BOOST_AUTO_TEST_CASE(credit_is_renewed_for_as_long_as_lines_are_taken) {
  server.printed = 10'000;
  BOOST_TEST(read(10'000).has_value());
  BOOST_TEST(seen == numbers(1, 10'000));
  BOOST_TEST(server.credit <= 10'000U);
}

BOOST_AUTO_TEST_CASE(a_server_that_never_comes_back_is_given_up) {
  server.printed = 5;
  server.pages = 0;
  given_up_after = 50ms;
  auto end = read(5);
  BOOST_REQUIRE(!end);
  BOOST_TEST(end.error().code == errc::unavailable);
  BOOST_TEST(end.error().message.find("pawl logs") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_not_asked_again) {
  server.refuses = true;
  auto end = read(5);
  BOOST_REQUIRE(!end);
  BOOST_TEST(end.error().code == errc::not_found);
  BOOST_TEST(server.requests.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_sink_that_is_gone_ends_it) {
  server.printed = 100;
  BOOST_TEST(read(100, 4).has_value());
  BOOST_TEST(seen.size() == 6U);
}

BOOST_AUTO_TEST_SUITE_END()
