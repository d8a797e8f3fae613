// Which settings of a pawl.toml have an effect with which engine. A setting without one is refused,
// and not ignored: its author expects something of it.
#pragma once

#include "lifecycle/cluster.hpp"
#include "lifecycle/result.hpp"

namespace pawl {

// Fails with one invalid_argument error that has a line for each setting that does not fit the
// engine of the cluster, and for a command that is missing there, each with its remedy. The engine
// `process` needs a command to run, `docker` does not: an image may have its own.
result<void> check_fits_engine(const manifest& app, const cluster_settings& cluster);

} // namespace pawl
