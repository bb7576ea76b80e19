// Section 8, for --trace: one block of layer 1, byte by byte.
#include <cstdio>

#include "19_number_formats/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch19 {

void trace(const Study& study) {
  const Matrix<float>& w = study.mlp.layers[0].weight;
  const std::size_t begin = w.shape(1) / 2 / kBlock * kBlock;
  const auto x = row(w, 0).subspan(begin, std::min(kBlock, w.shape(1) - begin));
  section(8, "Trace: neuron 1 of layer 1, weights " + std::to_string(begin + 1) + " to " +
                 std::to_string(begin + x.size()));
  const BlockQ4_0 q4 = to_blocks<BlockQ4_0>(x)[0];
  const BlockMxfp4 mx = to_blocks<BlockMxfp4>(x)[0];
  const Nf4Tensor nf = quantize_nf4(x);
  const float d = from_float16(q4.scale), X = decode_e8m0(mx.scale);
  std::printf("  Q4_0: largest %.6f, / -8 = %.8f, float16 %04X = %.8f (eq. 19.5)\n",
              largest_signed(x), largest_signed(x) / -8.0F, q4.scale, d);
  std::printf("  MXFP4: byte %d, X = 2^%d (eq. 19.7); NF4: a = %.6f (eq. 19.4)\n", int{mx.scale},
              int{mx.scale} - 127, nf.absmax[0]);
  Table table({"w", "/ d", "q", "Q4_0", "/ X", "code", "MXFP4", "/ a", "code", "NF4"});
  for (std::size_t j = 0; j < x.size(); ++j) {
    const int q = nibble(q4.q, j), code = nibble(mx.codes, j);
    table.row({fixed(x[j], 5), fixed(x[j] / d, 2), std::to_string(q),
               fixed(static_cast<float>(q - 8) * d + 0.0F, 5), fixed(x[j] / X, 2),
               std::to_string(code),
               fixed(decode_float(static_cast<std::uint32_t>(code), kE2M1) * X, 5),
               fixed(x[j] / nf.absmax[0], 3), std::to_string(nf.code(j)),
               fixed(kNf4[nf.code(j)] * nf.absmax[0], 5)});
  }
  table.print();
}

}  // namespace qfs::ch19
