#include "engines/process/sandbox/sandbox_command.hpp"

#include "engines/process/network/network_gate.hpp"
#include "engines/process/sandbox/line_splitter.hpp"
#include "engines/process/sandbox/output_pipe.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace pawl {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t status_bytes = 16 * 1024;

result<output_pipe> make_pipe() {
  auto made = make_output_pipe();
  if (made && ::fcntl(made->reading.get(), F_SETFL, O_NONBLOCK) != 0) // our end only
    return system_error("set up a pipe", errno);
  return made;
}

// The isolated network of a command, until its end.
class command_network {
public:
  explicit command_network(const isolated_networks& networks) : networks_(networks) {}
  ~command_network() {
    if (is_prepared())
      networks_.disconnect(lease_.port());
  }
  command_network(const command_network&) = delete;
  command_network& operator=(const command_network&) = delete;

  // Fills in what the sandbox needs to be isolated. Its port names its addresses; it is no server.
  result<void> prepare(sandbox_command& command, port_range ports) {
    auto lease = lease_port(ports);
    if (!lease)
      return std::move(lease).error();
    auto resolv_conf = networks_.resolv_conf();
    if (!resolv_conf)
      return std::move(resolv_conf).error();
    lease_ = *std::move(lease);
    cluster_ = command.cluster;
    command.box.isolated = *std::move(resolv_conf);
    command.limits.closed = {}; // it has all ports for itself
    return {};
  }

  result<void> hold(launch& what) { return is_prepared() ? gate_.hold(what) : result<void>{}; }

  void launched() { gate_.launched(); }

  // When the first process is known.
  void open(pid_t first) {
    if (is_prepared())
      outcome_ = gate_.open(networks_, cluster_, lease_.port(), first);
  }

  // Without success no command has run.
  const result<void>& outcome() const { return outcome_; }

private:
  bool is_prepared() const { return lease_.port() != 0; }

  const isolated_networks& networks_;
  port_lease lease_;
  network_gate gate_;
  std::string cluster_;
  result<void> outcome_;
};

// One output stream of the command; closed when no process can write to it any more.
class output {
public:
  output(descriptor reading, std::string_view name) : reading_(std::move(reading)), name_(name) {}

  int get() const { return reading_.get(); }

  // One read. False if there is nothing for now, or ever.
  bool pump(const line_sink& sink) {
    if (!reading_)
      return false;
    std::array<char, 64 * 1024> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init)
    auto got = ::read(reading_.get(), buffer.data(), buffer.size());
    if (got < 0)
      return errno == EINTR;
    auto emit = [&](std::string_view line) {
      last_ = line;
      sink(name_, line);
    };
    if (got == 0) {
      lines_.finish(emit);
      reading_.reset();
      return false;
    }
    lines_.feed({buffer.data(), static_cast<std::size_t>(got)}, emit);
    return true;
  }

  void finish(const line_sink& sink) {
    while (pump(sink)) {
    }
    lines_.finish([&](std::string_view line) { sink(name_, line); });
  }

  const std::string& last_line() const { return last_; }

private:
  descriptor reading_;
  std::string_view name_;
  line_splitter lines_;
  std::string last_;
};

void pump_text(descriptor& from, std::string& into) {
  std::array<char, 4096> buffer{};
  while (from) {
    auto got = ::read(from.get(), buffer.data(), buffer.size());
    if (got > 0 && into.size() < status_bytes)
      into.append(buffer.data(), static_cast<std::size_t>(got));
    else if (got == 0)
      from.reset();
    else if (got > 0 || errno != EINTR)
      return;
  }
}

class running_command {
public:
  running_command(const sandbox_host& host, sandbox_command command, const line_sink& sink)
      : host_(host), command_(std::move(command)), sink_(sink), network_(host.networks()) {
    host_.begin(command_.job);
  }

  ~running_command() {
    if (started_.process)
      end_by_force();
    host_.end(command_.job);
  }
  running_command(const running_command&) = delete;
  running_command& operator=(const running_command&) = delete;

  result<void> start() {
    if (command_.box.network && host_.networks().isolates(command_.cluster))
      if (auto prepared = network_.prepare(command_, host_.config().ports); !prepared)
        return prepared;
    auto group = host_.groups().make(command_.job, command_.limits);
    if (!group)
      return std::move(group).error();
    group_ = *group;
    command_.box.control_groups = group_.places();
    auto started = spawn_it();
    if (!started) {
      group_.remove();
      host_.groups().tidy();
      return std::move(started).error();
    }
    started_ = std::move(*started);
    return {};
  }

