#include "bin/pawl/following.hpp"

#include "client/exit_status.hpp"
#include "client/terminal/text_records.hpp"
#include "posix/signals.hpp"
#include "protocol/json/documents.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace pawl::cli {

namespace {

// Meanwhile nothing is sent: the server gives an upload up after limits::upload_timeout.
constexpr std::chrono::milliseconds question_time = limits::upload_timeout / 2;

// The viewer has left, and the deployment goes on. No code of the table describes this; the exit
// status, 130, does.
error left_by_interrupt(const client::follow_end& end) {
  return {
      errc::cancelled,
      end.record
          ? fmt::format(
                "interrupted: pawl stopped watching; deployment {} was not cancelled and goes on",
                end.record->id)
          : "interrupted: no deployment was made",
      {{"interrupted", "viewer"}}};
}

} // namespace

descriptor take_interrupts() {
  sigset_t set{};
  ::sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    if (!started_to_ignore(signal))
      ::sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return descriptor{::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
}

viewer::viewer(const options& given, int interrupts, client::keep_lines keep)
    : given_(given), interrupts_(interrupts), look_(look_of(prose_descriptor(given))),
      narrator_([to = prose_descriptor(given)](std::string_view text) { write_to(to, text); },
                look_, [from = prose_descriptor(given)] { return size_of(from); }, keep) {}

std::chrono::milliseconds viewer::tick_interval() const {
  return look_.live ? std::chrono::milliseconds{100} : client::observer::tick_interval();
}

void viewer::accepted(const deployment& record) {
  narrator_.accepted(record);
}

void viewer::uploaded(std::uint64_t bytes, std::uint64_t total) {
  narrator_.uploaded(bytes, total);
}

void viewer::seen(const std::string& deployment, const event& what) {
  if (given_.jsonl)
    write_to(STDOUT_FILENO, json::event_line(deployment, what) + "\n");
  else
    narrator_.seen(what);
}

void viewer::lost(const error& why) {
  if (!std::exchange(searching_, true))
    narrator_.warning("the connection to the server was lost; connecting again: " + why.message);
  narrator_.searching(true);
}

void viewer::found_again() {
  if (std::exchange(searching_, false))
    narrator_.note("connected again");
  narrator_.searching(false);
}

void viewer::cancel_refused(const error& why) {
  narrator_.warning("the deployment cannot be cancelled: " + why.message);
}

// On a terminal the user is asked; a second Ctrl-C, or the end of the input, detaches. Without an
// answer the viewer goes on.
client::interrupt_choice viewer::interrupted(bool upload_complete) {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1)
    return client::interrupt_choice::detach;
  narrator_.clear_live();
  if (!upload_complete)
    write_to(STDERR_FILENO,
             "\nthe source is not sent completely: if pawl detaches now, nothing is built");
  write_to(STDERR_FILENO, "\n[d]etach, [c]ancel, or Enter to go on? ");
  std::array<pollfd, 2> watched{{{STDIN_FILENO, POLLIN, 0}, {interrupts_, POLLIN, 0}}};
  int answered = -1;
  while (answered < 0) // again after a signal
    answered = ::poll(watched.data(), watched.size(), static_cast<int>(question_time.count()));
  if (answered == 0 || (watched[1].revents & POLLIN) != 0)
    write_to(STDERR_FILENO, "\n"); // where the person has typed none
  if (answered == 0)
    return client::interrupt_choice::go_on;
  std::array<char, 256> line{};
  if ((watched[1].revents & POLLIN) != 0)
    return client::interrupt_choice::detach;
  if (::read(STDIN_FILENO, line.data(), line.size()) <= 0)
    return client::interrupt_choice::detach;
  if (line[0] == 'd' || line[0] == 'D')
    return client::interrupt_choice::detach;
  return line[0] == 'c' || line[0] == 'C' ? client::interrupt_choice::cancel
                                          : client::interrupt_choice::go_on;
}

int viewer::finish(client::conversation& talk, const client::follow_end& end,
                   const std::string& request_id, bool asked_to_detach) {
  narrator_.clear_live();
  auto problem = end.problem;
  bool left = end.detached && !asked_to_detach;
  if (!problem && left)
    problem = left_by_interrupt(end);
  else if (!problem && end.record)
    problem = client::outcome_error(*end.record);
  if (given_.json)
    write_to(STDOUT_FILENO, json::deployment_document(end.record, problem) + "\n");
  if (given_.jsonl)
    write_to(STDOUT_FILENO, json::result_line(end.record, problem) + "\n");
  tell_people(talk, end, problem, request_id);
  return left && !end.problem ? client::exit_interrupted : client::exit_status(problem);
}

void viewer::tell_verdict(client::conversation& talk, const deployment& record) {
  std::optional<protocol::lane_view> lane;
  if (client::outcome_error(record) && !given_.json && !given_.jsonl)
    if (auto answer = talk.ask(protocol::status_request{record.app, record.cluster, {}}))
      if (auto* list = std::get_if<protocol::lane_list>(&*answer); list && list->lanes.size() == 1)
        lane = std::move(list->lanes.front());
  write_to(prose_descriptor(given_),
           client::verdict_text(record, look_, narrator_.told_log(), lane ? &*lane : nullptr));
}

void viewer::tell_people(client::conversation& talk, const client::follow_end& end,
                         const std::optional<error>& problem, const std::string& request_id) {
  int prose = prose_descriptor(given_);
  if (end.problem || (problem && !end.record))
    return static_cast<void>(
        write_to(STDERR_FILENO, client::error_text(*problem, look_of(STDERR_FILENO))));
  if (!end.record)
    return;
  if (!end.detached || is_settled(end.record->state))
    return tell_verdict(talk, *end.record);
  const auto& id = end.record->id;
  if (end.upload_complete)
    write_to(prose,
             client::prose(
                 fmt::format("deployment {} goes on; to watch it: pawl attach {}; to end it: pawl "
                             "cancel {}",
                             id, id, id),
                 "", look_));
  else
    write_to(prose,
             client::prose(fmt::format("the source of deployment {} was not sent completely; to go "
                                       "on: pawl deploy --request-id {}",
                                       id, request_id),
                           "", look_));
}

} // namespace pawl::cli
