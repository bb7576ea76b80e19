include(QfsFloors)
include(QfsInstructionSets)

# qfs_add_chapter(NN_name
#   [CORE]                    its library stands on qfs_core alone, not on all of common/
#   [DEPENDS NN_name ...]     the floors whose headers this chapter may include
#   HEADERS file.hpp ...      what the chapter teaches
#   [SOURCES file.cpp ...]
#   [LOOPS file.cpp ...]      those of SOURCES whose inner loops are timed
#   [AVX2 file.cpp ...]       further sources, compiled for AVX2: on x86-64 only
#   [AVX_VNNI ...] [AVX512_VNNI ...] [AMX ...]   likewise
#   [STANDALONE file.cpp ...] programs of their own, made elsewhere
#   [LESSON file.cpp ...]     the program's sources in lesson/, beside main.cpp
#   [TESTS file.cpp ...]      in tests/chapters/; chNN_name_test.cpp when left out
#   [BLAS unit output]        those of its two tests, chNN.unit and chNN.output, that multiply by OpenBLAS
#   [EXERCISES N_slug ...])   exercises/N_slug.hpp, N_slug.hint.md, solutions/N_slug.hpp
#
# Makes the library chNN_name_lib (installed as qfs::chNN_name); with QFS_BUILD_LESSONS the program
# chNN_name; and with tests the tests chNN.unit and chNN.output and a program per exercise.
function(qfs_add_chapter chapter)
  cmake_parse_arguments(PARSE_ARGV 1 arg "CORE" ""
    "DEPENDS;HEADERS;SOURCES;LOOPS;${QFS_INSTRUCTION_SETS};STANDALONE;LESSON;TESTS;BLAS;EXERCISES")
  if(arg_UNPARSED_ARGUMENTS OR NOT chapter MATCHES "^[0-9][0-9]_[a-z0-9_]+$")
    message(FATAL_ERROR "qfs_add_chapter(${chapter} ...): the name must look like 01_affine_math, and "
      "the arguments be CORE, DEPENDS, HEADERS, SOURCES, LOOPS, AVX2, AVX_VNNI, AVX512_VNNI, AMX, "
      "STANDALONE, LESSON, TESTS, BLAS, EXERCISES; not understood: '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  string(SUBSTRING "${chapter}" 0 2 number)
  set(folder "${CMAKE_CURRENT_SOURCE_DIR}/${chapter}")
  if(NOT arg_TESTS)
    set(arg_TESTS ch${chapter}_test.cpp)
  endif()
  list(TRANSFORM arg_TESTS PREPEND "${PROJECT_SOURCE_DIR}/tests/chapters/")
  file(GLOB tests_and_judges "${PROJECT_SOURCE_DIR}/tests/exercises/ch${number}_*.cpp"
    "${PROJECT_SOURCE_DIR}/tests/exercises/answers/ch${number}_*.cpp")
  list(APPEND tests_and_judges ${arg_TESTS})
  set(lesson main.cpp ${arg_LESSON})
  set(at_the_top ${arg_HEADERS} ${arg_SOURCES} ${arg_STANDALONE})
  foreach(set IN LISTS QFS_INSTRUCTION_SETS)
    list(APPEND at_the_top ${arg_${set}})
  endforeach()
  qfs_check_floor("${chapter}" "${folder}" "${arg_DEPENDS}" "${at_the_top}" "${lesson}"
    "${tests_and_judges}")

  list(TRANSFORM arg_SOURCES PREPEND "${chapter}/" OUTPUT_VARIABLE sources)
  set(library "ch${chapter}_lib")
  if(sources)
    add_library(${library} STATIC ${sources})
    if(arg_LOOPS)
      list(TRANSFORM arg_LOOPS PREPEND "${chapter}/")
      qfs_loops(${library} ${arg_LOOPS})
    endif()
    foreach(set IN LISTS QFS_INSTRUCTION_SETS)
      list(TRANSFORM arg_${set} PREPEND "${chapter}/")
      qfs_compiled_for(${library} "${QFS_FLAGS_${set}}" ${arg_${set}})
    endforeach()
    target_link_libraries(${library} PRIVATE $<BUILD_INTERFACE:qfs_warnings>)
    qfs_precompiled(${library})
    set(scope PUBLIC)
  else()
    add_library(${library} INTERFACE)
    set(scope INTERFACE)
  endif()
  if(arg_CORE)
    target_link_libraries(${library} ${scope} qfs_core)
    set_property(GLOBAL APPEND PROPERTY QFS_CORE_CHAPTERS "${chapter}")
  else()
    target_link_libraries(${library} ${scope} qfs_common)
  endif()
  set_target_properties(${library} PROPERTIES EXPORT_NAME "ch${chapter}")
  add_library(qfs::ch${chapter} ALIAS ${library})
  target_include_directories(${library} ${scope} $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/qfs>)
  foreach(floor IN LISTS arg_DEPENDS)
    target_link_libraries(${library} ${scope} ch${floor}_lib)
  endforeach()

  set_property(GLOBAL APPEND PROPERTY QFS_CHAPTERS "${chapter}")
  set_property(GLOBAL PROPERTY QFS_HEADERS_${chapter} "${arg_HEADERS}")
  set_property(GLOBAL PROPERTY QFS_EXERCISES_${chapter} "${arg_EXERCISES}")
  if(NOT QFS_BUILD_LESSONS)
    return()
  endif()

  list(TRANSFORM lesson PREPEND "${chapter}/lesson/")
  add_executable(ch${chapter} ${lesson})
  target_link_libraries(ch${chapter} PRIVATE ${library} qfs_common qfs_warnings)
  qfs_precompiled(ch${chapter})
  qfs_in_batches(ch${chapter})
  set_property(GLOBAL APPEND PROPERTY QFS_DOCS_COMMANDS COMMAND qfs_golden --update
    "${folder}/expected_output.txt" $<TARGET_FILE:ch${chapter}>)
  if(QFS_BUILD_TESTS)
    _qfs_add_chapter_tests("${chapter}" "${number}" "${folder}" "${arg_TESTS}" "${arg_BLAS}")
    foreach(exercise IN LISTS arg_EXERCISES)
      _qfs_add_exercise("${chapter}" "${number}" "${folder}" "${exercise}")
    endforeach()
  endif()
endfunction()

# chNN.unit: the Catch2 cases.  chNN.output: what the program prints is expected_output.txt.
# Those of the two that `blas` names have the label `blas`: .ci/run repeats them with OpenBLAS's other kernels.
function(_qfs_add_chapter_tests chapter number folder tests blas)
  add_executable(ch${number}_test ${tests})
  target_link_libraries(ch${number}_test PRIVATE ch${chapter}_lib qfs_test_support)
  qfs_precompiled_test(ch${number}_test)
  add_test(NAME ch${number}.unit COMMAND ch${number}_test)
  # As every lesson asks of OpenBLAS: threads that wait take the cores of the tests beside.
  set_property(TEST ch${number}.unit PROPERTY ENVIRONMENT OPENBLAS_NUM_THREADS=1)
  if(QFS_SANITIZE)  # which look at what a lesson does, less of which will do
    add_test(NAME ch${number}.quick COMMAND ch${chapter} --quick)
    return()
  endif()
  add_test(NAME ch${number}.output COMMAND qfs_golden "${folder}/expected_output.txt"
    $<TARGET_FILE:ch${chapter}>)
  foreach(test IN ITEMS unit output)
    if(test IN_LIST blas)
      set_property(TEST ch${number}.${test} PROPERTY LABELS blas)
    elseif(TARGET qfs_no_openblas)
      set_property(TEST ch${number}.${test} APPEND PROPERTY ENVIRONMENT
        "LD_PRELOAD=$<TARGET_FILE:qfs_no_openblas>")
    endif()
  endforeach()
endfunction()

# exercise_NN_N judges the reader's copy in work/NN_N/. The gate of the maintainers judges the solution,
# which must pass, under the sanitizers too; and the judge itself, by right and wrong answers
# (tests/exercises/answers.hpp). An exercise with intrinsics is not judged on another architecture, where
# exercise_NN_N says so, and skipped by the gate on a CPU without AVX2.
function(_qfs_add_exercise chapter number folder exercise)
  string(REGEX MATCH "^[0-9]+" index "${exercise}")
  set(test "${PROJECT_SOURCE_DIR}/tests/exercises/ch${number}_${index}_test.cpp")
  set(name "${number}_${index}")
  set(without_avx2 "this exercise needs a CPU with AVX2")  # the name of a case, which is printed if it fails
  file(STRINGS "${folder}/exercises/${exercise}.hpp" intrinsics REGEX "^#include <immintrin.h>")
  if(intrinsics AND NOT QFS_ON_X86_64)
    set(test "${PROJECT_SOURCE_DIR}/tests/exercises/needs_avx2_test.cpp")
  endif()
  _qfs_add_exercise_program(exercise_${name} ${chapter} "${test}" "${PROJECT_SOURCE_DIR}/work/${name}"
    qfs_precompiled)
  if(QFS_BUILD_EXERCISE_GATE)
    add_test(NAME ch${number}.stub_${index} COMMAND ${CMAKE_COMMAND}
      -D STUB=${folder}/exercises/${exercise} -D SOLUTION=${folder}/solutions/${exercise}
      -P ${PROJECT_SOURCE_DIR}/tests/exercises/stub_is_fit.cmake)
    set_tests_properties(ch${number}.stub_${index} PROPERTIES LABELS maintainer)
    if(QFS_ON_X86_64 OR NOT intrinsics)
      _qfs_add_exercise_answers(${name} ${chapter} "${folder}/exercises")
      add_test(NAME ch${number}.answers_${index} COMMAND answers_${name})
      set_tests_properties(ch${number}.answers_${index} PROPERTIES LABELS maintainer
        SKIP_REGULAR_EXPRESSION "${without_avx2}")
    endif()
  endif()
  if(QFS_BUILD_SOLUTIONS OR QFS_BUILD_EXERCISE_GATE)
    _qfs_add_exercise_program(solution_${name} ${chapter} "${test}" "${folder}/solutions"
      qfs_precompiled_test)
    set_target_properties(solution_${name} PROPERTIES EXCLUDE_FROM_ALL OFF)
    add_test(NAME ch${number}.solution_${index} COMMAND solution_${name} --abort)
    _qfs_our_solution(ours "${test}")
    set_tests_properties(ch${number}.solution_${index} PROPERTIES LABELS maintainer
      PASS_REGULAR_EXPRESSION "judged: [0-9]+ assertions, all passed\n$"
      SKIP_REGULAR_EXPRESSION "${without_avx2}" RUN_SERIAL $<BOOL:${ours}>)
  endif()
endfunction()

# One judge against the copy of the exercise that lies in `include_directory`. `precompiled` is one of the
# functions of that name: a reader has built the headers of the programs, and needs no others. Where speed
# is judged, both that copy and our solution are optimised as loops are.
function(_qfs_add_exercise_program target chapter test include_directory precompiled)
  add_executable(${target} EXCLUDE_FROM_ALL "${test}")
  target_include_directories(${target} BEFORE PRIVATE "${include_directory}")
  target_link_libraries(${target} PRIVATE ch${chapter}_lib qfs_judge_main)
  cmake_language(CALL ${precompiled} ${target})
  _qfs_our_solution(ours "${test}")
  if(ours)
    target_sources(${target} PRIVATE "${ours}")
    set_source_files_properties("${test}" "${ours}" PROPERTIES SKIP_PRECOMPILE_HEADERS ON
      COMPILE_OPTIONS "$<$<CONFIG:Release>:-O3>")
  endif()
endfunction()

# A judge of speed, chNN_N_test.cpp, has chNN_N_ours.cpp beside it: our solution under another name, to be
# timed in turn with the reader's. Of other judges `result` is empty.
function(_qfs_our_solution result test)
  string(REGEX REPLACE "_test\\.cpp$" "_ours.cpp" ours "${test}")
  if(NOT EXISTS "${ours}")
    set(ours "")
  endif()
  set(${result} "${ours}" PARENT_SCOPE)
endfunction()

# All answers of one exercise in one program, which compiles in a tenth of the time that a program for
# each would take.
function(_qfs_add_exercise_answers name chapter stub_directory)
  set(target answers_${name})
  add_executable(${target} "${PROJECT_SOURCE_DIR}/tests/exercises/answers/ch${name}_answers.cpp")
  target_include_directories(${target} BEFORE PRIVATE "${stub_directory}")
  target_link_libraries(${target} PRIVATE ch${chapter}_lib qfs_answers_main)
  qfs_precompiled(${target})
endfunction()

# qfs_leave_out_chapter(NN_name PACKAGES what to install): a chapter that cannot be built here. `./learn` says
# which packages it needs.
function(qfs_leave_out_chapter chapter packages)
  message(STATUS "Chapter ${chapter} is left out: it needs ${packages}")
  set_property(GLOBAL APPEND PROPERTY QFS_LEFT_OUT "${chapter}")
  set_property(GLOBAL APPEND_STRING PROPERTY QFS_LEFT_OUT_LINES "${chapter} ${packages}\n")
  add_custom_target(ch${chapter})  # nothing, so that a build of all chapters goes on
endfunction()

# Fails the configure when a chapter's folder has no qfs_add_chapter line.
function(qfs_check_all_chapters_registered)
  get_property(registered GLOBAL PROPERTY QFS_CHAPTERS)
  get_property(left_out GLOBAL PROPERTY QFS_LEFT_OUT)
  list(APPEND registered ${left_out})
  file(GLOB folders RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}/[0-9][0-9]_*")
  foreach(folder IN LISTS folders)
    if(NOT folder IN_LIST registered)
      message(FATAL_ERROR "chapters/${folder} is not registered.\n"
        "Add a qfs_add_chapter(${folder} ...) line to chapters/CMakeLists.txt.")
    endif()
  endforeach()
endfunction()

# Lists for ./learn: the chapters, and "N.M chapter N_slug" for the exercises; the targets `lessons`, all
# programs and what their outputs are compared with, `docs`, which brings every golden output and text up to
# date, and `figures`, which draws every figure again.
function(qfs_finish_chapters)
  qfs_check_all_chapters_registered()
  if(NOT QFS_BUILD_LESSONS)
    return()
  endif()
  get_property(chapters GLOBAL PROPERTY QFS_CHAPTERS)
  add_custom_target(lessons)
  add_dependencies(lessons qfs_golden)
  set(exercise_lines "")
  set(figures "")
  foreach(chapter IN LISTS chapters)
    string(REGEX MATCH "^0*([0-9]+)" number "${chapter}")
    set(number ${CMAKE_MATCH_1})
    add_dependencies(lessons ch${chapter})
    get_property(exercises GLOBAL PROPERTY QFS_EXERCISES_${chapter})
    foreach(exercise IN LISTS exercises)
      string(REGEX MATCH "^[0-9]+" index "${exercise}")
      string(APPEND exercise_lines "${number}.${index} ${chapter} ${exercise}\n")
    endforeach()
    list(APPEND figures COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:ch${chapter}>
      -D FIGURES=${CMAKE_CURRENT_SOURCE_DIR}/${chapter}/figures -D CSV=${CMAKE_BINARY_DIR}/csv/${chapter}
      -P ${PROJECT_SOURCE_DIR}/cmake/DrawFigures.cmake)
  endforeach()
  list(JOIN chapters "\n" chapter_lines)
  file(WRITE "${CMAKE_BINARY_DIR}/chapters.txt" "${chapter_lines}\n")
  get_property(left_out GLOBAL PROPERTY QFS_LEFT_OUT_LINES)
  file(WRITE "${CMAKE_BINARY_DIR}/left_out.txt" "${left_out}")
  file(WRITE "${CMAKE_BINARY_DIR}/exercises.txt" "${exercise_lines}")
  get_property(docs_commands GLOBAL PROPERTY QFS_DOCS_COMMANDS)
  add_custom_target(docs ${docs_commands} COMMAND qfs_docs write "${PROJECT_SOURCE_DIR}" VERBATIM)
  add_custom_target(figures ${figures} VERBATIM)
endfunction()
