"""Chapter 22: PyTorch's ConvBn2d and ConvBnReLU2d of torch.nn.intrinsic.qat, forward, backward and a step of Adam.

The bounds come from ball arithmetic, as in ch04.py and ch09.py, here as numbers that carry their radius with them:
whatever float32 evaluation, in any order of summation, lies within it. What a quantizer gives is on the grid; the
generator draws again where a number stands so near to a tie, or to ReLU's 0, that rounding could decide.
"""
import importlib

import numpy
import torch
from torch.ao.quantization import FakeQuantize, QConfig
from torch.ao.quantization.observer import MovingAverageMinMaxObserver, MovingAveragePerChannelMinMaxObserver

F32 = numpy.float32
U = 2.0 ** -24
LR = 1e-3


class TooNear(Exception):
    """Draw others."""


def other(name):
    return importlib.import_module(name)


def gamma(n):
    return n * U / (1.0 - n * U)


class Ball:
    """Centres c (float64) and radii r of one shape; every operation adds its own rounding."""

    def __init__(self, c, r=0.0):
        self.c = numpy.asarray(c, numpy.float64)
        self.r = numpy.broadcast_to(numpy.asarray(r, numpy.float64), self.c.shape)

    def rounded(self, n=1):
        return Ball(self.c, self.r + gamma(n) * (numpy.abs(self.c) + self.r))

    def __add__(self, o):
        return Ball(self.c + o.c, self.r + o.r).rounded()

    def __sub__(self, o):
        return Ball(self.c - o.c, self.r + o.r).rounded()

    def __mul__(self, o):
        return Ball(self.c * o.c, numpy.abs(self.c) * o.r + self.r * numpy.abs(o.c) + self.r * o.r).rounded()

    def __truediv__(self, o):
        low = numpy.abs(o.c) - o.r
        if (low <= 0).any():
            raise TooNear
        c = self.c / o.c
        return Ball(c, (self.r + numpy.abs(c) * o.r) / low).rounded(2)

    def sqrt(self):
        low = numpy.sqrt(numpy.maximum(self.c - self.r, 0.0))
        c = numpy.sqrt(self.c)
        return Ball(c, c - low).rounded()

    def sum(self, axis):
        n = int(numpy.prod([self.c.shape[a] for a in axis]))
        magnitudes = (numpy.abs(self.c) + self.r).sum(axis)
        return Ball(self.c.sum(axis), self.r.sum(axis) + gamma(n + 2) * magnitudes)

    def shaped(self, *shape):
        return Ball(self.c.reshape(shape), self.r.reshape(shape))

    def masked(self, mask):
        return Ball(self.c * mask, self.r * mask)


def through(x, scale, zero_point, qmin, qmax):
    """A quantizer on a ball; its grid value and the clip mask."""
    t = x.c / scale.c
    near = numpy.abs(numpy.abs(t - numpy.floor(t)) - 0.5) <= x.r / scale.c + numpy.abs(t) * (scale.r / scale.c + 8 * U)
    if (near & (t > qmin - zero_point - 1) & (t < qmax - zero_point + 1)).any():
        raise TooNear
    q = numpy.rint(t) + zero_point
    r = numpy.clip(q, qmin, qmax) - zero_point
    return Ball(r * scale.c, numpy.abs(r) * (scale.r + U * scale.c)), (q >= qmin) & (q <= qmax)


# --- the layer ---------------------------------------------------------------------------------------------------

