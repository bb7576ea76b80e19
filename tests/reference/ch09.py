"""Chapter 09: PyTorch's FakeQuantize modules, learnable fake quantization, and a net that prepare_qat trained and
convert turned into integers (engine qnnpack).

The bounds of the training steps come from ball arithmetic, as in ch04.py: a centre and a radius, such that every
float32 evaluation, in any order of summation, lies within the radius. What a quantizer gives is on the grid: its
radius is that of the scale alone, as long as no number stands so near to a tie that rounding could decide; the
generator refuses such data.
"""
import importlib

import numpy
import torch
from torch.ao.quantization import FakeQuantize, QConfig
from torch.ao.quantization.observer import MinMaxObserver, MovingAverageMinMaxObserver, PerChannelMinMaxObserver

F32 = numpy.float32
U = 2.0 ** -24
WIDTHS = [20, 12, 8, 10]
BATCH, LR = 32, 1e-3


class TooNear(Exception):
    """A number so near to a tie, to a ReLU's 0, or to a gradient of 0 that rounding could decide: draw others."""


def other(name):
    return importlib.import_module(name)


# --- the example of the text -------------------------------------------------------------------------------------

def learnable(x, scale, qmin, qmax, factor):
    return torch._fake_quantize_learnable_per_tensor_affine(x, scale, torch.zeros(1), qmin, qmax, factor)


def save_paper(save):
    """One weight in -2..1, one hidden activation in 0..3, two pictures; the scales are s0 * ratio; two passes with a
    step of Adam, learning rate 1/8, between them."""
    x, target = torch.tensor([[1.125], [2.0]]), torch.tensor([[0.5], [2.5]])
    w = torch.tensor([[0.75]], requires_grad=True)
    ratios = [torch.ones(1, requires_grad=True) for _ in range(2)]
    optimizer = torch.optim.Adam([w] + ratios, lr=0.125)
    rows = []
    for _ in range(2):
        s_w, s_h = 1.0 * ratios[0], 0.5 * ratios[1]
        s_w.retain_grad()
        s_h.retain_grad()
        w_fake = learnable(w, s_w, -2, 1, 1.0)                     # N = 1, Q = 1
        y = torch.nn.functional.linear(x, w_fake)
        h = learnable(torch.relu(y), s_h, 0, 3, 1.0 / 3.0 ** 0.5)  # N = 1, Q = 3
        loss = ((h - target) ** 2 / 2).sum()
        optimizer.zero_grad()
        loss.backward()
        rows.append([w.item(), s_w.item(), s_h.item(), w_fake.item(), y[0].item(), y[1].item(), h[0].item(),
                     h[1].item(), loss.item(), w.grad.item(), s_w.grad.item(), s_h.grad.item()])
        optimizer.step()
    save("paper", numpy.array(rows, numpy.float64))


# --- LSQ's gradient ----------------------------------------------------------------------------------------------

def save_learnable(save, rng):
    """x 6 x 45 and dy; per tensor and per channel (axis 0), signed and unsigned, 8 to 2 bits. The scale's radius is
    that of a sum of float32 terms in any order."""
    x = rng.normal(size=(6, 45)).astype(F32)
    dy = rng.normal(size=(6, 45)).astype(F32)
    save("lsq_x", x)
    save("lsq_dy", dy)
    scales, dxs, ds, radii = [], [], [], []
    for bits in (8, 4, 3, 2):
        for signed in (True, False):
            qmin, qmax = (-2 ** (bits - 1), 2 ** (bits - 1) - 1) if signed else (0, 2 ** bits - 1)
            factor = 1.0 / (45 * qmax) ** 0.5
            scale = (2.0 * numpy.abs(x).mean(1) / qmax ** 0.5).astype(F32)
            tx, ts = torch.tensor(x, requires_grad=True), torch.tensor(scale, requires_grad=True)
            y = torch._fake_quantize_learnable_per_channel_affine(tx, ts, torch.zeros(6), 0, qmin, qmax, factor)
            y.backward(torch.tensor(dy))
            t = x / scale[:, None]
            r = numpy.clip(numpy.rint(t), qmin, qmax)
            inside = (numpy.rint(t) >= qmin) & (numpy.rint(t) <= qmax)
            terms = numpy.abs(dy) * (numpy.abs(r) + inside * numpy.abs(t))
            scales.append(scale)
            dxs.append(tx.grad.numpy())
            ds.append(ts.grad.numpy())
            radii.append((factor * other("ch04").gamma(45 + 6) * terms.sum(1)).astype(F32))
    save("lsq_scale", numpy.stack(scales))
    save("lsq_dx", numpy.stack(dxs))
    save("lsq_ds", numpy.stack(ds))
    save("lsq_radius", numpy.stack(radii))
    # One scale for the tensor: 4 bits, unsigned, with a scale that clips.
    tx, ts = torch.tensor(x, requires_grad=True), torch.tensor([0.1], requires_grad=True)
    learnable(tx, ts, 0, 15, 0.25).backward(torch.tensor(dy))
    save("lsq_tensor_dx", tx.grad.numpy())
    save("lsq_tensor_ds", ts.grad.numpy())


