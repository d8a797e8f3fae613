// A mark by which the next server learns that this one crashed by a fault of its own (a
// segmentation fault, an abort), and not by a kill from outside, a power failure or an orderly end.
#pragma once

#include "lifecycle/result.hpp"

#include <filesystem>

namespace pawl {

// Returns whether the last server of this data directory left a crash mark, and removes the mark.
// From here on the directory is marked when this process dies of a signal that a fault raises. To
// be called once in a process, by the holder of the store's lock.
result<bool> renew_crash_mark(const std::filesystem::path& data_dir);

// Lets the calling thread mark it too when its stack overflows. Until the thread's end; nothing is
// done for one that has a stack for signals, as a sanitizer gives it.
void give_thread_a_signal_stack();

} // namespace pawl
