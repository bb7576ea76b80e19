"""Reference outputs of chapter 03: torch.fake_quantize_* forward and backward, bit for bit."""
import numpy
import torch

F32 = numpy.float32


def per_tensor(x, dy, scale, zero_point, qmin, qmax):
    x = torch.tensor(x, requires_grad=True)
    y = torch.fake_quantize_per_tensor_affine(x, float(scale), int(zero_point), int(qmin), int(qmax))
    y.backward(torch.tensor(dy))
    return y.detach().numpy(), x.grad.numpy()


def awkward(rng, scale, low, high, count):
    """Numbers where rules differ: grid points, ties, their neighbours, both ends, zeros, huge ones."""
    steps = rng.integers(low - 3, high + 4, count).astype(F32)
    steps[:6] = [low, high, low - 1, high + 1, 0, 0]
    x = steps * F32(scale)
    kind = rng.integers(0, 6, count)
    kind[:6] = [0, 0, 1, 1, 0, 0]
    half = F32(0.5) * F32(scale)
    x = numpy.where(kind == 1, x + half, x)
    x = numpy.where(kind == 2, x - half, x)
    x = numpy.where(kind == 3, numpy.nextafter(x + half, F32(numpy.inf)), x)
    x = numpy.where(kind == 4, numpy.nextafter(x + half, F32(-numpy.inf)), x)
    x = numpy.where(kind == 5, (rng.normal(size=count) * scale * (high - low)).astype(F32), x)
    x[5] = -0.0
    x[6:12] = F32(scale) * numpy.array([1e6, -1e6, 2.0**24, -(2.0**24), 1e15, -1e15], F32)
    return x.astype(F32)


def tensors(save, rng):
    """28 tensors of 96: 2 to 8 bits, signed and unsigned, zero points at an end and odd."""
    rows = {name: [] for name in ("x", "dy", "y", "dx")}
    scales, integers = [], []
    for bits in range(2, 9):
        for qmin, qmax in ((0, 2**bits - 1), (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)):
            odd = int(rng.integers(qmin, qmax)) | 1  # qmax is odd, so this is at most qmax
            for zero_point in (qmin if qmin == 0 else 0, odd):
                scale = F32(10.0 ** rng.uniform(-4, 2))
                x = awkward(rng, scale, qmin - zero_point, qmax - zero_point, 96)
                dy = rng.normal(size=96).astype(F32)
                y, dx = per_tensor(x, dy, scale, zero_point, qmin, qmax)
                for name, row in (("x", x), ("dy", dy), ("y", y), ("dx", dx)):
                    rows[name].append(row)
                scales.append(scale)
                integers.append([zero_point, qmin, qmax])
    for name, stacked in rows.items():
        save(f"tensor_{name}", numpy.stack(stacked))
    save("tensor_scale", numpy.array(scales, F32))
    save("tensor_integers", numpy.array(integers, numpy.int32))


def channels(save, rng):
    """One 3 x 4 x 5 tensor, a scale and a zero point per index of each of its axes, 4 bits unsigned."""
    x = awkward(rng, 0.1, -8, 8, 60).reshape(3, 4, 5)
    dy = rng.normal(size=x.shape).astype(F32)
    save("channel_x", x)
    save("channel_dy", dy)
    for axis, extent in enumerate(x.shape):
        scale = (0.1 * 2.0 ** rng.integers(-1, 2, extent)).astype(F32)
        zero_point = rng.integers(0, 16, extent).astype(numpy.int32)
        variable = torch.tensor(x, requires_grad=True)
        y = torch.fake_quantize_per_channel_affine(
            variable, torch.tensor(scale), torch.tensor(zero_point), axis, 0, 15)
        y.backward(torch.tensor(dy))
        save(f"axis{axis}_scale", scale)
        save(f"axis{axis}_zero_point", zero_point)
        save(f"axis{axis}_y", y.detach().numpy())
        save(f"axis{axis}_dx", variable.grad.numpy())


def groups(save, rng):
    """5 x 70 in groups of 32, 32 and 6: PyTorch group by group; the scales clip a little."""
    x = rng.normal(size=(5, 70)).astype(F32)
    dy = rng.normal(size=x.shape).astype(F32)
    y, dx = numpy.empty_like(x), numpy.empty_like(x)
    scale = numpy.empty((5, 3), F32)
    for row in range(5):
        for group, begin in enumerate(range(0, 70, 32)):
            part = slice(begin, min(begin + 32, 70))
            scale[row, group] = numpy.abs(x[row, part]).max() * F32(0.8) / F32(7)
            y[row, part], dx[row, part] = per_tensor(
                x[row, part], dy[row, part], scale[row, group], 0, -7, 7)
    for name, array in (("x", x), ("dy", dy), ("scale", scale), ("y", y), ("dx", dx)):
        save(f"group_{name}", array)


def generate(save, rng):
    # The example of the text.
    x = numpy.array([0.4, -0.6, 0.375, 2.6, 2.7, -1.5, 0.0], F32)
    dy = numpy.array([1, -2, 0.5, 1, 1, -3, 2], F32)
    y, dx = per_tensor(x, dy, 0.25, 5, 0, 15)
    save("paper_y", y)
    save("paper_dx", dx)
    tensors(save, rng)
    channels(save, rng)
    groups(save, rng)
    # Where |x / s| reaches 2^63, and for infinity and NaN, the result is what the CPU's conversion to a
    # 64-bit integer leaves: on x86 the smallest one, which the clamp turns into qmin.
    x = numpy.array([1e19, -1e19, numpy.inf, -numpy.inf, numpy.nan], F32)
    y, dx = per_tensor(x, numpy.ones(5, F32), 1.0, 3, 0, 15)
    save("beyond_y", y)
    save("beyond_dx", dx)
