// How this process was told to take signals.
#pragma once

namespace pawl {

// Whether the process that started this one had it ignore the signal, as nohup(1) does with SIGHUP
// and a shell with SIGINT for a job in the background. Such a signal stays ignored: it is not for
// us. To be asked before anything sets a handler.
bool started_to_ignore(int signal);

} // namespace pawl
