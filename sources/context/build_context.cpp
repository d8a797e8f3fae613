#include "sources/build_context.hpp"

#include "lifecycle/limits.hpp"
#include "posix/files.hpp"
#include "sources/context/dockerignore.hpp"
#include "sources/tar/tar_reading.hpp"
#include "sources/tar/tar_writing.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <unordered_map>
#include <unordered_set>

#include <sys/stat.h>

namespace pawl {

namespace {

// The source's tar, which is read several times.
struct source_tar {
  descriptor file;
  std::uint64_t bytes = 0;

  result<void> read(tar_visitor& visitor) const {
    auto facts = read_tar(file.get(), bytes, visitor);
    return facts ? result<void>{} : result<void>{std::move(facts).error()};
  }
};

result<source_tar> open_source(const std::filesystem::path& tar) {
  auto file = open_file(tar, O_RDONLY | O_NOFOLLOW);
  if (!file)
    return std::move(file).error();
  struct stat about {};
  if (::fstat(file->get(), &about) != 0)
    return system_error("look at " + tar.string(), errno);
  return source_tar{*std::move(file), static_cast<std::uint64_t>(about.st_size)};
}

// Gets the symlinks, and the times of directories: an entry may come behind those that lie in it.
class tree_collection : public tar_visitor {
public:
  result<void> directory(const tar_entry& entry) override {
    times_.emplace(entry.name, entry.modified);
    return {};
  }
  result<file_contents> file(const tar_entry& /*entry*/) override { return file_contents::skipped; }
  result<void> contents(std::string_view /*bytes*/) override { return {}; }
  result<void> symlink(const tar_entry& entry) override {
    targets_.emplace(entry.name, entry.target);
    return {};
  }

  // Where a path leads. The links of a source lead inside: only their number can be too large.
  result<std::string> follow(const std::string& path) const {
    std::size_t steps = 0;
    const auto target_of = [this](const std::string& name) -> const std::string* {
      const auto found = targets_.find(name);
      return found == targets_.end() ? nullptr : &found->second;
    };
    return follow_links(path, target_of, steps);
  }

  // The times of directories that have an entry.
  std::unordered_map<std::string, std::timespec> take_times() { return std::move(times_); }

private:
  std::unordered_map<std::string, std::string> targets_;
  std::unordered_map<std::string, std::timespec> times_;
};

// A file that says how the context is made, or is to be built.
struct wanted_file {
  std::string name;  // as people know it
  std::string place; // behind symlinks
  bool is_there = false;
  bool is_directory = false;
  std::string text = {}; // with one byte more than a file of rules may have, if it has more
};

// Looks for files at places where no symlink is.
class file_search : public tar_visitor {
public:
  explicit file_search(std::array<wanted_file*, 3> wanted) : wanted_(wanted) {}

  result<void> directory(const tar_entry& entry) override {
    for (auto* each : wanted_)
      each->is_directory = each->is_directory || entry.name == each->place;
    look_above(entry);
    return {};
  }

  result<file_contents> file(const tar_entry& entry) override {
    reading_.clear();
    look_above(entry);
    for (auto* each : wanted_) {
      if (entry.name != each->place)
        continue;
      each->is_there = true;
      reading_.push_back(each);
    }
    return reading_.empty() ? file_contents::skipped : file_contents::wanted;
  }

  result<void> contents(std::string_view bytes) override {
    for (auto* each : reading_)
      each->text += bytes.substr(0, limits::dockerignore_bytes + 1 - each->text.size());
    return {};
  }

  result<void> symlink(const tar_entry& entry) override {
    look_above(entry);
    return {};
  }

private:
  // A directory need not have an entry.
  void look_above(const tar_entry& entry) {
    for (auto* each : wanted_)
      each->is_directory = each->is_directory || entry.name.starts_with(each->place + "/");
  }

