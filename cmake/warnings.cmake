# Every target of ours links freshet_warnings; headers of libraries are SYSTEM and stay silent.
add_library(freshet_warnings INTERFACE)
target_compile_options(freshet_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
target_include_directories(freshet_warnings INTERFACE ${PROJECT_SOURCE_DIR})
