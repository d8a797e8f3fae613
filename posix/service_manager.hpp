// Talks to the program that started this one as a service, as systemd does with Type=notify.
#pragma once

namespace pawl {

// Tells the service manager that the service is ready. Does nothing where there is none, and is
// lost where nobody reads: a service does its work either way. Any thread.
void tell_service_is_ready();

} // namespace pawl
