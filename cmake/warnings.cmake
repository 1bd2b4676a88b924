# Every target of ours links freshet_warnings; headers of libraries are SYSTEM and stay silent.
add_library(freshet_warnings INTERFACE)
target_compile_options(freshet_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
# Where tests are built: whoever only wants to run Freshet need not care what a newer compiler thinks.
if(FRESHET_TESTS)
  target_compile_options(freshet_warnings INTERFACE -Werror)
endif()
target_include_directories(freshet_warnings INTERFACE ${PROJECT_SOURCE_DIR})
# GCC 12 reports std::string + at -O3 as overlapping copies (its bug 105329).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(freshet_warnings INTERFACE -Wno-restrict)
endif()
# GCC 14 takes the alternatives of a moved std::variant for uninitialized.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
  target_compile_options(freshet_warnings INTERFACE -Wno-maybe-uninitialized)
endif()
