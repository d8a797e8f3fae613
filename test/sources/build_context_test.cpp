// The context of a Docker build, made of a source.
#include "sources/build_context.hpp"

#include "posix/files.hpp"
#include "sources/tar/tar_reading.hpp"
#include "test/sources/tar_writer.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace pawl;
using namespace pawl::test;

namespace {

struct listing {
  std::string names; // in order: "DIRECTORY/ FILE PROGRAM* LINK->TARGET "
  std::map<std::string, std::string> texts;
  std::map<std::string, std::timespec> times;
};

class listing_visitor : public tar_visitor {
public:
  explicit listing_visitor(listing& all) : all_(all) {}

  result<void> directory(const tar_entry& entry) override {
    all_.names += entry.name + "/ ";
    note(entry);
    return {};
  }
  result<file_contents> file(const tar_entry& entry) override {
    all_.names += entry.name + (entry.executable ? "* " : " ");
    note(entry);
    return file_contents::wanted;
  }
  result<void> contents(std::string_view bytes) override {
    all_.texts[last_] += bytes;
    return {};
  }
  result<void> symlink(const tar_entry& entry) override {
    all_.names += entry.name + "->" + entry.target + " ";
    note(entry);
    return {};
  }

private:
  void note(const tar_entry& entry) {
    last_ = entry.name;
    all_.times[entry.name] = entry.modified;
  }

  listing& all_;
  std::string last_;
};

struct context_of_source {
  temporary_directory home;
  std::string tar; // of the context
  std::size_t longest_piece = 0;

  result<build_context> make(const std::string& source, const std::string& dockerfile) {
    tar.clear();
    write_file(home.path() / "source.tar", source);
    return write_build_context(home.path() / "source.tar", dockerfile,
                               [this](std::string_view bytes) -> result<void> {
                                 longest_piece = std::max(longest_piece, bytes.size());
                                 tar += bytes;
                                 return {};
                               });
  }

  listing made(const std::string& source, const std::string& dockerfile = "Dockerfile") {
    const auto context = make(source, dockerfile);
    BOOST_REQUIRE_MESSAGE(context, (context ? "" : context.error().message));
    BOOST_TEST(context->tar_bytes == tar.size());
    return read();
  }

  listing read() const {
    const auto file = memory_file(tar);
    BOOST_REQUIRE(file);
    listing all;
    listing_visitor visitor{all};
    const auto facts = read_tar(file->get(), tar.size(), visitor);
    BOOST_REQUIRE_MESSAGE(facts, (facts ? "" : facts.error().message));
    return all;
  }

