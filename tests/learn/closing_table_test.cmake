# The intervals by hand, with z = 1.96 and z^2 = 3.84. p = 1 of n = 100: the lower end is n / (n + z^2) =
# 100 / 103.84 = 0.9630. p = 0.965 of n = 2000: the middle is (0.965 + 0.00096) / 1.00192 = 0.96411, half
# the width is 1.96 * sqrt(0.033775 / 2000 + 2.4e-7) / 1.00192 = 0.00810. p = 0 of n = 1: the upper end is
# z^2 / (1 + z^2) = 3.84 / 4.84 = 0.7935.
cmake_policy(VERSION 3.22)
set(chapters "${FOLDER}/models.json" "${OUT}/none.json" "${FOLDER}/more_models.json")
file(WRITE "${OUT}/none.json" "{\"models\": [], \"figures\": {}}")  # a chapter without models

# table(code printed option ...): runs it; sets `message` to what it says on stderr.
function(table code printed)
  execute_process(COMMAND "${PROGRAM}" ${ARGN} OUTPUT_VARIABLE got ERROR_VARIABLE said RESULT_VARIABLE result)
  if(NOT result EQUAL code OR NOT got STREQUAL printed)
    message(FATAL_ERROR "${ARGN}: exit code ${result}, printed\n${got}\nsaid\n${said}\n"
      "expected ${code} and\n${printed}")
  endif()
  set(message "${said}" PARENT_SCOPE)
endfunction()

# Three chapters, in the order given.
file(READ "${FOLDER}/closing_table.txt" expected)
file(REMOVE "${OUT}/all.json" "${OUT}/all.md")
table(0 "${expected}" ${chapters} --json "${OUT}/all.json" --markdown "${OUT}/all.md")

# The JSON: every entry as the chapters wrote it, and nothing else. What is written can be read: the same table.
file(READ "${OUT}/all.json" all)
string(JSON members LENGTH "${all}")
string(JSON models LENGTH "${all}" models)
if(NOT members EQUAL 1 OR NOT models EQUAL 3)
  message(FATAL_ERROR "all.json has ${members} members, ${models} models; expected 1 and 3:\n${all}")
endif()
foreach(entry IN ITEMS "0 models.json 0" "1 models.json 1" "2 more_models.json 0")
  string(REPLACE " " ";" entry "${entry}")
  list(GET entry 0 index)
  list(GET entry 1 file)
  list(GET entry 2 source_index)
  file(READ "${FOLDER}/${file}" source)
  string(JSON source GET "${source}" models ${source_index})
  string(JSON copied GET "${all}" models ${index})
  string(JSON same EQUAL "${source}" "${copied}")
  if(NOT same)
    message(FATAL_ERROR "model ${index} of all.json is\n${copied}\nexpected\n${source}")
  endif()
endforeach()
table(0 "${expected}" "${OUT}/all.json")

# markdown(file expected): but for the machine and the day, which must be there.
function(markdown file expected_file)
  file(READ "${file}" got)
  string(REGEX REPLACE "one thread\\. [^\n]+; -O3; 20[0-9][0-9]-[01][0-9]-[0-3][0-9]\\."
    "one thread. THIS MACHINE; -O3; TODAY." got "${got}")
  file(READ "${FOLDER}/${expected_file}" expected)
  if(NOT got STREQUAL expected)
    message(FATAL_ERROR "--markdown wrote\n${got}\nexpected\n${expected}")
  endif()
endfunction()
markdown("${OUT}/all.md" closing_table.md)

# Several nets, several data, other batches, and a model that says of none: a table for each, in the order in
# which the first model of each came.
file(READ "${FOLDER}/closing_tables.txt" expected_tables)
table(0 "${expected_tables}" "--markdown=${OUT}/all.md" ${chapters} "${FOLDER}/other_nets.json")
markdown("${OUT}/all.md" closing_tables.md)

# Chapters without models: no table, and an empty list.
table(0 "" "${OUT}/none.json" --json "${OUT}/empty.json")
file(READ "${OUT}/empty.json" empty)
string(JSON models LENGTH "${empty}" models)
if(NOT models EQUAL 0)
  message(FATAL_ERROR "no models make\n${empty}")
endif()

# A place that cannot be written is refused before the table is printed.
foreach(option IN ITEMS --json --markdown)
  table(2 "" "${FOLDER}/models.json" ${option} "${OUT}/none/all")
  if(NOT message MATCHES "cannot write")
    message(FATAL_ERROR "${option}: said\n${message}")
  endif()
endforeach()

# Whether places can be written is told without a file, and nothing is written.
table(0 "" --check --json "${OUT}/checked.json" --markdown "${OUT}/checked.md")
table(2 "" --check --json "${OUT}/none/all")
table(2 "" --check "--markdown=${OUT}")
if(EXISTS "${OUT}/checked.json" OR EXISTS "${OUT}/checked.md")
  message(FATAL_ERROR "--check writes")
endif()

# Bad usage, and files of another form: exit code 2, what to do, and neither table nor file.
function(refused)
  table(2 "" ${ARGN} --json "${OUT}/refused.json" --markdown "${OUT}/refused.md")
  if(NOT message MATCHES "what to do" OR EXISTS "${OUT}/refused.json" OR EXISTS "${OUT}/refused.md")
    message(FATAL_ERROR "${ARGN}: said\n${message}\nexpected advice, and no file")
  endif()
