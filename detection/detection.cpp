#include "detection/detection.hpp"

#include "config/container_settings.hpp"
#include "detection/languages/language.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace pawl::detection {

namespace {

constexpr std::size_t note_bytes = 400;
constexpr std::size_t folders_shown = 8;

// As one line of a journal: scripts and names of files are what somebody wrote.
std::string as_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  if (text.size() > note_bytes) {
    text.resize(note_bytes);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80)
      text.pop_back();
    text += "…";
  }
  return text;
}

const language* language_of(const folder& in) {
  const auto& all = languages();
  auto found =
      std::find_if(all.begin(), all.end(), [&](const language& one) { return one.is_there(in); });
  return found == all.end() ? nullptr : &*found;
}

// Folders of the source that have an app of their own, to name one.
std::vector<std::string> folders_with_apps(const folder& in) {
  std::vector<std::string> found;
  for (const auto& name : in.names()) {
    if (!name.ends_with('/') || name.starts_with('.') || name == "node_modules/")
      continue;
    const auto inside = in.below(name.substr(0, name.size() - 1));
    if (language_of(inside) != nullptr)
      found.push_back(inside.path());
    else
      for (const auto& deeper : inside.names())
        if (deeper.ends_with('/') &&
            language_of(inside.below(deeper.substr(0, deeper.size() - 1))) != nullptr)
          found.push_back(inside.path() + "/" + deeper.substr(0, deeper.size() - 1));
    if (found.size() >= folders_shown)
      break;
  }
  return found;
}

std::string suggestion(const folder& in) {
  const auto found = folders_with_apps(in);
  return found.empty()
             ? std::string{}
             : fmt::format(". These folders look like apps: {}; name one by [build] root = \"{}\"",
                           fmt::join(found, ", "), found.front());
}

// A Dockerfile is enough for a cluster of the other engine.
std::string word_of_dockerfile(const folder& in) {
  return in.has("Dockerfile") ? ". There is a Dockerfile: add a [run] command all the same, or "
                                "deploy to a cluster with the engine docker, which builds it"
                              : "";
}

error no_start(const folder& in, const language* known, const std::string& why) {
  std::string looked;
  for (const auto& each : languages())
    looked += fmt::format("{}{}", looked.empty() ? "" : ", ", each.name);
  auto message =
      known == nullptr
          ? fmt::format("nothing says how to start the app: {} has no pawl.toml with a [run] "
                        "command, no Procfile with a web line, and no files by which an app of {} "
                        "is known{}{}",
                        in.is_root() ? "the source" : in.path() + "/", looked,
                        word_of_dockerfile(in), suggestion(in))
          : fmt::format("nothing says how to start the app: {} ({})", why, known->name);
  return {errc::invalid_argument, std::move(message), {}};
}

// The other languages that are there too, and how to choose one.
std::optional<std::string> others_beside(const language& chosen, const folder& in) {
  std::vector<std::string> others;
  for (const auto& each : languages())
    if (each.name != chosen.name && each.sign != static_sign && each.is_there(in))
      others.push_back(fmt::format("{} ({})", each.name, each.sign(in)));
  if (others.empty())
    return std::nullopt;
  return fmt::format("{} is chosen, though there is {} too; to choose yourself, write [build] "
                     "command and [run] command in pawl.toml",
                     chosen.name, fmt::join(others, " and "));
}

void add_missing(const std::map<std::string, std::string>& from,
                 std::map<std::string, std::string>& to) {
  to.insert(from.begin(), from.end()); // a name that is there stays
}

void take_tools(const std::vector<tool>& from, std::vector<tool>& to) {
  for (const auto& each : from)
    if (std::none_of(to.begin(), to.end(),
                     [&](const tool& known) { return known.program == each.program; }))
      to.push_back(each);
}

// No command can have a byte 0, and no variable.
bool has_zero_byte(const recipe& made) {
  auto within = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  auto within_values = [&](const std::map<std::string, std::string>& env) {
    return std::any_of(env.begin(), env.end(), [&](const auto& one) { return within(one.second); });
  };
  return within(made.build) || within(made.start) || within_values(made.build_env) ||
         within_values(made.run_env);
}

void take(const language& known, const recipe& made, bool builds, bool starts, findings& to) {
  const auto tell = [&](const std::string& note) {
    to.notes.push_back(as_line(fmt::format("{}: {}", known.name, note)));
  };
  if (builds && !made.build.empty()) {
    to.settings.build.command = made.build;
    add_missing(made.build_env, to.settings.build.env);
    take_tools(made.build_tools, to.tools);
  }
  if (builds)
    std::for_each(made.build_notes.begin(), made.build_notes.end(), tell);
  if (starts) {
    to.settings.run.command = made.start;
    std::for_each(made.start_notes.begin(), made.start_notes.end(), tell);
    take_tools(made.start_tools, to.tools);
  }
  if (starts || to.settings.build.command == made.build)
    add_missing(made.run_env, to.settings.run.env);
}

result<void> check_root(const manifest& said, const source_files& files) {
  if (said.build.root.empty() || files.has_folder(said.build.root))
    return {};
  return error{errc::invalid_argument,
               fmt::format("[build] root is \"{}\", and the source has no such folder{}",
                           said.build.root, suggestion(folder{files, ""})),
               {}};
}

} // namespace

bool leaves_open(const manifest& said) {
  return said.build.command.empty() || said.run.command.empty() || !said.build.root.empty();
}

result<findings> fill_in(const manifest& said, const source_files& files, dockerfiles reads) {
  if (auto there = check_root(said, files); !there)
    return std::move(there).error();
  findings found{said};
  if (reads == dockerfiles::read) {
    if (said.build.image.empty() && files.has_file(said.build.dockerfile))
      found.notes.push_back(as_line(said.build.dockerfile + ": the image is built of it"));
    return found;
  }
  if (config::names_containers(said)) // for another engine, which is said elsewhere
    return found;
  const bool builds = said.build.command.empty();
  // An app without a web process is started by the others.
  const bool starts = said.run.command.empty() && said.run.instances > 0;
  const bool has_to_start = starts && said.processes.empty();
  if (!builds && !starts)
    return found;
  const folder in{files, said.build.root};
  const auto* known = language_of(in);
  // Files beside a Dockerfile are served as that says, and it is not read here.
  if (known == nullptr || (known->read == read_static && in.has("Dockerfile")))
    return has_to_start ? result<findings>{no_start(in, nullptr, {})} : found;
  auto made = known->read(in);
  // Broken or odd, it is of no matter for an app that says itself how it starts.
  if (!made)
    return has_to_start ? result<findings>{std::move(made).error()} : found;
  if (has_zero_byte(*made))
    return broken_file(in, known->sign(in), "names something with a byte that is 0: mend it");
  if (has_to_start && made->start.empty())
    return no_start(in, known, made->no_start);
  found.language = known->name;
  take(*known, *made, builds, starts && !made->start.empty(), found);
  if (starts)
    if (auto note = others_beside(*known, in))
      found.notes.push_back(as_line(std::move(*note)));
  return found;
}

std::string missing_tools(const std::vector<tool>& missing) {
  std::vector<std::string> lines;
  std::set<std::string> packages;
  for (const auto& each : missing) {
    lines.push_back(each.why.empty() ? each.program
                                     : fmt::format("{} (for {})", each.program, each.why));
    packages.insert(each.package);
  }
  return fmt::format("the app needs {}, which the server's machine has not: install {} there by "
                     "apt install {}",
                     fmt::join(lines, " and "), missing.size() == 1 ? "it" : "them",
                     fmt::join(packages, " "));
}

} // namespace pawl::detection
