// Our solution of 10.2 under a name of its own, to be timed beside the reader's.
#define exercise our_solution
#include "10_kernel_ladder/solutions/2_sign_trick.hpp"
#undef exercise

namespace qfs::test {

extern std::int32_t (*const our_dot_s8s8)(const std::int8_t*, const std::int8_t*, std::size_t);
std::int32_t (*const our_dot_s8s8)(const std::int8_t*, const std::int8_t*,
                                   std::size_t) = our_solution::dot_s8s8;

}  // namespace qfs::test
