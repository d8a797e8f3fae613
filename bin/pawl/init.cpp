// pawl init: writes the pawl.toml of an app as the server would read it without one.

#include "bin/pawl/app_tree.hpp"
#include "bin/pawl/explanation.hpp"
#include "posix/files.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace pawl::cli {

namespace {

namespace fs = std::filesystem;

// The directory's name as the name of an app: "My Shop" is my-shop. Empty if nothing is left.
std::string name_of(const fs::path& directory) {
  std::error_code problem;
  const auto path = fs::canonical(directory, problem).filename().native();
  std::string name;
  for (char c : path) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool fits = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
    if (fits)
      name += small;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (name.ends_with('-'))
    name.pop_back();
  return check_name("app", name) ? name : std::string{};
}

result<explained_app> read_app(const options& given, const fs::path& directory) {
  explained_app told{
      given.app.empty() ? name_of(directory) : given.app, given.cluster, {}, false, {}};
  if (auto fits = check_name("app", told.app); !fits)
    return error{errc::invalid_argument,
                 given.app.empty() ? std::string{"the directory's name is no name for an app: "
                                                 "name it by -a APP"}
                                   : fits.error().message,
                 {}};
  const app_tree tree{directory};
  auto said = read_settings(tree, config::app_name::optional);
  if (!said)
    return std::move(said).error();
  auto packing = load_packing();
  if (!packing)
    return std::move(packing).error();
  auto packed = (*packing)->pack(directory, {});
  if (!packed)
    return std::move(packed).error();
  auto found = look_into(*packed, *said);
  if (!found)
    return std::move(found).error();
  told.found = *std::move(found);
  told.source = packed->facts;
  return told;
}

// Never over a file that is there, also one that came meanwhile.
result<void> write_new(const fs::path& path, const std::string& text) {
  descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
  if (!file && errno == EEXIST)
    return error{errc::invalid_argument,
                 fmt::format("{} is there already, and is not overwritten: remove it first, or "
                             "see what it leads to by pawl deploy --explain",
                             printable(path.native())),
                 {}};
  if (!file)
    return error{
        errc::invalid_argument,
        fmt::format("{} cannot be written: {}", printable(path.native()), system_reason(errno)),
        {}};
  auto written = write_all(file.get(), text);
  if (!written)
    ::unlink(path.c_str());
  return written;
}

int init(const options& given, const std::string& directory) {
  const auto path = (fs::path{directory} / "pawl.toml").lexically_normal();
  std::error_code unknown;
  if (fs::exists(fs::symlink_status(path, unknown)))
    return fail(given, write_new(path, "").error());
  auto told = read_app(given, directory);
  if (!told)
    return fail(given, told.error());
  if (auto written = write_new(path, manifest_text(*told)); !written)
    return fail(given, written.error());
  if (given.json)
    write_to(STDOUT_FILENO, explanation_document(*told) + "\n");
  std::string text;
  const auto how = look_of(prose_descriptor(given));
  for (const auto& note : told->found.notes)
    text += client::prose(printable(note), "  ", how);
  text += fmt::format("{} was written. Look through it, then: pawl deploy{}{}\n",
                      printable(path.native()), directory == "." ? "" : " ",
                      directory == "." ? "" : printable(directory));
  write_to(prose_descriptor(given), text);
  return 0;
}

} // namespace

void add_init(CLI::App& program, options& given, runner& chosen) {
  auto directory = std::make_shared<std::string>(".");
  auto* command =
      add_command(program, given,
                  {"init", "Ship", "Write a pawl.toml of what is found in a directory",
                   "Looks at the files as a deploy does, and writes how the app is built and "
                   "started, with comments. Never overwrites a file.",
                   "  pawl init\n"
                   "  pawl init ./shop -a shop"});
  command->add_option("directory", *directory, "The app's directory (default: .)")
      ->type_name("DIR");
  command->add_option("-a,--app", given.app, "The app (default: the directory's name)")
      ->type_name("APP")
      ->envname("PAWL_APP");
  add_cluster(*command, given);
  command->callback([&given, &chosen, directory] {
    chosen = [&given, directory] { return init(given, *directory); };
  });
}

} // namespace pawl::cli