def save_offset(save):
    """Scale 1, zero point -2, -4..3: x (no ties), and PyTorch's y and dx, where its forward and its backward disagree."""
    x = (numpy.arange(-60, 61) / 10.0).astype(F32)
    x = x[numpy.abs(x * 2 - numpy.rint(x * 2)) > 0.1]
    tx = torch.tensor(x, requires_grad=True)
    y = torch._fake_quantize_learnable_per_tensor_affine(tx, torch.ones(1), torch.tensor([-2.0]), -4, 3, 1.0)
    y.sum().backward()
    save("lsq_offset", numpy.stack([x, y.detach().numpy(), tx.grad.numpy()]))


# --- training steps with FakeQuantize ----------------------------------------------------------------------------

def fake_quantize(observer, qmin, qmax, dtype, scheme, **more):
    return FakeQuantize.with_args(observer=observer, quant_min=qmin, quant_max=qmax, dtype=dtype, qscheme=scheme, **more)


def make_module(params, bits, per_channel, pixels):
    """Linear+ReLU, Linear+ReLU, Linear as PyTorch prepares them; 8 bits for pixels and logits, whose scale `pixels`
    is given."""
    affine, qint8 = torch.per_tensor_affine, torch.qint8
    if per_channel:
        weight = fake_quantize(PerChannelMinMaxObserver, -2 ** (bits - 1), 2 ** (bits - 1) - 1, qint8,
                               torch.per_channel_symmetric, ch_axis=0)
    else:
        weight = fake_quantize(MinMaxObserver, -2 ** (bits - 1), 2 ** (bits - 1) - 1, qint8, torch.per_tensor_symmetric)
    modules = []
    for i in range(3):
        output = fake_quantize(MovingAverageMinMaxObserver, 0, 2 ** (bits if i < 2 else 8) - 1, torch.quint8, affine)
        make = torch.nn.intrinsic.qat.LinearReLU if i < 2 else torch.nn.qat.Linear
        layer = make(WIDTHS[i], WIDTHS[i + 1], qconfig=QConfig(activation=output, weight=weight))
        layer.weight.data = torch.tensor(params[2 * i])
        layer.bias.data = torch.tensor(params[2 * i + 1])
        modules += [layer, output()]
    first = fake_quantize(MinMaxObserver, 0, 255, torch.quint8, affine)()
    first.disable_observer()
    first.scale, first.zero_point = torch.tensor([pixels[0]]), torch.tensor([pixels[1]], dtype=torch.int32)
    return torch.nn.Sequential(first, *modules)


def scales_of(module):
    return [float(q.scale) for q in (module[2], module[4], module[6])], \
           [int(q.zero_point) for q in (module[2], module[4], module[6])]


def through(x, x_r, scale, scale_r, zero_point, qmin, qmax):
    """A quantizer on a ball: the grid value, its radius, the clip mask."""
    t = x / scale
    near = numpy.abs(numpy.abs(t - numpy.floor(t)) - 0.5) <= x_r / scale + numpy.abs(t) * (scale_r / scale + 8 * U)
    inside_range = (t > qmin - zero_point - 1) & (t < qmax - zero_point + 1)
    if (near & inside_range).any():
        raise TooNear
    q = numpy.rint(t) + zero_point
    r = numpy.clip(q, qmin, qmax) - zero_point
    return r * scale, numpy.abs(r) * (scale_r + U * scale), (q >= qmin) & (q <= qmax)


