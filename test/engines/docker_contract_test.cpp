// The contract of engines, over the Docker engine and a real daemon.
#include "test/engines/contract_steps.hpp"
#include "test/engines/docker_fixture.hpp"
#include "test/engines/engine_contract.hpp"
#include "test/engines/instance_logs_contract.hpp"
#include "test/engines/line_site.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

// Prints each line that it receives; ends when that is "exit".
const docker_fixture::files printing_app{{"Dockerfile", "FROM pawl-test-base:1\n"
                                                        "COPY server.sh take.sh /\n"
                                                        "CMD [\"/bin/sh\", \"/server.sh\"]\n"},
                                         {"server.sh", "mkfifo /tmp/in\n"
                                                       "exec 3<>/tmp/in\n"
                                                       "nc -ll -p $PORT -e /bin/sh /take.sh &\n"
                                                       "while read -r line <&3; do\n"
                                                       "  [ \"$line\" = exit ] && exit 5\n"
                                                       "  echo \"$line\"\n"
                                                       "done\n"},
                                         {"take.sh", "cat >/tmp/in\n"}};

class docker_engine_site final : public line_site {
public:
  pawl::engine& engine() override { return *fixture_.engine; }
  void restart() override { fixture_.open(); }

  build_job job(const std::string& deployment, sample which) override {
    auto tree = printing_app;
    if (which == sample::build_fails)
      tree["Dockerfile"] += "RUN exit 1\n";
    auto made = fixture_.job(deployment, tree);
    made.settings.release.command = which == sample::release_fails ? "exit 1" : "true";
    made.settings.release.timeout = std::chrono::seconds{60};
    return made;
  }

private:
  docker_fixture fixture_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(docker_engine_contract, with_docker())

const make_site<engine_site> site = [] { return std::make_unique<docker_engine_site>(); };
const bool added = add_engine_contract(site) && add_instance_logs_contract(site);

BOOST_AUTO_TEST_SUITE_END()
