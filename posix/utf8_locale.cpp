#include "posix/utf8_locale.hpp"

namespace pawl {

namespace {

// Made once and kept: making one reads files.
locale_t ours() {
  static const locale_t made = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return made;
}

} // namespace

utf8_locale::utf8_locale() : before_(ours() == nullptr ? nullptr : ::uselocale(ours())) {}

utf8_locale::~utf8_locale() {
  if (before_ != nullptr)
    ::uselocale(before_);
}

} // namespace pawl