def step_ball(params, x, labels, pixels, scales, zero_points, scale_radii, bits, per_channel):
    """Centres and radii of the gradients, and of the output of every layer before its quantizer."""
    gamma, product = other("ch04").gamma, other("ch04").product
    low, high = -2 ** (bits - 1), 2 ** (bits - 1) - 1
    h, h_r, _ = through(x.astype(numpy.float64), 0.0, pixels[0], 0.0, pixels[1], 0, 255)
    kept, before = [], []
    for i in range(3):
        w, b = params[2 * i].astype(numpy.float64), params[2 * i + 1].astype(numpy.float64)
        largest = numpy.abs(params[2 * i]).max(1, keepdims=True) if per_channel else numpy.abs(params[2 * i]).max()
        s_w = (largest.astype(F32) / F32((high - low) / 2)).astype(numpy.float64)
        w, w_r, w_mask = weight_through(w, s_w, low, high)
        y, y_r = product(h, h_r, w.T, w_r.T, w.shape[1] + 1)
        y, y_r = y + b, y_r + gamma(w.shape[1] + 2) * numpy.abs(b)
        before.append((y, y_r))
        if i < 2:
            if (numpy.abs(y) <= y_r).any():
                raise TooNear
            on = y > 0
            y, y_r = y * on, y_r * on
        else:
            on = numpy.ones(y.shape)
        a, a_r, mask = through(y, y_r, scales[i], scale_radii[i], zero_points[i], 0,
                               2 ** (bits if i < 2 else 8) - 1)
        kept.append((h, h_r, w, w_r, w_mask, on * mask))
        h, h_r = a, a_r
    z = h - h.max(axis=1, keepdims=True)
    spread = (2.0 * h_r + 2.0 * U * numpy.abs(z)).max(axis=1, keepdims=True)
    p = numpy.exp(z) / numpy.exp(z).sum(axis=1, keepdims=True)
    one = numpy.eye(p.shape[1])[labels]
    d = (p - one) / len(x)
    d_r = (p * (numpy.expm1(2.0 * spread) + gamma(20)) + gamma(4) * (p + one)) / len(x)
    centres, radii = [], []
    for i in reversed(range(3)):
        h, h_r, w, w_r, w_mask, mask = kept[i]
        d, d_r = d * mask, d_r * mask
        g, g_r = product(d.T, d_r.T, h, h_r, len(x))
        b, b_r = product(d.T, d_r.T, numpy.ones((len(x), 1)), numpy.zeros((len(x), 1)), len(x))
        centres, radii = [g * w_mask, b[:, 0]] + centres, [g_r * w_mask, b_r[:, 0]] + radii
        d, d_r = product(d, d_r, w, w_r, w.shape[0])
    return centres, radii, before


def weight_through(w, s_w, low, high):
    """The largest weight of a tensor stands on a tie by construction, and float32 agrees on it: 127.5 steps."""
    t = (w.astype(F32) * (F32(1) / s_w.astype(F32))).astype(numpy.float64)
    q = numpy.rint(t)
    r = numpy.clip(q, low, high)
    return r * s_w, numpy.abs(r) * U * s_w, (q >= low) & (q <= high)


def zero_point_is_sure(observer, scale, scale_radius, radius):
    t = float(observer.min_val) / scale
    return abs(abs(t - numpy.floor(t)) - 0.5) > radius / scale + abs(t) * scale_radius / scale + 8 * U * abs(t)


def draw_params(rng):
    params = []
    for i in range(3):
        params += [(rng.normal(size=(WIDTHS[i + 1], WIDTHS[i])) / 3).astype(F32),
                   (rng.normal(size=WIDTHS[i + 1]) / 3).astype(F32)]
    return params


