# Installs the build in BUILD, moves the installation, then configures, builds and runs projects against
# it: all/ with everything, core/ in a place without zlib and OpenBLAS.
set(work "${BUILD}/consumer")
set(flags "")
if(SANITIZE)
  set(flags "-fsanitize=address,undefined")  # the libraries call the sanitizers' run time
endif()
file(REMOVE_RECURSE "${work}")
file(STRINGS "${BUILD}/chapters.txt" chapters)
list(TRANSFORM chapters PREPEND "ch")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "exit code ${code} from: ${line}\n${text}")
  endif()
endfunction()

# refused(words command ...): the command must fail, and say these words.
function(refused words)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  string(REGEX REPLACE "[ \n]+" " " text "${text}")
  if(code EQUAL 0 OR NOT text MATCHES "${words}")
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "exit code ${code} from: ${line}\nexpected a failure with the words: ${words}\n${text}")
  endif()
endfunction()

# An installation below DESTDIR, as a packager makes it, and then moved: nothing in it may know where
# it was made.
run(${CMAKE_COMMAND} -E env "DESTDIR=${work}/stage"
  ${CMAKE_COMMAND} --install "${BUILD}" --prefix /opt/made/here)
file(RENAME "${work}/stage/opt/made/here" "${work}/prefix")
file(GLOB_RECURSE files "${work}/prefix/*")
foreach(file IN LISTS files)
  # With debug information a library names its sources.
  if(BUILD_TYPE STREQUAL "Debug" AND file MATCHES "\\.a$")
    continue()
  endif()
  foreach(place IN ITEMS "${SOURCE}/" "${work}" /opt/made/here)
    file(STRINGS "${file}" lines REGEX "${place}")
    if(lines)
      message(FATAL_ERROR "${file} holds the path ${place}: ${lines}")
    endif()
  endforeach()
endforeach()

list(JOIN chapters "," all)  # a list within an argument
list(SUBLIST chapters 0 3 first)
list(JOIN first "," first)
set(configure ${CMAKE_COMMAND} -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${work}/prefix"
  "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}" "-DCMAKE_CXX_FLAGS=${flags}")
run(${configure} -S "${CMAKE_CURRENT_LIST_DIR}/all" -B "${work}/all" "-DQFS_CHAPTERS=${all}")
run(${CMAKE_COMMAND} --build "${work}/all")
run("${work}/all/app")
run("${work}/all/load" "${work}/all/libextension.so")

# Chapters 01 to 03 need no library but xtensor; what needs more says what it misses.
set(bare ${configure} -DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON -DCMAKE_DISABLE_FIND_PACKAGE_OpenBLAS=ON
  -S "${CMAKE_CURRENT_LIST_DIR}/core" -B)
run(${bare} "${work}/core" "-DQFS_COMPONENTS=${first}")
run(${CMAKE_COMMAND} --build "${work}/core")
run("${work}/core/core_app")
refused("ZLIB" ${bare} "${work}/none" -DQFS_COMPONENTS=${first},ch04_mnist_mlp)
refused("ZLIB" ${bare} "${work}/none" -DQFS_COMPONENTS=)
refused("needs OpenBLAS.*libopenblas-dev.*ch01_affine_math" ${bare} "${work}/blas"
  -DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=OFF -DQFS_COMPONENTS=common)
refused("qfs has no component ch99_none. It has: qfs core common ch01_affine_math" ${bare} "${work}/unknown" -DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=OFF
  -DCMAKE_DISABLE_FIND_PACKAGE_OpenBLAS=OFF -DQFS_COMPONENTS=ch99_none)

# The preset for an installation compiles the libraries, and the headers that they share, and nothing else.
run(${CMAKE_COMMAND} --preset library -S "${SOURCE}" -B "${work}/library"
  "-DCMAKE_CXX_COMPILER=${COMPILER}")
file(READ "${work}/library/compile_commands.json" commands)
string(JSON count LENGTH "${commands}")
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
  string(JSON output GET "${commands}" ${i} command)
  if(NOT output MATCHES " -o [^ ]*(qfs_(core|common|datasets|datasets_here|headers)|ch[0-9]+_[a-z0-9_]+_lib)\\.dir/")
    message(FATAL_ERROR "the preset 'library' compiles more than the libraries:\n${output}")
  endif()
endforeach()
refused("QFS_BUILD_LESSONS is OFF.*cmake --preset library" ${CMAKE_COMMAND} -G "${GENERATOR}"
  -S "${SOURCE}" -B "${work}/contradiction" "-DCMAKE_CXX_COMPILER=${COMPILER}"
  -DQFS_BUILD_LESSONS=OFF -DQFS_BUILD_TESTS=ON)
