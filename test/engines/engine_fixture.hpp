// A process engine on a data directory of its own, and what tests ask of it most.
#pragma once

#include "engines/process/process_builds.hpp"
#include "engines/process/process_engine.hpp"
#include "posix/digest.hpp"
#include "posix/process_table.hpp"
#include "test/sources/tar_writer.hpp"
#include "test/support/temporary_directory.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>

namespace pawl::test {

// The message or the code of a failure, "" of a success: what tests compare.
template <class T>
std::string message_of(const result<T>& what) {
  return what ? "" : what.error().message;
}
template <class T>
std::string code_of(const result<T>& what) {
  return what ? "" : std::string{to_string(what.error().code)};
}

struct engine_fixture {
  engine_fixture() { open(); }

  // Nothing of the engine outlives its test: neither processes nor control groups.
  ~engine_fixture() {
    if (!engine)
      open();
    if (auto all = engine->list())
      for (const auto& one : *all)
        (void)engine->stop(one.name, std::chrono::milliseconds{0}).has_value();
  }

  engine_fixture(const engine_fixture&) = delete;
  engine_fixture& operator=(const engine_fixture&) = delete;

  void open() {
    engine.reset();
    config.data_dir = home.path();
    engine = std::make_unique<process_engine>(config);
  }

  build_job job(const std::string& deployment, const std::string& command) {
    build_job made{deployment, "shop", home.path() / (deployment + ".tar"), {}};
    made.settings.build.command = command;
    made.settings.build.timeout = std::chrono::seconds{60};
    return made;
  }

  using files = std::map<std::string, std::string>;

  void write_source(const std::string& deployment, const files& tree) {
    tar_writer tar;
    for (const auto& [name, contents] : tree)
      tar.file(name, contents);
    write_file(home.path() / (deployment + ".tar"), tar.whole());
  }

  result<void> build(const build_job& what, const files& tree, std::stop_token stop = {}) {
    write_source(what.deployment, tree);
    lines.clear();
    return engine->build(
        what,
        [this](std::string_view stream, std::string_view line) {
          lines.emplace_back(stream, line);
        },
        std::move(stop));
  }
  result<void> build(const std::string& deployment, const files& tree, const std::string& command) {
    return build(job(deployment, command), tree);
  }

  // Builds, stores and describes an instance of what the command leaves.
  instance_spec app(const std::string& deployment, const files& tree, const std::string& command) {
    instance_spec spec;
    auto what = job(deployment, "");
    if (auto built = build(what, tree); !built)
      throw std::runtime_error(built.error().message);
    auto pushed = engine->push(what, {});
    if (!pushed)
      throw std::runtime_error(pushed.error().message);
    spec.name = deployment + "-1";
    spec.deployment = deployment;
    spec.lane = {"shop", "local"};
    spec.version = {1};
    spec.artifact = pushed->digest;
    spec.settings.run.command = command;
    spec.memory_bytes = 128 * limits::mib;
    return spec;
  }

  bool has_line(std::string_view stream, std::string_view line) const {
    return std::find(lines.begin(), lines.end(),
                     std::pair{std::string{stream}, std::string{line}}) != lines.end();
  }

  std::filesystem::path release(const std::string& digest) const {
    return release_path(home.path(), "shop", digest);
  }

  static std::string read(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  // Every process of this engine, whatever made it.
  std::size_t processes() const {
    sandbox_host host{config};
    return marked_processes(host.mark_of(""), is_sandbox_user).size();
  }

  temporary_directory home;
  process_engine_config config;
  std::unique_ptr<process_engine> engine;
  std::vector<std::pair<std::string, std::string>> lines; // of the last build: stream, line
};

} // namespace pawl::test
