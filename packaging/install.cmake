# Runs at `cmake --install`: what depends on the prefix, which is known only then. FRESHET_PACKAGING
# and FRESHET_BUILT name the folders of the sources and of the build.
set(programs "${CMAKE_INSTALL_PREFIX}/bin")
set(configuration "${CMAKE_INSTALL_PREFIX}/etc/freshet")
if(CMAKE_INSTALL_PREFIX MATCHES "^/usr/?$")
  set(configuration /etc/freshet)
endif()

# An administrator's settings stay; what a new version has as defaults lies beside them.
file(INSTALL "${FRESHET_PACKAGING}/freshet.toml" DESTINATION "${configuration}"
  RENAME freshet.toml.default)
if(EXISTS "$ENV{DESTDIR}${configuration}/freshet.toml")
  message(STATUS "Kept: $ENV{DESTDIR}${configuration}/freshet.toml")
else()
  file(INSTALL "${FRESHET_PACKAGING}/freshet.toml" DESTINATION "${configuration}")
endif()

file(READ "${FRESHET_PACKAGING}/freshet.service" unit)
string(REPLACE "/usr/bin/" "${programs}/" unit "${unit}")
string(REPLACE "/usr/share/" "${CMAKE_INSTALL_PREFIX}/share/" unit "${unit}")
string(REPLACE "/etc/freshet/" "${configuration}/" unit "${unit}")
file(WRITE "${FRESHET_BUILT}/freshet.service" "${unit}")
file(INSTALL "${FRESHET_BUILT}/freshet.service"
  DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")
