// Our solution of 12.3 under a name of its own, to be timed beside the reader's.
#define exercise our_solution
#include "12_wider_instructions/solutions/3_vnni_kernel.hpp"
#undef exercise

namespace qfs::test {

using AddBlock = void(const std::uint8_t*, const std::int8_t*, std::size_t, std::int32_t*);
extern AddBlock* const our_add_block;
AddBlock* const our_add_block = our_solution::add_block;

}  // namespace qfs::test
