# What Debian expects of a package besides its files, done in the folder that becomes the package.
set(doc "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/doc/pawl")
file(COPY "${CPACK_PAWL_SOURCE}/docs/operating.md" DESTINATION "${doc}")
file(COPY "${CPACK_PAWL_SOURCE}/CHANGELOG.md" DESTINATION "${doc}")
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE "${doc}/changelog" "pawl (${CPACK_PACKAGE_VERSION}) bookworm; urgency=medium

  * The changes are in CHANGELOG.md.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}
")
configure_file("${CPACK_PAWL_SOURCE}/packaging/debian/copyright" "${doc}/copyright" COPYONLY)
file(GLOB pages "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/man/man1/*.1")
execute_process(COMMAND gzip -9nf ${pages} "${doc}/changelog" "${doc}/CHANGELOG.md"
  "${doc}/operating.md" COMMAND_ERROR_IS_FATAL ANY)
