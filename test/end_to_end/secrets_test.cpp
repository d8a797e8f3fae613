// Tokens and keys, put in wherever people and programs put them in, and looked for in all that is
// left of it: outputs, files, journals, the processes of apps.
#include "test/end_to_end/ci_issuer.hpp"
#include "test/end_to_end/remote_server.hpp"

#include <fmt/format.h>

#include <csignal>

#include <unistd.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

// A token with these letters in it, as no server has given it out.
std::string made_up_token(const std::string& letters) {
  return "pawl_" + letters + std::string(43 - letters.size(), 'x');
}

// A line of the key itself: the first are those of its kind and of PEM.
std::string line_of_key(const fs::path& file) {
  const auto text = read_text(file);
  auto begin = text.find('\n') + 1;
  begin = text.find('\n', begin) + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

// The part of a signed token that proves something.
std::string signature_of(const std::string& token) {
  return token.substr(token.rfind('.') + 1);
}

class planted_secrets {
public:
  void add(const std::string& name, const std::string& text) {
    BOOST_REQUIRE_MESSAGE(text.size() >= 32, name << " is too short to be looked for: " << text);
    texts_[name] = text;
  }

  // A place that may have them: where a person keeps it, or was shown it this once.
  void allow(const fs::path& file) { allowed_files_.insert(file); }
  void allow_output(const std::string& text) { allowed_outputs_.insert(text); }

  std::string found_in(const std::string& text) const {
    for (const auto& [name, secret] : texts_)
      if (mentions(text, secret))
        return name;
    return {};
  }

  // A line for each file that shows one. All that are allowed have to be there, and show one.
  std::string shown_below(const fs::path& place) const {
    std::string lines;
    std::size_t allowed = 0;
    for (const auto& each : fs::recursive_directory_iterator{place}) {
      if (!each.is_regular_file())
        continue;
      const auto text = read_text(each.path());
      const auto name = found_in(text);
      if (!name.empty() &&
          (allowed_files_.contains(each.path()) || allowed_outputs_.contains(text)))
        ++allowed;
      else if (!name.empty())
        lines += fmt::format("{} shows {}\n", each.path().string(), name);
    }
    BOOST_TEST(allowed == allowed_files_.size() + allowed_outputs_.size());
    return lines;
  }

  // The same of the command lines and environments of all processes but one.
  std::string shown_by_processes(pid_t but) const {
    std::string lines;
    for (const auto& each : fs::directory_iterator{"/proc"}) {
      const auto name = each.path().filename().string();
      if (name.find_first_not_of("0123456789") != std::string::npos || name == std::to_string(but))
        continue;
      for (const auto* file : {"cmdline", "environ"})
        if (const auto found = found_in(read_text(each.path() / file)); !found.empty())
          lines += fmt::format("{} of process {} shows {}\n", file, name, found);
    }
    return lines;
  }

private:
  std::map<std::string, std::string> texts_;
  std::set<fs::path> allowed_files_;
  std::set<std::string> allowed_outputs_;
};

// A server and the people around it, with a secret in each place where one can be.
struct company : ci_issuer {
  temporary_directory certificates;
  fs::path ci_authority = certificates.path() / "ci.crt";
  remote_server world;
  machine anns{world.place() / "ann"};
  machine bobs{world.place() / "bob"};
  machine jobs{world.place() / "ci"};
  planted_secrets planted;

  company() : world{remote_server::form::document, write_authority()} {
    planted.add("the key of the server", line_of_key(world.place() / "tls/server.key"));
    planted.add("the key of the authority", line_of_key(world.place() / "tls/ca.key"));
    planted.add("the token of the first admin", world.made("token"));
    planted.allow(world.place() / "tls/server.key");
    planted.allow(world.place() / "tls/ca.key");
    planted.allow_output(world.said());
    check_exit(world.owner().stop(), 0);
    const auto of_environment = made_up_token("SENTINEL-of-the-servers-environment");
    planted.add("a token in the server's environment", of_environment);
    world.owner().set_environment({{"PAWL_TOKEN", of_environment}});
    world.owner().start();
  }

  std::string write_authority() {
    write_text(ci_authority, authority.certificate());
    return table(ci_authority);
  }

  // As people see it, or as a program reads it.
  std::string new_token(const std::string& name, bool as_json) {
    words arguments{"token", "create", name, "--role", "deploy"};
    if (as_json)
      arguments.emplace_back("--json");
    const auto end = world.owner().pawl(arguments);
    check_exit(end, 0);
    planted.allow_output(end.out);
    const auto token = end.out.substr(end.out.find("pawl_"), 48);
    planted.add("the token of " + name, token);
    return token;
  }

  std::map<std::string, std::string> variables_of_job(const std::string& token) const {
    return {{"PAWL_SERVER", world.address()},
            {"PAWL_TOKEN", token},
            {"SSL_CERT_FILE", (world.place() / "tls/ca.crt").string()}};
  }
};

// Whatever it knows of itself and of others, in its output.
constexpr const char* tell_all = "env; cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n'; true";

// A repository with a filter, a program that git starts, which writes down its environment. Gives
// the file that it writes.
fs::path curious_repository(machine& of, const std::string& app) {
  const auto told = of.home() / "told";
  write_text(fs::path{app} / ".gitattributes", "*.pl filter=curious\n");
  check_exit(of.shell(fmt::format("cd {} && git init -q && git add . && "
                                  "git -c user.name=a -c user.email=a@b commit -qm first && "
                                  "git config filter.curious.clean 'env >>{}; cat' && "
                                  "touch -d yesterday *.pl",
                                  app, told.string())),
             0);
  return told;
}

// Ann deploys an app that tells all it can; Bob looks at it in each way.
void deploy_and_look(company& of) {
  const auto app = write_app(
      of.anns.home(), {.build = tell_all, .run = std::string{tell_all} + "; exec perl serve.pl"});
  const auto deployed = of.anns.pawl({"deploy", app, "--json"});
  check_exit(deployed, 0);
  const auto id = record_of(deployed).at("id").get<std::string>();
  for (const words& looks :
       {words{"attach", id, "--jsonl"}, words{"show", id, "--json"}, words{"logs", "-a", "shop"},
        words{"history", "--json"}, words{"status"}, words{"whoami", "--json"}})
    check_exit(of.bobs.pawl(looks), 0);
  BOOST_TEST(mentions(of.bobs.pawl({"attach", id}).out, "PATH="));
  BOOST_TEST(mentions(of.bobs.pawl({"logs", "-a", "shop"}).out, "GREETING=hello"));
}

bool is_core(const fs::path& file) {
  return file.filename().string().starts_with("core");
}

bool has_core(const fs::path& directory) {
  const fs::directory_iterator all{directory};
  return std::any_of(begin(all), end(all), [](const auto& each) { return is_core(each.path()); });
}

const words with_cores{"/usr/bin/prlimit", "--core=unlimited", "--"};

// Whether a program that crashes leaves a core in its directory here.
bool cores_are_left(const fs::path& directory) {
  fs::create_directories(directory);
  auto arguments = with_cores;
  arguments.insert(arguments.end(), {"/bin/sh", "-c", "kill -ABRT $$"});
  program_plan plan{arguments};
  plan.directory = directory;
  plan.out = directory / "out";
  plan.err = directory / "err";
  program{plan}.wait();
  return has_core(directory);
}

} // namespace

