// Who may include whom, and where the headers of third parties may stand.
#include "test/house/rules.hpp"
#include "test/house/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace pawl::test::house {

namespace {

struct third_party {
  std::string prefix;          // of the header, as it is included
  std::set<std::string> where; // files, or folders with a slash at their end
};

const std::vector<third_party>& third_parties() {
  static const std::vector<third_party> table{
      {"msgpack.hpp", {"test/protocol/msgpack_peer_test.cpp"}}, // takes 3 s to parse
      {"caf/all.hpp", {}},                                      // takes 2 s to parse
      {"caf/io/", {"gateway/", "client/", "bin/", "test/", "bench/server/"}},
      {"caf/",
       {"actors/", "gateway/", "client/", "bin/", "test/", "bench/server/", "cmake/caf_pch.hpp"}},
      {"lmdb.h", {"persistence/lmdb/lmdb.cpp"}},
      {"archive.h", {"packing/pack.cpp", "test/fuzz/other_tar_reader.cpp"}},
      {"archive_entry.h", {"packing/pack.cpp", "test/fuzz/other_tar_reader.cpp"}},
      {"openssl/",
       {"posix/digest.cpp", "posix/sealed_bytes.cpp", "posix/tls_identity.cpp",
        "posix/certificates.cpp", "gateway/transport/", "client/link/server_check.cpp",
        "client/link/tls_session.cpp", "test/posix/", "test/gateway/", "test/client/",
        "test/support/", "bench/harness/raw_tls.cpp"}},
      {"cjose/", {"identities/oidc/signed_token.cpp"}},
      {"curl/", {"identities/oidc/https_get.cpp", "engines/docker/api_transfer.cpp"}},
      {"toml++/", {"config/document.cpp"}},
      {"git2.h", {"packing/libgit.hpp"}},
      {"dlfcn.h", {"bin/pawl/packing_module.cpp", "bench/counters/counting.cpp"}},
      {"nlohmann/",
       {"engines/process/instance_record.cpp", "engines/docker/api_json.hpp",
        "identities/oidc/documents.cpp", "detection/languages/json_document.cpp", "protocol/json/",
        "test/", "bench/"}},
      {"CLI/", {"bin/", "bench/"}},
      {"libpq-fe.h", {"bench/peers/postgresql.cpp"}},
      {"sqlite3.h", {"bench/peers/sqlite.cpp"}},
      {"hiredis/", {"bench/peers/redis.cpp"}},
      {"boost/", {"gateway/http/request_reader.cpp", "test/", "cmake/boost_test_pch.hpp"}},
      {"fmt/", {""}}, // with lifecycle, everywhere
  };
  return table;
}

bool stands_in(const std::string& path, const std::set<std::string>& places) {
  return std::any_of(places.begin(), places.end(), [&](const std::string& place) {
    return place.empty() || place.ends_with('/') ? path.starts_with(place) : path == place;
  });
}

// A header of the system or of C++: what the compiler and libc6 bring along.
bool is_systems(const std::string& header) {
  static const std::regex systems{
      R"(^[a-z_]+$|^(sys|linux|net|netinet|arpa)/[a-z0-9_]+\.h$|)"
      R"(^(dirent|fcntl|grp|locale|malloc|netdb|poll|pthread|pwd|sched|signal|spawn|termios|)"
      R"(ucontext|unistd)\.h$)"};
  return std::regex_match(header, systems);
}

std::string own_header_of(const std::string& path) {
  return path.substr(0, path.rfind('.')) + ".hpp";
}

void check_own_header(const tree& house, const std::string& path,
                      const std::vector<include_line>& includes, breaches& found) {
  auto own = own_header_of(path);
  if (is_header(path) || !house.files.contains(own))
    return;
  if (includes.empty() || includes.front().target != own)
    found.push_back(fmt::format("{}: its own header, \"{}\", comes first", path, own));
}

void check_include(const tree& house, const std::string& path, const include_line& include,
                   breaches& found) {
  auto from = room_of(path);
  if (!house.files.contains(include.target)) {
    found.push_back(fmt::format("{}:{}: there is no file \"{}\"; write includes from the root",
                                path, include.line, include.target));
    return;
  }
  auto to = room_of(include.target);
  auto part = folder_of(include.target);
  if (from == to) {
    if (is_header(path) && folder_of(path) == from && part != from)
      found.push_back(fmt::format("{}:{}: the top of a room is its contract, and may not include "
                                  "\"{}\", which is an implementation",
                                  path, include.line, include.target));
    return;
  }
  auto allowed = arrows().find(from);
  if (allowed == arrows().end()) {
    found.push_back(fmt::format("{}:{}: {} has no arrow to anything; the table is in {}", path,
                                include.line, from, "test/house/include_rules.cpp"));
    return;
  }
  const auto& targets = allowed->second;
  if (targets.contains(part) || targets.contains(to + "/*"))
    return;
  if (targets.contains(to))
    found.push_back(fmt::format("{}:{}: {} may include the top of {}/, its contract, and not the "
                                "implementation \"{}\"; only bin, test and bench may",
                                path, include.line, from, to, include.target));
  else
    found.push_back(
        fmt::format("{}:{}: {} may not include \"{}\"", path, include.line, from, include.target));
}

} // namespace

