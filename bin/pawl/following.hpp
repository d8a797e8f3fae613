// Following a deployment from the command line: what is shown, Ctrl-C, and the exit status.
#pragma once

#include "bin/pawl/command.hpp"
#include "client/terminal/narrator.hpp"
#include "posix/descriptor.hpp"

namespace pawl::cli {

// Takes SIGINT, SIGTERM and SIGHUP off this thread, and off those that it starts from now on, but
// for those that it was started to ignore; gives a descriptor that is readable when one came.
descriptor take_interrupts();

// Shows what happens, as lines for people or for programs, and asks what a Ctrl-C means.
class viewer : public client::observer {
public:
  viewer(const options& given, int interrupts,
         client::keep_lines keep = client::keep_lines::of_failures);

  void accepted(const deployment& record) override;
  void uploaded(std::uint64_t bytes, std::uint64_t total) override;
  void seen(const std::string& deployment, const event& what) override;
  void lost(const error& why) override;
  void found_again() override;
  void cancel_refused(const error& why) override;
  client::interrupt_choice interrupted(bool upload_complete) override;
  void tick() override { narrator_.tick(); }
  std::chrono::milliseconds tick_interval() const override;

  // Prints how it ended, and returns the exit status: the record's where there is one. If the
  // deployment did not go live, asks the server through `talk` which one serves.
  int finish(client::conversation& talk, const client::follow_end& end,
             const std::string& request_id, bool asked_to_detach);

private:
  void tell_people(client::conversation& talk, const client::follow_end& end,
                   const std::optional<error>& problem, const std::string& request_id);
  void tell_verdict(client::conversation& talk, const deployment& record);

  const options& given_;
  int interrupts_;
  client::look look_;
  client::narrator narrator_;
  bool searching_ = false;
};

} // namespace pawl::cli
