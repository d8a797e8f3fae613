// A big source, and one upload of it by our own client, timed.
#pragma once

#include "bench/harness/server_under_test.hpp"
#include "client/conversation/conversation.hpp"
#include "packing/pack.hpp"

#include <chrono>

namespace pawl::bench {

// Notes when the source was complete, and when the server had read it through.
class upload_observer : public client::observer {
public:
  using clock = std::chrono::steady_clock;

  explicit upload_observer(clock::time_point begin) : begin_(begin) {}
  void accepted(const deployment&) override {}
  void uploaded(std::uint64_t bytes, std::uint64_t total) override;
  void seen(const std::string& deployment, const event& what) override;
  void lost(const error& why) override { throw std::runtime_error(why.message); }
  void found_again() override {}
  void cancel_refused(const error&) override {}
  client::interrupt_choice interrupted(bool) override { return client::interrupt_choice::go_on; }

  double seconds_to_receive() const { return received_; }
  double seconds_to_verify() const { return verified_; } // 0: it never was

private:
  double seconds() const;

  clock::time_point begin_;
  double received_ = 0;
  double verified_ = 0;
};

struct big_source {
  std::filesystem::path directory;
  packing::packed_source packed;
  double megabytes() const { return static_cast<double>(packed.facts.bytes) / 1e6; }
};

// An app whose build fails, with random bytes: nothing on the way can make it shorter.
big_source make_big_source(const workplace& place, std::size_t megabytes);

// Throws std::runtime_error if it was not verified.
void send_source(const client::known_server& server, const big_source& what,
                 upload_observer& heard);

} // namespace pawl::bench
