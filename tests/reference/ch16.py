"""Chapter 16: the debugger's measures, flips and KL, by NumPy in float64 on PyTorch's integers; layers in few bits by
PyTorch's fake quantization.

The layers are those of ch07.py, per tensor, the engine is qnnpack; the activations are those of digits.py.
"""
import importlib

import numpy
import torch

F32, F64 = numpy.float32, numpy.float64


def digits():
    return importlib.import_module("digits")


def ch06():
    return importlib.import_module("ch06")


def ch07():
    return importlib.import_module("ch07")


def decibels(ratio):
    return 10.0 * numpy.log10(ratio)


def sqnr(real, stands_for):
    real, error = real.astype(F64), stands_for.astype(F64) - real.astype(F64)
    return decibels((real ** 2).sum() / (error ** 2).sum())


def noise(weight, x, y, x_scale, w_scale, y_scale):
    """(16.2): of every output that is not 0."""
    weight, x = weight.astype(F64), x.astype(F64)
    of_one = (weight ** 2).sum(1) * x_scale ** 2 / 12 + (x ** 2).sum() / len(x) * w_scale ** 2 / 12 + y_scale ** 2 / 12
    return ((y != 0).sum(0) * of_one).sum()


def dequantized(q, params):
    return F32(params[0]) * (q.astype(F32) - F32(params[1]))


def symptoms(y, other):
    y, other = y.astype(F64), other.astype(F64)
    e = other - y
    alive = (y != 0) & (other != 0)
    sums, counts = numpy.where(alive, e, 0).sum(0), alive.sum(0)
    constant = (sums ** 2 / numpy.maximum(counts, 1)).sum()
    squares = numpy.sort((e ** 2).sum(0))[::-1]
    total = squares.sum()
    return [(y * other).sum() / (y ** 2).sum(), constant / total, squares[:2].sum() / total]


def row(real, in_turn, alone, params, qmin, promised):
    """The twelve numbers of one tensor. Neither end of the range counts where it is the zero point."""
    turn, own, zero = dequantized(in_turn, params), dequantized(alone, params), params[1]
    return [sqnr(real, turn), numpy.abs(turn.astype(F64) - real).max(), sqnr(real, own),
            numpy.abs(own.astype(F64) - real).max(),
            (alone == qmin).mean() if qmin != zero else 0.0, (alone == 255).mean() if zero != 255 else 0.0,
            (alone == zero).mean(), (numpy.abs(real) * (F32(1) / F32(params[0])) <= F32(0.5)).mean(),
            decibels((real.astype(F64) ** 2).sum() / promised)] + symptoms(real, own)


def wide_layers():
    params, pretrained = ch07().params_after_relu(False), digits().pretrained()
    x = digits().normalized(digits().test_digits()[0])

    def quantized(values, p):
        return torch.quantize_per_tensor(torch.from_numpy(numpy.ascontiguousarray(values)), p[0], p[1], torch.quint8)

    q = quantized(x, params[0])
    rows = [row(x, q.int_repr().numpy(), q.int_repr().numpy(), params[0], 0, x.size * F64(params[0][0]) ** 2 / 12)]
    for i, (weight, bias) in enumerate(pretrained):
        last = i + 1 == len(pretrained)
        q_weight, w_scale = ch06().quantized_weight(weight, False)
        layer = (ch06().quantized_linear if last else ch07().linear_relu)(q_weight, bias, params[i + 1])
        q = layer(q)
        alone = layer(quantized(x, params[i])).int_repr().numpy()
        y = digits().linear(x, weight, bias)
        y = y if last else numpy.maximum(y, F32(0))
        promised = noise(weight, x, y, F64(params[i][0]), w_scale.astype(F64), F64(params[i + 1][0]))
        rows.append(row(y, q.int_repr().numpy(), alone, params[i + 1], 0, promised))
        x = y
    return numpy.array(rows)


def log_softmax(logits):
    z = logits.astype(F64) - logits.astype(F64).max(1, keepdims=True)
    return z - numpy.log(numpy.exp(z).sum(1, keepdims=True))


