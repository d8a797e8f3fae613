// pawl deploy: local checks, the source, then the way to its end.

#include "bin/pawl/app_tree.hpp"
#include "bin/pawl/explanation.hpp"
#include "bin/pawl/following.hpp"
#include "config/hints.hpp"
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
  std::string manifest_file;
  bool explain = false;

  app_tree tree() const { return {directory, manifest_file}; }
};

result<protocol::deploy_request> make_request(const options& given, const deploy_options& wanted,
                                              const manifest& app) {
  protocol::deploy_request request;
  request.app = given.app.empty() ? app.app : given.app;
  if (auto fits = check_name("app", request.app); !fits)
    return std::move(fits).error();
  auto cluster = cluster_of(given);
  if (!cluster)
    return std::move(cluster).error();
  request.cluster = cluster->empty() ? app.cluster : *cluster;
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

void tell_hints(const fs::path& directory) {
  auto how = look_of(STDERR_FILENO);
  const auto file = [&](std::string_view name) { return read_small_file(directory / name); };
  for (const auto& hint : config::hints_of(file))
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
result<void> check_settings_are_sent(const app_tree& tree, const manifest& app,
                                     const packing::packed_source& packed) {
  auto lost = [&](const char* name) {
    return fs::exists(tree.directory / name) &&
           std::find(packed.settings.begin(), packed.settings.end(), name) == packed.settings.end();
  };
  auto not_sent = [&](const char* name) {
    return error{errc::invalid_argument,
                 fmt::format("{} would not be sent, because an ignore file names it: put !/{} at "
                             "the end of {}",
                             name, name, packed.ignore_file),
                 {}};
  };
  if (lost("pawl.toml"))
    return not_sent("pawl.toml");
  if (!lost("Procfile"))
    return {};
  auto without = read_settings(tree, config::app_name::optional, false);
  return without && *without == app ? result<void>{} : not_sent("Procfile");
}

// Whether a Dockerfile is there that a cluster of the engine docker would build.
bool has_dockerfile(const app_tree& tree, const manifest& app) {
  std::error_code unknown;
  return fs::exists(tree.directory / app.build.dockerfile, unknown);
}

int explain(const options& given, const app_tree& tree, const protocol::deploy_request& request,
            const packing::packed_source& packed, detection::findings found) {
  const bool has_image = has_dockerfile(tree, found.settings);
  const explained_app told{request.app, request.cluster, std::move(found), has_image, packed.facts};
  write_to(STDOUT_FILENO, given.for_programs() ? explanation_document(told) + "\n"
                                               : explanation_text(told, look_of(STDOUT_FILENO)));
  return 0;
}

void tell(const std::vector<std::string>& notes) {
  auto how = look_of(STDERR_FILENO);
  for (const auto& each : notes)
    write_to(STDERR_FILENO, client::prose("! " + each, "", how));
}

int send(const options& given, const deploy_options& wanted, const client::connector& connect,
         const protocol::deploy_request& request, const packing::packed_source& packed) {
  auto interrupts = take_interrupts();
  viewer shows{given, interrupts.get()};
  client::conversation talk{connect, shows, interrupts.get()};
  auto end = talk.deploy({request, packed.file.get()}, wanted.detach);
  bool detached = wanted.detach && end.detached && !talk.was_interrupted();
  if (detached && end.record)
    if (auto answer = talk.ask(protocol::show_request{end.record->id}))
      if (auto* shown = std::get_if<protocol::shown>(&*answer))
        end.record = std::move(shown->deployment);
  return shows.finish(talk, end, request.request_id, detached);
}

int deploy(const options& given, const deploy_options& wanted) {
  const auto tree = wanted.tree();
  auto app = read_settings(tree, given.app.empty() ? config::app_name::required
                                                   : config::app_name::optional);
  if (!app)
    return fail(given, app.error());
  auto request = make_request(given, wanted, *app);
  if (!request)
    return fail(given, request.error());
  auto connect = connector_of(given);
  if (!connect && !wanted.explain)
    return fail(given, connect.error());
  auto packing = load_packing();
  if (!packing)
    return fail(given, packing.error());
  auto packed = (*packing)->pack(tree.directory, tree.manifest_file);
  if (!packed)
    return fail(given, packed.error());
  if (auto sent = check_settings_are_sent(tree, *app, *packed); !sent)
    return fail(given, sent.error());
  auto found = look_into(*packed, *app);
  if (!found && (wanted.explain || !has_dockerfile(tree, *app)))
    return fail(given, found.error());
  if (wanted.explain)
    return explain(given, tree, *request, *packed, *std::move(found));
  tell_hints(tree.directory);
  tell(packed->notes);
  warn_of_size(*packed);
  request->source = packed->facts;
  request->contents = packed->contents;
  request->git = (*packing)->read_git_facts(tree.directory);
  return send(given, wanted, *connect, *request, *packed);
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
  command
      ->add_option("-f,--manifest", wanted->manifest_file,
                   "Another manifest than DIR/pawl.toml; it is sent in its place")
      ->type_name("FILE");
  command->add_flag("--explain", wanted->explain,
                    "Show how the app would be built and run; send nothing");
  add_jsonl(*command, given);
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return deploy(given, *wanted); }; });
}

} // namespace pawl::cli