class Case:
    """x is B x H x W x C; weights are N x kh x kw x C/G, as the course lays them out."""

    def __init__(self, rng, relu, bias, groups, per_channel, weight_range, batches):
        self.relu, self.groups, self.per_channel, self.weight_range = relu, groups, per_channel, weight_range
        self.shape, self.N = (5, 4, 3, 2), 4  # 3 x 3, stride 2, padding 1
        self.weight = (rng.normal(size=(self.N, 3, 3, 2 // groups)) / 3).astype(F32)
        self.bias = (rng.normal(size=self.N) / 2).astype(F32) if bias else None
        self.gamma = (rng.uniform(0.5, 1.5, self.N) * rng.choice([-1.0, 1.0, 1.0], self.N)).astype(F32)
        self.beta = (rng.normal(size=self.N) / 2).astype(F32)
        self.mean = (rng.normal(size=self.N) / 2).astype(F32)
        self.variance = rng.uniform(0.3, 2.0, self.N).astype(F32)
        self.places = (self.shape[1] + 1) // 2, (self.shape[2] + 1) // 2
        self.x = [rng.normal(size=self.shape).astype(F32) for _ in range(batches)]
        self.dy = [rng.normal(size=(5, *self.places, self.N)).astype(F32) for _ in range(batches)]

    def module(self):
        low, high = self.weight_range
        observer = MovingAveragePerChannelMinMaxObserver if self.per_channel else MovingAverageMinMaxObserver
        scheme = torch.per_channel_symmetric if self.per_channel else torch.per_tensor_symmetric
        more = {"averaging_constant": 1.0} | ({"ch_axis": 0} if self.per_channel else {})  # 1: the weights of now
        weight = FakeQuantize.with_args(observer=observer, quant_min=low, quant_max=high, dtype=torch.qint8,
                                        qscheme=scheme, **more)
        output = FakeQuantize.with_args(observer=MovingAverageMinMaxObserver, quant_min=0, quant_max=255,
                                        dtype=torch.quint8, qscheme=torch.per_tensor_affine)
        make = torch.nn.intrinsic.qat.ConvBnReLU2d if self.relu else torch.nn.intrinsic.qat.ConvBn2d
        layer = make(2, self.N, 3, stride=2, padding=1, groups=self.groups, bias=self.bias is not None,
                     qconfig=QConfig(activation=output, weight=weight))
        layer.weight.data = torch.tensor(self.weight.transpose(0, 3, 1, 2).copy())
        if self.bias is not None:
            layer.bias.data = torch.tensor(self.bias)
        layer.bn.weight.data, layer.bn.bias.data = torch.tensor(self.gamma), torch.tensor(self.beta)
        layer.bn.running_mean.data = torch.tensor(self.mean)
        layer.bn.running_var.data = torch.tensor(self.variance)
        return layer.train(), output()

    def patches(self, x):
        """B x P x G x K, K = kh kw C/G."""
        B, H, W, C = x.shape
        padded = numpy.zeros((B, H + 2, W + 2, C))
        padded[:, 1:-1, 1:-1] = x
        rows, columns = self.places
        part = C // self.groups
        out = numpy.zeros((B, rows * columns, self.groups, 9 * part))
        for r in range(rows):
            for c in range(columns):
                window = padded[:, 2 * r:2 * r + 3, 2 * c:2 * c + 3]
                for g in range(self.groups):
                    out[:, r * columns + c, g] = window[..., g * part:(g + 1) * part].reshape(B, -1)
        return out


def convolve(patches, w, groups):
    """patches exact, w a ball N x K: B x P x N."""
    N, K = w.c.shape
    cs, rs = [], []
    for g in range(groups):
        part = slice(g * N // groups, (g + 1) * N // groups)
        p = patches[:, :, g]
        cs.append(p @ w.c[part].T)
        magnitudes = numpy.abs(p) @ (numpy.abs(w.c[part]) + w.r[part]).T
        rs.append(numpy.abs(p) @ w.r[part].T + gamma(K + 2) * magnitudes)
    return Ball(numpy.concatenate(cs, 2), numpy.concatenate(rs, 2))


def weight_gradient(patches, du, groups):
    N = du.c.shape[2]
    out = []
    for g in range(groups):
        part = slice(g * N // groups, (g + 1) * N // groups)
        product = Ball(du.c[:, :, part, None], du.r[:, :, part, None]) * Ball(patches[:, :, g][:, :, None])
        out.append(product.sum((0, 1)))
    return Ball(numpy.concatenate([o.c for o in out]), numpy.concatenate([o.r for o in out]))


def input_gradient(case, du, w):
    """B x H x W x C: every patch's gradient added where it came from."""
    B, H, W, C = case.shape
    rows, columns = case.places
    N, part = case.N, C // case.groups
    c, r = numpy.zeros((B, H + 2, W + 2, C)), numpy.zeros((B, H + 2, W + 2, C))
    for row in range(rows):
        for column in range(columns):
            for g in range(case.groups):
                some = slice(g * N // case.groups, (g + 1) * N // case.groups)
                p = row * columns + column
                d, d_r = du.c[:, p, some], du.r[:, p, some]
                centre = (d @ w.c[some]).reshape(B, 3, 3, part)
                magnitudes = (numpy.abs(d) + d_r) @ (numpy.abs(w.c[some]) + w.r[some])
                radius = (numpy.abs(d) @ w.r[some] + d_r @ (numpy.abs(w.c[some]) + w.r[some]) +
                          gamma(9 * N + 2) * magnitudes).reshape(B, 3, 3, part)
                where = (slice(None), slice(2 * row, 2 * row + 3), slice(2 * column, 2 * column + 3),
                         slice(g * part, (g + 1) * part))
                c[where] += centre
                r[where] += radius
    return Ball(c[:, 1:-1, 1:-1], r[:, 1:-1, 1:-1])


class State:
    """What the batches move: batch norm's running statistics and the observer of the output."""

    def __init__(self, case):
        self.mean, self.variance, self.interval = Ball(case.mean), Ball(case.variance), None

    def move(self, mean, variance, M):
        keep, take = Ball(0.9, U), Ball(0.1, U)
        self.mean = keep * self.mean + take * mean
        self.variance = keep * self.variance + take * (variance * Ball(M / (M - 1.0), U * 2))

    def observe(self, y):
        radius = y.r.max()
        now = Ball([y.c.min(), y.c.max()], radius)
        if self.interval is None:
            self.interval = now
        else:
            self.interval = self.interval + Ball(0.01, 0.01 * U) * (now - self.interval)
        low, high = min(self.interval.c[0], 0.0), max(self.interval.c[1], 0.0)
        scale = Ball((high - low) / 255.0, 2 * self.interval.r.max() / 255.0).rounded(4)
        t = low / scale.c
        if abs(abs(t - numpy.floor(t)) - 0.5) <= (self.interval.r.max() + abs(t) * scale.r) / scale.c + 8 * U * abs(t):
            raise TooNear
        return scale, int(-numpy.rint(t))


def weight_scale(case, folded):
    low, high = case.weight_range
    axis = 1 if case.per_channel else None
    largest = numpy.abs(folded.c).max(axis=axis, keepdims=True)
    radius = folded.r.max(axis=axis, keepdims=True)
    return Ball(largest / ((high - low) / 2.0), radius / ((high - low) / 2.0)).rounded(6)  # lo += 1 (now - lo), too


def pass_ball(case, state, x, dy, frozen, signed):
    """One pass: balls of the output and the gradients. `signed`: the range has a tie at its end, -127.5, on which
    float32 agrees as long as the folded weights are exact: before the statistics have moved."""
    N, M = case.N, x.shape[0] * numpy.prod(case.places)
    std = (state.variance + Ball(F32(1e-5))).sqrt()
    f = Ball(case.gamma) / std
    w = Ball(case.weight.reshape(N, -1))
    folded = w * f.shaped(N, 1)
    low, high = case.weight_range
    if signed:
        exact = case.gamma / numpy.sqrt(case.variance + F32(1e-5))
        folded = Ball(case.weight.reshape(N, -1) * exact[:, None].astype(F32))
        s = (numpy.abs(folded.c.astype(F32)).max() / F32(127.5)).astype(F32)
        quantized, _, mask = other("ch09").weight_through(folded.c, s.astype(numpy.float64), low, high)
        quantized = Ball(quantized, numpy.abs(quantized) * 2 * U)
    else:
        quantized, mask = through(folded, weight_scale(case, folded), 0, low, high)
    patches = case.patches(x)
    u = convolve(patches, quantized, case.groups)
    quotient = u / f
    v = quotient if case.bias is None else quotient + Ball(case.bias)
    if frozen:
        mean, inverse = state.mean, Ball(numpy.ones(N)) / std
    else:
        mean = v.sum((0, 1)) / Ball(float(M))
        distance = v - mean
        variance = (distance * distance).sum((0, 1)) / Ball(float(M))
        inverse = Ball(numpy.ones(N)) / (variance + Ball(F32(1e-5))).sqrt()
    unit = (v - mean) * inverse
    y = unit * Ball(case.gamma) + Ball(case.beta)
    if not frozen:
        state.move(mean, variance, float(M))
    on = numpy.ones(y.c.shape)
    if case.relu:
        if (numpy.abs(y.c) <= y.r).any():
            raise TooNear
        on = (y.c > 0).astype(float)
        y = y.masked(on)
    scale, zero_point = state.observe(y)
    after, inside = through(y, scale, zero_point, 0, 255)
    d = Ball(dy.reshape(*y.c.shape)).masked(on * inside)
    d_beta, d_gamma = d.sum((0, 1)), (d * unit).sum((0, 1))
    slope = Ball(case.gamma) * inverse
    if frozen:
        dv = d * slope
    else:
        dv = slope * ((d - d_beta / Ball(float(M))) - unit * (d_gamma / Ball(float(M))))
    du = dv / f
    d_factor = Ball(0.0) - (du * quotient).sum((0, 1))
    d_folded = weight_gradient(patches, du, case.groups).masked(mask)
    d_factor = d_factor + (d_folded * w).sum((1,))
    gradients = [d_folded * f.shaped(N, 1)] + ([] if case.bias is None else [dv.sum((0, 1))])
    gradients += [d_gamma + d_factor / std, d_beta]
    return after, scale, zero_point, gradients, input_gradient(case, du, quantized)


def flat(arrays):
    return numpy.concatenate([numpy.asarray(a, numpy.float64).ravel() for a in arrays]).astype(F32)


def ours(case, layer, what):
    """PyTorch's parameters, or their gradients, in our order and layout: weight, bias, gamma, beta."""
    tensors = [what(layer.weight).numpy().transpose(0, 2, 3, 1)]
    tensors += [] if case.bias is None else [what(layer.bias).numpy()]
    return tensors + [what(layer.bn.weight).numpy(), what(layer.bn.bias).numpy()]


def require_inside(name, number, ball):
    if (numpy.abs(numpy.asarray(number, numpy.float64).reshape(ball.c.shape) - ball.c) > ball.r).any():
        raise SystemExit(f"ch22: the ball does not hold PyTorch's own {name}")


def run_batches(case, frozen, signed):
    layer, output = case.module()
    optimizer = torch.optim.Adam(layer.parameters(), lr=LR)
    state, arrays = State(case), {}
    for b, (x, dy) in enumerate(zip(case.x, case.dy)):
        if frozen[b]:
            layer.freeze_bn_stats()
        optimizer.zero_grad()
        tx = torch.tensor(x.transpose(0, 3, 1, 2).copy(), requires_grad=True)
        y = output(layer(tx))
        (y * torch.tensor(dy.transpose(0, 3, 1, 2).copy())).sum().backward()
        after, scale, zero_point, gradients, dx = pass_ball(case, state, x, dy, frozen[b], signed)
        theirs = ours(case, layer, lambda p: p.grad.detach())
        their_y = y.detach().numpy().transpose(0, 2, 3, 1)
        if zero_point != int(output.zero_point):
            raise TooNear
        require_inside("output", their_y, after)
        for number, ball in zip(theirs, gradients):
            require_inside("gradient", number, ball)
        require_inside("dx", tx.grad.numpy().transpose(0, 2, 3, 1), dx)
        require_inside("running mean", layer.bn.running_mean.numpy(), state.mean)
        require_inside("running variance", layer.bn.running_var.numpy(), state.variance)
        flat_of = lambda a: numpy.ascontiguousarray(a).reshape(x.shape[0], -1)
        arrays |= {f"x{b}": flat_of(x), f"dy{b}": flat_of(dy), f"y{b}": flat_of(their_y),
                   f"y_radius{b}": flat_of(after.r.astype(F32)),
                   f"output{b}": numpy.array([float(output.scale), float(output.zero_point)], F32),
                   f"gradients{b}": flat(theirs), f"radius{b}": flat([g.r for g in gradients]),
                   f"dx{b}": flat_of(tx.grad.numpy().transpose(0, 2, 3, 1)), f"dx_radius{b}": flat_of(dx.r.astype(F32)),
                   f"running{b}": flat([layer.bn.running_mean, layer.bn.running_var]),
                   f"running_radius{b}": flat([state.mean.r, state.variance.r])}
    start = ours(case, layer, lambda p: p.detach())
    arrays["start"] = flat([case.weight] + ([] if case.bias is None else [case.bias]) +
                           [case.gamma, case.beta, case.mean, case.variance])
    balls = [other("ch04").AdamBall(p.ravel()) for p in start]
    for ball, gradient in zip(balls, gradients):
        ball.step(gradient.c.ravel(), gradient.r.ravel())
    optimizer.step()
    arrays["after"] = flat(ours(case, layer, lambda p: p.detach()))
    arrays["after_radius"] = flat([ball.w_r for ball in balls])
    if (arrays["after_radius"] > LR / 10).sum() >= 20:
        raise TooNear
    return arrays


def save_case(save, rng, name, frozen, signed, **how):
    for _ in range(1000):
        try:
            arrays = run_batches(Case(rng, batches=len(frozen), **how), frozen, signed)
        except TooNear:
            continue
        for key, array in arrays.items():
            save(f"{name}_{key}", array)
        return
    raise SystemExit("ch22: a thousand draws, and each had a number too near to a tie")


# --- the example of the text ---------------------------------------------------------------------------------------

def save_paper(save):
    """One weight, eight pixels, epsilon 0, scales given: f, w_f, w'; then the first and the last output and the
    gradients of w, gamma and beta, by the batch's statistics and by the running ones."""
    rows = []
    for frozen in (False, True):
        fixed = dict(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric)
        weight = FakeQuantize.with_args(observer=MovingAverageMinMaxObserver, quant_min=-128, quant_max=127, **fixed)
        output = FakeQuantize.with_args(observer=MovingAverageMinMaxObserver, quant_min=0, quant_max=255,
                                        dtype=torch.quint8, qscheme=torch.per_tensor_affine)
        layer = torch.nn.intrinsic.qat.ConvBnReLU2d(1, 1, 1, eps=0.0, qconfig=QConfig(activation=output, weight=weight))
        after = output()
        for quantizer, scale in ((layer.weight_fake_quant, 0.25), (after, 0.75)):
            quantizer.disable_observer()
            quantizer.scale = torch.tensor([scale])
        layer.weight.data = torch.tensor([[[[1.125]]]])
        layer.bn.weight.data, layer.bn.bias.data = torch.tensor([1.0]), torch.tensor([1.5])
        layer.bn.running_mean.data, layer.bn.running_var.data = torch.tensor([2.0]), torch.tensor([4.0])
        if frozen:
            layer.freeze_bn_stats()
        else:
            factor = layer.bn.weight / torch.sqrt(layer.bn.running_var + layer.bn.eps)
            folded = layer.weight * factor
            rows += [factor.item(), folded.item(), layer.weight_fake_quant(folded).item()]
        y = after(layer(torch.tensor([[[[1.0, 3, 3, 3], [3, 3, 3, 5]]]])))
        (y * torch.tensor([[[[1.0, 0, 0, 0], [0, 0, 0, 1]]]])).sum().backward()
        rows += [y[0, 0, 0, 0].item(), y[0, 0, 1, 3].item(), layer.weight.grad.item(), layer.bn.weight.grad.item(),
                 layer.bn.bias.grad.item()]
    save("paper", numpy.array(rows))


def generate(save, rng):
    save_paper(save)
    # Two batches whose statistics count and move the running ones, then one after freeze_bn_stats.
    save_case(save, rng, "relu", [False, False, True], False, relu=True, bias=False, groups=1, per_channel=True,
              weight_range=(-127, 127))
    # A bias before batch norm, two groups, one scale, no ReLU, all of -128..127.
    save_case(save, rng, "bias", [False], True, relu=False, bias=True, groups=2, per_channel=False,
              weight_range=(-128, 127))
