# SOURCE compiles as it is, and not with any flag of the fast-math family: the message says why.
list(REMOVE_ITEM INCLUDES "")
list(TRANSFORM INCLUDES PREPEND "-I")

function(compile)
  separate_arguments(flags UNIX_COMMAND "${ARGN}")
  execute_process(COMMAND "${COMPILER}" -std=c++20 -O1 -fsyntax-only ${INCLUDES} ${flags} "${SOURCE}"
    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  set(code "${code}" PARENT_SCOPE)
  set(text "${text}" PARENT_SCOPE)
endfunction()

compile()
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${SOURCE} does not compile without any such flag:\n${text}")
endif()
set(flags -ffast-math -Ofast -ffinite-math-only)
if(COMPILER_ID STREQUAL "GNU")  # Clang 14 has no macro that tells of these
  list(APPEND flags -freciprocal-math
    "-fassociative-math -fno-signed-zeros -fno-trapping-math")
endif()
foreach(flag IN LISTS flags)
  compile("${flag}")
  if(code EQUAL 0 OR NOT text MATCHES "compile without -ffast-math")
    message(FATAL_ERROR "${flag} is not refused: exit code ${code}\n${text}")
  endif()
endforeach()
