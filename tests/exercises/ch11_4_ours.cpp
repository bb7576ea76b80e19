// Our solution of 11.4 under a name of its own, to be timed beside the reader's.
#define exercise our_solution
#include "11_avx2_kernel/solutions/4_sixteen_bits.hpp"
#undef exercise

namespace qfs::test {

using SixteenBits = void(const std::uint8_t*, std::size_t, const std::int8_t*, std::size_t,
                         std::int32_t*);
extern SixteenBits* const our_sixteen_bits;
SixteenBits* const our_sixteen_bits = our_solution::sixteen_bits;

}  // namespace qfs::test
