// pawl deploy: local checks, the source, then the way to its end.

#include "bin/pawl/following.hpp"
#include "bin/pawl/packing_module.hpp"
#include "config/hints.hpp"
#include "config/manifest.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace pawl::cli {

namespace {

namespace fs = std::filesystem;

struct deploy_options {
  std::string directory = ".";
  std::string message;
  std::string request_id;
  std::string override_freeze;
  bool queue = false;
  bool supersede = false;
  bool detach = false;
};

// The server takes no link for a file that says how an app is run.
result<void> check_is_no_link(const fs::path& file) {
  std::error_code unknown;
  if (!fs::is_symlink(file, unknown))
    return {};
  return error{
      errc::invalid_argument,
      fmt::format("{} is a symlink, and the server reads only a file: put a copy of what it "
                  "leads to in its place",
                  printable(file.native())),
      {}};
}

// The app's settings, without those of a Procfile if that is not sent.
result<manifest> read_app(const fs::path& directory, const options& given,
                          bool procfile_is_sent = true) {
  std::error_code problem;
  if (!fs::is_directory(directory, problem))
    return error{errc::invalid_argument,
                 fmt::format("{} is not a directory: name the app's directory",
                             printable(directory.native())),
                 {}};
  for (auto name : {"pawl.toml", "Procfile"})
    if (auto fine = check_is_no_link(directory / name); !fine)
      return std::move(fine).error();
  auto toml = read_small_file(directory / "pawl.toml");
  auto procfile = procfile_is_sent ? read_small_file(directory / "Procfile") : std::nullopt;
  const bool has_dockerfile = fs::exists(directory / "Dockerfile", problem);
  auto read = config::read_manifest(
      toml.value_or(""), procfile,
      given.app.empty() ? config::app_name::required : config::app_name::optional,
      has_dockerfile ? config::start_command::may_be_of_image : config::start_command::required);
  if (read)
    return read;
  auto place = printable((directory / "pawl.toml").lexically_normal().native());
  auto why = std::move(read).error();
  why.message = toml ? fmt::format("{}:\n{}", place, why.message)
                     : fmt::format("there is no {}, and {}", place, why.message);
  return why;
}

result<protocol::deploy_request> make_request(const options& given, const deploy_options& wanted,
                                              const manifest& app) {
  protocol::deploy_request request;
  request.app = given.app.empty() ? app.app : given.app;
  if (auto fits = check_name("app", request.app); !fits)
    return std::move(fits).error();
  auto cluster = cluster_of(given);
  if (!cluster)
    return std::move(cluster).error();
  request.cluster = *cluster;
  auto message = message_of(wanted.message);
  if (!message)
    return std::move(message).error();
  request.message = *message;
  request.request_id = wanted.request_id.empty() ? make_request_id() : wanted.request_id;
  if (auto fits = check_request_id(request.request_id); !fits)
    return std::move(fits).error();
  if (!wanted.override_freeze.empty())
    request.override_freeze = wanted.override_freeze;
  if (wanted.queue)
    request.when_busy = when_busy::queue;
  if (wanted.supersede)
    request.when_busy = when_busy::supersede;
  return request;
}

void tell_hints(const manifest& app, const fs::path& directory) {
  auto how = look_of(STDERR_FILENO);
  const auto file = [&](std::string_view name) { return read_small_file(directory / name); };
  for (const auto& hint : config::hints_of(app, file))
    write_to(STDERR_FILENO, client::prose("! " + hint, "", how));
}

// Before it is sent: what is large is most often not meant to be.
void warn_of_size(const packing::packed_source& packed) {
  if (packed.facts.bytes <= limits::large_source_bytes)
    return;
  auto how = look_of(STDERR_FILENO);
  auto text =
      client::prose(fmt::format("! the source has {}; name files that the app does not "
                                "need in {}. Its largest files:",
                                client::human_bytes(packed.facts.bytes), packed.ignore_file),
                    "", how);
  for (const auto& each : packed.largest)
    text += client::fit_lines(
        fmt::format("  {:>10}  {}\n", client::human_bytes(each.bytes), printable(each.path)), how);
  write_to(STDERR_FILENO, text);
}

// The server reads what is sent: whether that says the same as what was read here.
result<void> check_settings_are_sent(const fs::path& directory, const options& given,
                                     const packing::packed_source& packed) {
  auto lost = [&](const char* name) {
    return fs::exists(directory / name) &&
           std::find(packed.settings.begin(), packed.settings.end(), name) == packed.settings.end();
  };
  auto not_sent = [&](const char* name) {
    return fmt::format("{} would not be sent, because an ignore file names it: put !/{} at the end "
                       "of {}",
                       name, name, packed.ignore_file);
  };
  if (lost("pawl.toml"))
    return error{errc::invalid_argument, not_sent("pawl.toml"), {}};
  if (!lost("Procfile"))
    return {};
  auto without = read_app(directory, given, false);
  if (without)
    return {};
  return error{errc::invalid_argument,
               fmt::format("{}\n{}", not_sent("Procfile"), without.error().message),
               {}};
}

void tell(const std::vector<std::string>& notes) {
  auto how = look_of(STDERR_FILENO);
  for (const auto& each : notes)
    write_to(STDERR_FILENO, client::prose("! " + each, "", how));
}

int deploy(const options& given, const deploy_options& wanted) {
  auto app = read_app(wanted.directory, given);
  if (!app)
    return fail(given, app.error());
  auto request = make_request(given, wanted, *app);
  if (!request)
    return fail(given, request.error());
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  auto packing = load_packing();
  if (!packing)
    return fail(given, packing.error());
  auto packed = (*packing)->pack(wanted.directory);
  if (!packed)
    return fail(given, packed.error());
  if (auto sent = check_settings_are_sent(wanted.directory, given, *packed); !sent)
    return fail(given, sent.error());
  tell_hints(*app, wanted.directory);
  tell(packed->notes);
  warn_of_size(*packed);
  request->source = packed->facts;
  request->contents = packed->contents;
  request->git = (*packing)->read_git_facts(wanted.directory);

  auto interrupts = take_interrupts();
  viewer shows{given, interrupts.get()};
  client::conversation talk{*connect, shows, interrupts.get()};
  auto end = talk.deploy({*request, packed->file.get()}, wanted.detach);
  bool detached = wanted.detach && end.detached && !talk.was_interrupted();
  if (detached && end.record)
    if (auto answer = talk.ask(protocol::show_request{end.record->id}))
      if (auto* shown = std::get_if<protocol::shown>(&*answer))
        end.record = std::move(shown->deployment);
  return shows.finish(talk, end, request->request_id, detached);
}

} // namespace

