// Libraries that ask the thread's locale what characters are.
#pragma once

#include <locale.h>

namespace pawl {

// While it lives, this thread's characters are UTF-8, whatever the person's locale says. Without
// the system's C.UTF-8 it changes nothing.
class utf8_locale {
public:
  utf8_locale();
  utf8_locale(const utf8_locale&) = delete;
  utf8_locale& operator=(const utf8_locale&) = delete;
  ~utf8_locale();

private:
  locale_t before_;
};

} // namespace pawl
