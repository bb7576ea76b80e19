# qfs_golden must accept equal output, let what is marked differ and nothing else, and name the line.
# expect_golden(CODE MATCHES OUTPUT FILE [OPTION ...]): OUTPUT is what the program prints.
function(expect_golden expected_code expected_text output file_text)
  file(WRITE "${WORK}/golden_expected.txt" "${file_text}")
  execute_process(COMMAND "${GOLDEN}" ${ARGN} "${WORK}/golden_expected.txt" printf "%s" "${output}"
    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT code EQUAL expected_code OR NOT text MATCHES "${expected_text}")
    message(FATAL_ERROR "output '${output}' against '${file_text}' (${ARGN}): exit code ${code}, "
      "expected ${expected_code}; it printed '${text}', expected to match '${expected_text}'")
  endif()
endfunction()

expect_golden(0 "^$" "one\ntwo\n" "one\ntwo\n")
expect_golden(1 "golden_expected.txt:2: .*got:        two.*expected:   2\n" "one\ntwo\n" "one\n2\n")
expect_golden(1 ":2: .*the output ended" "one\n" "one\ntwo\n")
expect_golden(1 ":2: .*the file ended" "one\ntwo\n" "one\n")
expect_golden(1 ":1: .*the file ended" "one\n" "")

# A measured number may differ, in its width too, and in the spaces before it.
expect_golden(0 "^$" "took ~12.5 us\n" "took   ~7 us\n")
expect_golden(0 "^$" "p ~<0.001, x  ~-3; y ~0.5.\n" "p  ~0.134, x ~14; y ~1.\n")
expect_golden(0 "^$" "~5 | ~6\n" "  ~7 | ~8\n")
# Nothing else on its line may: other numbers, words, spaces, or a number in place of no number.
expect_golden(1 ":1: " "took 12.5 us\n" "took 7 us\n")
expect_golden(1 ":1: " "took 12.5 us (measured)\n" "took 7 us (measured)\n")
expect_golden(1 ":1: " "8 bits: 93.15, ~94.30\n" "8 bits: 93.10, ~94.30\n")
expect_golden(1 ":1: " "8 bits: ~94.30\n" "6 bits: ~94.30\n")
expect_golden(1 ":1: " "~1 of 2000\n" "~1 of 1000\n")
expect_golden(1 ":1: " "~1  of 2\n" "~1 of 2\n")
expect_golden(1 ":1: " "cost ~12.5 us\n" "took ~12.5 us\n")
expect_golden(1 ":1: " "p <0.001\n" "p 0.134\n")
expect_golden(1 ":1: " "took 7 us\n" "took ~7 us\n")
expect_golden(1 ":1: " "took ~7 us\n" "took 7 us\n")
expect_golden(1 ":1: " "took ~nan us\n" "took ~7 us\n")
expect_golden(1 ":1: " "took ~inf us\n" "took ~7 us\n")
expect_golden(1 ":1: " "~a\n" "~b\n")
expect_golden(1 ":1: " "~1~\n" "~1\n")
expect_golden(1 ":1: " "~1.2.3\n" "~1.2.4\n")
expect_golden(0 "^$" "~" "~")

# A table is as wide as its measured numbers: its head, its rule, and a row without one.
set(narrow "  n    us  note\n  -  ----  ----\n  1  ~2.5    ok\n  2     -    ok\n")
set(wide "  n       us  note\n  -  -------  ----\n  1  ~1000.5    ok\n  2        -    ok\n")
expect_golden(0 "^$" "${wide}\nend\n" "${narrow}\nend\n")
expect_golden(0 "^$" "${narrow}" "${wide}")
expect_golden(1 ":6: " "${wide}\nthe  end\n" "${narrow}\nthe end\n")
string(REPLACE "note" "rest" other "${wide}")
expect_golden(1 ":1: " "${other}" "${narrow}")
string(REPLACE "-  ----" "-------" other "${narrow}")
expect_golden(1 ":2: " "${other}" "${narrow}")
string(REPLACE "  2     -    ok" "  2     -    no" other "${narrow}")
expect_golden(1 ":4: " "${other}" "${narrow}")
string(REPLACE "~2.5" " 2.5" other "${narrow}")  # without a measured number every space counts
string(REPLACE "~1000.5" "1000.5 " other_wide "${wide}")
expect_golden(1 ":1: " "${other_wide}" "${other}")
expect_golden(1 ":1: " "text  before\n${narrow}" "text before\n${narrow}")

