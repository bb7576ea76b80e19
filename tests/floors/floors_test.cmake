# A miniature of the course with three chapters, of which 02_two stands on 01_one. It needs no compiler.
# Each fault alone must be refused, in words that name the file, the line and what to do.

function(tree_file name text)
  file(WRITE "${OUT}/tree/${name}" "${text}\n")
endfunction()

# A fresh tree without a fault.
function(right_tree)
  file(REMOVE_RECURSE "${OUT}")
  tree_file(CMakeLists.txt "cmake_minimum_required(VERSION 3.22)
project(miniature LANGUAGES NONE)
list(APPEND CMAKE_MODULE_PATH \"${MODULES}\")
include(QfsChapter)
add_library(qfs_common INTERFACE)
add_subdirectory(chapters)")
  tree_file(chapters/CMakeLists.txt "qfs_add_chapter(01_one HEADERS one.hpp)
qfs_add_chapter(02_two DEPENDS 01_one HEADERS two.hpp plumbing/file.hpp STANDALONE toy.cpp LESSON on_paper.cpp
  TESTS two_test.cpp EXERCISES 1_first)
qfs_add_chapter(03_three HEADERS three.hpp)
qfs_finish_chapters()")
  foreach(chapter IN ITEMS 01_one 03_three)
    tree_file(chapters/${chapter}/lesson/main.cpp "")
    tree_file(chapters/${chapter}/lesson/study.hpp "")
    string(SUBSTRING ${chapter} 3 -1 name)
    tree_file(chapters/${chapter}/${name}.hpp "")
    tree_file(tests/chapters/ch${chapter}_test.cpp "#include \"${chapter}/lesson/study.hpp\"")
  endforeach()
  tree_file(chapters/02_two/two.hpp "#include <vector>\n#include \"01_one/one.hpp\"
// #include \"03_three/three.hpp\"")
  tree_file(chapters/02_two/plumbing/file.hpp "#include \"02_two/two.hpp\"\n#include \"01_one/one.hpp\"")
  tree_file(chapters/02_two/toy.cpp "#include <vector>")
  tree_file(chapters/02_two/lesson/main.cpp "#include \"02_two/lesson/study.hpp\"")
  tree_file(chapters/02_two/lesson/study.hpp "#include \"02_two/two.hpp\"")
  tree_file(chapters/02_two/lesson/on_paper.cpp "#include \"01_one/one.hpp\"")
  tree_file(chapters/02_two/exercises/1_first.hpp "")
  tree_file(chapters/02_two/solutions/1_first.hpp "#include \"01_one/one.hpp\"")
  tree_file(tests/chapters/two_test.cpp "#include \"02_two/lesson/study.hpp\"")
  tree_file(tests/exercises/ch02_1_test.cpp "#include \"1_first.hpp\"")
  tree_file(tests/exercises/answers/ch02_1_answers.cpp "#include \"01_one/one.hpp\"")
endfunction()

# configure(): sets `code` and `message`, the lines of the message joined.
function(configure)
  execute_process(COMMAND ${CMAKE_COMMAND} -G "${GENERATOR}" -S "${OUT}/tree" -B "${OUT}/build"
    RESULT_VARIABLE code OUTPUT_QUIET ERROR_VARIABLE message)
  string(REGEX REPLACE "[ \n]+" " " message "${message}")
  set(code "${code}" PARENT_SCOPE)
  set(message "${message}" PARENT_SCOPE)
endfunction()

# refused(name text expected ...): the right tree with one other file is refused, in all of these words.
function(refused name text)
  right_tree()
  tree_file("${name}" "${text}")
  configure()
  if(code EQUAL 0)
    message(SEND_ERROR "${name} with '${text}' is not refused")
  endif()
  foreach(expected IN LISTS ARGN)
    string(FIND "${message}" "${expected}" place)
    if(place EQUAL -1)
      message(SEND_ERROR "${name} with '${text}': no '${expected}' in the message: ${message}")
    endif()
  endforeach()
endfunction()

right_tree()
configure()
if(NOT code EQUAL 0)
  message(FATAL_ERROR "the right tree is refused: ${message}")
endif()

# Files that have no place, and places that have no file.
refused(chapters/02_two/more.hpp "" "chapters/02_two/more.hpp is not listed." "HEADERS" "lesson/ if only")
refused(chapters/02_two/more.cpp "" "chapters/02_two/more.cpp is not listed." "SOURCES")
refused(chapters/02_two/plumbing/more.hpp "" "chapters/02_two/plumbing/more.hpp is not listed." "HEADERS")
refused(chapters/02_two/plumbing/more.cpp "" "chapters/02_two/plumbing/more.cpp is not listed." "SOURCES")
refused(chapters/02_two/lesson/more.cpp "" "chapters/02_two/lesson/more.cpp is not listed." "LESSON")
refused(chapters/CMakeLists.txt "qfs_add_chapter(01_one HEADERS one.hpp none.hpp)"
  "chapters/01_one/none.hpp is listed and not there.")
refused(chapters/CMakeLists.txt "qfs_add_chapter(01_one HEADERS one.hpp LESSON none.cpp)"
  "chapters/01_one/lesson/none.cpp is listed and not there.")

# Floors that are not declared, included from every folder, in listed files and in others.
set(three "#include \"03_three/three.hpp\"")
foreach(file IN ITEMS chapters/02_two/two.hpp chapters/02_two/plumbing/file.hpp chapters/02_two/toy.cpp chapters/02_two/lesson/main.cpp
    chapters/02_two/lesson/more.hpp chapters/02_two/lesson/on_paper.cpp chapters/02_two/exercises/1_first.hpp
    chapters/02_two/solutions/1_first.hpp tests/chapters/two_test.cpp tests/exercises/ch02_1_test.cpp
    tests/exercises/answers/ch02_1_answers.cpp)
  refused(${file} "${three}" "${file} includes a header of 03_three, which 02_two does not declare: ${three}"
    "add 03_three to DEPENDS of 02_two" "(01_one)")
endforeach()
refused(chapters/02_two/two.hpp "  #  include <03_three/three.hpp>" "includes a header of 03_three")
refused(chapters/01_one/one.hpp "#include \"02_two/two.hpp\"" "includes a header of 02_two, which 01_one")

# The lesson of another chapter, declared or not; and the own one, from the idea.
set(stage "#include \"01_one/lesson/study.hpp\"")
foreach(file IN ITEMS chapters/02_two/two.hpp chapters/02_two/lesson/more.hpp chapters/02_two/lesson/main.cpp
    chapters/02_two/solutions/1_first.hpp tests/chapters/two_test.cpp tests/exercises/ch02_1_test.cpp)
  refused(${file} "${stage}" "${file} includes the lesson of another chapter: ${stage}"
    "top of chapters/01_one/")
endforeach()
refused(chapters/02_two/lesson/main.cpp "#include \"03_three/lesson/study.hpp\""
  "includes the lesson of another chapter")
foreach(own IN ITEMS "#include \"02_two/lesson/study.hpp\"" "#include \"lesson/study.hpp\"")
  refused(chapters/02_two/two.hpp "${own}"
    "chapters/02_two/two.hpp is the idea of its chapter, and includes the lesson: ${own}")
  refused(chapters/02_two/plumbing/file.hpp "${own}"
    "chapters/02_two/plumbing/file.hpp is the idea of its chapter, and includes the lesson: ${own}")
endforeach()

# No way round by relative paths.
foreach(header IN ITEMS ../03_three/three.hpp ./lesson/study.hpp lesson/../../03_three/three.hpp)
  refused(chapters/02_two/two.hpp "#include \"${header}\"" "includes a header by the way to it:"
    "\"02_two/...\"")
endforeach()
