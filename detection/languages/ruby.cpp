// Ruby: Rails, or what Rack starts (config.ru), or one file of Sinatra.
#include "detection/languages/code_search.hpp"
#include "detection/languages/language.hpp"

#include <fmt/format.h>

namespace pawl::detection {

namespace {

std::optional<std::string> sinatra_file(const folder& in) {
  for (const auto& file : in.files_like(".rb", 0)) {
    const auto text = in.code(file);
    if (quoted_behind(text, "require ").value_or("").starts_with("sinatra"))
      return file;
  }
  return std::nullopt;
}

bool names_gem(const folder& in, std::string_view gem) {
  const auto text = in.text("Gemfile").value_or("");
  return text.find(fmt::format("\"{}\"", gem)) != std::string::npos ||
         text.find(fmt::format("'{}'", gem)) != std::string::npos;
}

void install_gems(recipe& to, const folder& in) {
  to.then("bundle config set --local path vendor/bundle");
  if (in.has("Gemfile.lock"))
    to.then("bundle config set --local deployment true");
  to.then("bundle install --quiet");
  to.build_notes.push_back(fmt::format("{} found, gems are installed by bundle install",
                                       in.has("Gemfile.lock") ? "Gemfile.lock" : "Gemfile"));
  to.build_tools.push_back({"bundle", "bundler ruby-dev build-essential", "Gemfile"});
  to.start_tools.push_back({"bundle", "bundler", "Gemfile"});
  to.run_env["BUNDLE_APP_CONFIG"] =
      fmt::format("/app/{}{}.bundle", in.path(), in.is_root() ? "" : "/");
}

void plan_rails(const folder& in, recipe& to) {
  to.run_env["RAILS_ENV"] = to.build_env["RAILS_ENV"] = "production";
  to.run_env["RAILS_LOG_TO_STDOUT"] = to.run_env["RAILS_SERVE_STATIC_FILES"] = "1";
  if (in.has_folder("app/assets") || in.has_folder("app/javascript")) {
    to.build_env["SECRET_KEY_BASE_DUMMY"] = "1";
    to.then("bundle exec rails assets:precompile");
    to.build_notes.emplace_back("Rails: assets are compiled by rails assets:precompile");
  }
  to.start = "exec bundle exec rails server -b $HOST -p $PORT -P /tmp/server.pid";
  to.start_notes.emplace_back("Rails: it is started by rails server, and needs SECRET_KEY_BASE or "
                              "RAILS_MASTER_KEY; migrations are not run, [release] command = "
                              "\"bundle exec rails db:migrate\" in pawl.toml would");
}

} // namespace

bool is_ruby(const folder& in) {
  return in.has("Gemfile") || in.has("config.ru") || sinatra_file(in).has_value();
}

std::string ruby_sign(const folder& in) {
  auto sign = in.first_of({"Gemfile", "config.ru"});
  return sign ? *sign : sinatra_file(in).value_or("");
}

result<recipe> read_ruby(const folder& in) {
  recipe made;
  const bool gems = in.has("Gemfile");
  const std::string prefix = gems ? "bundle exec " : "";
  made.start_tools.push_back({"ruby", "ruby", {}});
  if (gems)
    install_gems(made, in);
  made.run_env["RACK_ENV"] = "production";
  if (in.has("config/application.rb") && in.has("bin/rails"))
    plan_rails(in, made);
  else if (in.has("config.ru")) {
    const bool puma = names_gem(in, "puma") || !gems;
    made.start = puma ? fmt::format("exec {}puma -b tcp://$HOST:$PORT", prefix)
                      : fmt::format("exec {}rackup -o $HOST -p $PORT", prefix);
    made.start_notes.push_back(
        fmt::format("config.ru found, it is started by {}", puma ? "puma" : "rackup"));
    if (!gems)
      made.start_tools.push_back({"puma", "puma", "config.ru"});
  } else if (auto file = sinatra_file(in)) {
    made.start =
        fmt::format("exec {}ruby {} -e production -o $HOST -p $PORT", prefix, shell_word(*file));
    made.start_notes.push_back(fmt::format("Sinatra: it is started by ruby {}", *file));
  } else
    made.no_start = "there is no config.ru, no Rails and no file that requires sinatra: add [run] "
                    "command to pawl.toml, such as command = \"bundle exec ruby server.rb\"";
  return made;
}

} // namespace pawl::detection