  std::array<wanted_file*, 3> wanted_;
  std::vector<wanted_file*> reading_; // whose contents come next
};

// How the context of one source is made.
struct context_plan {
  std::string dockerfile;  // behind symlinks
  std::string ignore_file; // the same; empty: there is none
  dockerignore rules;
  std::unordered_map<std::string, std::timespec> times; // of directories that have an entry
};

error no_dockerfile(const wanted_file& file) {
  const auto name = shown_name(file.name);
  if (file.is_directory || file.place.empty())
    return {errc::invalid_argument,
            fmt::format("{} is a directory of the source, and has to be a Dockerfile: name the "
                        "file in it by [build] dockerfile",
                        name),
            {{"file", name}}};
  if (file.place != file.name)
    return {errc::invalid_argument,
            fmt::format("{} is behind a symlink that leads to {}, where the source has no file: "
                        "put a Dockerfile there",
                        name, shown_name(file.place)),
            {{"file", name}}};
  return {errc::invalid_argument,
          fmt::format("the source has no {}: write one, or name its place by [build] dockerfile, "
                      "or an image that is ready by [build] image. If the file is in your "
                      "directory, a .pawlignore or .gitignore keeps it from being sent",
                      name),
          {{"file", name}}};
}

result<context_plan> make_plan(const source_tar& source, const std::string& dockerfile) {
  tree_collection tree;
  if (auto read = source.read(tree); !read)
    return std::move(read).error();
  wanted_file wanted{.name = dockerfile, .place = {}};
  wanted_file own_rules{.name = dockerfile + ".dockerignore", .place = {}};
  wanted_file rules{.name = ".dockerignore", .place = {}};
  const std::array<wanted_file*, 3> all{&wanted, &own_rules, &rules};
  for (auto* each : all) {
    auto place = tree.follow(each->name);
    if (!place)
      return std::move(place).error();
    each->place = *std::move(place);
  }
  file_search search{all};
  if (auto read = source.read(search); !read)
    return std::move(read).error();
  if (!wanted.is_there)
    return no_dockerfile(wanted);
  context_plan plan{
      .dockerfile = wanted.place, .ignore_file = {}, .rules = {}, .times = tree.take_times()};
  const auto& used = own_rules.is_there ? own_rules : rules;
  if (!used.is_there)
    return plan;
  auto parsed = dockerignore::parse(used.text, shown_name(used.name));
  if (!parsed)
    return std::move(parsed).error();
  plan.ignore_file = used.place;
  plan.rules = *std::move(parsed);
  return plan;
}

// Writes what the rules leave in.
class context_writing : public tar_visitor {
public:
  context_writing(const context_plan& plan, const context_sink& sink)
      : plan_(plan), rules_(plan.rules), tar_(sink) {}

  result<void> directory(const tar_entry& entry) override { return write_unless_left_out(entry); }

  result<file_contents> file(const tar_entry& entry) override {
    const auto before = made_.left_out;
    if (auto written = write_unless_left_out(entry); !written)
      return std::move(written).error();
    return made_.left_out == before ? file_contents::wanted : file_contents::skipped;
  }

  result<void> contents(std::string_view bytes) override { return tar_.contents(bytes); }
  result<void> end_of_contents() override { return tar_.end_of_contents(); }
  result<void> symlink(const tar_entry& entry) override { return write_unless_left_out(entry); }

  result<build_context> finish() {
    if (auto ended = tar_.finish(); !ended)
      return std::move(ended).error();
    made_.dockerfile = plan_.dockerfile;
    made_.ignore_file = plan_.ignore_file;
    made_.tar_bytes = tar_.bytes();
    return made_;
  }

private:
  result<void> write_unless_left_out(const tar_entry& entry) {
    auto left_out = rules_.leaves_out(entry.name);
    if (!left_out)
      return std::move(left_out).error();
    if (*left_out && entry.name != plan_.dockerfile && entry.name != plan_.ignore_file) {
      ++made_.left_out;
      return {};
    }
    if (auto above = write_above(entry.name); !above)
      return above;
    return write(entry);
  }

  result<void> write(const tar_entry& entry) {
    if (entry.kind == entry_kind::directory && !directories_.insert(entry.name).second)
      return {};
    ++made_.entries;
    return tar_.entry(entry);
  }

  // The directories above that are not in the tar: the rules left them out, or they have no entry.
  result<void> write_above(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos || directories_.contains(path.substr(0, slash)))
      return {};
    tar_entry above;
    above.kind = entry_kind::directory;
    above.name = path.substr(0, slash);
    if (const auto known = plan_.times.find(above.name); known != plan_.times.end())
      above.modified = known->second;
    if (auto written = write_above(above.name); !written)
      return written;
    return write(above);
  }

  const context_plan& plan_;
  dockerignore_tree rules_;
  tar_writing tar_;
  std::unordered_set<std::string> directories_; // that are in the tar
  build_context made_;
};

} // namespace

result<build_context> write_build_context(const std::filesystem::path& tar,
                                          const std::string& dockerfile, const context_sink& sink) {
  auto source = open_source(tar);
  if (!source)
    return std::move(source).error();
  auto plan = make_plan(*source, dockerfile);
  if (!plan)
    return std::move(plan).error();
  context_writing writing{*plan, sink};
  if (auto read = source->read(writing); !read)
    return std::move(read).error();
  return writing.finish();
}

} // namespace pawl