# A line of an instruction set must be there where the CPU has it, and must not elsewhere.
set(guarded "one\n  [avx2] two\n[vnni] three\n[ok] four\n")
expect_golden(0 "^$" "${guarded}" "${guarded}" --isa "avx2 vnni")
expect_golden(0 "^$" "one\n  [avx2] two\n[ok] four\n" "${guarded}" --isa avx2)
expect_golden(0 "^$" "one\n[vnni] three\n[ok] four\n" "${guarded}" --isa vnni)
expect_golden(0 "^$" "one\n[ok] four\n" "${guarded}" --isa " ")
expect_golden(1 ":3: .*got:        .ok. four" "one\n  [avx2] two\n[ok] four\n" "${guarded}"
  --isa "avx2 vnni")
expect_golden(1 ":4: .*got:          .avx2. two" "one\n  [avx2] two\n[ok] four\n" "${guarded}"
  --isa " ")
expect_golden(1 ":2: .*got:          .avx2. 2" "one\n  [avx2] 2\n[ok] four\n" "${guarded}" --isa avx2)
expect_golden(1 ":5: .*the file ended" "one\n[ok] four\nfive\n" "${guarded}" --isa " ")
foreach(name IN ITEMS avx2 avx_vnni avx512_vnni vnni)
  expect_golden(0 "^$" "[${name}] one\n" "[${name}] one\n" --isa ${name})
  expect_golden(0 "^$" "" "[${name}] one\n" --isa " ")
endforeach()
# Only the first word of a line is such a mark, and only these names are.
expect_golden(1 ":1: " "" "one [avx2]\n" --isa " ")
expect_golden(1 ":1: " "" "avx2 one\n" --isa " ")
expect_golden(1 ":1: " "" "[ok] one\n" --isa " ")
expect_golden(2 "--isa: no such instruction set.*got: .*sse9" "one\n" "one\n" --isa "avx2 sse9")
execute_process(COMMAND "${GOLDEN}" --isa avx2 "${WORK}/golden_expected.txt" RESULT_VARIABLE code
  ERROR_VARIABLE text)
if(NOT code EQUAL 2 OR NOT text MATCHES "usage: .*got: +1 words")
  message(FATAL_ERROR "a missing program must be bad usage, got ${code}: ${text}")
endif()

file(WRITE "${WORK}/golden_expected.txt" "")
execute_process(COMMAND "${GOLDEN}" "${WORK}/golden_expected.txt" false RESULT_VARIABLE code
  ERROR_VARIABLE text)
if(NOT code EQUAL 2 OR NOT text MATCHES "exit code 1")
  message(FATAL_ERROR "a failing program must give exit code 2 and be named, got ${code}: ${text}")
endif()
# --update writes all that the program prints, and loses no line that this CPU cannot check.
execute_process(COMMAND "${GOLDEN}" --update "${WORK}/golden_expected.txt" echo new
  RESULT_VARIABLE code)
file(READ "${WORK}/golden_expected.txt" text)
if(NOT code EQUAL 0 OR NOT text STREQUAL "new\n")
  message(FATAL_ERROR "--update must write the output, got exit code ${code} and '${text}'")
endif()
set(guarded "one\n[avx2] two\n")
expect_golden(0 "^$" "new\n" "${guarded}" --update --isa avx2)
file(READ "${WORK}/golden_expected.txt" text)
if(NOT text STREQUAL "new\n")
  message(FATAL_ERROR "--update where the CPU has the instruction set must write, got '${text}'")
endif()
expect_golden(2 "golden_expected.txt:2: this line holds for an instruction set" "new\n" "${guarded}"
  --update --isa vnni)
file(READ "${WORK}/golden_expected.txt" text)
if(NOT text STREQUAL guarded)
  message(FATAL_ERROR "--update must not lose the line of another CPU, got '${text}'")
endif()
file(REMOVE "${WORK}/golden_expected.txt")
execute_process(COMMAND "${GOLDEN}" --update "${WORK}/golden_expected.txt" echo new
  RESULT_VARIABLE code)
if(NOT code EQUAL 0 OR NOT EXISTS "${WORK}/golden_expected.txt")
  message(FATAL_ERROR "--update must write a file that was not there, got exit code ${code}")
endif()
