// A kind of app on a server of its own: deployed, changed, deployed again and rolled back, and
// asked through the router each time.
#pragma once

#include "test/apps/toolchain.hpp"
#include "test/end_to_end/running_server.hpp"

#include <fmt/format.h>

namespace pawl::test {

struct kind {
  std::string name; // of the folder, whose last name is the app's
  toolchain needs;
  std::string file;                     // is changed: it says
  std::string before;                   // this, and
  std::string after = "Good afternoon"; // then that instead
  std::string page = "/";               // shows either
};

// Such an app on a server of its own.
class deployed_app {
public:
  explicit deployed_app(kind what) : what_(std::move(what)) {
    std::filesystem::copy(std::filesystem::path{PAWL_SOURCE_DIR} / "test/apps" / what_.name,
                          directory(), std::filesystem::copy_options::recursive);
    deploy();
  }

  // The output of curl for a path of the app, through the router; a failure fails the test.
  // With further options of its own.
  std::string ask(const std::string& path, words options = {}) {
    options.insert(options.begin(), {"/usr/bin/curl", "-sSf", "-m", "60"});
    options.push_back(fmt::format("http://{}.localhost:{}{}", name(), server_.port(), path));
    const auto& place = server_.place();
    program curl{{.arguments = std::move(options),
                  .directory = place,
                  .out = place / "curl.out",
                  .err = place / "curl.err"}};
    const auto end = curl.wait();
    check_exit(end, 0);
    return end.out;
  }

  // Its answer, the head included, has the text.
  void shows(const std::string& path, const std::string& text) {
    const auto answer = ask(path, {"-i"});
    BOOST_TEST(mentions(answer, text), path << " does not show \"" << text << "\":\n" << answer);
  }

  void change_and_roll_back() {
    shows(what_.page, what_.before);
    change();
    deploy();
    shows(what_.page, what_.after);
    check_exit(server_.pawl({"rollback", "-a", name(), "--json"}), 0);
    shows(what_.page, what_.before);
  }

  // The output of the deploy, as lines of JSON.
  const std::string& journal() const { return journal_; }

private:
  std::string name() const { return std::filesystem::path{what_.name}.filename(); }
  std::filesystem::path directory() const { return server_.place() / name(); }

  void deploy() {
    constexpr auto long_build = 3 * patience; // it fetches packages, and bundles
    const auto end =
        server_.begin({"deploy", directory(), "-a", name(), "--jsonl"})->wait(long_build);
    check_exit(end, 0);
    journal_ = end.out;
  }

  void change() const {
    auto text = read_text(directory() / what_.file);
    const auto at = text.find(what_.before);
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, what_.file << ":\n" << text);
    write_text(directory() / what_.file, text.replace(at, what_.before.size(), what_.after));
  }

  running_server server_;
  kind what_;
  std::string journal_;
};

// Nothing where the machine lacks what the kind needs.
inline std::unique_ptr<deployed_app> deployed(kind what) {
  return can_run(what.needs) ? std::make_unique<deployed_app>(std::move(what)) : nullptr;
}

inline void try_out(kind what) {
  if (auto app = deployed(std::move(what)))
    app->change_and_roll_back();
}

} // namespace pawl::test
