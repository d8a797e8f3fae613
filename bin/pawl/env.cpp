// pawl env, and its set, unset, history and rollback: the variables of an app in a cluster.

#include "bin/pawl/listing.hpp"
#include "bin/pawl/variable_input.hpp"
#include "client/terminal/text_variables.hpp"
#include "client/terminal/time.hpp"
#include "posix/utf8.hpp"
#include "protocol/json/documents.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>

namespace pawl::cli {

namespace {

struct env_options {
  std::vector<std::string> words; // KEY=VALUE, or KEY
  std::vector<std::string> files;
  std::string revision;
  std::string override_freeze;
  std::uint32_t before = 0;
  bool is_secret = false;
  bool stage = false;
  bool detach = false;
};

int list_variables(const options& given) {
  auto request = lane_request_of<protocol::variables_request>(given);
  if (!request)
    return fail(given, request.error());
  return list<protocol::variable_list>(
      given, *std::move(request), [](const protocol::variable_list& all, const client::look& how) {
        return client::variables_text(all, client::wall_time(), how);
      });
}

int list_configs(const options& given, const env_options& wanted) {
  auto request = lane_request_of<protocol::configs_request>(given);
  if (!request)
    return fail(given, request.error());
  if (wanted.before > 0)
    request->before = wanted.before;
  return list<protocol::config_list>(given, *std::move(request),
                                     [](const protocol::config_list& all, const client::look& how) {
                                       return client::configs_text(all, client::wall_time(), how);
                                     });
}

int tell_staged(const options& given, const protocol::configured& done) {
  if (given.json)
    write_to(STDOUT_FILENO, json::document(done) + "\n");
  if (given.jsonl)
    write_to(STDOUT_FILENO, json::result_line(std::nullopt, std::nullopt) + "\n");
  write_to(prose_descriptor(given), client::staged_text(done, look_of(prose_descriptor(given))));
  return 0;
}

// Asks first, because the answer tells whether there is a deployment to follow.
int configure(const options& given, const env_options& wanted,
              protocol::configure_request request) {
  request.request_id = make_request_id();
  request.stage = wanted.stage;
  if (!wanted.override_freeze.empty())
    request.override_freeze = wanted.override_freeze;
  if (auto good = protocol::check(request); !good)
    return fail(given, good.error());
  auto connect = connector_of(given);
  if (!connect)
    return fail(given, connect.error());
  auto interrupts = take_interrupts();
  viewer shows{given, interrupts.get()};
  client::conversation talk{*connect, shows, interrupts.get()};
  auto answer = talk.ask(request);
  if (!answer)
    return fail(given, answer.error());
  const auto* done = std::get_if<protocol::configured>(&*answer);
  if (done == nullptr)
    return fail(given, client::unexpected_answer());
  if (!done->deployment)
    return tell_staged(given, *done);
  shows.accepted(*done->deployment);
  client::follow_end end{done->deployment, {}, true};
  if (!wanted.detach)
    end = talk.attach(done->deployment->id, 1);
  return shows.finish(talk, end, "", wanted.detach);
}

int set_variables(const options& given, const env_options& wanted) {
  auto request = lane_request_of<protocol::configure_request>(given);
  if (!request)
    return fail(given, request.error());
  auto variables = read_variables(wanted.words, wanted.files, wanted.is_secret);
  if (!variables)
    return fail(given, variables.error());
  request->set = *std::move(variables);
  return configure(given, wanted, *std::move(request));
}

int unset_variables(const options& given, const env_options& wanted) {
  auto request = lane_request_of<protocol::configure_request>(given);
  if (!request)
    return fail(given, request.error());
  request->unset = wanted.words;
  return configure(given, wanted, *std::move(request));
}

int restore_variables(const options& given, const env_options& wanted) {
  auto request = lane_request_of<protocol::configure_request>(given);
  if (!request)
    return fail(given, request.error());
  const auto& text = wanted.revision;
  config_number number = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || number == 0)
    return fail(given, {errc::invalid_argument,
                        fmt::format("\"{}\" is no revision: they are numbered 1, 2, …; to see "
                                    "them: pawl env history",
                                    printable(text)),
                        {}});
  request->restore = number;
  return configure(given, wanted, *std::move(request));
}

using action = int (*)(const options&, const env_options&);

void choose(CLI::App& command, options& given, runner& chosen,
            const std::shared_ptr<env_options>& wanted, action what) {
  command.callback([&given, &chosen, wanted, what] {
    chosen = [&given, wanted, what] { return what(given, *wanted); };
  });
}

void add_applying(CLI::App& command, options& given, env_options& wanted) {
  add_app(command, given);
  add_cluster(command, given);
  command.add_flag("--stage", wanted.stage, "Wait for the next deployment, and start nothing");
  command.add_flag("--detach", wanted.detach, "Exit when the deployment has begun; it goes on");
  add_override_freeze(command, wanted.override_freeze);
  add_jsonl(command, given);
}

void add_env_set(CLI::App& env, options& given, runner& chosen) {
  auto wanted = std::make_shared<env_options>();
  auto* command = add_command(
      env, given,
      {"set", "Commands", "Set variables",
       "Starts the active version again with them, beside what serves, and switches when it is "
       "healthy. KEY=- reads the value from stdin, and KEY=@FILE from a file, byte for byte. "
       "Secrets are encrypted, never shown again, and hidden in what the app prints: give them by "
       "stdin or a file, so that they are not in the history of your shell.",
       "  pawl env set -a shop LOG_LEVEL=debug\n"
       "  pass show shop/db | pawl env set -a shop DB_PASSWORD=- --secret\n"
       "  pawl env set -a shop --file .env --secret --stage",
       exits::follows});
  command->add_option("variables", wanted->words, "KEY=VALUE, KEY=- or KEY=@FILE")
      ->type_name("KEY=VALUE");
  command->add_option("--file", wanted->files, "A .env file with variables (more than once)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_flag("--secret", wanted->is_secret, "Encrypt the values, and never show them");
  add_applying(*command, given, *wanted);
  choose(*command, given, chosen, wanted, set_variables);
}

void add_env_unset(CLI::App& env, options& given, runner& chosen) {
  auto wanted = std::make_shared<env_options>();
  auto* command =
      add_command(env, given,
                  {"unset", "Commands", "Remove variables",
                   "Starts the active version again without them, as pawl env set does.",
                   "  pawl env unset -a shop LOG_LEVEL", exits::follows});
  command->add_option("variables", wanted->words, "Their names")->required()->type_name("KEY");
  add_applying(*command, given, *wanted);
  choose(*command, given, chosen, wanted, unset_variables);
}

void add_env_rollback(CLI::App& env, options& given, runner& chosen) {
  auto wanted = std::make_shared<env_options>();
  auto* command = add_command(
      env, given,
      {"rollback", "Commands", "Bring the variables of an older revision back",
       "Makes a new revision with the content of that one, and applies it as pawl env set does.",
       "  pawl env rollback 3 -a shop", exits::follows});
  command->add_option("revision", wanted->revision, "Its number, as pawl env history shows it")
      ->required()
      ->type_name("REVISION");
  add_applying(*command, given, *wanted);
  choose(*command, given, chosen, wanted, restore_variables);
}

void add_env_history(CLI::App& env, options& given, runner& chosen) {
  auto wanted = std::make_shared<env_options>();
  auto* command = add_command(env, given,
                              {"history", "Commands", "List the revisions, newest first",
                               "Each with who made it, and the names that it added (+), changed "
                               "(~) and removed (-).",
                               "  pawl env history -a shop"});
  add_app(*command, given);
  add_cluster(*command, given);
  command->add_option("--before", wanted->before, "Only revisions below this one")
      ->type_name("REVISION");
  choose(*command, given, chosen, wanted, list_configs);
}

} // namespace

void add_env(CLI::App& program, options& given, runner& chosen) {
  auto* env = add_command(
      program, given,
      {"env", "Ship", "List, set and unset an app's variables",
       "Without a further command: lists the variables of the app in a cluster. Of secrets it "
       "shows who set them, and when.",
       "  pawl env -a shop\n"
       "  pawl env set -a shop LOG_LEVEL=debug"});
  add_app(*env, given);
  add_cluster(*env, given);
  env->require_subcommand(0, 1);
  env->callback([&given, &chosen, env] {
    if (env->get_subcommands().empty())
      chosen = [&given] { return list_variables(given); };
  });
  add_env_set(*env, given, chosen);
  add_env_unset(*env, given, chosen);
  add_env_history(*env, given, chosen);
  add_env_rollback(*env, given, chosen);
}

} // namespace pawl::cli
