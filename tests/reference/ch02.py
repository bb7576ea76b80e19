"""Chapter 02: integer Linear layers of PyTorch's qnnpack engine, and the scales on which orders of float operations differ."""
import numpy
import torch

F32 = numpy.float32
LAYERS, M, N, K = 8, 16, 12, 40


def linear(x, x_scale, x_zero_point, w, w_scales, w_zero_point, bias, y_scale, y_zero_point):
    """The output's integers of one quantized Linear. Several w_scales: per channel, symmetric."""
    w = torch.tensor(w, dtype=torch.int8)
    if len(w_scales) > 1:
        zeros = torch.zeros(len(w_scales), dtype=torch.long)
        weight = torch._make_per_channel_quantized_tensor(w, torch.tensor(w_scales).double(), zeros, 0)
    else:
        weight = torch._make_per_tensor_quantized_tensor(w, float(w_scales[0]), int(w_zero_point))
    layer = torch.ao.nn.quantized.Linear(w.shape[1], w.shape[0])
    layer.set_weight_bias(weight, torch.tensor(bias))
    layer.scale, layer.zero_point = float(y_scale), int(y_zero_point)
    x = torch._make_per_tensor_quantized_tensor(torch.tensor(x, dtype=torch.uint8), float(x_scale), int(x_zero_point))
    return layer(x).int_repr().numpy()


def random_layers(save, rng, name, per_channel, w_zero_point):
    """LAYERS random layers; outputs reach both ends of 0..255."""
    x = rng.integers(0, 256, (LAYERS, M, K)).astype(numpy.uint8)
    w = rng.integers(-128, 128, (LAYERS, N, K)).astype(numpy.int8)
    bias = (rng.standard_normal((LAYERS, N)) * 2).astype(F32)
    scales = rng.uniform(0.002, 0.02, (LAYERS, N if per_channel else 1)).astype(F32)
    w_zero_points = rng.integers(-128, 128, LAYERS) if w_zero_point else numpy.zeros(LAYERS, int)
    xy = numpy.stack([rng.uniform(0.005, 0.05, LAYERS), rng.uniform(0.02, 0.2, LAYERS)], 1).astype(F32)
    zero_points = numpy.stack([rng.integers(0, 256, LAYERS), w_zero_points, rng.integers(0, 256, LAYERS)], 1)
    y = [linear(x[i], xy[i, 0], zero_points[i, 0], w[i], scales[i], zero_points[i, 1], bias[i], xy[i, 1],
                zero_points[i, 2]) for i in range(LAYERS)]
    save(f"{name}_x", x)
    save(f"{name}_w", w)
    save(f"{name}_bias", bias)
    save(f"{name}_w_scales", scales)
    save(f"{name}_xy_scales", xy)                                     # s_x, s_y
    save(f"{name}_zero_points", zero_points.astype(numpy.int32))      # z_x, z_w, z_y
    save(f"{name}_y", numpy.stack(y))


def one_number(s_x, s_w, s_y, bias):
    """A layer of one weight 0: the output is the bias, requantized."""
    return linear([[0]], s_x, 0, [[0]], [s_w], 0, numpy.array([bias], F32), s_y, 0)[0, 0]


def tie_cases(save, rng):
    """Scales where a reciprocal and a division give different integers: 150 of the bias, 150 of the multiplier."""
    cases = []
    while len(cases) < 150:
        s_x, s_w = rng.uniform(0.01, 0.1, 2).astype(F32)
        scale = s_x * s_w
        bias = F32((rng.integers(0, 200) + 0.5) * float(scale))
        if numpy.rint(bias * (F32(1) / scale)) != numpy.rint(bias / scale):
            cases.append((s_x, s_w, scale, bias))
    while len(cases) < 300:
        s_x, s_w, s_y = (F32(rng.uniform(low, high)) for low, high in [(0.001, 0.1), (0.0005, 0.02), (0.01, 1)])
        scale = s_x * s_w
        acc = numpy.arange(min(int(255 * s_y / scale), 1 << 20), dtype=F32)
        differ = numpy.nonzero(numpy.rint(acc * (scale / s_y)) != numpy.rint(acc * (scale * (F32(1) / s_y))))[0]
        if len(differ) > 0:
            cases.append((s_x, s_w, s_y, F32(float(acc[differ[0]]) * float(scale))))
    save("ties_scales_bias", numpy.array(cases, F32))  # s_x, s_w, s_y, bias
    save("ties_y", numpy.array([one_number(*case) for case in cases], numpy.uint8))


def double_scales(save, rng):
    """Scales as doubles that no float32 holds: where their product in double and the product of their float32 give
    two integers of the bias. s_x, s_w; the bias; PyTorch's integer, per tensor and per channel."""
    scales, biases, integers = [], [], []
    while len(scales) < 100:
        s_x, s_w = rng.uniform(0.01, 0.1, 2)
        bias = F32((rng.integers(0, 200) + 0.5) * s_x * s_w)
        if numpy.rint(bias * (F32(1) / F32(s_x * s_w))) == numpy.rint(bias * (F32(1) / (F32(s_x) * F32(s_w)))):
            continue
        scales.append((s_x, s_w))
        biases.append(bias)
        # The second output channel only makes the weight one of several scales.
        integers.append([linear([[0]], s_x, 0, [[0]] * n, [s_w] * n, 0, numpy.array([bias] * n, F32), s_x * s_w, 0)[0, 0]
                         for n in (1, 2)])
    save("double_scales", numpy.array(scales))
    save("double_bias", numpy.array(biases, F32))
    save("double_integers", numpy.array(integers, numpy.int32))


def paper_example(save):
    """The example of the text. PyTorch has no 4-bit type: 0..255, but nothing passes 15."""
    x = numpy.array([[0, 4, 7, 15], [5, 3, 10, 1]])
    bias = numpy.array([0.3, -1.0, 0.55], F32)
    affine = numpy.array([[-3, -8, 3, -5], [7, -7, -2, -8], [-6, 0, -5, 1]])
    symmetric = numpy.array([[2, 0, 5, 1], [7, 0, 2, 0], [0, 4, 1, 4]])
    save("paper_affine_y", linear(x, 0.5, 3, affine, [0.125], -7, bias, 0.75, 3))
    save("paper_symmetric_y", linear(x, 0.5, 3, symmetric, [0.25], 0, bias, 0.75, 3))


def mystery(save, rng):
    """Exercise 2.4: integers made by a rule that the reader finds."""
    x = numpy.concatenate([numpy.arange(-24, 40) * 0.125, rng.uniform(-4, 6, 64)]).astype(F32)
    steps = x / F32(0.25)
    q = numpy.clip(numpy.floor(steps + F32(0.5)) + 7, 0, 31)
    save("mystery_floats", x.reshape(8, 16))
    save("mystery_integers", q.astype(numpy.uint8).reshape(8, 16))


def generate(save, rng):
    random_layers(save, rng, "per_tensor", per_channel=False, w_zero_point=False)
    random_layers(save, rng, "per_channel", per_channel=True, w_zero_point=False)
    random_layers(save, rng, "affine_w", per_channel=False, w_zero_point=True)
    tie_cases(save, rng)
    paper_example(save)
    mystery(save, rng)
    double_scales(save, rng)
