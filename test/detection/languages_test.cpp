// The other languages, each by its own files.
#include "test/detection/tree_of.hpp"

using namespace pawl;
using namespace pawl::test;

BOOST_AUTO_TEST_SUITE(other_languages)

BOOST_AUTO_TEST_CASE(go_builds_the_package_main) {
  const auto here =
      found_in({{"go.mod", "module example.org/shop\n"}, {"main.go", "package main\n"}});
  BOOST_TEST(here.settings.build.command == "go build -o bin/shop .");
  BOOST_TEST(here.settings.run.command == "exec ./bin/shop");
  BOOST_TEST(here.settings.run.env.at("PATH").starts_with("/app/bin:"));
  const tree_of several{{"go.mod", "module example.org/shop\n"},
                        {"shop.go", "package shop\n"},
                        {"cmd/shop/main.go", "package main\n"},
                        {"cmd/tool/main.go", "package main\n"}};
  BOOST_TEST(found_in(several).settings.build.command == "go build -o bin/shop ./cmd/shop");
  BOOST_TEST(says(why_nothing_in({{"go.mod", "module x\n"},
                                  {"cmd/a/a.go", "package main\n"},
                                  {"cmd/b/b.go", "package main\n"}}),
                  "several programs (cmd/a, cmd/b)"));
  BOOST_TEST(says(why_nothing_in({{"go.mod", "module x\n"}}), "no package main"));
}

BOOST_AUTO_TEST_CASE(rust_copies_its_program_out_of_the_target) {
  const auto found = found_in(
      {{"Cargo.toml", "[package]\nname = \"hello\"\n"}, {"Cargo.lock", ""}, {"src/main.rs", ""}});
  BOOST_TEST(found.settings.build.command ==
             "cargo build --release --locked --bin hello --target-dir \"$HOME/target\" && mkdir -p "
             "target/release && cp \"$HOME/target/release/hello\" target/release/");
  const auto member = found_in({{"Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"},
                                {"crates/lib/Cargo.toml", "[package]\nname = \"lib\"\n"},
                                {"crates/web/Cargo.toml", "[package]\nname = \"web\"\n"},
                                {"crates/web/src/main.rs", ""}});
  BOOST_TEST(says(member.settings.build.command, "--bin web "));
  BOOST_TEST(says(why_nothing_in({{"Cargo.toml", "[package]\nname = \"a\"\n"},
                                  {"src/bin/x.rs", ""},
                                  {"src/bin/y.rs", ""}}),
                  "several programs (x, y)"));
  BOOST_TEST(says(why_nothing_in({{"Cargo.toml", "[package\n"}}), "Cargo.toml is no TOML"));
}

BOOST_AUTO_TEST_CASE(java_uses_the_wrapper_that_the_source_has) {
  BOOST_TEST(found_in({{"pom.xml", "<project/>"}})
                 .settings.build.command.starts_with("mvn -B -q -DskipTests package && cp "));
  const auto gradle = found_in({{"build.gradle.kts", ""}, {"gradlew", ""}});
  BOOST_TEST(gradle.settings.build.command.starts_with("sh ./gradlew --no-daemon -q assemble"));
  BOOST_TEST(!needs(gradle, "gradle"));
  BOOST_TEST(gradle.settings.run.command == "SERVER_PORT=$PORT exec java -jar app.jar");
}

BOOST_AUTO_TEST_CASE(ruby_is_started_by_what_its_files_name) {
  const auto rack =
      found_in({{"Gemfile", "gem 'puma'\n"}, {"Gemfile.lock", ""}, {"config.ru", ""}});
  BOOST_TEST(rack.settings.build.command ==
             "bundle config set --local path vendor/bundle && bundle config set --local deployment "
             "true && bundle install --quiet");
  BOOST_TEST(rack.settings.run.command == "exec bundle exec puma -b tcp://$HOST:$PORT");
  const auto sinatra = found_in({{"hello.rb", "require 'sinatra'\nget('/') { 'hi' }\n"}});
  BOOST_TEST(sinatra.settings.run.command == "exec ruby hello.rb -e production -o $HOST -p $PORT");
  const auto rails = found_in({{"Gemfile", "gem \"rails\"\n"},
                               {"config.ru", ""},
                               {"config/application.rb", ""},
                               {"bin/rails", ""},
                               {"app/assets/a.css", ""}});
  BOOST_TEST(rails.settings.build.command.ends_with("bundle exec rails assets:precompile"));
  BOOST_TEST(rails.settings.run.env.at("RAILS_ENV") == "production");
  BOOST_TEST(says(why_nothing_in({{"Gemfile", ""}}), "no config.ru"));
}

BOOST_AUTO_TEST_CASE(php_serves_its_public_folder) {
  const auto plain = found_in({{"public/index.php", "<?php"}});
  BOOST_TEST(plain.settings.run.command == "exec php -S $HOST:$PORT -t public");
  BOOST_TEST(plain.settings.build.command == "");
  const auto composer = found_in({{"index.php", ""},
                                  {"composer.json", R"({"require": {"php": ">=8", "a/b": "1"}})"},
                                  {"composer.lock", "{}"}});
  BOOST_TEST(composer.settings.build.command.starts_with("composer install --no-dev"));
  BOOST_TEST(found_in({{"index.php", ""}, {"composer.json", R"({"require": {"php": "8"}})"}})
                 .settings.build.command == "");
  BOOST_TEST(says(why_nothing_in({{"composer.json", "{"}}), "composer.json is no JSON object"));
}

BOOST_AUTO_TEST_CASE(cmake_starts_the_program_where_it_was_built) {
  const auto found =
      found_in({{"CMakeLists.txt", "project(shop)\nADD_EXECUTABLE(${PROJECT_NAME} main.cpp)\n"}});
  BOOST_TEST(found.settings.run.command == "exec ./pawl-build/shop");
  const auto below = found_in({{"CMakeLists.txt", "project(x)\nadd_subdirectory(src)\n"},
                               {"src/CMakeLists.txt", "add_executable( server main.cpp)\n"}});
  BOOST_TEST(below.settings.run.command == "exec ./pawl-build/src/server");
  BOOST_TEST(
      says(why_nothing_in({{"CMakeLists.txt", "add_executable(a a.c)\nadd_executable(b b.c)"}}),
           "several programs (a, b)"));
}

BOOST_AUTO_TEST_CASE(files_are_served_from_the_folder_of_their_index) {
  const auto root = found_in({{"index.html", "<h1>hi</h1>"}, {"logo.svg", ""}});
  BOOST_TEST(root.language == "static files");
  BOOST_TEST(says(root.settings.run.command, "root \"$PWD\";"));
  BOOST_TEST(says(root.settings.run.command, "\\$uri.html =404;"));
  BOOST_TEST(needs(root, "nginx"));
  BOOST_TEST(
      says(found_in({{"public/index.html", ""}}).settings.run.command, "root \"$PWD/public\""));
}

BOOST_AUTO_TEST_SUITE_END()
