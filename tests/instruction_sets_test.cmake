# Files compiled for an instruction set that not every CPU has (cmake/QfsInstructionSets.cmake). Of an inline
# function in two objects, a weak symbol, the linker keeps either copy for the whole program: one compiled
# here would end that program on an older CPU. So their objects hold functions of ours and nothing weak; and
# the wide registers that they are made for are in no other object of their libraries.
#   -D NM=... -D OBJDUMP=... -D OBJECTS="all objects of the libraries" -D FILES="10_.../avx2_bytes.cpp ..." -P ...
cmake_policy(SET CMP0057 NEW)

function(output_of variable)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE error RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}: exit code ${code}\n${error}")
  endif()
  set(${variable} "${output}" PARENT_SCOPE)
endfunction()

if(NOT FILES OR NOT OBJECTS)
  message(FATAL_ERROR "no files or no objects to look at\n  got: '${FILES}' and '${OBJECTS}'")
endif()

set(special "")
set(found "")
foreach(file IN LISTS FILES)
  set(object ${OBJECTS})
  string(REPLACE "." "\\." pattern "/${file}.o")
  list(FILTER object INCLUDE REGEX "${pattern}$")
  list(REMOVE_DUPLICATES object)
  list(LENGTH object count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "${file} has ${count} objects; expected one")
  endif()
  list(APPEND special "${object}")
  output_of(symbols "${NM}" -C -g --defined-only "${object}")
  if(NOT symbols MATCHES " T qfs::")
    message(FATAL_ERROR "${file}: no function of ours in\n${symbols}")
  endif()
  string(REGEX MATCHALL "[^\n]+" symbols "${symbols}")
  foreach(symbol IN LISTS symbols)
    if(NOT symbol MATCHES "^[0-9a-f]+ [TRDB] qfs::")  # what is strong can have one copy only
      string(APPEND found "  ${file}: ${symbol}\n")
    endif()
  endforeach()
endforeach()

list(REMOVE_DUPLICATES OBJECTS)
set(wide "%[tyz]mm[0-9]")
foreach(object IN LISTS OBJECTS)
  output_of(code "${OBJDUMP}" -d --no-show-raw-insn "${object}")
  if(object IN_LIST special)
    if(NOT code MATCHES "${wide}")
      string(APPEND found "  ${object}: no wide register, as if it had not got its flags\n")
    endif()
  elseif(code MATCHES "[^\n]*${wide}[^\n]*")
    string(APPEND found "  ${object}: ${CMAKE_MATCH_0}\n")
  endif()
endforeach()

if(found)
  message(FATAL_ERROR "what must not leave a special instruction set, or enter the rest:\n${found}"
    "  what to do: in such a file, raw pointers, C headers, and an unnamed namespace round what is not "
    "declared in a header; flags on the file alone")
endif()
