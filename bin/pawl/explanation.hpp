// Shows an app without sending it (deploy --explain), and writes the pawl.toml of init.
#pragma once

#include "bin/pawl/command.hpp"
#include "detection/detection.hpp"

namespace pawl::cli {

struct explained_app {
  std::string app;     // empty: nothing names it
  std::string cluster; // empty: the server chooses
  detection::findings found;
  bool has_dockerfile = false; // which a cluster of the engine docker would build instead
  source_facts source;
};

// Some lines for people.
std::string explanation_text(const explained_app& told, const client::look& how);

// One document on one line.
std::string explanation_document(const explained_app& told);

// A pawl.toml of those settings; comments say why each was chosen, and what else there is.
std::string manifest_text(const explained_app& told);

} // namespace pawl::cli