def card(before, after, labels):
    """right, lost, gained, moved, KL."""
    a, b = before.argmax(1), after.argmax(1)
    log_p, log_q = log_softmax(before), log_softmax(after)
    kl = (numpy.exp(log_p) * (log_p - log_q)).sum(1).mean()
    return [(b == labels).sum(), ((a == labels) & (b != labels)).sum(), ((a != labels) & (b == labels)).sum(),
            ((a != labels) & (b != labels) & (a != b)).sum(), kl]


def fake_quantized(values, scale, zero_point, qmin, qmax):
    return torch.fake_quantize_per_tensor_affine(torch.from_numpy(numpy.ascontiguousarray(values)), float(scale),
                                                 int(zero_point), qmin, qmax).numpy()


def forward(bits, quantized, tops, pixels):
    x = pixels
    for i, (weight, bias) in enumerate(digits().pretrained()):
        if i in quantized:
            steps = F32(2 ** bits - 1)
            weight = fake_quantized(weight, numpy.abs(weight).max() / (steps / F32(2)), 0, -2 ** (bits - 1),
                                    2 ** (bits - 1) - 1)
            if i == 0:
                x = fake_quantized(x, *ch07().params_after_relu(False)[0], 0, 255)
            else:
                x = fake_quantized(x, F32(tops[i]) / steps, 0, 0, 2 ** bits - 1)
        x = digits().linear(x, weight, bias)
        x = numpy.maximum(x, F32(0)) if i < 2 else x
    return x


def wide_bits():
    pixels, labels = digits().test_digits()
    x = digits().normalized(digits().train_digits()[0][:1000])
    tops = [None]
    for weight, bias in digits().pretrained():
        x = numpy.maximum(digits().linear(x, weight, bias), F32(0))
        tops.append(x.max())
    pixels = digits().normalized(pixels)
    by_float = forward(8, [], tops, pixels)
    return numpy.array([[card(by_float, forward(bits, which, tops, pixels), labels)
                         for which in ([0], [1], [2], [0, 1, 2])] for bits in (8, 4, 3, 2)], F64)


def paper():
    """Two layers of one number, in four bits, on 0, 1, 2, 3; no rounding meets a float that is not exact."""
    x = numpy.array([[0], [1], [2], [3]], F32)
    y1 = numpy.maximum(F32(0.8) * x, 0)
    y2 = F32(1) - y1

    def first(q):
        return numpy.clip(numpy.rint(q * F32(3) * F32(0.5)), 0, 15)

    def second(q):
        return numpy.clip(numpy.rint((q * F32(-4) + F32(8)) * F32(0.5)) + F32(8), 0, 15)

    def reals(q):
        return F32(0.25) * (q - F32(8))

    q1 = first(x)
    own = numpy.clip(numpy.rint(y1 / F32(0.5)), 0, 15)
    promised1 = noise(numpy.array([[0.8]]), x, y1, 1.0, 0.25, 0.5)
    promised2 = noise(numpy.array([[-1.0]]), y1, y2, 0.5, 0.25, 0.25)
    return numpy.array([
        [sqnr(y1, F32(0.5) * q1), sqnr(y1, F32(0.5) * q1), decibels((y1.astype(F64) ** 2).sum() / promised1)],
        [sqnr(y2, reals(second(q1))), sqnr(y2, reals(second(own))), decibels((y2.astype(F64) ** 2).sum() / promised2)]])


def generate(save, rng):
    save("paper_sqnr", paper())
    save("wide_layers", wide_layers())
    save("wide_bits", wide_bits())
    before = (4 * rng.standard_normal((500, 10))).astype(F32)
    after = (before + rng.standard_normal((500, 10))).astype(F32)
    labels = rng.integers(0, 10, 500).astype(numpy.uint8)
    labels[:300] = before.argmax(1)[:300]
    save("logits_before", before)
    save("logits_after", after)
    save("labels", labels)
    save("card", numpy.array(card(before, after, labels), F64))
