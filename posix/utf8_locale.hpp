// A UTF-8 locale for libraries that interpret characters by the thread's locale.
#pragma once

#include <locale.h>

namespace pawl {

// Until it is destroyed, this thread's locale has UTF-8, whatever the user's locale is. Does
// nothing if the system has no C.UTF-8.
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