const std::map<std::string, std::set<std::string>>& arrows() {
  static const std::set<std::string> everything{
      "lifecycle", "posix",        "config",      "protocol/*", "persistence/*",
      "sources/*", "engines/*",    "routers/*",   "actors/*",   "gateway/*",
      "client/*",  "packing/*",    "bin/packing", "bin/pawl",   "bin/pawld",
      "bin/usage", "identities/*", "test/*",      "bench/*",    "detection/*"};
  static const std::map<std::string, std::set<std::string>> table{
      {"lifecycle", {}},
      {"posix", {"lifecycle"}},
      {"config", {"lifecycle"}},
      {"protocol", {"lifecycle"}},
      {"persistence", {"lifecycle", "protocol/*", "posix"}},
      {"sources", {"lifecycle", "posix"}},
      {"detection", {"lifecycle", "config", "sources"}},
      {"engines", {"lifecycle", "posix", "sources"}},
      {"routers", {"lifecycle", "posix"}},
      {"identities", {"lifecycle"}},
      {"actors",
       {"lifecycle", "protocol", "persistence", "sources", "engines", "routers", "identities"}},
      {"gateway", {"lifecycle", "posix", "protocol/*", "actors"}},
      {"client", {"lifecycle", "posix", "protocol/*", "config"}},
      {"packing", {"lifecycle", "posix"}},
      {"bin/log_writer", {"lifecycle"}}, // small, each instance has one: only redaction_scan.hpp
      {"bin/packing", {"packing"}},
      {"bin/usage", {"config"}},
      {"bin/pawl",
       {"lifecycle", "posix", "protocol/*", "config", "client/*", "bin/packing", "bin/usage",
        "detection", "sources"}},
      {"bin/pawld",
       {"lifecycle", "posix", "protocol/*", "config", "persistence/*", "sources/*", "engines/*",
        "routers/*", "identities/*", "actors/*", "gateway/*", "bin/usage", "detection"}},
      {"test", everything},
      {"bench", everything},
      {"examples/hello", {}}, // builds with a compiler alone
      {"cmake", {}},
  };
  return table;
}

breaches check_includes(const tree& house) {
  breaches found;
  for (const auto& [path, text] : house.files) {
    if (!is_cpp(path))
      continue;
    auto includes = includes_of(text);
    check_own_header(house, path, includes, found);
    for (const auto& include : includes)
      if (!include.angled)
        check_include(house, path, include, found);
    if (is_header(path) && text.find("#pragma once\n") == std::string::npos)
      found.push_back(path + ": a header begins with #pragma once; add it");
  }
  return found;
}

breaches check_third_party(const tree& house) {
  breaches found;
  const auto& table = third_parties();
  for (const auto& [path, text] : house.files) {
    if (!is_cpp(path))
      continue;
    for (const auto& include : includes_of(text)) {
      if (!include.angled || is_systems(include.target))
        continue;
      auto rule = std::find_if(table.begin(), table.end(), [&](const third_party& one) {
        return include.target.starts_with(one.prefix);
      });
      if (rule == table.end() || !stands_in(path, rule->where))
        found.push_back(fmt::format("{}:{}: <{}> may not be included here; the table of "
                                    "third_parties() is in test/house/include_rules.cpp",
                                    path, include.line, include.target));
    }
  }
  return found;
}

breaches check_links(const tree& house) {
  static const std::regex room{R"(\bpawl_room\(\s*(\w+)([^()]*)\))"};
  static const std::regex link{R"(\bpawl_(\w+))"};
  breaches found;
  const auto& text = house.files.at("CMakeLists.txt");
  for (std::sregex_iterator it{text.begin(), text.end(), room}, end; it != end; ++it) {
    auto name = (*it)[1].str();
    auto links = (*it)[2].str();
    for (std::sregex_iterator to{links.begin(), links.end(), link}; to != end; ++to) {
      auto allowed = arrows().find(name);
      auto target = (*to)[1].str();
      if (allowed == arrows().end() ||
          !(allowed->second.contains(target) || allowed->second.contains(target + "/*")))
        found.push_back(fmt::format("CMakeLists.txt: {} may not link {}", name, target));
    }
  }
  return found;
}

} // namespace pawl::test::house
