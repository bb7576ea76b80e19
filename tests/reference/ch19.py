"""Chapter 19: number formats, from their definitions. A code is decoded field by field in Python floats, which hold
all of these numbers exactly; a number is encoded by looking for the nearest code. float16 is NumPy's."""
import math

import numpy
import torch

import digits

# name: bits of exponent and mantissa, bias, what is not finite
FORMATS = {"e4m3": (4, 3, 7, "one nan"), "e5m2": (5, 2, 15, "ieee"), "e2m1": (2, 1, 1, "none")}
F = numpy.float32


def decoded(code, exponent_bits, mantissa_bits, bias, not_finite):
    """(-1)^S 2^(E - b) (1 + M / 2^m); without the 1, and with E = 1, where E is 0."""
    bits = format(code, f"0{1 + exponent_bits + mantissa_bits}b")
    S, E, M = int(bits[0], 2), int(bits[1:1 + exponent_bits], 2), int(bits[1 + exponent_bits:], 2)
    ones = 2 ** exponent_bits - 1
    if not_finite == "ieee" and E == ones:
        return (-1) ** S * math.inf if M == 0 else math.nan
    if not_finite == "one nan" and E == ones and M == 2 ** mantissa_bits - 1:
        return math.nan
    if E == 0:
        return math.copysign(2.0 ** (1 - bias) * (M / 2 ** mantissa_bits), -S or 1)
    return (-1) ** S * 2.0 ** (E - bias) * (1 + M / 2 ** mantissa_bits)


def table_of(name):
    fields = FORMATS[name]
    return [decoded(code, *fields) for code in range(2 ** (1 + fields[0] + fields[1]))]


