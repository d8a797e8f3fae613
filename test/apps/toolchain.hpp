// The programs that an app is built and run with: some are on every machine that tests Pawl, others
// are too big for that.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pawl::test {

struct toolchain {
  std::string packages; // of Debian 12
  std::vector<std::filesystem::path> files;
  bool everywhere = false; // scripts/setup installs it
  bool fetches = false;    // the build takes packages from a registry, over the network
};

namespace toolchains {

inline const toolchain compiler{.packages = "g++", .files = {"/usr/bin/g++"}, .everywhere = true};
inline const toolchain git{.packages = "git", .files = {"/usr/bin/git"}, .everywhere = true};
inline const toolchain flask{.packages = "python3-flask gunicorn",
                             .files = {"/usr/bin/gunicorn", "/usr/lib/python3/dist-packages/flask"},
                             .everywhere = true};
inline const toolchain django{.packages = "python3-django python3-whitenoise gunicorn",
                              .files = {"/usr/bin/gunicorn",
                                        "/usr/lib/python3/dist-packages/django",
                                        "/usr/lib/python3/dist-packages/whitenoise"},
                              .everywhere = true};
inline const toolchain sinatra{.packages = "ruby-sinatra puma",
                               .files = {"/usr/bin/ruby", "/usr/bin/puma"},
                               .everywhere = true};
inline const toolchain php{.packages = "php-cli php-sqlite3",
                           .files = {"/usr/bin/php", "/etc/php/8.2/cli/conf.d/20-pdo_sqlite.ini"},
                           .everywhere = true};
inline const toolchain nginx{
    .packages = "nginx-light", .files = {"/usr/sbin/nginx"}, .everywhere = true};
inline const toolchain java{.packages = "openjdk-17-jdk-headless",
                            .files = {"/usr/bin/javac", "/usr/bin/jar"}};
inline const toolchain go{.packages = "golang-go", .files = {"/usr/bin/go"}};
inline const toolchain rust{.packages = "cargo", .files = {"/usr/bin/cargo"}};
inline const toolchain npm{
    .packages = "nodejs npm", .files = {"/usr/bin/node", "/usr/bin/npm"}, .fetches = true};
inline const toolchain npm_alone{.packages = "nodejs npm",
                                 .files = {"/usr/bin/node", "/usr/bin/npm"}};
inline const toolchain cmake{.packages = "cmake g++ make",
                             .files = {"/usr/bin/cmake", "/usr/bin/c++", "/usr/bin/make"},
                             .everywhere = true};
inline const toolchain flask_packages{.packages = "python3-flask python3-venv python3-pip gunicorn",
                                      .files = {"/usr/bin/gunicorn", "/usr/bin/pip3",
                                                "/usr/lib/python3/dist-packages/flask",
                                                "/usr/lib/python3.11/ensurepip"},
                                      .everywhere = true};
inline const toolchain django_packages{
    .packages = "python3-django python3-venv python3-pip gunicorn",
    .files = {"/usr/bin/gunicorn", "/usr/bin/pip3", "/usr/lib/python3/dist-packages/django",
              "/usr/lib/python3.11/ensurepip"},
    .everywhere = true};
inline const toolchain node{.packages = "nodejs", .files = {"/usr/bin/node"}};

} // namespace toolchains

// Whether the calling test can run. One of a toolchain that is everywhere always can: it fails at
// once where a file is missing. Another one runs where PAWL_APPS is "all" and its files are there;
// else it prints a line that begins with "skipped: ", which ctest takes up.
bool can_run(const toolchain& needed);

} // namespace pawl::test
