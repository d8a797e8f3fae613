// pawld --init, by itself: the files, their modes, and that there is all of it or nothing.
#include "test/end_to_end/running_server.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

struct workshop {
  temporary_directory place;

  fs::path directory() const { return place.path() / "server"; }

  outcome run(words arguments) const {
    program_plan plan{std::move(arguments)};
    plan.environment = {{"PATH", "/usr/bin:/bin"}};
    plan.directory = place.path();
    plan.out = place.path() / "out";
    plan.err = place.path() / "err";
    return program{plan}.wait();
  }

  outcome pawld(words arguments) const {
    arguments.insert(arguments.begin(), PAWL_BIN_DIR "/pawld");
    return run(std::move(arguments));
  }
};

// Every path below the directory, with its mode.
std::map<std::string, unsigned> modes_in(const fs::path& directory) {
  std::map<std::string, unsigned> all;
  for (const auto& each : fs::recursive_directory_iterator{directory})
    all[each.path().lexically_relative(directory).string()] = mode_of(each.path());
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(init_test)

BOOST_FIXTURE_TEST_CASE(everything_is_there_and_private, workshop) {
  const auto end = pawld({"--init", directory().string(), "--listen", "deploy.example.org:7421",
                          "--domain", "apps.example.org", "--json"});
  check_exit(end, 0);
  BOOST_TEST(end.err == "");
  const auto made = document_of(end);
  BOOST_TEST(keys_of(made) == (std::set<std::string>{"config", "address", "fingerprint", "token"}),
             boost::test_tools::per_element());
  BOOST_TEST(made["config"] == (directory() / "pawld.toml").string());
  BOOST_TEST(made["address"] == "deploy.example.org:7421");
  BOOST_TEST(made["token"].get<std::string>().starts_with("pawl_"));
  BOOST_TEST(made["fingerprint"].get<std::string>().starts_with("sha256:"));

  auto modes = modes_in(directory());
  for (const auto& [name, mode] : modes)
    if (name != "tls/ca.crt" && name != "tls/server.crt")
      BOOST_TEST((mode & 0077U) == 0U, name);
  BOOST_TEST(modes["tls/server.crt"] == 0644U);
  BOOST_TEST(modes["tls/server.key"] == 0600U);
  BOOST_TEST(modes["tls/ca.key"] == 0600U);
  for (const auto& [name, mode] : modes)
    if (fs::is_regular_file(directory() / name))
      BOOST_TEST(!mentions(read_text(directory() / name), made["token"].get<std::string>()), name);

  check_exit(pawld({"--check-config", (directory() / "pawld.toml").string()}), 0);
  check_exit(pawld({"--verify", (directory() / "data").string()}), 0);
  const auto names = run({"/usr/bin/openssl", "x509", "-noout", "-ext", "subjectAltName", "-in",
                          (directory() / "tls/server.crt").string()});
  for (const auto* name :
       {"DNS:deploy.example.org", "DNS:apps.example.org", "DNS:localhost", "IP Address:127.0.0.1"})
    BOOST_TEST(mentions(names.out, name), names.out);
}

BOOST_FIXTURE_TEST_CASE(people_are_told_the_next_two_commands, workshop) {
  const auto end = pawld({"--init", directory().string(), "--listen", "127.0.0.1:7420"});
  check_exit(end, 0);
  BOOST_TEST(mentions(end.out, "  pawld --config " + (directory() / "pawld.toml").string() + "\n"),
             end.out);
  BOOST_TEST(mentions(end.out, "  pawl login 127.0.0.1:7420 --fingerprint sha256:"), end.out);
}

// A common name has 64 characters at most.
BOOST_FIXTURE_TEST_CASE(a_long_name_of_the_server_stands_in_its_certificate, workshop) {
  const auto host =
      "ec2-203-0-113-125.eu-central-1.compute." + std::string(40, 'a') + ".example.com";
  check_exit(pawld({"--init", directory().string(), "--listen", host + ":7420"}), 0);
  const auto names = run({"/usr/bin/openssl", "x509", "-noout", "-ext", "subjectAltName", "-in",
                          (directory() / "tls/server.crt").string()});
  BOOST_TEST(mentions(names.out, "DNS:" + host), names.out);
}

BOOST_FIXTURE_TEST_CASE(a_service_has_its_usual_places_and_its_first_token_is_made_by_root,
                        workshop) {
  fs::create_directories(directory() / "data"); // of a server that was there before, say
  const auto end = pawld({"--init", directory().string(), "--service", "--json"});
  check_exit(end, 0);
  const auto made = document_of(end);
  BOOST_TEST(keys_of(made) == (std::set<std::string>{"config", "address", "fingerprint", "token"}),
             boost::test_tools::per_element());
  BOOST_TEST(made["token"].is_null());
  BOOST_TEST(fs::is_empty(directory() / "data"));
  const auto text = read_text(directory() / "pawld.toml");
  BOOST_TEST(mentions(text, "\n# data_dir = "), text);
  BOOST_TEST(mentions(text, "\n# socket = "), text);
  const auto again = pawld({"--init", directory().string(), "--service"});
  check_exit(again, 2);
  BOOST_TEST(mentions(again.err, "holds a server already"), again.err);
}

BOOST_FIXTURE_TEST_CASE(a_directory_with_a_server_is_refused_and_stays, workshop) {
  check_exit(pawld({"--init", directory().string()}), 0);
  const auto before = modes_in(directory());
  const auto key = read_text(directory() / "tls/server.key");
  const auto again = pawld({"--init", directory().string(), "--json"});
  check_exit(again, 2);
  BOOST_TEST(mentions(again.err, "holds a server already"));
  BOOST_TEST(document_of(again)["error"]["code"] == "invalid_argument");
  BOOST_CHECK(modes_in(directory()) == before);
  BOOST_TEST(read_text(directory() / "tls/server.key") == key);
}

BOOST_FIXTURE_TEST_CASE(other_files_of_the_directory_are_left_alone, workshop) {
  fs::create_directory(directory());
  write_text(directory() / "notes", "mine\n");
  check_exit(pawld({"--init", directory().string()}), 0);
  BOOST_TEST(read_text(directory() / "notes") == "mine\n");
}

BOOST_FIXTURE_TEST_CASE(bad_input_is_told_and_makes_nothing, workshop) {
  const std::vector<words> wrong{{"--listen", "7420"},
                                 {"--listen", "a,b:7420"},
                                 {"--domain", "not a domain"},
                                 {"--domain", "a\"b"}};
  for (auto more : wrong) {
    more.insert(more.begin(), {"--init", directory().string()});
    const auto end = pawld(more);
    BOOST_TEST(end.status == 2, more.back() << ": " << end.err);
    BOOST_TEST(end.err.starts_with("pawld: "), end.err);
    BOOST_TEST(!fs::exists(directory()), more.back());
  }
  check_exit(pawld({"--listen", "127.0.0.1:7420"}), 2); // without --init
}

// Files may have so many blocks of 512 bytes: the limit is met in each of its steps.
BOOST_FIXTURE_TEST_CASE(whatever_fails_nothing_is_left, workshop) {
  bool in_the_certificates = false;
  bool in_the_store = false;
  outcome end;
  for (int blocks = 1; blocks < 4096; blocks *= 2) {
    end = run({"/bin/sh", "-c",
               fmt::format("trap '' XFSZ; ulimit -f {}; exec " PAWL_BIN_DIR "/pawld --init {}",
                           blocks, directory().string())});
    if (end.status == 0)
      break;
    (mentions(end.err, "the store") ? in_the_store : in_the_certificates) = true;
    BOOST_TEST(!fs::exists(directory()), blocks << ": " << end.err);
  }
  check_exit(end, 0);
  BOOST_TEST(in_the_certificates);
  BOOST_TEST(in_the_store);
}

BOOST_AUTO_TEST_SUITE_END()
