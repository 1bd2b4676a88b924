# One black-box test: freshet_python_test(NAME name LABEL label [TIMEOUT seconds] SCRIPT file.py). The
# script starts the real binaries of this build folder, found through FRESHET_BUILD.
#
# Debian's own interpreter first: it is the one that has python3-boto3.
find_program(FRESHET_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(FRESHET_PYTHON NAMES python3 REQUIRED)

function(freshet_python_test)
  cmake_parse_arguments(TEST "" "NAME;LABEL;TIMEOUT;SCRIPT" "" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 600)
  endif()
  add_test(NAME ${TEST_NAME}
    COMMAND ${FRESHET_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/${TEST_SCRIPT} -v)
  set_tests_properties(${TEST_NAME} PROPERTIES
    LABELS ${TEST_LABEL}
    TIMEOUT ${TEST_TIMEOUT}
    SKIP_RETURN_CODE 77
    ENVIRONMENT "FRESHET_BUILD=${CMAKE_BINARY_DIR};FRESHET_SOURCE=${PROJECT_SOURCE_DIR};PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/integration;PYTHONDONTWRITEBYTECODE=1")
endfunction()