def two_batches(rng, bits, per_channel):
    """Two batches with the weights unchanged, which move the observers; then a step of Adam on the second's
    gradients. Returns the arrays to save."""
    params, pixels = draw_params(rng), (0.0127, 33)
    module = make_module(params, bits, per_channel, pixels)
    optimizer = torch.optim.Adam(module.parameters(), lr=LR)
    arrays, radii_before = {"weights": flat(params)}, None
    for batch in "01":
        x = (rng.integers(0, 256, size=(BATCH, WIDTHS[0])) - 33).astype(F32) * F32(0.0127)
        labels = rng.integers(0, 10, size=BATCH)
        optimizer.zero_grad()
        logits = module(torch.tensor(x))
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(labels))
        loss.backward()
        scales, zero_points = scales_of(module)
        state = (params, x, labels, pixels, scales, zero_points)
        radii = scale_radii_of(*state, bits, per_channel, radii_before)
        centres, bounds, before = step_ball(*state, radii, bits, per_channel)
        if not zero_point_is_sure(module[6].activation_post_process, scales[2], radii[2], before[2][1].max()):
            raise TooNear
        gradients = [p.grad.numpy() for p in module.parameters()]
        if any((numpy.abs(c - g) > r).any() for c, g, r in zip(centres, gradients, bounds)):
            raise SystemExit("ch09: the ball does not hold PyTorch's own gradient")
        arrays |= {"x" + batch: x, "labels" + batch: labels.astype(numpy.uint8),
                   "scale" + batch: numpy.array(scales, F32), "scale_radius" + batch: numpy.array(radii, F32),
                   "zero_point" + batch: numpy.array(zero_points, numpy.int32),
                   "logits" + batch: logits.detach().numpy(), "loss" + batch: numpy.array([loss.item()]),
                   "gradients" + batch: flat(gradients), "radius" + batch: flat(bounds)}
        radii_before = radii
    balls = [other("ch04").AdamBall(p) for p in params]
    for ball, centre, bound in zip(balls, centres, bounds):
        ball.step(centre, bound)
    optimizer.step()
    arrays["after"] = flat([p.detach().numpy() for p in module.parameters()])
    arrays["after_radius"] = flat([ball.w_r for ball in balls])
    if (arrays["after_radius"] > LR / 10).sum() >= 20:  # Adam's first step is LR against the gradient's sign
        raise TooNear
    return arrays


def save_steps(save, rng, name, bits, per_channel):
    for _ in range(1000):
        try:
            arrays = two_batches(rng, bits, per_channel)
        except TooNear:
            continue
        for key, array in arrays.items():
            save(f"{name}_{key}", array)
        return
    raise SystemExit("ch09: a thousand draws, and each had a number too near to a tie")


def flat(arrays):
    return numpy.concatenate([numpy.asarray(a).ravel() for a in arrays]).astype(F32)


def scale_radii_of(params, x, labels, pixels, scales, zero_points, bits, per_channel, before):
    """A scale is (hi - lo) / steps, and float32 finds lo and hi as exactly as the layer's outputs. They depend on
    the scales of the layers before: three rounds are enough for three layers. A moving average keeps of the radius
    before at most all of it."""
    radii = [0.0, 0.0, 0.0]
    for _ in range(3):
        _, _, outputs = step_ball(params, x, labels, pixels, scales, zero_points, radii, bits, per_channel)
        radii = []
        for i, (y, y_r) in enumerate(outputs):
            steps = 2 ** (bits if i < 2 else 8) - 1
            radii.append((2.0 * y_r.max() + 8 * U * numpy.abs(y).max()) / steps)
    return radii if before is None else [max(a, b) for a, b in zip(radii, before)]


# --- a net trained by PyTorch ------------------------------------------------------------------------------------

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.quant = torch.ao.quantization.QuantStub()
        for i, (weight, bias) in enumerate(other("digits").pretrained(), 1):
            layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
            layer.weight.data, layer.bias.data = torch.from_numpy(weight), torch.from_numpy(bias)
            setattr(self, f"fc{i}", layer)
        self.relu1, self.relu2 = torch.nn.ReLU(), torch.nn.ReLU()
        self.dequant = torch.ao.quantization.DeQuantStub()

    def forward(self, x):
        x = self.relu2(self.fc2(self.relu1(self.fc1(self.quant(x)))))
        return self.dequant(self.fc3(x))


