// A server that cannot start says which file, port or directory it is and what to do, ends with a
// status, and changes nothing.
#include "test/end_to_end/running_server.hpp"
#include "test/persistence/raw_file.hpp"

#include "persistence/lmdb/records.hpp"
#include "persistence/lmdb/schema.hpp"
#include "test/support/print.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace pawl::test;
namespace fs = std::filesystem;

// A pawld whose configuration cannot work: it has to end by itself.
outcome start_with(running_server& server, const std::string& config) {
  write_text(server.place() / "other.toml", config);
  return server.begin_pawld("--config", server.place() / "other.toml")->wait();
}

void refused(const outcome& end, const std::string& what) {
  BOOST_TEST(end.status != 0);
  BOOST_TEST(end.status < 128, "ended by a signal");
  BOOST_TEST(mentions(end.err, what), end.err);
}

std::string on_no_router(const std::string& data, const std::string& socket) {
  return "data_dir = \"" + data + "\"\n[listen]\nsocket = \"" + socket +
         "\"\n[router]\nkind = \"none\"\n";
}

class taken_port {
public:
  taken_port() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    BOOST_REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    BOOST_REQUIRE(::listen(listener_, 1) == 0);
    BOOST_REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    number_ = ntohs(address.sin_port);
  }
  taken_port(const taken_port&) = delete;
  taken_port& operator=(const taken_port&) = delete;
  ~taken_port() { ::close(listener_); }
  std::string number() const { return std::to_string(number_); }

private:
  int listener_;
  std::uint16_t number_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(setups_test)

// Fault: F36; hits: machine; at: start; holds: I10.
BOOST_AUTO_TEST_CASE(a_data_directory_that_cannot_be_written_is_named) {
  running_server server;
  write_text(server.place() / "file", "not a directory");
  refused(start_with(server, on_no_router("file/data", "other.sock")), "file/data");
  refused(start_with(server, on_no_router("/proc/pawl", "other.sock")), "/proc/pawl");
  BOOST_TEST(!fs::exists(server.place() / "other.sock"));
}

// Fault: F32; hits: machine; at: start; holds: I13.
BOOST_AUTO_TEST_CASE(a_data_directory_of_a_newer_version_is_left_as_it_is) {
  running_server server;
  deploy(server, {});
  server.stop();
  raw_file{server.data() / "store"}.put(
      pawl::schema::database::meta, pawl::schema::meta_key,
      pawl::records::encode(pawl::schema::meta_key,
                            pawl::records::meta_record{pawl::schema::format + 1}));
  const auto before = read_text(server.data() / "store" / "data.mdb");
  const auto end = server.begin_pawld("--config", server.place() / "pawld.toml")->wait();
  refused(end, "newer");
  BOOST_TEST(read_text(server.data() / "store" / "data.mdb") == before);
  raw_file{server.data() / "store"}.put(
      pawl::schema::database::meta, pawl::schema::meta_key,
      pawl::records::encode(pawl::schema::meta_key,
                            pawl::records::meta_record{pawl::schema::format}));
  server.start();
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "hello"; }));
}

// Fault: F37; hits: machine; at: start; holds: I11.
BOOST_AUTO_TEST_CASE(a_socket_that_is_taken_is_named_and_stays_its_owners) {
  running_server server;
  refused(start_with(server, on_no_router("data2", "pawld.sock")), "pawld.sock");
  check_exit(server.pawl({"status"}), 0);
  write_text(server.place() / "precious", "a file");
  refused(start_with(server, on_no_router("data2", "precious")), "precious");
  BOOST_TEST(read_text(server.place() / "precious") == "a file");
}

// Fault: F37; hits: machine; at: start; holds: I10.
BOOST_AUTO_TEST_CASE(a_port_of_the_router_that_is_taken_is_named) {
  running_server server;
  const taken_port port;
  refused(start_with(server, "data_dir = \"data2\"\n[listen]\nsocket = \"other.sock\"\n"
                             "[router]\nlisten = \"127.0.0.1:" +
                                 port.number() + "\"\n"),
          port.number());
  BOOST_TEST(!fs::exists(server.place() / "other.sock"));
}

BOOST_AUTO_TEST_SUITE_END()
