// A note of this server's life in DATA/crashed, by which the next server learns whether this one
// died because of what it did (a segmentation fault, an abort, no memory left), and not by a kill
// from outside, a power failure or an orderly end.
#pragma once

#include "lifecycle/result.hpp"

#include <filesystem>

namespace pawl {

// Returns whether the last server of this data directory crashed, and notes that this one lives.
// From here on the note becomes a crash mark when this process dies of a signal that a fault
// raises. To be called once in a process, by the holder of the store's lock.
//
// The kernel's memory killer leaves no mark. A last server that did not end in good order has
// crashed, too, if the kernel has killed any process of this machine for memory since it began.
result<bool> renew_crash_mark(const std::filesystem::path& data_dir);

// Makes the note a crash mark, durably: this process ends because it is out of memory. May be
// called from anywhere, also from a signal handler; does nothing before renew_crash_mark().
void leave_crash_mark() noexcept;

// This server ends in good order: its note says nothing to the next.
void note_orderly_end() noexcept;

// Lets the calling thread mark it too when its stack overflows. Until the thread's end; nothing is
// done for one that has a stack for signals, as a sanitizer gives it.
void give_thread_a_signal_stack();

} // namespace pawl