endfunction()
refused()
refused("${FOLDER}/models.json" --unknown)
refused("${FOLDER}/models.json" --jsons=x)
function(not_understood problem)
  table(2 "" ${ARGN})
  if(NOT message MATCHES "not understood: ${problem}.*what to do: qfs_closing_table --help lists them")
    message(FATAL_ERROR "${ARGN}: said\n${message}\nexpected ${problem}")
  endif()
endfunction()
not_understood("there is no --check=no" --check=no "${FOLDER}/models.json")
not_understood("no file is named" --json "${OUT}/refused.json")
not_understood("there is no -x" "${FOLDER}/models.json" -x)
not_understood("--json lacks its value" "${FOLDER}/models.json" --json)
not_understood("--markdown: the value is empty" "${FOLDER}/models.json" --markdown=)
not_understood("--json is given twice" "${FOLDER}/models.json" --json "${OUT}/refused.json" --json=x)
execute_process(COMMAND "${PROGRAM}" "${FOLDER}/models.json" --help OUTPUT_VARIABLE printed RESULT_VARIABLE code)
if(NOT code EQUAL 0 OR NOT printed MATCHES "^usage: .*--json OUT.*--markdown OUT[^|]*$")
  message(FATAL_ERROR "--help: exit code ${code}, printed\n${printed}")
endif()
refused("${OUT}/missing.json")
refused("${FOLDER}")
set(good "\"model\": \"fp32\", \"accuracy\": 0.5, \"images\": 10, \"bytes\": 1, \"latency_us\": ")
set(latency "{\"1\": 1, \"64\": 1, \"1000\": 1}")
set(broken
  "no json" "[]" "{}" "{\"models\": {}}"
  "{\"models\": [{\"model\": \"fp32\"}]}"
  "{\"models\": [{${good}{\"1\": -1, \"64\": 1, \"1000\": 1}}]}"
  "{\"models\": [{${good}${latency}, \"accuracy\": 2}]}"
  "{\"models\": [{${good}${latency}, \"accuracy\": -0.1}]}"
  "{\"models\": [{${good}${latency}, \"accuracy\": \"high\"}]}"
  "{\"models\": [{${good}${latency}, \"images\": 0}]}"
  "{\"models\": [{${good}${latency}, \"images\": 1e300}]}"
  "{\"models\": [{${good}${latency}, \"bytes\": -1}]}"
  "{\"models\": [{${good}${latency}, \"bytes\": 0.5}]}"
  "{\"models\": [{${good}${latency}, \"images\": 10.5}]}"
  "{\"models\": [{${good}${latency}, \"flips\": 11}]}"
  "{\"models\": [{${good}${latency}, \"flips\": 0.5}]}"
  "{\"models\": [{${good}${latency}, \"flips\": -1}]}"
  "{\"models\": [{${good}${latency}, \"flips\": \"few\"}]}"
  "{\"models\": [{${good}${latency}, \"model\": 7}]}"
  "{\"models\": [{${good}${latency}, \"note\": 7}]}"
  "{\"models\": [{${good}${latency}, \"net\": 7}]}"
  "{\"models\": [{${good}${latency}, \"data\": null}]}"
  "{\"models\": [7]}" "{\"models\": [{${good}1}]}" "{\"models\": [{${good}\"1\"}]}"
  "{\"models\": [{${good}{\"1\": 1, \"64\": \"x\"}}]}")
foreach(name IN ITEMS "" 0 01 -1 +1 1.5 x "1 " 1000000000)
  list(APPEND broken "{\"models\": [{${good}{\"${name}\": 1}}]}")
endforeach()
# As many sizes of batches as a table takes, and one more.
set(sizes "\"1\": 1")
foreach(size RANGE 2 16)
  string(APPEND sizes ", \"${size}\": 1")
endforeach()
list(APPEND broken "{\"models\": [{${good}{${sizes}, \"17\": 1}}]}"
  "{\"models\": [{${good}{${sizes}}}, {${good}{\"17\": 1}}]}")
# Brackets in brackets, deeper than any stack.
string(REPEAT "{\"a\":" 200000 open)
string(REPEAT "}" 200000 close)
list(APPEND broken "{\"models\": [{${good}${latency}, \"note\": ${open}0${close}}]}")
foreach(content IN LISTS broken)
  file(WRITE "${OUT}/broken.json" "${content}")
  refused("${OUT}/broken.json")
  refused("${FOLDER}/models.json" "${OUT}/broken.json")
endforeach()
foreach(latency IN ITEMS "${latency}" "{${sizes}}" "{}")  # what they are but for one mistake
  file(WRITE "${OUT}/broken.json" "{\"models\": [{${good}${latency}}]}")
  execute_process(COMMAND "${PROGRAM}" "${OUT}/broken.json" OUTPUT_VARIABLE printed RESULT_VARIABLE code)
  if(NOT code EQUAL 0 OR NOT printed MATCHES "fp32 +50.00 % ")
    message(FATAL_ERROR "a good file: exit code ${code}, printed\n${printed}")
  endif()
endforeach()
