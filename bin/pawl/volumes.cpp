// pawl volumes, and volume remove: the directories of lanes that outlive deployments.

#include "bin/pawl/following.hpp"
#include "bin/pawl/listing.hpp"
#include "client/terminal/text_volumes.hpp"
#include "protocol/json/documents.hpp"

#include <unistd.h>

namespace pawl::cli {

namespace {

int volumes(const options& given) {
  auto app = app_of(given);
  if (!app)
    return fail(given, app.error());
  auto cluster = cluster_of(given);
  if (!cluster)
    return fail(given, cluster.error());
  return list<protocol::volume_list>(
      given, protocol::volumes_request{unless_empty(*app), unless_empty(*cluster)},
      client::volumes_text);
}

result<protocol::volume_removed> remove_it(const options& given, const std::string& name) {
  auto request = lane_request_of<protocol::volume_remove_request>(given);
  if (!request)
    return std::move(request).error();
  request->name = name;
  if (auto good = protocol::check(*request); !good)
    return std::move(good).error();
  auto connect = connector_of(given);
  if (!connect)
    return std::move(connect).error();
  viewer shows{given, -1};
  auto answer = client::conversation{*connect, shows}.ask(protocol::message{*request},
                                                          limits::destroy_patience);
  if (!answer)
    return std::move(answer).error();
  auto* gone = std::get_if<protocol::volume_removed>(&*answer);
  if (gone == nullptr)
    return client::unexpected_answer();
  return std::move(*gone);
}

int remove(const options& given, const std::string& name) {
  auto gone = remove_it(given, name);
  if (!gone)
    return fail(given, gone.error());
  write_to(STDOUT_FILENO, given.json ? json::document(*gone) + "\n"
                                     : client::volume_removed_text(*gone, look_of(STDOUT_FILENO)));
  return 0;
}

} // namespace

void add_volumes(CLI::App& program, options& given, runner& chosen) {
  auto* command = add_command(program, given,
                              {"volumes", "Look", "List the volumes, with their size",
                               "A volume is a directory of an app in a cluster that outlives its "
                               "deployments; [volume.NAME] in pawl.toml asks for one.",
                               "  pawl volumes -a shop"});
  add_app(*command, given);
  add_cluster(*command, given);
  command->callback([&given, &chosen] { chosen = [&given] { return volumes(given); }; });

  auto* group = add_command_group(
      program, {"volume", "Ship", "Remove a volume",
                "Nothing but this command ever removes one; pawl volumes lists them.",
                "  pawl volume remove data -a shop -C staging"});
  auto name = std::make_shared<std::string>();
  auto* removal = add_command(*group, given,
                              {"remove", "Commands", "Remove a volume with all that is in it",
                               "Refused while a deployment uses it. There is no way back.",
                               "  pawl volume remove data -a shop -C staging"});
  removal->add_option("name", *name, "The volume")->required()->type_name("NAME");
  add_app(*removal, given);
  add_cluster(*removal, given);
  removal->callback(
      [&given, &chosen, name] { chosen = [&given, name] { return remove(given, *name); }; });
}

} // namespace pawl::cli