def trained_net():
    """prepare_qat with the qnnpack qconfig, 100 steps of Adam; then the module to be converted."""
    net = Net().train()
    net = torch.ao.quantization.fuse_modules_qat(net, [["fc1", "relu1"], ["fc2", "relu2"]])
    net.qconfig = torch.ao.quantization.get_default_qat_qconfig("qnnpack", version=0)
    net = torch.ao.quantization.prepare_qat(net)
    pixels, labels = other("digits").train_digits()
    x, labels = torch.tensor(other("digits").normalized(pixels)), torch.tensor(labels.astype(numpy.int64))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-4)
    for step in range(100):
        some = slice(32 * step, 32 * step + 32)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x[some]), labels[some]).backward()
        optimizer.step()
    return net.eval()


def save_trained(save):
    """The float weights, every parameter, and the integers of every layer on the 2000 test digits."""
    net = trained_net()
    integers = torch.ao.quantization.convert(net)
    layers = [integers.fc1, integers.fc2, integers.fc3]
    for i, layer in enumerate([net.fc1, net.fc2, net.fc3], 1):
        save(f"trained_fc{i}_weight", layer.weight.detach().numpy())
        save(f"trained_fc{i}_bias", layer.bias.detach().numpy())
    save("trained_weight_scale", numpy.array([layer.weight().q_scale() for layer in layers], F32))
    params = [(float(integers.quant.scale), int(integers.quant.zero_point))]
    params += [(float(layer.scale), int(layer.zero_point)) for layer in layers]
    save("trained_scale", numpy.array([p[0] for p in params], F32))
    save("trained_zero_point", numpy.array([p[1] for p in params], numpy.int32))
    pixels, _ = other("digits").test_digits()
    x = integers.quant(torch.tensor(other("digits").normalized(pixels)))
    save_outputs(save, "trained", x, layers)
    save_four_bits(save, net, params, x)


def save_outputs(save, name, x, layers, qmax=(255, 255, 255)):
    tensors = []
    for layer, limit in zip(layers, qmax):
        y = numpy.minimum(layer(x).int_repr().numpy(), limit)
        tensors.append(y)
        x = other("ch06").as_quantized(y, (layer.scale, layer.zero_point))
    save(f"{name}_hash", numpy.stack([other("ch06").hashes(tensor) for tensor in tensors], 1))
    save(f"{name}_first", numpy.concatenate([tensor[:10] for tensor in tensors], 1))
    save(f"{name}_logits", tensors[-1])


def save_four_bits(save, net, params, x):
    """The same weights in -8..7 and hidden activations in 0..15, min-max scales. PyTorch's convert knows 8 bits only
    and would store an 8: so the weights are clamped here, and the outputs by save_outputs."""
    layers, outputs = [], []
    for i, layer in enumerate([net.fc1, net.fc2, net.fc3]):
        weight = layer.weight.detach()
        scale = float(weight.abs().max() / torch.tensor(7.5))
        q = torch.clamp(torch.round(weight * (torch.tensor(1.0) / torch.tensor(scale))), -8, 7).to(torch.int8)
        wide = params[i + 1][0] * 17 if i < 2 else params[i + 1][0]  # 255 = 17 * 15 steps
        output = (float(F32(wide)), params[i + 1][1])
        make = other("ch07").linear_relu if i < 2 else other("ch06").quantized_linear
        layers.append(make(torch._make_per_tensor_quantized_tensor(q, scale, 0), layer.bias.detach().numpy(), output))
        outputs.append(output[0])
    save("four_bits_scale", numpy.array(outputs, F32))
    save_outputs(save, "four_bits", x, layers, (15, 15, 255))


def generate(save, rng):
    save_paper(save)
    save_learnable(save, rng)
    save_steps(save, rng, "eight_bits", 8, per_channel=False)
    save_steps(save, rng, "three_bits", 3, per_channel=True)
    save_trained(save)
    save_offset(save)
