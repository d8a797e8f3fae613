#include "test/end_to_end/remote_server.hpp"

#include "test/support/http_server.hpp"

#include <fmt/format.h>

namespace pawl::test {

namespace fs = std::filesystem;

remote_server::remote_server(form asked, const std::string& more) : port_(free_port()) {
  check_exit(owner_.stop(), 0);
  const auto config = place() / "pawld.toml";
  fs::remove_all(owner_.data());
  fs::remove(config);
  words arguments{"--init", place().string(), "--listen", address()};
  if (asked == form::document)
    arguments.emplace_back("--json");
  const auto end = owner_.begin_pawld(arguments)->wait();
  check_exit(end, 0);
  said_ = end.out;
  if (asked == form::document)
    made_ = json::parse(end.out);
  auto text = read_text(config);
  const std::string usual = "# listen = \"127.0.0.1:7480\"";
  BOOST_REQUIRE_MESSAGE(mentions(text, usual), text);
  text.replace(text.find(usual), usual.size(),
               fmt::format("listen = \"127.0.0.1:{}\"", owner_.port()));
  write_text(config, text + more);
  owner_.start();
  // It listens at the port a moment later than at the socket.
  BOOST_REQUIRE(eventually([this] { return mentions(owner_.log(), address() + " (TLS)"); }));
}

std::string remote_server::address() const {
  return fmt::format("127.0.0.1:{}", port_);
}

machine::machine(fs::path home) : home_(std::move(home)) {
  fs::create_directories(home_);
}

std::unique_ptr<program> machine::start(words arguments,
                                        const std::map<std::string, std::string>& more) {
  const auto name = std::to_string(++runs_);
  program_plan plan{std::move(arguments)};
  plan.environment = more;
  plan.environment.insert({{"PATH", PAWL_BIN_DIR ":/usr/bin:/bin"}, {"HOME", home_.string()}});
  plan.directory = home_;
  plan.out = home_ / (name + ".out");
  plan.err = home_ / (name + ".err");
  return std::make_unique<program>(plan);
}

outcome machine::pawl(const words& arguments, const std::map<std::string, std::string>& more,
                      const words& under) {
  auto all = under;
  all.emplace_back(PAWL_BIN_DIR "/pawl");
  all.insert(all.end(), arguments.begin(), arguments.end());
  return start(std::move(all), more)->wait();
}

std::unique_ptr<program> machine::begin(const words& arguments) {
  auto all = arguments;
  all.insert(all.begin(), PAWL_BIN_DIR "/pawl");
  return start(std::move(all), {});
}

outcome machine::shell(const std::string& commands) {
  return start({"/bin/sh", "-c", commands}, {})->wait();
}

outcome machine::login(const remote_server& server, const std::string& token) {
  return pawl(
      {"login", server.address(), "--fingerprint", server.made("fingerprint"), "--token", token});
}

} // namespace pawl::test
