// pawl destroy: take an app off.

#include "bin/pawl/following.hpp"
#include "client/terminal/text_records.hpp"
#include "protocol/json/documents.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace pawl::cli {

namespace {

struct destroy_options {
  std::string app;
  bool yes = false;
};

result<protocol::destroyed> destroy_it(const options& given, const destroy_options& wanted) {
  if (auto good = check_name("app", wanted.app); !good)
    return std::move(good).error();
  auto cluster = cluster_of(given);
  if (!cluster)
    return std::move(cluster).error();
  if (!wanted.yes)
    return error{
        errc::invalid_argument,
        fmt::format("this ends all instances of {} and frees its host names. To look first: "
                    "pawl status -a {}; to do it: add --yes",
                    wanted.app, wanted.app),
        {{"app", wanted.app}}};
  auto connect = connector_of(given);
  if (!connect)
    return std::move(connect).error();
  viewer shows{given, -1};
  auto answer = client::conversation{*connect, shows}.ask(
      protocol::destroy_request{wanted.app, *cluster}, limits::destroy_patience);
  if (!answer)
    return std::move(answer).error();
  auto* gone = std::get_if<protocol::destroyed>(&*answer);
  if (gone == nullptr)
    return client::unexpected_answer();
  return std::move(*gone);
}

int destroy(const options& given, const destroy_options& wanted) {
  auto gone = destroy_it(given, wanted);
  if (!gone)
    return fail(given, gone.error());
  write_to(STDOUT_FILENO, given.json ? json::document(*gone) + "\n"
                                     : client::destroyed_text(*gone, look_of(STDOUT_FILENO)));
  return 0;
}

} // namespace

void add_destroy(CLI::App& program, options& given, runner& chosen) {
  auto wanted = std::make_shared<destroy_options>();
  auto* command =
      add_command(program, given,
                  {"destroy", "Ship", "Take an app off: end its instances, free its host names",
                   "Returns when the instances have ended. The records and journals stay. To bring "
                   "the app back, deploy it again.",
                   "  pawl destroy shop-pr-17 --yes\n"
                   "  pawl destroy shop -C staging --yes"});
  command->add_option("app", wanted->app, "The app")->required()->type_name("APP");
  add_cluster(*command, given);
  command->add_flag("--yes", wanted->yes, "Do it; without this nothing is changed");
  command->callback(
      [&given, &chosen, wanted] { chosen = [&given, wanted] { return destroy(given, *wanted); }; });
}

} // namespace pawl::cli
