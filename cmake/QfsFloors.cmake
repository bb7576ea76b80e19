# What a chapter's folder may hold, and what its files may include. The configure fails, naming file and
# line, where a chapter leans on a floor that it does not declare, or on the stage of a lesson.
#
#   the top         *.hpp and *.cpp: the idea. All of them are listed, and none includes lesson/.
#   plumbing/       what the idea needs and nobody need read: files, long checks. Listed as the idea is.
#   lesson/         the chapter's program. No other chapter includes it.
#   exercises/  solutions/  and the chapter's tests: the same floors as the chapter

# qfs_check_floor(chapter folder depends listed lesson tests): `listed` are the files at the top and in plumbing/ that have
# a place in the build, `lesson` those in lesson/, `tests` more files, with their folder.
function(qfs_check_floor chapter folder depends listed lesson tests)
  _qfs_check_listed("${chapter}" "${folder}" "${listed}" "${lesson}")
  file(GLOB idea "${folder}/*.hpp" "${folder}/*.cpp" "${folder}/plumbing/*.hpp" "${folder}/plumbing/*.cpp")
  file(GLOB stage "${folder}/lesson/*.hpp" "${folder}/lesson/*.cpp" "${folder}/exercises/*.hpp"
    "${folder}/solutions/*.hpp")
  foreach(file IN LISTS idea stage tests)
    set(may_use_lesson ON)
    if(file IN_LIST idea)
      set(may_use_lesson OFF)
    endif()
    _qfs_check_includes("${chapter}" "${depends}" "${file}" ${may_use_lesson})
  endforeach()
  # Looked at again when a file changes, and when one comes or goes.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${folder}" "${folder}/lesson"
    "${folder}/plumbing" ${idea} ${stage} ${tests})
endfunction()

# Every file at the top and every source in lesson/ has its place on the qfs_add_chapter line.
function(_qfs_check_listed chapter folder listed lesson)
  file(GLOB top RELATIVE "${folder}" "${folder}/*.hpp" "${folder}/*.cpp" "${folder}/plumbing/*.hpp"
    "${folder}/plumbing/*.cpp")
  foreach(file IN LISTS top)
    if(NOT file IN_LIST listed)
      message(FATAL_ERROR "chapters/${chapter}/${file} is not listed.\nWhat to do: add it to HEADERS or "
        "SOURCES of ${chapter} in chapters/CMakeLists.txt if later chapters stand on it; move it into "
        "chapters/${chapter}/lesson/ if only this chapter's program needs it.")
    endif()
  endforeach()
  file(GLOB stage RELATIVE "${folder}/lesson" "${folder}/lesson/*.cpp")
  foreach(file IN LISTS stage)
    if(NOT file IN_LIST lesson)
      message(FATAL_ERROR "chapters/${chapter}/lesson/${file} is not listed.\nWhat to do: add it to LESSON "
        "of ${chapter} in chapters/CMakeLists.txt, or remove it.")
    endif()
  endforeach()
  list(TRANSFORM lesson PREPEND "lesson/")
  foreach(file IN LISTS listed lesson)
    if(NOT EXISTS "${folder}/${file}")
      message(FATAL_ERROR "chapters/${chapter}/${file} is listed and not there.\nWhat to do: write it, or "
        "remove it from the line of ${chapter} in chapters/CMakeLists.txt.")
    endif()
  endforeach()
endfunction()

# Looks at every #include of one file.
function(_qfs_check_includes chapter depends file may_use_lesson)
  file(RELATIVE_PATH name "${PROJECT_SOURCE_DIR}" "${file}")
  file(STRINGS "${file}" lines REGEX "^[ \t]*#[ \t]*include[ \t]*[\"<]")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^[^\"<]*[\"<]([^\">]*).*$" "\\1" header "${line}")
    set(floor "${chapter}")
    if(header MATCHES "^([0-9][0-9]_[a-z0-9_]+)/")
      set(floor "${CMAKE_MATCH_1}")
    elseif(header MATCHES "^\\.\\.?/|/\\.\\.?/")
      message(FATAL_ERROR "${name} includes a header by the way to it:\n  ${line}\nWhat to do: name the "
        "chapter's folder, as in #include \"${chapter}/...\", so that the floor shows.")
    endif()
    if(header MATCHES "(^|/)lesson/" AND NOT floor STREQUAL chapter)
      message(FATAL_ERROR "${name} includes the lesson of another chapter:\n  ${line}\nWhat to do: move "
        "what both need to the top of chapters/${floor}/, or of an earlier floor, and list it in HEADERS.")
    endif()
    if(header MATCHES "(^|/)lesson/" AND NOT may_use_lesson)
      message(FATAL_ERROR "${name} is the idea of its chapter, and includes the lesson:\n  ${line}\nWhat to "
        "do: move what it needs out of lesson/, or move ${name} into lesson/.")
    endif()
    if(NOT floor STREQUAL chapter AND NOT floor IN_LIST depends)
      message(FATAL_ERROR "${name} includes a header of ${floor}, which ${chapter} does not declare:\n"
        "  ${line}\nWhat to do: add ${floor} to DEPENDS of ${chapter} in chapters/CMakeLists.txt, or "
        "include a floor it stands on (${depends}).")
    endif()
  endforeach()
endfunction()
