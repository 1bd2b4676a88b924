# Every target of ours links freshet_warnings; headers of libraries are SYSTEM and stay silent.
add_library(freshet_warnings INTERFACE)
target_compile_options(freshet_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
target_include_directories(freshet_warnings INTERFACE ${PROJECT_SOURCE_DIR})
# GCC 12 reports std::string + at -O3 as overlapping copies (its bug 105329).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(freshet_warnings INTERFACE -Wno-restrict)
endif()
