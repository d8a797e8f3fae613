# Puts the files of a service where systemd, shells and pawld look for them, below CMAKE_INSTALL_PREFIX, or in /etc if
# that is /usr or /usr/local. Runs at the end of `cmake --install`, with the sources in PAWL_PACKAGING and what the
# build made in PAWL_BUILD. The configuration and the keys of a server are made on its machine, by `pawld --init`.
set(prefix "${CMAKE_INSTALL_PREFIX}")
set(etc "${prefix}/etc")
if(prefix MATCHES "^/usr(/local)?/?$")
  set(etc "/etc")
endif()

# Debian looks for units of packages in /lib, which is /usr/lib.
set(units "${prefix}/lib/systemd/system")
set(zsh "${prefix}/share/zsh/site-functions")
if(prefix MATCHES "^/usr/?$")
  set(units "/lib/systemd/system")
  set(zsh "${prefix}/share/zsh/vendor-completions")
endif()

set(PAWL_PROGRAMS "${prefix}/bin")
set(PAWL_CONFIGURATION "${etc}/pawl/pawld.toml")
configure_file("${PAWL_PACKAGING}/pawld.service.in" "${PAWL_BUILD}/pawld.service" @ONLY)
file(INSTALL "${PAWL_BUILD}/pawld.service" DESTINATION "${units}")
file(INSTALL "${PAWL_PACKAGING}/sysusers.conf" DESTINATION "${prefix}/lib/sysusers.d" RENAME pawl.conf)
file(INSTALL "${PAWL_BUILD}/completion/pawl.bash" DESTINATION "${prefix}/share/bash-completion/completions"
  RENAME pawl)
file(INSTALL "${PAWL_BUILD}/completion/pawl.zsh" DESTINATION "${zsh}" RENAME _pawl)
file(INSTALL "${PAWL_BUILD}/completion/pawl.fish" DESTINATION "${prefix}/share/fish/vendor_completions.d")
if(NOT DEFINED ENV{DESTDIR} AND NOT EXISTS "${PAWL_CONFIGURATION}")
  message(STATUS "For the service: ${prefix}/bin/pawld --init ${etc}/pawl --service")
endif()
