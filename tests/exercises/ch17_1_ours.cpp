// Our solution of 17.1 under a name of its own, to be timed beside the reader's.
#define exercise our_solution
#include "17_int4_weights/solutions/1_unpack_nibbles.hpp"
#undef exercise

namespace qfs::test {

using UnpackNibbles = void(const std::uint8_t*, std::size_t, std::int8_t*);
extern UnpackNibbles* const our_unpack_nibbles;
UnpackNibbles* const our_unpack_nibbles = our_solution::unpack_nibbles;

}  // namespace qfs::test
