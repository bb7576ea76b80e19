#include "tests/support/amx_emulator.hpp"

#if defined(__x86_64__) && defined(__linux__)

#include <signal.h>
#include <ucontext.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "12_wider_instructions/amx.hpp"
#include "12_wider_instructions/instructions.hpp"

namespace qfs::test {
namespace {

// What the handler changes. Signals come where the test's own instructions stand, so it interrupts
// nothing but them.
struct State {
  std::array<TileRegister, 8> tiles;
  bool configured = false;
  AmxCounts counts;
  struct sigaction before;
};
State state;

std::uint64_t register_of(const ucontext_t& context, unsigned number) {
  constexpr int kNames[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                              REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                              REG_R12, REG_R13, REG_R14, REG_R15};
  return static_cast<std::uint64_t>(context.uc_mcontext.gregs[kNames[number]]);
}

// VEX.128.0F38.W0 with three bytes of prefix; the operand in memory has a base, perhaps an index,
// perhaps a displacement.
struct Instruction {
  unsigned opcode = 0, prefix = 0;  // prefix 0: none, 1: 66, 2: F3, 3: F2
  unsigned reg = 0, rm = 0, vvvv = 0;
  bool in_memory = false;
  std::uint64_t address = 0;  // without the index, which is a tile's stride
  std::uint64_t stride = 0;
  std::size_t length = 0;
};

// False where it is none of those.
bool read_operand(const ucontext_t& context, const std::uint8_t* code, bool x, bool b,
                  Instruction& instruction) {
  const unsigned mod = code[4] >> 6;
  const std::uint8_t* next = code + 5;
  unsigned base = instruction.rm;
  if (mod == 3) {
    instruction.length = 5;
    return true;
  }
  instruction.in_memory = true;
  if (instruction.rm == 4) {
    const unsigned sib = *next++;
    const unsigned index = (sib >> 3 & 7) | (x ? 8U : 0U);
    if (index != 4) instruction.stride = register_of(context, index) << (sib >> 6);
    base = sib & 7;
  }
  if (mod == 0 && base == 5) return false;
  instruction.address = register_of(context, base | (b ? 8U : 0U));
  if (mod == 1) {
    instruction.address += static_cast<std::uint64_t>(static_cast<std::int8_t>(*next++));
  } else if (mod == 2) {
    std::int32_t displacement;
    std::memcpy(&displacement, next, 4);
    instruction.address += static_cast<std::uint64_t>(displacement);
    next += 4;
  }
  instruction.length = static_cast<std::size_t>(next - code);
  return true;
}

bool read_instruction(const ucontext_t& context, Instruction& instruction) {
  const auto* code = reinterpret_cast<const std::uint8_t*>(context.uc_mcontext.gregs[REG_RIP]);
  if (code[0] != 0xC4 || (code[1] & 0x1F) != 2 || (code[2] & 0x84) != 0) return false;
  const bool x = (code[1] & 0x40) == 0, b = (code[1] & 0x20) == 0;
  instruction.opcode = code[3];
  instruction.prefix = code[2] & 3;
  instruction.vvvv = ~(code[2] >> 3) & 15U;
  instruction.reg = code[4] >> 3 & 7;
  instruction.rm = code[4] & 7;
  return read_operand(context, code, x, b, instruction);
}

bool configure(const Instruction& instruction) {
  TileConfiguration from;
  std::memcpy(&from, reinterpret_cast<const void*>(instruction.address), sizeof from);
  bool good = from.palette == 1 && from.start_row == 0;
  for (std::uint8_t byte : from.reserved) good = good && byte == 0;
  for (std::size_t t = 0; t < 16; ++t) {
    good = good && from.rows[t] <= (t < 8 ? 16 : 0) && from.row_bytes[t] <= (t < 8 ? 64 : 0) &&
           (from.rows[t] == 0) == (from.row_bytes[t] == 0);
    if (good && t < 8) state.tiles[t] = {from.rows[t], from.row_bytes[t]};
  }
  state.configured = good;
  ++state.counts.configurations;
  return good;
}

bool release() {
  state.configured = false;
  ++state.counts.releases;
  return true;
}

bool move(const Instruction& instruction, bool load) {
  TileRegister& tile = state.tiles[instruction.reg];
  if (!state.configured || tile.rows == 0) return false;
  for (std::size_t r = 0; r < tile.rows; ++r) {
    auto* memory = reinterpret_cast<std::uint8_t*>(instruction.address + r * instruction.stride);
    if (load)
      std::memcpy(tile.bytes[r].data(), memory, tile.row_bytes);
    else
      std::memcpy(memory, tile.bytes[r].data(), tile.row_bytes);
  }
  ++(load ? state.counts.loads : state.counts.stores);
  return true;
}

bool multiply(const Instruction& instruction) {
  TileRegister& sums = state.tiles[instruction.reg];
  const TileRegister &x = state.tiles[instruction.rm], &w = state.tiles[instruction.vvvv & 7];
  if (!state.configured || sums.rows == 0 || sums.rows != x.rows || sums.row_bytes != w.row_bytes ||
      x.row_bytes != 4 * w.rows)
    return false;
  tdpbusd(sums, x, w);
  ++state.counts.products;
  return true;
}

bool emulate(const Instruction& i) {
  if (i.opcode == 0x49 && i.prefix == 0) return i.in_memory ? configure(i) : release();
  if (i.opcode == 0x4B && i.prefix == 3 && i.in_memory) return move(i, true);
  if (i.opcode == 0x4B && i.prefix == 2 && i.in_memory) return move(i, false);
  if (i.opcode == 0x5E && i.prefix == 1 && !i.in_memory) return multiply(i);
  return false;
}

// What is not AMX, or what the CPU would refuse, ends the program as it would there.
void handle(int, siginfo_t*, void* pointer) {
  auto& context = *static_cast<ucontext_t*>(pointer);
  Instruction instruction;
  if (read_instruction(context, instruction) && emulate(instruction))
    context.uc_mcontext.gregs[REG_RIP] += static_cast<greg_t>(instruction.length);
  else
    ::sigaction(SIGILL, &state.before, nullptr);
}

}  // namespace

AmxEmulator::AmxEmulator() {
  state.configured = false;
  state.counts = {};
  struct sigaction action {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGILL, &action, &state.before);
}

AmxEmulator::~AmxEmulator() { ::sigaction(SIGILL, &state.before, nullptr); }

AmxCounts amx_counts() { return state.counts; }
bool amx_configured() { return state.configured; }

}  // namespace qfs::test

#endif
