# qfs_golden must accept equal output, mask measured numbers and nothing else, and name the line.
function(expect_golden expected_code expected_text output file_text)
  file(WRITE "${WORK}/golden_expected.txt" "${file_text}")
  execute_process(COMMAND "${GOLDEN}" "${WORK}/golden_expected.txt" printf "%s" "${output}"
    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT code EQUAL expected_code OR NOT text MATCHES "${expected_text}")
    message(FATAL_ERROR "output '${output}' against '${file_text}': exit code ${code}, expected "
      "${expected_code}; it printed '${text}', expected to match '${expected_text}'")
  endif()
endfunction()

expect_golden(0 "" "one\ntwo\n" "one\ntwo\n")
expect_golden(1 "golden_expected.txt:2: " "one\ntwo\n" "one\n2\n")
expect_golden(1 "the output ended" "one\n" "one\ntwo\n")
expect_golden(1 "the file ended" "one\ntwo\n" "one\n")
expect_golden(0 "" "took 12.5 us (measured)\n" "took  7 us (measured)\n")
expect_golden(1 ":1: " "took 12.5 us\n" "took 7 us\n")
expect_golden(1 ":1: " "cost 12.5 us (measured)\n" "took 7 us (measured)\n")

file(WRITE "${WORK}/golden_expected.txt" "")
execute_process(COMMAND "${GOLDEN}" "${WORK}/golden_expected.txt" false RESULT_VARIABLE code
  ERROR_VARIABLE text)
if(NOT code EQUAL 2 OR NOT text MATCHES "exit code 1")
  message(FATAL_ERROR "a failing program must give exit code 2 and be named, got ${code}: ${text}")
endif()
execute_process(COMMAND "${GOLDEN}" --update "${WORK}/golden_expected.txt" echo new
  RESULT_VARIABLE code)
file(READ "${WORK}/golden_expected.txt" text)
if(NOT code EQUAL 0 OR NOT text STREQUAL "new\n")
  message(FATAL_ERROR "--update must write the output, got exit code ${code} and '${text}'")
endif()
