"""Chapter 17: float16, integers without gaps, groups, and the MLP with weights in groups, by NumPy and PyTorch."""
import numpy
import torch
from torch.ao.quantization.observer import MinMaxObserver, PerChannelMinMaxObserver

import digits

BITS = (2, 3, 4, 8)
GROUPS = (1, 7, 16, 32, 64, 128)


def float16(save, rng):
    """NumPy's conversion of floats of all sizes: any bits, and ties and their neighbours around any half."""
    any_bits = rng.integers(0, 2**32, 3000, dtype=numpy.uint64).astype(numpy.uint32).view(numpy.float32)
    half = rng.integers(0, 0x7C00, 1000).astype(numpy.uint16)
    low, high = (numpy.asarray(h, numpy.uint16).view(numpy.float16).astype(numpy.float32) for h in (half, half + 1))
    high = numpy.where(numpy.isinf(high), numpy.float32(65536), high)
    tie = ((low.astype(numpy.float64) + high) / 2).astype(numpy.float32)
    x = numpy.concatenate([any_bits, tie, -tie, numpy.nextafter(tie, numpy.float32(numpy.inf)),
                           numpy.nextafter(tie, numpy.float32(0)), [0.0, -0.0, numpy.inf, -numpy.inf]])
    x = x.astype(numpy.float32)
    x = x[~numpy.isnan(x)]  # what becomes of a NaN's payload is nobody's rule
    with numpy.errstate(over="ignore"):
        save("float16_x", x)
        save("float16_bits", x.astype(numpy.float16).view(numpy.uint16).astype(numpy.int32))


def packed(codes, bits):
    """Rows of codes as a stream of bits, the lowest bit first, every row filled up to a byte."""
    rows = []
    for row in codes:
        stream = numpy.unpackbits(row.astype(numpy.uint8)[:, None], axis=1, bitorder="little")[:, :bits].reshape(-1)
        rows.append(numpy.packbits(stream, bitorder="little"))
    return numpy.array(rows)


def scales_of(block, bits):
    """PyTorch's symmetric scale of every row, in -2^(b-1)..2^(b-1)-1."""
    observer = PerChannelMinMaxObserver(ch_axis=0, dtype=torch.qint8, qscheme=torch.per_channel_symmetric,
                                        quant_min=-2**(bits - 1), quant_max=2**(bits - 1) - 1)
    observer(torch.from_numpy(numpy.ascontiguousarray(block)))
    return observer.calculate_qparams()[0].to(torch.float32).numpy()


def quantized(weight, bits, group, half):
    """Integers and scales (N x G), group by group, by PyTorch; with `half` the scales rounded to float16 first."""
    integers, scales = [], []
    for begin in range(0, weight.shape[1], group):
        block = numpy.ascontiguousarray(weight[:, begin:begin + group])
        scale = scales_of(block, bits)
        if half:
            scale = scale.astype(numpy.float16).astype(numpy.float32)
        real = torch.fake_quantize_per_channel_affine(torch.from_numpy(block), torch.from_numpy(scale),
                                                      torch.zeros(len(scale), dtype=torch.int32), 0,
                                                      -2**(bits - 1), 2**(bits - 1) - 1).numpy()
        integers.append(numpy.rint(real / scale[:, None]).astype(numpy.int8))
        scales.append(scale)
    return numpy.concatenate(integers, axis=1), numpy.stack(scales, axis=1)


def product(x, s_x, z_x, integers, scales, group, bias):
    """Sums of groups in 64-bit integers; reals in float32, in the order of (eq. 17.3)."""
    total = numpy.zeros((len(x), len(integers)), numpy.float32)
    sums = []
    for g, begin in enumerate(range(0, integers.shape[1], group)):
        part = slice(begin, begin + group)
        acc = (x[:, part].astype(numpy.int64) - z_x) @ integers[:, part].astype(numpy.int64).T
        sums.append(acc)
        total = total + scales[:, g] * acc.astype(numpy.float32)
    return numpy.stack(sums, axis=2).astype(numpy.int32), numpy.float32(s_x) * total + bias