  // Until the command has ended, its time is over, or the token was stopped.
  ending follow(const std::stop_token& stop) {
    descriptor wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    std::stop_callback on_stop{stop, [&] { ::eventfd_write(wake.get(), 1); }};
    auto deadline = steady::now() + command_.timeout;
    while (true) {
      if (stop.stop_requested())
        return ending::stopped;
      auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady::now());
      if (left.count() <= 0)
        return ending::timed_out;
      std::array<pollfd, 6> all{{{out_->get(), POLLIN, 0},
                                 {err_->get(), POLLIN, 0},
                                 {info_.get(), POLLIN, 0},
                                 {status_.get(), POLLIN, 0},
                                 {started_.process.get(), POLLIN, 0},
                                 {wake.get(), POLLIN, 0}}};
      auto wait = std::min<std::int64_t>(left.count(), 3'600'000);
      if (::poll(all.data(), all.size(), static_cast<int>(wait)) < 0)
        continue;
      out_->pump(sink_);
      err_->pump(sink_);
      read_status();
      if (all[4].revents != 0)
        return ending::exited;
    }
  }

  result<command_end> finish(ending how) {
    end_by_force();
    out_->finish(sink_);
    err_->finish(sink_);
    read_status();
    if (const auto& connected = network_.outcome();
        !connected && connected.error().code != errc::not_found)
      return connected.error();
    if (how == ending::exited && !exit_code_in(status_text_))
      return sandbox_refused("the sandbox", err_->last_line());
    end_.ending = how;
    end_.status = exit_code_in(status_text_).value_or(0);
    return end_;
  }

private:
  result<child> spawn_it() {
    std::array<output_pipe, 4> ducts;
    for (auto& one : ducts) {
      auto made = make_pipe();
      if (!made)
        return std::move(made).error();
      one = std::move(*made);
    }
    auto nothing = open_file("/dev/null", O_RDONLY);
    if (!nothing)
      return std::move(nothing).error();
    std::vector<descriptor> held;
    auto what = launch_of(command_.box, held);
    if (!what)
      return std::move(what).error();
    auto entries = group_.open_for_entry();
    if (!entries)
      return std::move(entries).error();
    for (const auto& entry : *entries)
      what->cgroups.push_back(entry.get());
    what->limits = host_.limits_for(command_.limits);
    what->descriptors.emplace_back(nothing->get(), 0);
    const std::array numbers{1, 2, sandbox_info_fd, sandbox_status_fd};
    for (std::size_t i = 0; i < ducts.size(); ++i)
      what->descriptors.emplace_back(ducts[i].writing.get(), numbers[i]);
    if (auto held_back = network_.hold(*what); !held_back)
      return std::move(held_back).error();
    auto started = spawn(*what);
    network_.launched();
    out_.emplace(std::move(ducts[0].reading), "stdout");
    err_.emplace(std::move(ducts[1].reading), "stderr");
    info_ = std::move(ducts[2].reading);
    status_ = std::move(ducts[3].reading);
    return started;
  }

  void read_status() {
    pump_text(info_, info_text_);
    pump_text(status_, status_text_);
    if (auto pid = child_pid_in(info_text_); pid && !init_) {
      init_ = open_process(*pid);
      network_.open(*pid);
    }
  }

  // When the namespace's first process has ended, all have: the kernel waits for each before it
  // reports that end. After killing only bubblewrap's outer process, the inner ones would get their
  // parent-death signal, and nothing would wait for them.
  void end_by_force() {
    read_status();
    signal_process(init_, SIGKILL);
    bool gone = init_ && wait_for_end(init_, death_timeout) &&
                wait_for_end(started_.process, std::chrono::seconds{1});
    if (!gone) {
      signal_process(started_.process, SIGKILL);
      wait_for_end(started_.process, death_timeout);
    }
    reap(started_.process);
    started_ = {};
    end_.memory_kills = group_.memory_kills();
    end_.processes_refused = group_.processes_refused();
    host_.kill_job(command_.job);
  }

  const sandbox_host& host_;
  sandbox_command command_;
  const line_sink& sink_;
  command_network network_;
  cgroup group_;
  child started_;
  descriptor init_; // of the sandbox's process namespace
  std::optional<output> out_;
  std::optional<output> err_;
  descriptor info_;
  descriptor status_;
  std::string info_text_;
  std::string status_text_;
  command_end end_;
};

std::optional<int> number_after(std::string_view text, std::string_view key) {
  auto at = text.find(key);
  if (at == std::string_view::npos)
    return std::nullopt;
  text.remove_prefix(at + key.size());
  text.remove_prefix(std::min(text.find_first_not_of(": "), text.size()));
  int number = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  // A number at the end of the text may continue in bytes that are not read yet.
  if (problem != std::errc{} || end == text.data() + text.size())
    return std::nullopt;
  return number;
}

} // namespace

std::optional<pid_t> child_pid_in(std::string_view status) {
  if (status.find('}') == std::string_view::npos)
    return std::nullopt;
  return number_after(status, "\"child-pid\"");
}

std::optional<pid_t> await_child_pid(const descriptor& info, std::chrono::milliseconds timeout) {
  std::string text;
  std::array<char, 4096> buffer{};
  const auto end = steady::now() + timeout;
  while (!child_pid_in(text)) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady::now());
    pollfd waiting{info.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0)
      break;
    auto got = ::read(info.get(), buffer.data(), buffer.size());
    if (got == 0)
      break;
    if (got > 0)
      text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return child_pid_in(text);
}

std::optional<int> exit_code_in(std::string_view status) {
  return number_after(status, "\"exit-code\"");
}

result<command_end> run_in_sandbox(const sandbox_host& host, sandbox_command command,
                                   const line_sink& sink, const std::stop_token& stop) {
  if (auto equipped = host.equip(command.box, command.job); !equipped)
    return std::move(equipped).error();
  command.box.scratch_bytes = command.limits.memory_bytes;
  running_command run{host, std::move(command), sink};
  if (auto started = run.start(); !started)
    return std::move(started).error();
  return run.finish(run.follow(stop));
}

} // namespace pawl
