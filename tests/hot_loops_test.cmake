# The functions below are the inner loops of what is timed. A file among the loops (qfs_loops) must swallow
# those that it calls. Where one is left as a weak symbol, a program that is -O1 and calls it too has a
# second copy, and the linker may take that one for both.
#   -D NM=... -D OBJECTS="all objects of the libraries" -D LOOPS="06_static_ptq/backend.cpp ..." -P ...
set(hot "gemm_[a-z0-9_]+|quantize|quantize_value|dequantize|dequantize_value|requantize_[a-z]+|rounding_shift_right\
|min_max|fake_quantize|fake_quantize_run|fake_quantize_backward|fake_quantize_backward_run|for_each_run|round_fast\
|lsq_backward_run|linear_forward|linear_backward|linear_forward_ref|relu_forward|relu_backward|softmax|cross_entropy\
|Adam::step|matmul_f32|matmul_blas")

set(found "")
foreach(loop IN LISTS LOOPS)
  set(object ${OBJECTS})
  string(REPLACE "." "\\." pattern "/${loop}.o")
  list(FILTER object INCLUDE REGEX "${pattern}$")
  list(LENGTH object count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "${loop} has ${count} objects; expected one")
  endif()
  execute_process(COMMAND "${NM}" -C "${object}" OUTPUT_VARIABLE symbols RESULT_VARIABLE code)
  if(NOT code EQUAL 0 OR NOT symbols MATCHES " T [^\n]*qfs::")
    message(FATAL_ERROR "${NM} -C ${object}: exit code ${code}, and no function of ours in\n${symbols}")
  endif()
  string(REGEX MATCHALL "[^\n]* W ([^\n(<]* )?qfs::(${hot})[<(][^\n]*" weak "${symbols}")
  foreach(symbol IN LISTS weak)
    string(APPEND found "  ${loop}: ${symbol}\n")
  endforeach()
endforeach()
if(found)
  message(FATAL_ERROR "inner loops that the linker may take from a slower file:\n${found}"
    "  what to do: let the caller swallow them: [[gnu::flatten]], or a .cpp among the loops")
endif()
