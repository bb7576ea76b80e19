#include "06_static_ptq/backend.hpp"

#include <algorithm>
#include <vector>

namespace qfs {

LeftSide matrix_left_side(std::span<const std::uint8_t> x, std::size_t rows) {
  const std::size_t depth = rows == 0 ? 0 : x.size() / rows;
  require(rows * depth == x.size(), "the input does not fit the layer", x.size(),
          "rows of one length", "pass rows x K integers");
  return {.rows = rows, .depth = depth, .source = x.data()};
}

PackedProduct pack_shape(const Product& product, std::string_view backend) {
  const QuantizedWeight& weight = *product.weight;
  const QuantRange range = product.input_range;
  require_valid(weight, "a layer to be packed");
  if (range.qmin < 0 || range.qmin > range.qmax || range.qmax > 255)
    fail("the inputs of a layer are not within 8 bits",
         std::to_string(range.qmin) + ".." + std::to_string(range.qmax), "within 0..255",
         "quantize the net again");
  for (std::size_t n = 0; n < weight.outputs(); ++n) {
    std::int64_t worst = 0;  // whatever the inputs are, and in whatever order they are added
    for (std::int8_t q : row(weight.q, n)) worst += std::abs(q) * largest_magnitude(range);
    if (worst > std::numeric_limits<std::int32_t>::max())
      fail("output " + std::to_string(n) + " may overflow its 32-bit sum", std::to_string(worst),
           "at most 2147483647", "split the layer's inputs into two layers");
  }
  return {.backend = backend,
          .inputs = weight.inputs(),
          .outputs = weight.outputs(),
          .input_range = range};
}

void require_fits(const PackedProduct& packed, std::string_view backend, const LeftSide& x,
                  std::size_t y_size) {
  require(packed.backend == backend, "the weights are laid out for another backend", packed.backend,
          backend, "run them on the backend that packed them");
  require(x.depth == packed.inputs || x.rows == 0, "the input does not fit the layer", x.depth,
          packed.inputs, "pass rows x K integers");
  require(y_size == x.rows * packed.outputs, "the output does not fit the layer", y_size,
          x.rows * packed.outputs, "pass room for rows x N");
}

namespace {

// ref keeps everything as it is. The multipliers of ref_fixed are integers, and its floats are left
// behind.
struct RefProduct {
  Matrix<std::int8_t> q_w;  // N x K
  Vector<float> w_scale;
  ToU8 to_u8;
  ToF32 to_f32;
  Vector<FixedPointMultiplier> fixed;
};

RefProduct copy_of(const Product& product) {
  return {product.weight->q,
          product.weight->scale,
          product.to_u8 != nullptr ? *product.to_u8 : ToU8{},
          product.to_f32 != nullptr ? *product.to_f32 : ToF32{},
          {}};
}

PackedProduct pack_ref(const Product& product) {
  const std::int64_t longest = max_depth(range_of<std::uint8_t>(), range_of<std::int8_t>());
  require(static_cast<std::int64_t>(product.weight->inputs()) <= longest,
          "ref takes no layer with so many inputs", product.weight->inputs(), longest,
          "split the layer's inputs into two layers");
  PackedProduct packed = pack_shape(product, "ref");
  packed.object = std::make_shared<const RefProduct>(copy_of(product));
  return packed;
}

PackedProduct pack_ref_fixed(const Product& product) {
  PackedProduct packed = pack_ref(product);
  RefProduct ours = copy_of(product);
  ours.fixed = make_tensor<FixedPointMultiplier>({ours.to_u8.multiplier.size()});
  for (std::size_t c = 0; c < ours.fixed.size(); ++c)
    ours.fixed(c) = to_fixed_point(static_cast<double>(ours.to_u8.multiplier(c)));
  ours.to_u8.multiplier = Vector<float>();
  packed.backend = "ref_fixed";
  packed.object = std::make_shared<const RefProduct>(std::move(ours));
  return packed;
}

const RefProduct& ours(const PackedProduct& packed) {
  return *static_cast<const RefProduct*>(packed.object.get());
}

// For what asks for no multiplier, which ref and ref_fixed share: either may have packed it, and
// nobody else.
void require_fits_ours(const PackedProduct& packed, const LeftSide& x, std::size_t y_size) {
  require_fits(packed, packed.backend == "ref_fixed" ? "ref_fixed" : "ref", x, y_size);
}

const ToU8& to_u8_of(const PackedProduct& packed) {
  const ToU8& to = ours(packed).to_u8;
  require(to.bias.size() == packed.outputs, "the weights are not packed for 8 bits", to.bias.size(),
          packed.outputs, "give pack a to_u8 with one bias per output");
  return to;
}

const ToF32& to_f32_of(const PackedProduct& packed) {
  const ToF32& to = ours(packed).to_f32;
  require(to.bias.size() == packed.outputs && to.weight_sum.size() == packed.outputs,
          "the weights are not packed for reals", to.bias.size(), packed.outputs,
          "give pack a to_f32 with one bias and one sum per output");
  return to;
}

std::string describe_ref(const PackedProduct&) { return "N x K, as they are"; }

// Row after row: `use` is called with m and the N sums of row m. The scratch is kept from call to
// call, so that the second allocates nothing.
template <class Use>
void each_row(const PackedProduct& packed, const LeftSide& x, Use&& use) {
  thread_local std::vector<std::uint8_t> patch;
  thread_local std::vector<std::int32_t> acc;
  const std::size_t K = packed.inputs;
  acc.resize(packed.outputs);
  patch.resize(x.pack == nullptr ? 0 : K);
  for (std::size_t m = 0; m < x.rows; ++m) {
    const std::uint8_t* q_x = static_cast<const std::uint8_t*>(x.source) + m * K;
    if (x.pack != nullptr) {
      x.pack(x.source, m, m + 1, patch.data());
      q_x = patch.data();
    }
    gemm_u8s8s32_ref({1, packed.outputs, K}, {q_x, K}, values(ours(packed).q_w), acc);
    use(m, std::span<const std::int32_t>(acc));
  }
}

// [run_u8_ref]
void run_u8_ref(const PackedProduct& packed, const LeftSide& x, std::span<std::uint8_t> y) {
  require_fits(packed, "ref", x, y.size());
  const ToU8& to = to_u8_of(packed);
  each_row(packed, x, [&](std::size_t m, std::span<const std::int32_t> acc) {
    for (std::size_t n = 0; n < acc.size(); ++n) {
      const std::int32_t sum = acc[n] + to.bias(n);  // (eq. 6.6)
      y[m * acc.size() + n] = static_cast<std::uint8_t>(requantize_float(
          sum, of_channel(values(to.multiplier), n), to.output.zero_point, to.range));  // (eq. 6.7)
    }
  });
}
// [/run_u8_ref]

void run_u8_ref_fixed(const PackedProduct& packed, const LeftSide& x, std::span<std::uint8_t> y) {
  require_fits(packed, "ref_fixed", x, y.size());
  thread_local std::vector<std::int32_t> sums;
  const ToU8& to = to_u8_of(packed);
  each_row(packed, x, [&](std::size_t m, std::span<const std::int32_t> acc) {
    sums.assign(acc.begin(), acc.end());
    for (std::size_t n = 0; n < sums.size(); ++n) sums[n] += to.bias(n);
    requantize_fixed_rows(values(ours(packed).fixed), to.output.zero_point, to.range, acc.size(),
                          sums, y.subspan(m * acc.size(), acc.size()));
  });
}

void run_s32(const PackedProduct& packed, const LeftSide& x, std::span<std::int32_t> acc) {
  require_fits_ours(packed, x, acc.size());
  each_row(packed, x, [&](std::size_t m, std::span<const std::int32_t> sums) {
    std::ranges::copy(sums, acc.subspan(m * sums.size()).begin());
  });
}

void require_one_or_each(std::span<const QuantParams> params, std::size_t rows) {
  require(params.size() == 1 || params.size() == rows, "one s_x and z_x, or one for every row",
          params.size(), rows, "quantize this very input");
}

// [run_f32]
void run_f32(const PackedProduct& packed, const LeftSide& x, std::span<const QuantParams> params,
             std::span<float> y) {
  require_fits_ours(packed, x, y.size());
  const ToF32& to = to_f32_of(packed);
  const Vector<float>& w_scale = ours(packed).w_scale;
  require_one_or_each(params, x.rows);
  each_row(packed, x, [&](std::size_t m, std::span<const std::int32_t> acc) {
    const QuantParams of_row = of_channel(params, m);
    for (std::size_t n = 0; n < acc.size(); ++n) {
      // Within 32 bits: it is the sum of (q_x - z_x) q_w, and |q_x - z_x| <= qmax.
      const std::int32_t sum = acc[n] - of_row.zero_point * to.weight_sum(n);  // (eq. 8.3)
      const float scale = of_row.scale * of_channel(values(w_scale), n);
      y[m * acc.size() + n] = static_cast<float>(sum) * scale + to.bias(n);  // (eq. 8.4)
    }
  });
}
// [/run_f32]

Interval min_max_ref(std::span<const float> x) { return min_max(x); }

// Swallows what it calls, or the linker might take the copy of a program
// (cmake/QfsPrecompile.cmake).
[[gnu::flatten]] void quantize_ref(std::span<const float> x, QuantParams params, QuantRange range,
                                   Rounding rounding, std::span<std::uint8_t> q) {
  quantize(x, params, range, q, rounding);
}

void dequantize_ref(std::span<const std::uint8_t> q, QuantParams params, std::span<float> x) {
  dequantize(q, params, x);
}

// They differ in how a sum becomes 8 bits.
constexpr Backend kRef = {"ref",   pack_ref,    describe_ref, run_s32,       run_u8_ref,
                          run_f32, min_max_ref, quantize_ref, dequantize_ref};
constexpr Backend kRefFixed = {"ref_fixed", pack_ref_fixed,   describe_ref,
                               run_s32,     run_u8_ref_fixed, run_f32,
                               min_max_ref, quantize_ref,     dequantize_ref};

}  // namespace

const Backend& ref_backend(RequantizeRule rule) {
  return rule == RequantizeRule::float32 ? kRef : kRefFixed;
}

}  // namespace qfs
