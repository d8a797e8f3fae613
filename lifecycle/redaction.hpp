// The secrets that are not to be seen in what builds and apps print, prepared for
// redaction_scan.hpp: each as it is, in base64 and URL-encoded. Pure.
#pragma once

#include "lifecycle/variables.hpp"

#include <memory>

namespace pawl {

class redaction_table {
public:
  redaction_table() = default; // finds nothing

  // Takes secrets of limits::secret_redacted_bytes and more. One of several lines is found by each
  // of its lines that is so long. Texts over some hundred bytes are found in parts.
  static redaction_table of(const std::vector<variable_text>& all);

  bool is_empty() const { return bytes_ == nullptr; }
  // The scan reads this; valid as long as a copy of the table lives.
  std::string_view bytes() const;

private:
  std::shared_ptr<const secret> bytes_;
};

// A text of its own, redacted.
std::string redacted(const redaction_table& table, std::string_view text);

} // namespace pawl
