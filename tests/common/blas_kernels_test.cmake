# A lesson that restarts itself with other kernels of OpenBLAS (start_with_blas) must
# leave the user's own OPENBLAS_CORETYPE alone, also where it names the kernels that the restart is
# there to avoid.
function(kernels_with choice result)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env "OPENBLAS_CORETYPE=${choice}" "${LESSON}"
    RESULT_VARIABLE code OUTPUT_QUIET ERROR_VARIABLE text)
  if(NOT code EQUAL 0 OR NOT text MATCHES "OpenBLAS for ([A-Za-z0-9]+)\n")
    message(FATAL_ERROR "OPENBLAS_CORETYPE=${choice} ${LESSON}: exit code ${code}, it said '${text}'")
  endif()
  set(${result} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

kernels_with(Nehalem kernels)
if(NOT kernels STREQUAL "Nehalem")
  message("skipped: this OpenBLAS has one set of kernels, ${kernels}")
  return()
endif()
kernels_with(Prescott kernels)
if(NOT kernels STREQUAL "Prescott")
  message(FATAL_ERROR "OPENBLAS_CORETYPE=Prescott was overruled: OpenBLAS for ${kernels}")
endif()
