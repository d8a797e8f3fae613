// How a server tells the next one that it crashed: a fault of its own (a segmentation fault, an
// abort), and not a kill from outside, a power failure or an end in good order.
#pragma once

#include "lifecycle/result.hpp"

#include <filesystem>

namespace pawl {

// Whether the server that had this data directory last left a mark. Takes the mark away, and from
// here on marks the directory when this process dies of a signal that a fault raises. Once in a
// process, by who holds the store's lock.
result<bool> renew_crash_mark(const std::filesystem::path& data_dir);

// Lets the calling thread mark it too when its stack overflows. Until the thread's end; nothing is
// done for one that has a stack for signals, as a sanitizer gives it.
void give_thread_a_signal_stack();

} // namespace pawl
