# The intervals by hand, with z = 1.96 and z^2 = 3.84. p = 1 of n = 100: the lower end is n / (n + z^2) =
# 100 / 103.84 = 0.9630. p = 0.965 of n = 2000: the middle is (0.965 + 0.00096) / 1.00192 = 0.96411, half
# the width is 1.96 * sqrt(0.033775 / 2000 + 2.4e-7) / 1.00192 = 0.00810.
execute_process(COMMAND "${PROGRAM}" "${FOLDER}/models.json" --json "${OUT}/all.json"
  OUTPUT_VARIABLE printed RESULT_VARIABLE code)
file(READ "${FOLDER}/closing_table.txt" expected)
if(NOT code EQUAL 0 OR NOT printed STREQUAL expected)
  message(FATAL_ERROR "exit code ${code}, printed\n${printed}\nexpected 0 and\n${expected}")
endif()

# What it writes is a file it can read: the same table again.
execute_process(COMMAND "${PROGRAM}" "${OUT}/all.json" OUTPUT_VARIABLE again RESULT_VARIABLE code)
if(NOT code EQUAL 0 OR NOT again STREQUAL expected)
  message(FATAL_ERROR "exit code ${code} from ${OUT}/all.json, printed\n${again}")
endif()

# A place that cannot be written is refused before the table is printed.
foreach(option IN ITEMS --json --markdown)
  execute_process(COMMAND "${PROGRAM}" "${FOLDER}/models.json" ${option} "${OUT}/none/all"
    OUTPUT_VARIABLE printed ERROR_VARIABLE message RESULT_VARIABLE code)
  if(NOT code EQUAL 2 OR NOT printed STREQUAL "" OR NOT message MATCHES "cannot write")
    message(FATAL_ERROR "${option}: exit code ${code}, printed\n${printed}\nsaid\n${message}")
  endif()
endforeach()

# Files of another form are refused with exit code 2.
file(WRITE "${OUT}/no.json" "no json")
file(WRITE "${OUT}/incomplete.json" "{\"models\": [{\"model\": \"fp32\"}]}")
file(WRITE "${OUT}/impossible.json" "{\"models\": [{\"model\": \"fp32\", \"accuracy\": 2, \"images\": 10,
  \"bytes\": 1, \"latency_us\": {\"1\": 1, \"64\": 1, \"1000\": 1}}]}")
foreach(broken IN ITEMS no incomplete impossible missing)
  execute_process(COMMAND "${PROGRAM}" "${OUT}/${broken}.json" OUTPUT_QUIET ERROR_VARIABLE message
    RESULT_VARIABLE code)
  if(NOT code EQUAL 2 OR NOT message MATCHES "what to do")
    message(FATAL_ERROR "${broken}.json: exit code ${code}, said\n${message}\nexpected 2 and advice")
  endif()
endforeach()
