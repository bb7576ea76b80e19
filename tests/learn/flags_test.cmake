# Configures a project that has no language, so no compiler, up to the check of the flags.
file(WRITE "${OUT}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.22)\nproject(flags LANGUAGES NONE)\n"
  "include(\"${MODULES}/QfsFlags.cmake\")\n")

# configure(flags compiler_argument): sets `message`.
function(configure flags compiler_argument)
  file(REMOVE_RECURSE "${OUT}/build")
  execute_process(COMMAND ${CMAKE_COMMAND} -G "${GENERATOR}" -S "${OUT}" -B "${OUT}/build"
    "-DCMAKE_CXX_FLAGS=${flags}" "-DCMAKE_CXX_COMPILER_ARG1=${compiler_argument}"
    OUTPUT_QUIET ERROR_VARIABLE message)
  set(message "${message}" PARENT_SCOPE)
endfunction()

foreach(flag IN ITEMS -Ofast -ffast-math -funsafe-math-optimizations -fassociative-math -freciprocal-math
    -ffinite-math-only -fno-signed-zeros -fsingle-precision-constant -ffp-model=fast -ffp-model=aggressive)
  foreach(flags IN ITEMS "${flag}" "-O2 ${flag} -g")
    configure("${flags}" "")
    if(NOT message MATCHES "got:        ${flag}\n")
      message(SEND_ERROR "CMAKE_CXX_FLAGS=${flags} is not refused: ${message}")
    endif()
  endforeach()
endforeach()
configure("" " -ffast-math")
if(NOT message MATCHES "got:        -ffast-math\n")
  message(SEND_ERROR "CXX='g++ -ffast-math' is not refused: ${message}")
endif()
configure("-O2 -fno-fast-math -DX=-ffast-math" "")
if(message MATCHES "would change the arithmetic")
  message(SEND_ERROR "harmless flags are refused: ${message}")
endif()
