// The readers of what strangers send and people write, each as a function of any bytes. A fuzzer
// looks for bytes that break one (libfuzzer.cpp); a test runs those that are kept
// (corpus_test.cpp).
//
// A function throws broken_property (properties.hpp) if its reader does not keep its word. Each is
// called again and again in one process, from one thread; the bytes outlive the call alone.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pawl::test {

using fuzz_input = std::span<const std::uint8_t>;

void fuzz_answers(fuzz_input in);        // of a server, as people and programs read them
void fuzz_client_config(fuzz_input in);  // config.toml of a person
void fuzz_client_hellos(fuzz_input in);  // TLS records before a handshake
void fuzz_cursors(fuzz_input in);        // of a page
void fuzz_dockerignore(fuzz_input in);   // behind a NUL a path
void fuzz_frames(fuzz_input in);         // of msgpack, with their messages
void fuzz_http_requests(fuzz_input in);  //
void fuzz_manifest(fuzz_input in);       // pawl.toml; behind a NUL a Procfile
void fuzz_pawlignore(fuzz_input in);     //
void fuzz_procfile(fuzz_input in);       //
void fuzz_records(fuzz_input in);        // of the store: a byte for the kind, and the msgpack
void fuzz_server_config(fuzz_input in);  // pawld.toml
void fuzz_tar(fuzz_input in);            // a source
void fuzz_terminal_text(fuzz_input in);  // of builds, apps and users
void fuzz_tokens(fuzz_input in);         //
void fuzz_tree(fuzz_input in);           // a file by which the language of an app is known
void fuzz_written_values(fuzz_input in); // durations, sizes, times, addresses, names

struct fuzz_target {
  std::string_view name; // of its folders of inputs
  void (*run)(fuzz_input);
};

// All of them, by name.
std::span<const fuzz_target> fuzz_targets();

// nullptr if there is none of that name.
const fuzz_target* find_fuzz_target(std::string_view name);

} // namespace pawl::test
