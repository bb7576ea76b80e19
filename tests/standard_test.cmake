# Every source is compiled as standard C++20, none with the compiler's extensions (gnu++20).
file(READ "${COMMANDS}" commands)
if(NOT commands MATCHES "-std=c\\+\\+20")
  message(FATAL_ERROR "${COMMANDS} names no -std=c++20: what is compiled is not C++20")
endif()
if(commands MATCHES "[^\n]*-std=gnu\\+\\+[^\n]*")
  message(FATAL_ERROR "compiled with extensions: ${CMAKE_MATCH_0}")
endif()