def paper(save):
    """The example of the text: one output of eight inputs, in two groups; and with one scale."""
    weight = numpy.float32([[7.5, -3, 1, 0, 0.6, -0.9375, 0.25, 0.5]])
    x = numpy.uint8([[12, 10, 20, 0, 14, 10, 30, 11]])
    for name, group in (("paper", 4), ("paper_one_scale", 8)):
        integers, scales = quantized(weight, 4, group, True)
        sums, y = product(x, 0.5, 10, integers, scales, group, numpy.float32([1]))
        save(f"{name}_q", integers)
        save(f"{name}_scale", scales)
        save(f"{name}_sums", sums)
        save(f"{name}_y", y)
        save(f"{name}_bytes", packed(integers.astype(numpy.int32) + 8, 4))


def groups(save, rng):
    """A weight of 5 x 70, rows of other sizes, one group of zeros; every number of bits and group."""
    size = numpy.float32([1, 0.01, 30, 1e-5, 0.3])
    weight = rng.standard_normal((5, 70)).astype(numpy.float32) * size[:, None]
    weight[1, 32:64] = 0
    x = rng.integers(0, 256, (3, 70)).astype(numpy.uint8)
    bias = rng.standard_normal(5).astype(numpy.float32)
    save("weight", weight)
    save("x", x)
    save("bias", bias)
    for bits in BITS:
        all_q, all_scales, all_y = [], [], []
        for group in GROUPS:
            integers, scales = quantized(weight, bits, group, True)
            sums, y = product(x, 0.0127, 33, integers, scales, group, bias)
            all_q.append(integers)
            all_scales.append(numpy.repeat(scales, group, axis=1)[:, :70])  # the scale of every weight
            all_y.append(y)
            if bits == 4 and group == 16:
                save("b4_g16_sums", sums)
        save(f"b{bits}_q", numpy.stack(all_q))             # group size, N, K
        save(f"b{bits}_scales", numpy.stack(all_scales))   # the same
        save(f"b{bits}_y", numpy.stack(all_y))             # group size, M, N
        integers, scales = quantized(weight, bits, 32, False)
        save(f"b{bits}_float_q", integers)
        save(f"b{bits}_float_scale", scales)
        save(f"b{bits}_packed", packed(quantized(weight, bits, 32, True)[0].astype(numpy.int32) + 2**(bits - 1), bits))


def activation_params():
    """Scale and zero point of the bytes that each layer reads: PyTorch's, of 1000 training digits."""
    pixels, _ = digits.train_digits()
    x = digits.normalized(pixels[:1000])
    params = []
    for weight, bias in digits.pretrained():
        observer = MinMaxObserver(dtype=torch.quint8)
        observer(torch.from_numpy(x))
        scale, zero_point = observer.calculate_qparams()
        params.append((numpy.float32(scale.item()), zero_point.item()))
        x = numpy.maximum(digits.linear(x, weight, bias), numpy.float32(0))
    return params


def nets(save):
    """Logits of 20 training digits: weights in groups, activations in bytes."""
    pixels, _ = digits.train_digits()
    params = activation_params()
    for bits, group in ((4, 128), (4, 32), (3, 64), (2, 32)):
        x = digits.normalized(pixels[:20])
        for i, ((weight, bias), (scale, zero_point)) in enumerate(zip(digits.pretrained(), params)):
            integers, scales = quantized(weight, bits, group, True)
            if i > 0:
                x = numpy.maximum(x, numpy.float32(0))
            q = torch.quantize_per_tensor(torch.from_numpy(x), float(scale), zero_point, torch.quint8)
            x = product(q.int_repr().numpy(), scale, zero_point, integers, scales, group, bias)[1]
        save(f"logits_b{bits}_g{group}", x)


def generate(save, rng):
    paper(save)
    float16(save, rng)
    groups(save, rng)
    nets(save)