BOOST_AUTO_TEST_SUITE(secrets_test)

BOOST_FIXTURE_TEST_CASE(no_token_and_no_key_is_left_where_somebody_may_read_it, company) {
  const auto ann = new_token("ann", true);
  const auto bob = new_token("bob", false);
  check_exit(anns.login(world, ann), 0);
  planted.allow(anns.servers_file());
  write_text(bobs.home() / "token", bob);
  planted.allow(bobs.home() / "token");
  check_exit(bobs.shell(fmt::format("pawl login {} --fingerprint {} --token-stdin <token",
                                    world.address(), world.made("fingerprint"))),
             0);
  planted.allow(bobs.servers_file());

  deploy_and_look(*this);
  const auto job = token();
  planted.add("the token of a job", signature_of(job));
  const auto cis = write_app(jobs.home(), {});
  const auto told = curious_repository(jobs, cis);
  check_exit(jobs.pawl({"deploy", cis}, variables_of_job(job)), 0);
  BOOST_TEST(mentions(read_text(told), "PAWL_SERVER="), "git has started no filter");
  BOOST_TEST(planted.shown_by_processes(world.owner().server().pid()) == "");

  const auto forged = signing_key::curve("first").sign("ES256", claims());
  planted.add("a forged token", signature_of(forged));
  const auto unknown = made_up_token("SENTINEL-that-nobody-knows");
  planted.add("an unknown token", unknown);
  const auto malformed = made_up_token("SENTINEL+with-a-plus-that-no-token-has");
  planted.add("a malformed token", malformed);
  for (const auto& bad : {forged, unknown, malformed}) {
    check_exit(jobs.login(world, bad), 9);
    check_exit(jobs.pawl({"whoami"}, variables_of_job(bad)), 9);
  }
  check_exit(anns.pawl({"--server", bob, "whoami"}), 2);
  check_exit(anns.pawl({"login", world.address(), "--tokn=" + bob}), 2);

  auto& owner = world.owner();
  check_exit(owner.pawl({"token", "list", "--json"}), 0);
  check_exit(owner.pawl({"token", "revoke", "bob"}), 0);
  check_exit(bobs.pawl({"whoami"}), 9);
  BOOST_TEST(mentions(owner.pawl({"audit", "--json"}).out, "create_token"));
  const auto pasted = world.place() / "pasted.toml";
  write_text(pasted,
             fmt::format("[listen]\ntls = \"127.0.0.1:1\"\ncertificate = \"tls/server.crt\"\n"
                         "key = '''{}'''\n",
                         read_text(world.place() / "tls/server.key")));
  planted.allow(pasted);
  const auto checked = owner.begin_pawld("--check-config", pasted)->wait();
  check_exit(checked, 2);
  BOOST_TEST(mentions(checked.err, "(a private key)"), checked.err);

  owner.kill();
  owner.start();
  check_exit(owner
                 .begin_pawld({"--config", (world.place() / "pawld.toml").string(), "--backup",
                               (world.place() / "backup").string()})
                 ->wait(),
             0);
  BOOST_TEST(planted.found_in(owner.log()) == "");
  check_exit(owner.stop(), 0); // no file comes or goes any more
  BOOST_TEST(planted.shown_below(world.place()) == "");
}

BOOST_AUTO_TEST_CASE(a_crash_leaves_no_core_of_pawld_and_none_of_pawl) {
  running_server server;
  if (!cores_are_left(server.place() / "crashed")) {
    BOOST_TEST_MESSAGE("skipped: this machine puts cores elsewhere: "
                       << read_text("/proc/sys/kernel/core_pattern"));
    return;
  }
  check_exit(server.stop(), 0);
  server.run_under(with_cores);
  server.start();
  gate door;
  const auto building = begin_deploy(server, {.build = door.command()});
  BOOST_REQUIRE(door.reached());
  const auto watching = server.begin({"attach", in_flight_of(server), "--jsonl"}, with_cores);
  BOOST_REQUIRE(eventually([&] { return !watching->out().empty(); }));
  watching->signal(SIGABRT);
  BOOST_TEST(watching->wait().status == 128 + SIGABRT);
  server.server().signal(SIGABRT);
  BOOST_TEST(server.server().wait().status == 128 + SIGABRT);
  BOOST_TEST(!has_core(server.place()));
  BOOST_TEST(!has_core(server.data()));
  building->signal(SIGKILL);
}

BOOST_AUTO_TEST_SUITE_END()