void add_deploy(CLI::App& program, options& given, runner& chosen) {
  auto wanted = std::make_shared<deploy_options>();
  auto* command = add_command(
      program, given,
      {"deploy", "Ship", "Send a directory, build it, and make it live",
       "Packs the directory without the files that .pawlignore (or else git) ignores, uploads "
       "it, and shows the deployment to its end. Ctrl-C asks whether to leave the deployment "
       "running or to cancel it. The old version serves until the new one is healthy.",
       "  pawl deploy\n"
       "  pawl deploy ./shop -C production -m \"Fix the cart\"",
       exits::follows});
  command->add_option("directory", wanted->directory, "The app's directory (default: .)")
      ->type_name("DIR");
  add_app(*command, given);
  add_cluster(*command, given);
  command->add_option("-m,--message", wanted->message, "The reason, which the record keeps")
      ->type_name("TEXT");
  auto* queue = command->add_flag("--queue", wanted->queue,
                                  "If another deployment is in flight, wait until it has ended");
  command
      ->add_flag("--supersede", wanted->supersede,
                 "If another deployment is in flight, cancel it and those that wait")
      ->excludes(queue);
  command->add_flag("--detach", wanted->detach,
                    "Exit when the source has been sent; the deployment goes on");
  command
      ->add_option("--request-id", wanted->request_id,
                   "Id of the request; with the same id again, pawl goes on with the same "
                   "deployment and its upload")
      ->type_name("REQUEST");
  add_override_freeze(*command, wanted->override_freeze);
  add_jsonl(*command, given);
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return deploy(given, *wanted); }; });
}

} // namespace pawl::cli