def encoded(x, name, saturate=True):
    """The nearest of the finite numbers, and of one more that continues them; of two the one with the even code."""
    table = table_of(name)
    half = len(table) // 2
    finite = [value for value in table[:half] if math.isfinite(value)]
    largest = len(finite) - 1
    finite.append(2 * finite[-1] - finite[-2])
    even_first = numpy.array([*range(0, len(finite), 2), *range(1, len(finite), 2)])  # argmin takes the first of equals
    codes = []
    for some in numpy.array_split(x.astype(numpy.float64), len(x) // 4096 + 1):
        with numpy.errstate(invalid="ignore"):
            distance = numpy.abs(numpy.abs(some)[:, None] - numpy.array(finite)[even_first])
        codes.append(even_first[distance.argmin(axis=1)])
    code = numpy.concatenate(codes)
    beyond = half - 1 if FORMATS[name][3] == "one nan" else largest + 1
    code[numpy.abs(x) >= finite[-1]] = largest + 1  # where a double cannot tell the distances apart
    code[code > largest] = largest if saturate else beyond
    code[numpy.isnan(x)] = half - 1
    return code + half * numpy.signbit(x)


def numbers_to_encode(name, rng):
    """Every midpoint of neighbours and the float32 on either side of it, both signs; beyond the largest; far below the
    smallest; normal draws at many scales; for the bytes NaN and infinity too."""
    finite = sorted({abs(value) for value in table_of(name) if math.isfinite(value)})
    finite.append(2 * finite[-1] - finite[-2])
    middle = F([(a + b) / 2 for a, b in zip(finite, finite[1:])])
    x = numpy.concatenate([F(finite), middle, numpy.nextafter(middle, F(0)), numpy.nextafter(middle, F(numpy.inf))])
    drawn = rng.standard_normal(300) * 2.0 ** rng.integers(-20, 18, 300)
    odd = [0.0, 1e-45, 1e-39, 1e-30, 1e-10, 70000.0, 1e10, 3.4e38]
    if name != "e2m1":
        odd += [numpy.inf, numpy.nan]
    x = numpy.concatenate([x, F(odd)])
    return numpy.concatenate([x, -x, F(drawn)])


def small_floats(save, rng):
    for name in FORMATS:
        save(f"{name}_values", F(table_of(name)))
        x = numbers_to_encode(name, rng)
        save(f"{name}_x", x)
        save(f"{name}_saturated", encoded(x, name, True).astype(numpy.uint8))
        if name != "e2m1":
            save(f"{name}_unsaturated", encoded(x, name, False).astype(numpy.uint8))


def float16(save, rng):
    codes = numpy.concatenate([numpy.arange(0, 65536, 37), numpy.arange(1000, 1050), [0x7BFF, 0x7C00, 0xFBFF, 0xFC00, 0x8000]])
    codes = codes.astype(numpy.uint16)
    decoded = codes.view(numpy.float16).astype(F)
    keep = ~numpy.isnan(decoded)
    save("float16_codes", codes[keep])
    save("float16_values", decoded[keep])
    with numpy.errstate(over="ignore"):
        low = numpy.arange(0, 0x7C00, 61).astype(numpy.uint16)
        a, b = ((low + i).astype(numpy.uint16).view(numpy.float16).astype(F) for i in (0, 1))
        b[numpy.isinf(b)] = 65536
        middle = (a + b) / F(2)
        x = numpy.concatenate([middle, numpy.nextafter(middle, F(0)), -numpy.nextafter(middle, F(numpy.inf)),
                               F([65519.0, 65519.996, 65520.0, -65520.0, 1e9, 2.0 ** -25, 2.0 ** -25 * 1.0000001, 1e-45]),
                               F(rng.standard_normal(400) * 2.0 ** rng.integers(-26, 16, 400))])
        save("float16_x", x)
        save("float16_encoded", x.astype(numpy.float16).view(numpy.uint16))


NF4 = F([-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
         -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
         0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0])
# The decision tree of bitsandbytes compares with these.
NF4_THRESHOLDS = F([-0.8480964004993439, -0.6106329262256622, -0.4599952697753906, -0.33967943489551544,
                    -0.23460740596055984, -0.13791173323988914, -0.045525018125772476, 0.03979014977812767,
                    0.1202552504837513, 0.2035212516784668, 0.2920137718319893, 0.3893125355243683, 0.5016634166240692,
                    0.6427869200706482, 0.8614784181118011])


def signed_largest(blocks):
    return numpy.take_along_axis(blocks, numpy.abs(blocks).argmax(axis=1)[:, None], axis=1)  # of equals the first


def inverse(d):
    with numpy.errstate(divide="ignore", over="ignore"):
        i = F(1) / d
    return numpy.where(numpy.isfinite(i), i, F(0))


def in_blocks(row, size):
    return numpy.concatenate([row, numpy.zeros(-len(row) % size, F)]).reshape(-1, size)


def two_a_byte(codes):
    return (codes[:, :16] | codes[:, 16:] << 4).astype(numpy.uint8)


def q8_0(row):
    """Blocks as bytes; what they stand for."""
    x = in_blocks(row, 32)
    d = numpy.abs(x).max(axis=1, keepdims=True) / F(127)
    t = x * inverse(d)
    q = (numpy.sign(t) * numpy.floor(numpy.abs(t).astype(numpy.float64) + 0.5)).astype(numpy.int8)
    d16 = d.astype(numpy.float16)
    return numpy.hstack([d16.view(numpy.uint8), q.view(numpy.uint8)]), q.astype(F) * d16.astype(F)


def q4_0(row):
    x = in_blocks(row, 32)
    d = signed_largest(x) / F(-8)
    q = numpy.minimum(15, (x * inverse(d) + F(8.5)).astype(numpy.int8))
    d16 = d.astype(numpy.float16)
    return numpy.hstack([d16.view(numpy.uint8), two_a_byte(q.astype(numpy.uint8))]), \
        (q.astype(F) - F(8)) * d16.astype(F)


def mxfp4(row):
    x = in_blocks(row, 32)
    largest = numpy.abs(x).max(axis=1, keepdims=True)
    code = numpy.maximum(numpy.frexp(largest)[1] - 1 - 2 + 127, 0) * (largest > 0)  # frexp: in [0.5, 1)
    scale = 2.0 ** (code.astype(numpy.float64) - 127)
    e2m1 = encoded((x / scale).reshape(-1), "e2m1").reshape(x.shape)
    y = F(table_of("e2m1"))[e2m1] * scale.astype(F)
    return numpy.hstack([code.astype(numpy.uint8), two_a_byte(e2m1)]), y


def nf4(flat):
    """The largest magnitudes, the codes two a byte with the first in the high half, and what they stand for."""
    x = in_blocks(flat, 64)
    largest = numpy.abs(x).max(axis=1, keepdims=True)
    codes = (x * inverse(largest))[:, :, None] > NF4_THRESHOLDS
    codes = codes.sum(axis=2).astype(numpy.uint8)
    y = (NF4[codes] * largest).reshape(-1)[:len(flat)]
    used = numpy.concatenate([codes.reshape(-1)[:len(flat)], numpy.zeros(len(flat) % 2, numpy.uint8)])
    return largest.reshape(-1), used[0::2] << 4 | used[1::2], y


def block_formats(save, rng):
    """One row of 61 blocks and a short one: draws at many scales; all zero; the largest magnitude with both signs;
    numbers on ties of each format; a scale that is 0 in float16, one without a reciprocal."""
    blocks = F(rng.standard_normal((56, 32)) * 2.0 ** rng.integers(-20, 12, (56, 1)))
    odd = numpy.zeros((5, 32), F)
    odd[1] = F(rng.choice([-7.5, 7.5, 1.0, 0.25, -2.5], 32))
    odd[2, :31] = F(numpy.arange(31) - 15) / F(2)
    odd[2, 31] = 8
    odd[3] = F(rng.standard_normal(32)) * F(1e-9)
    odd[4] = F(rng.standard_normal(32)) * F(1e-39)
    row = numpy.concatenate([blocks.reshape(-1), odd.reshape(-1), F(rng.standard_normal(17))])
    save("row", row)
    for name, store in (("q8_0", q8_0), ("q4_0", q4_0), ("mxfp4", mxfp4)):
        stored, y = store(row)
        save(f"{name}_bytes", stored)
        save(f"{name}_y", y.reshape(-1)[:len(row)])
    absmax, codes, y = nf4(row)
    save("nf4_absmax", absmax)
    save("nf4_codes", codes)
    save("nf4_y", y)
    save("nf4_thresholds", NF4_THRESHOLDS)


def paper(save):
    """0.3 in a block whose largest magnitude is that of -1, in the order of the text's table."""
    row = F([0.3, -1.0, 0.5, 0.0])
    q4 = torch.fake_quantize_per_tensor_affine(torch.from_numpy(row), 1.0 / 7.0, 0, -7, 7).numpy()[0]
    scale = numpy.float16(1.0 / 6.0).astype(F)
    rows = [F(numpy.float16(row[0])), rounded(row, "e4m3")[0], rounded(row, "e5m2")[0], q8_0(row)[1][0, 0], q4, q4_0(row)[1][0, 0], nf4(row)[2][0],
            rounded(row / scale, "e2m1")[0] * scale, mxfp4(row)[1][0, 0]]
    save("paper", F(rows))


def sqnr_db(x, y):
    x, y = x.astype(numpy.float64), y.astype(numpy.float64)
    return 10 * math.log10((x * x).sum() / ((x - y) ** 2).sum())


def integers(w, bits, group):
    """PyTorch's fake_quantize with symmetric scales; group 0: one scale a row; None: one for all. Groups have float16."""
    qmax = 2 ** (bits - 1) - 1
    if group is None:
        scale = torch.tensor(numpy.abs(w).max() / F(qmax))
        return torch.fake_quantize_per_tensor_affine(torch.from_numpy(w), float(scale), 0, -qmax, qmax).numpy()
    y = numpy.empty_like(w)
    width = group or w.shape[1]
    for begin in range(0, w.shape[1], width):
        some = numpy.ascontiguousarray(w[:, begin:begin + width])
        scale = numpy.maximum(numpy.abs(some).max(axis=1) / F(qmax), numpy.finfo(F).eps)
        scale = scale.astype(numpy.float16).astype(F) if group else scale
        y[:, begin:begin + width] = torch.fake_quantize_per_channel_affine(
            torch.from_numpy(some), torch.from_numpy(scale), torch.zeros(len(scale), dtype=torch.int32), 0, -qmax,
            qmax).numpy()
    return y


def rounded(x, name):
    """Encoded and decoded."""
    return F(table_of(name))[encoded(x.reshape(-1), name)].reshape(x.shape)


def floats(w, name, group):
    """Unscaled where group is 'no'; else as integers(), the largest magnitude onto the largest number."""
    if group == "no":
        return rounded(w, name)
    largest = max(v for v in table_of(name) if math.isfinite(v))
    if group is None:
        scale = numpy.abs(w).max() / F(largest)
        return rounded(w / scale, name) * scale
    y = numpy.empty_like(w)
    width = group or w.shape[1]
    for begin in range(0, w.shape[1], width):
        some = w[:, begin:begin + width]
        scale = numpy.abs(some).max(axis=1, keepdims=True) / F(largest)
        scale = scale.astype(numpy.float16).astype(F) if group else scale
        y[:, begin:begin + width] = rounded(some / scale, name) * scale
    return y


def by_rows(w, store):
    return numpy.stack([store(row)[1].reshape(-1)[:w.shape[1]] for row in w])


def trained_weights(save):
    """SQNR of each layer in every format, in the order of lesson/formats.hpp."""
    table = []
    for w, _ in digits.pretrained():
        stored = [integers(w, 4, None), integers(w, 4, 0), integers(w, 4, 128), integers(w, 4, 64), integers(w, 4, 32),
                  floats(w, "e2m1", 32), by_rows(w, mxfp4), by_rows(w, q4_0), nf4(w.reshape(-1))[2].reshape(w.shape),
                  integers(w, 8, None), integers(w, 8, 0), by_rows(w, q8_0), floats(w, "e4m3", "no"),
                  floats(w, "e4m3", None), floats(w, "e4m3", 0), floats(w, "e5m2", "no")]
        table.append([sqnr_db(w, y) for y in stored])
    save("sqnr", numpy.array(table))


def generate(save, rng):
    small_floats(save, rng)
    float16(save, rng)
    block_formats(save, rng)
    paper(save)
    trained_weights(save)
