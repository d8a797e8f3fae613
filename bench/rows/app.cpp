#include "bench/rows/app.hpp"

#include "test/support/program.hpp"

#include <fmt/format.h>

namespace pawl::bench {

namespace {

// perl-base is on every Debian. It accepts, and says nothing: the check is that it does.
constexpr auto server_script = R"(use IO::Socket::INET;
my $listener = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1', LocalPort => $ENV{PORT}, Listen => 128, ReuseAddr => 1) or die $!;
$SIG{TERM} = sub { exit 0 };
while (1) { my $client = $listener->accept; close $client if $client }
)";

} // namespace

void write_app(const std::filesystem::path& directory, const bench_app& app) {
  test::write_text(directory / "serve.pl", server_script);
  test::write_text(directory / "pawl.toml",
                   fmt::format("app = \"{}\"\n[build]\ncommand = '''{}'''\n"
                               "[run]\ncommand = \"exec perl serve.pl\"\nstop_timeout = \"1s\"\n"
                               "[health]\ninterval = \"10ms\"\nhealthy_threshold = 1\n",
                               app.name, app.build));
}

} // namespace pawl::bench