  std::string refusal(const std::string& source, const std::string& dockerfile = "Dockerfile") {
    const auto context = make(source, dockerfile);
    BOOST_REQUIRE(!context);
    BOOST_TEST(to_string(context.error().code) == "invalid_argument");
    BOOST_TEST(tar.empty());
    return context.error().message;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(build_contexts, context_of_source)

BOOST_AUTO_TEST_CASE(a_source_without_rules_is_sent_whole) {
  const auto all = made(tar_writer{}
                            .entry({.name = "Dockerfile", .time = 7}, "FROM scratch\n")
                            .file("run", "#!/bin/sh\n", 0755)
                            .directory("src/")
                            .entry({.name = "src/a.c", .time = 9}, std::string(700, 'c'))
                            .symlink("src/b.c", "a.c")
                            .file("src/empty", "")
                            .whole());
  BOOST_TEST(all.names == "Dockerfile run* src/ src/a.c src/b.c->a.c src/empty ");
  BOOST_TEST(all.texts.at("Dockerfile") == "FROM scratch\n");
  BOOST_TEST(all.texts.at("src/a.c") == std::string(700, 'c'));
  BOOST_TEST(all.times.at("Dockerfile").tv_sec == 7);
  BOOST_TEST(all.times.at("src/a.c").tv_sec == 9);
}

BOOST_AUTO_TEST_CASE(what_the_rules_name_is_left_out_and_counted) {
  const auto source = tar_writer{}
                          .file(".dockerignore", "node_modules\n*.md\n!README.md\n")
                          .file("Dockerfile", "FROM scratch\n")
                          .file("README.md", "")
                          .file("a.md", "")
                          .directory("node_modules/")
                          .file("node_modules/x/index.js", "")
                          .symlink("node_modules/y", "x")
                          .file("src/node_modules/z", "")
                          .whole();
  BOOST_TEST(made(source).names ==
             ".dockerignore Dockerfile README.md src/ src/node_modules/ src/node_modules/z ");
  const auto context = make(source, "Dockerfile");
  BOOST_REQUIRE(context);
  BOOST_TEST(context->dockerfile == "Dockerfile");
  BOOST_TEST(context->ignore_file == ".dockerignore");
  BOOST_TEST(context->entries == 6U);
  BOOST_TEST(context->left_out == 4U);
}

BOOST_AUTO_TEST_CASE(where_everything_is_left_out_the_dockerfile_and_the_rules_are_sent) {
  const auto all = made(tar_writer{}
                            .file(".dockerignore", "**\n")
                            .file("a", "")
                            .file("deploy/Dockerfile", "FROM scratch\n")
                            .file("deploy/secret", "")
                            .whole(),
                        "deploy/Dockerfile");
  BOOST_TEST(all.names == ".dockerignore deploy/ deploy/Dockerfile ");
  BOOST_TEST(all.texts.at("deploy/Dockerfile") == "FROM scratch\n");
}

BOOST_AUTO_TEST_CASE(directories_above_an_exception_are_sent_with_their_times) {
  const auto all = made(tar_writer{}
                            .file(".dockerignore", "docs\n!docs/a/keep\n")
                            .file("Dockerfile", "")
                            .entry({.name = "docs/", .type = '5', .mode = 0755, .time = 5})
                            .file("docs/a/keep", "")
                            .file("docs/a/other", "")
                            .entry({.name = "docs/a/", .type = '5', .mode = 0755, .time = 6})
                            .whole());
  BOOST_TEST(all.names == ".dockerignore Dockerfile docs/ docs/a/ docs/a/keep ");
  BOOST_TEST(all.times.at("docs").tv_sec == 5);
  BOOST_TEST(all.times.at("docs/a").tv_sec == 6); // its entry comes behind
}

BOOST_AUTO_TEST_CASE(the_rules_of_one_dockerfile_take_the_place_of_those_of_all) {
  const auto source = tar_writer{}
                          .file(".dockerignore", "a\n")
                          .file("Dockerfile", "")
                          .file("a", "")
                          .file("b", "")
                          .file("live/Dockerfile", "")
                          .file("live/Dockerfile.dockerignore", "b\nlive\n")
                          .whole();
  BOOST_TEST(made(source, "live/Dockerfile").names ==
             ".dockerignore Dockerfile a live/ live/Dockerfile live/Dockerfile.dockerignore ");
  BOOST_TEST(make(source, "live/Dockerfile")->ignore_file == "live/Dockerfile.dockerignore");
  BOOST_TEST(made(source).names ==
             ".dockerignore Dockerfile b live/ live/Dockerfile live/Dockerfile.dockerignore ");
}

BOOST_AUTO_TEST_CASE(symlinks_to_the_dockerfile_and_the_rules_are_followed) {
  const auto source = tar_writer{}
                          .symlink(".dockerignore", "deploy/ignore")
                          .symlink("Dockerfile", "now/Dockerfile.live")
                          .file("a", "")
                          .file("deploy/Dockerfile.live", "FROM scratch\n")
                          .file("deploy/ignore", "*\n")
                          .symlink("now", "./deploy")
                          .whole();
  BOOST_TEST(made(source).names == "deploy/ deploy/Dockerfile.live deploy/ignore ");
  const auto context = make(source, "Dockerfile");
  BOOST_REQUIRE(context);
  BOOST_TEST(context->dockerfile == "deploy/Dockerfile.live");
  BOOST_TEST(context->ignore_file == "deploy/ignore");
}

BOOST_AUTO_TEST_CASE(a_source_without_a_dockerfile_is_refused_before_anything_is_sent) {
  BOOST_TEST(refusal(tar_writer{}.file("a", "").whole(), "live/Dockerfile") ==
             "the source has no live/Dockerfile: write one, or name its place by [build] "
             "dockerfile, or an image that is ready by [build] image. If the file is in your "
             "directory, a .pawlignore or .gitignore keeps it from being sent");
}

BOOST_AUTO_TEST_CASE(a_dockerfile_that_is_no_file_is_refused) {
  const auto directory =
      "Dockerfile is a directory of the source, and has to be a Dockerfile: name "
      "the file in it by [build] dockerfile";
  BOOST_TEST(refusal(tar_writer{}.directory("Dockerfile/").whole()) == directory);
  BOOST_TEST(refusal(tar_writer{}.file("Dockerfile/live", "").whole()) == directory);
  BOOST_TEST(refusal(tar_writer{}.symlink("Dockerfile/a", "b").whole()) == directory);
  BOOST_TEST(refusal(tar_writer{}.symlink("Dockerfile", ".").whole()) == directory);
  BOOST_TEST(
      refusal(tar_writer{}.symlink("Dockerfile", "x/y").whole()) ==
      "Dockerfile is behind a symlink that leads to x/y, where the source has no file: put a "
      "Dockerfile there");
  BOOST_TEST(refusal(tar_writer{}.symlink("Dockerfile", "../Dockerfile").whole())
                 .find("is a symlink that leads out of the source") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_rule_that_is_no_pattern_is_refused_before_anything_is_sent) {
  BOOST_TEST(refusal(tar_writer{}.file("Dockerfile", "").file(".dockerignore", "a\n[\n").whole())
                 .starts_with("line 2 of .dockerignore is no pattern"));
}

BOOST_AUTO_TEST_CASE(rules_beyond_their_limit_are_too_large) {
  const auto context = make(
      tar_writer{}.file("Dockerfile", "").file(".dockerignore", std::string(200'000, '\n')).whole(),
      "Dockerfile");
  BOOST_REQUIRE(!context);
  BOOST_TEST(to_string(context.error().code) == "too_large");
}

BOOST_AUTO_TEST_CASE(an_error_of_the_sink_ends_the_writing) {
  write_file(home.path() / "a.tar", tar_writer{}.file("Dockerfile", "x").file("b", "y").whole());
  int calls = 0;
  const auto context = write_build_context(
      home.path() / "a.tar", "Dockerfile", [&](std::string_view) -> result<void> {
        return ++calls == 2 ? result<void>{error{errc::cancelled, "enough", {}}} : result<void>{};
      });
  BOOST_REQUIRE(!context);
  BOOST_TEST(context.error().message == "enough");
  BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(a_large_file_is_sent_in_small_pieces) {
  const auto large = std::string(1'000'000, 'l');
  const auto all = made(tar_writer{}.file("Dockerfile", "").file("large", large).whole());
  BOOST_TEST((all.texts.at("large") == large));
  BOOST_TEST(longest_piece <= 64U * 1024);
}

BOOST_AUTO_TEST_CASE(the_same_source_gives_the_same_bytes) {
  const auto source = tar_writer{}.file("Dockerfile", "").file("a/b/c", "x").whole();
  made(source);
  const auto first = tar;
  made(source);
  BOOST_TEST((tar == first));
  BOOST_TEST(tar.size() % 512 == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
