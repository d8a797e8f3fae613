#include "bench/harness/rsync_peer.hpp"

#include "test/support/eventually.hpp"
#include "test/support/http_server.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>
#include <unistd.h>

namespace pawl::bench {

namespace {

namespace fs = std::filesystem;
using words = std::vector<std::string>;

constexpr auto login_patience = std::chrono::seconds{20};

const words environment{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};

void make_key(const fs::path& file) {
  if (run_once({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.string()},
               environment)
          .status != 0)
    throw std::runtime_error("ssh-keygen failed");
}

} // namespace

std::string rsync_peer::missing() {
  for (const auto* program : {"/usr/bin/rsync", "/usr/sbin/sshd", "/usr/bin/ssh"})
    if (!fs::exists(program))
      return program;
  return "";
}

rsync_peer::rsync_peer(const workplace& place)
    : place_(place), directory_(place.fresh("sshd")), port_(test::free_port()) {
  make_key(directory_ / "host_key");
  make_key(directory_ / "user_key");
  if (::geteuid() == 0)
    fs::create_directories("/run/sshd"); // sshd insists on it
  test::write_text(directory_ / "sshd_config",
                   fmt::format("ListenAddress 127.0.0.1\nPort {}\nHostKey {}/host_key\n"
                               "AuthorizedKeysFile {}/user_key.pub\nStrictModes no\nUsePAM no\n"
                               "PermitRootLogin prohibit-password\nPidFile none\n",
                               port_, directory_.string(), directory_.string()));
  test::program_plan how{
      {"/usr/sbin/sshd", "-D", "-e", "-f", (directory_ / "sshd_config").string()}};
  how.directory = directory_;
  how.out = directory_ / "sshd.out";
  how.err = directory_ / "sshd.err";
  sshd_.reset(new test::program(how));
  auto login = shell();
  login.insert(login.end(), {"127.0.0.1", "true"});
  const auto up = [&] { return run_once(login, environment).status == 0; };
  if (!test::eventually(up, login_patience))
    throw std::runtime_error("nobody can log in over ssh:\n" + sshd_->err());
}

words rsync_peer::shell() const {
  return {"/usr/bin/ssh",
          "-p",
          std::to_string(port_),
          "-i",
          (directory_ / "user_key").string(),
          "-o",
          "StrictHostKeyChecking=no",
          "-o",
          "UserKnownHostsFile=/dev/null",
          "-o",
          "LogLevel=ERROR"};
}

double rsync_peer::seconds_to_send(const fs::path& file) const {
  const auto target = place_.fresh("rsync");
  const auto cost =
      run_once({"/usr/bin/rsync", "-a", "--fsync", "-e", fmt::format("{}", fmt::join(shell(), " ")),
                file.string(), "127.0.0.1:" + target.string() + "/"},
               environment);
  if (cost.status != 0)
    throw std::runtime_error(fmt::format("rsync ended with {}", cost.status));
  fs::remove_all(target);
  return cost.wall_ms / 1e3;
}

} // namespace pawl::bench
