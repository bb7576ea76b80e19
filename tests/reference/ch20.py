"""Chapter 20: convolutions, batch norm, pooling and one step of a small residual net by PyTorch, with bounds on what
rounding may change.

The bounds come from ball arithmetic, as in ch04.py: a centre and a radius, such that every float32 evaluation, in
any order of summation, lies within the radius. Two float32 results differ by at most twice that. Where a number
before a ReLU, or the distance between the two largest numbers of a window, lies within its radius of 0, rounding
decides what happens: the generator draws other numbers (TooNear).

PyTorch keeps pictures as batch x channels x height x width, we as batch x (height x width x channels); to_ours and
to_torch permute. Weights are N x C/G x kh x kw there, N x (kh x kw x C/G) here.
"""
import importlib

import numpy
import torch

ch04 = importlib.import_module("ch04")
F32 = numpy.float32
gamma = ch04.gamma
EPSILON, MOMENTUM, LR = 1e-5, 0.1, 1e-3


class TooNear(Exception):
    """A number so near to a ReLU's 0, or two so near to each other in a window, that rounding could decide."""


def to_torch(x):
    return torch.from_numpy(numpy.ascontiguousarray(numpy.moveaxis(x, -1, 1)))


def to_ours(x):
    return numpy.ascontiguousarray(numpy.moveaxis(x.detach().numpy(), 1, -1))


class Ball:
    """Centres and radii. Every operation adds what its own roundings may change, four of them where one would do:
    so much for products that are taken apart in another way."""

    def __init__(self, centre, radius=None):
        self.c = numpy.asarray(centre, numpy.float64)
        self.r = numpy.zeros(self.c.shape) if radius is None else numpy.broadcast_to(radius, self.c.shape)

    def largest(self):
        return numpy.abs(self.c) + self.r

    def __add__(self, other):
        return Ball(self.c + other.c, self.r + other.r + gamma(4) * (self.largest() + other.largest()))

    def __sub__(self, other):
        return self + Ball(-other.c, other.r)

    def __mul__(self, other):
        radius = numpy.abs(self.c) * other.r + self.r * other.largest()
        return Ball(self.c * other.c, radius + gamma(4) * self.largest() * other.largest())

    def mean(self):
        """Over all pixels of all pictures (the channel is the last axis), summed in double as PyTorch does, and we:
        the terms are rounded to float32, and the mean."""
        axes = tuple(range(self.c.ndim - 1))
        return Ball(self.c.mean(axes), self.r.mean(axes) + gamma(4) * self.largest().mean(axes))

    def inverse_root(self):
        """1 / sqrt(self + EPSILON), which falls: the ends of the ball give the ends of the result."""
        value = lambda v: 1.0 / numpy.sqrt(v + EPSILON)
        far = numpy.maximum(value(numpy.maximum(self.c - self.r, 0.0)) - value(self.c), value(self.c) - value(self.c + self.r))
        return Ball(value(self.c), far + gamma(6) * value(self.c))

    def holds(self, numbers):
        return bool((numpy.abs(numbers - self.c) <= self.r).all())


# --- windows -----------------------------------------------------------------------------------------------------

class Windows:
    """Which pixel of the padded picture the window sees, P x (kh kw), for a picture of shape h x w."""

    def __init__(self, shape, kernel, stride, padding):
        self.padding, (h, w) = padding, (shape[0] + 2 * padding, shape[1] + 2 * padding)
        self.padded, self.inner = (h, w), shape
        self.out = ((h - kernel[0]) // stride + 1, (w - kernel[1]) // stride + 1)
        self.pixels = numpy.array([[(r * stride + i) * w + c * stride + j for i in range(kernel[0])
                                    for j in range(kernel[1])] for r in range(self.out[0]) for c in range(self.out[1])])

    def take(self, x, border=0.0):
        """B x h x w x C to B x P x (kh kw) x C."""
        p = self.padding
        padded = numpy.pad(x, ((0, 0), (p, p), (p, p), (0, 0)), constant_values=border)
        return padded.reshape(len(x), -1, x.shape[-1])[:, self.pixels]

    def give_back(self, patches):
        """The other way: B x P x (kh kw) x C are added to where they come from."""
        padded = numpy.zeros((len(patches), self.padded[0] * self.padded[1], patches.shape[-1]))
        numpy.add.at(padded, (slice(None), self.pixels), patches)
        p, (h, w) = self.padding, self.inner
        return padded.reshape(len(patches), *self.padded, -1)[:, p:p + h, p:p + w]


class ConvBall:
    def __init__(self, weight, bias, stride, padding, groups):
        self.w, self.b = weight.astype(numpy.float64), bias  # N x kh x kw x C/G
        self.stride, self.padding, self.groups = stride, padding, groups

    def forward(self, x):
        self.x, (N, kh, kw, C) = x, self.w.shape
        self.windows = Windows(x.c.shape[1:3], (kh, kw), self.stride, self.padding)
        n, parts = N // self.groups, []
        for g in range(self.groups):
            cs = slice(g * C, (g + 1) * C)
            rows = [self.windows.take(part[..., cs]).reshape(-1, kh * kw * C) for part in (x.c, x.r)]
            w = self.w[g * n:(g + 1) * n].reshape(n, -1).T
            parts.append(ch04.product(*rows, w, numpy.zeros(w.shape), len(w) + 1))
        y = Ball(*(numpy.concatenate(both, 1).reshape(len(x.c), *self.windows.out, N) for both in zip(*parts)))
        return y if self.b is None else y + Ball(self.b)

    def backward(self, dy):
        (N, kh, kw, C), n = self.w.shape, self.w.shape[0] // self.groups
        rows = [part.reshape(-1, N) for part in (dy.c, dy.r)]
        dw, dx = [], []
        for g in range(self.groups):
            cs, ns = slice(g * C, (g + 1) * C), slice(g * n, (g + 1) * n)
            patches = [self.windows.take(part[..., cs]).reshape(-1, kh * kw * C) for part in (self.x.c, self.x.r)]
            dw.append(ch04.product(rows[0][:, ns].T, rows[1][:, ns].T, *patches, len(patches[0])))
            w = self.w[ns].reshape(n, -1)
            shape = (len(dy.c), -1, kh * kw, C)
            back = lambda d, w: self.windows.give_back((d[:, ns] @ w).reshape(shape))
            radius = back(rows[1], numpy.abs(w)) + gamma(n * kh * kw + 2) * back(numpy.abs(rows[0]) + rows[1], numpy.abs(w))
            dx.append((back(rows[0], w), radius))
        self.dw = Ball(*(numpy.concatenate(both).reshape(self.w.shape) for both in zip(*dw)))
        M = rows[0].shape[0]
        self.db = Ball(rows[0].sum(0), rows[1].sum(0) + gamma(M + 2) * (numpy.abs(rows[0]) + rows[1]).sum(0))
        return Ball(*(numpy.concatenate(both, -1) for both in zip(*dx)))


class NormBall:
    def __init__(self, scale, offset, mean, variance):
        self.scale, self.offset, self.mean, self.variance = (Ball(part) for part in (scale, offset, mean, variance))

    def forward(self, x):
        mean, M = x.mean(), x.c[..., 0].size
        centred = x - mean
        variance = (centred * centred).mean()
        self.inverse = variance.inverse_root()
        self.unit = centred * self.inverse
        keep = lambda old, seen: Ball((1 - MOMENTUM) * numpy.ones(1)) * old + Ball(MOMENTUM * numpy.ones(1)) * seen
        self.mean = keep(self.mean, mean)
        self.variance = keep(self.variance, Ball(variance.c * M / (M - 1), variance.r * M / (M - 1)))
        # x alpha + (beta - mean alpha), as PyTorch has it, rounds where x^ gamma + beta does not
        alpha = self.inverse * self.scale
        y = self.unit * self.scale + self.offset
        return Ball(y.c, y.r + gamma(4) * alpha.largest() * (x.largest() + mean.largest()))

    def backward(self, dy):
        M = dy.c[..., 0].size
        mean_dy, mean_product = dy.mean(), (dy * self.unit).mean()
        self.dbeta, self.dgamma = (Ball(m.c * M, m.r * M) for m in (mean_dy, mean_product))
        return (dy - mean_dy - self.unit * mean_product) * (self.inverse * self.scale)


def relu_ball(y):
    if (numpy.abs(y.c) <= y.r).any():
        raise TooNear
    return Ball(numpy.maximum(y.c, 0.0), y.r * (y.c > 0))


class MaxPoolBall:
    def __init__(self, kernel, stride, padding):
        self.window = (kernel, stride, padding)

    def forward(self, x):
        kernel, stride, padding = self.window
        self.windows = Windows(x.c.shape[1:3], (kernel, kernel), stride, padding)
        c, r = self.windows.take(x.c, -numpy.inf), self.windows.take(x.r)
        self.first = c.argmax(2)
        pick = lambda part: numpy.take_along_axis(part, self.first[:, :, None], 2)[:, :, 0]
        others = numpy.where(numpy.arange(kernel * kernel)[None, None, :, None] == self.first[:, :, None], -numpy.inf, c)
        two_zeros = (others == 0.0) & (pick(c)[:, :, None] == 0.0)  # after ReLU: no gradient goes to either
        if ((others + r >= (pick(c) - pick(r))[:, :, None]) & ~two_zeros).any():
            raise TooNear
        shape = (len(x.c), *self.windows.out, x.c.shape[-1])
        return Ball(pick(c).reshape(shape), pick(r).reshape(shape))

    def backward(self, dy):
        kernel = self.window[0]
        won = numpy.arange(kernel * kernel)[None, None, :, None] == self.first[:, :, None]
        spread = lambda part: self.windows.give_back(won * part.reshape(*self.first.shape)[:, :, None])
        return Ball(spread(dy.c), spread(dy.r) + gamma(kernel * kernel) * spread(numpy.abs(dy.c) + dy.r))


class AveragePoolBall:
    def __init__(self, kernel, stride, padding):
        self.window = (kernel, stride, padding)

    def forward(self, x):
        kernel, stride, padding = self.window
        self.windows = Windows(x.c.shape[1:3], (kernel, kernel), stride, padding)
        shape = (len(x.c), *self.windows.out, x.c.shape[-1])
        mean = lambda part: self.windows.take(part).mean(2).reshape(shape)
        return Ball(mean(x.c), mean(x.r) + gamma(kernel * kernel + 2) * mean(x.largest()))

    def backward(self, dy):
        count = self.window[0] ** 2
        shape = (len(dy.c), len(self.windows.pixels), 1, dy.c.shape[-1])
        spread = lambda part: self.windows.give_back(numpy.repeat(part.reshape(shape) / count, count, 2))
        return Ball(spread(dy.c), spread(dy.r) + gamma(count + 2) * spread(dy.largest()))


# --- single layers -----------------------------------------------------------------------------------------------

# pictures, height, width, channels; outputs, kernel, stride, padding, groups, bias
CONVS = [
    (3, 7, 6, 2, 4, (3, 3), 1, 1, 1, True),
    (2, 8, 9, 4, 6, (3, 3), 2, 1, 2, False),
    (2, 6, 6, 5, 10, (5, 5), 1, 2, 5, True),   # depthwise, two outputs a channel
    (3, 7, 7, 8, 3, (1, 1), 2, 0, 1, False),   # a residual net's shortcut
    (2, 8, 11, 3, 2, (2, 3), 3, 1, 1, True),   # the last places do not reach the edge
]


def save_conv(save, rng, name, case):
    B, h, w, C, N, kernel, stride, padding, groups, has_bias = case
    x = rng.standard_normal((B, h, w, C)).astype(F32)
    weight = rng.standard_normal((N, *kernel, C // groups)).astype(F32)
    bias = rng.standard_normal(N).astype(F32) if has_bias else None
    ball = ConvBall(weight, bias, stride, padding, groups)
    y_ball = ball.forward(Ball(x))
    dy = rng.standard_normal(y_ball.c.shape).astype(F32)
    dx_ball = ball.backward(Ball(dy))
    leaf = lambda array: torch.tensor(array, requires_grad=True)
    tx, tw = to_torch(x).requires_grad_(), leaf(numpy.ascontiguousarray(numpy.moveaxis(weight, -1, 1)))
    tb = leaf(bias) if has_bias else None
    y = torch.nn.functional.conv2d(tx, tw, tb, stride, padding, groups=groups)
    y.backward(to_torch(dy))
    results = [("y", to_ours(y), y_ball), ("dx", to_ours(tx.grad), dx_ball), ("dw", to_ours(tw.grad), ball.dw)]
    if has_bias:
        results.append(("db", tb.grad.numpy(), ball.db))
        save(f"{name}_b", bias)
    save(f"{name}_shape", numpy.array([B, h, w, C, N, *kernel, stride, padding, groups, has_bias], numpy.int32))
    for part, array in (("x", x.reshape(B, -1)), ("w", weight.reshape(N, -1)), ("dy", dy.reshape(B, -1))):
        save(f"{name}_{part}", array)
    save_results(save, name, results)


def save_results(save, name, results):
    for part, numbers, ball in results:
        assert ball.holds(numbers), f"{name}: PyTorch's {part} lies outside its ball"
        rows = (numbers.shape[0], -1) if numbers.ndim > 1 else (-1,)
        save(f"{name}_{part}", numbers.astype(F32).reshape(rows))
        save(f"{name}_{part}_radius", ball.r.astype(F32).reshape(rows))


def save_norm(save, rng):
    """Training: y, the gradients and the running statistics after. Then use: y by those statistics."""
    B, h, w, C = 4, 5, 3, 6
    x = (rng.standard_normal((B, h, w, C)) * rng.uniform(0.2, 4.0, C) + 2.0 * rng.standard_normal(C)).astype(F32)
    dy = rng.standard_normal(x.shape).astype(F32)
    net = torch.nn.BatchNorm2d(C)
    start = {"gamma": rng.standard_normal(C), "beta": rng.standard_normal(C), "mean": rng.standard_normal(C),
             "variance": rng.uniform(0.5, 2.0, C)}
    start = {name: array.astype(F32) for name, array in start.items()}
    for name, array in start.items():
        save(f"norm_{name}", array)
    net.weight.data, net.bias.data = torch.tensor(start["gamma"]), torch.tensor(start["beta"])
    net.running_mean, net.running_var = torch.tensor(start["mean"]), torch.tensor(start["variance"])
    ball = NormBall(*start.values())
    y_ball, dx_ball = ball.forward(Ball(x)), None
    dx_ball = ball.backward(Ball(dy))
    tx = to_torch(x).requires_grad_()
    y = net(tx)
    y.backward(to_torch(dy))
    save("norm_x", x.reshape(B, -1))
    save("norm_dy", dy.reshape(B, -1))
    mean, variance = net.running_mean.numpy().copy(), net.running_var.numpy().copy()
    save_results(save, "norm", [("y", to_ours(y), y_ball), ("dx", to_ours(tx.grad), dx_ball),
                                ("dgamma", net.weight.grad.numpy(), ball.dgamma),
                                ("dbeta", net.bias.grad.numpy(), ball.dbeta),
                                ("mean_after", mean, ball.mean), ("variance_after", variance, ball.variance)])
    net.eval()
    given = NormBall(start["gamma"], start["beta"], mean, variance)
    given.inverse = given.variance.inverse_root()
    unit = (Ball(x) - given.mean) * given.inverse
    in_use = unit * given.scale + given.offset
    extra = gamma(4) * (given.inverse * given.scale).largest() * (numpy.abs(x) + given.mean.largest())
    save_results(save, "norm", [("in_use", to_ours(net(to_torch(x))), Ball(in_use.c, in_use.r + extra))])


# kernel, stride, padding
POOLS = [(2, 2, 0), (3, 2, 1), (3, 1, 1), (2, 3, 0)]


def save_pools(save, rng):
    """On 2 pictures of 7 x 8 x 3, half of whose numbers are among eight values: ties. PyTorch gives the gradient to the
    first of equal ones. The maximum copies: no rounding, and its gradient is a sum of at most nine numbers."""
    x = rng.standard_normal((2, 7, 8, 3))
    x = numpy.where(rng.uniform(size=x.shape) < 0.5, numpy.rint(2.0 * x) / 2.0, x).astype(F32)
    save("pool_x", x.reshape(2, -1))
    save("pool_windows", numpy.array(POOLS, numpy.int32))
    for i, (kernel, stride, padding) in enumerate(POOLS):
        ball = AveragePoolBall(kernel, stride, padding)
        average = ball.forward(Ball(x))
        dy = rng.standard_normal(average.c.shape).astype(F32)
        dx_average = ball.backward(Ball(dy))
        save(f"pool{i + 1}_dy", dy.reshape(2, -1))
        for kind, pool in (("max", torch.nn.MaxPool2d), ("average", torch.nn.AvgPool2d)):
            tx = to_torch(x).requires_grad_()
            y = pool(kernel, stride, padding)(tx)
            y.backward(to_torch(dy))
            if kind == "average":
                save_results(save, f"pool{i + 1}_average", [("y", to_ours(y), average),
                                                            ("dx", to_ours(tx.grad), dx_average)])
            else:
                save(f"pool{i + 1}_max_y", to_ours(y).reshape(2, -1))
                save(f"pool{i + 1}_max_dx", to_ours(tx.grad).reshape(2, -1))


# --- a net -------------------------------------------------------------------------------------------------------

class ConvNorm(torch.nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, groups=1):
        super().__init__()
        self.conv = torch.nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = torch.nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.norm(self.conv(x))


class SmallResidualNet(torch.nn.Module):
    """8 x 8 x 1; a convolution, max pooling, a residual block that halves the picture (its second convolution in two
    groups), average pooling with a border, Linear."""

    def __init__(self):
        super().__init__()
        self.parts = torch.nn.ModuleList([ConvNorm(1, 4, 3, 1), ConvNorm(4, 6, 3, 2), ConvNorm(6, 6, 3, 1, 2),
                                          ConvNorm(4, 6, 1, 2)])
        self.linear = torch.nn.Linear(54, 5)

    def forward(self, x):
        p, relu = self.parts, torch.relu
        x = torch.nn.functional.max_pool2d(relu(p[0](x)), 3, 2, 1)
        x = relu(p[2](relu(p[1](x))) + p[3](x))
        x = torch.nn.functional.avg_pool2d(x, 2, 1, 1)
        return self.linear(x.permute(0, 2, 3, 1).flatten(1))  # columns in our order


class Local:
    """What every layer's own rounding may change, its input being exact: `forward` and `backward` are lists of radii in
    the order of the layers, `own` those of the parameters' gradients."""

    def __init__(self):
        self.forward, self.backward, self.own = [], [], []

    def there(self, ball):
        self.forward.append(ball.r)
        return Ball(ball.c)

    def back(self, ball):
        self.backward.append(ball.r)
        return Ball(ball.c)


def balls_of(net):
    convs = [ConvBall(to_ours(p.conv.weight), None, p.conv.stride[0], p.conv.padding[0], p.conv.groups) for p in net.parts]
    norms = [NormBall(*(t.detach().numpy() for t in (p.norm.weight, p.norm.bias, p.norm.running_mean, p.norm.running_var)))
             for p in net.parts]
    return convs, norms


def linear_ball(net, h):
    w, bias = net.linear.weight.detach().numpy().astype(numpy.float64), net.linear.bias.detach().numpy()
    rows = [part.reshape(len(h.c), -1) for part in (h.c, h.r)]
    return Ball(*ch04.product(*rows, w.T, 0.0 * w.T, w.shape[1] + 1)) + Ball(bias)


def require_no_ties(net, x):
    """Intervals all the way: no ReLU and no maximum of the net may be decided by rounding."""
    convs, norms = balls_of(net)
    part = lambda i, h: norms[i].forward(convs[i].forward(h))
    m = MaxPoolBall(3, 2, 1).forward(relu_ball(part(0, Ball(x))))
    relu_ball(part(2, relu_ball(part(1, m))) + part(3, m))


def local_radii(net, x, labels):
    local, (convs, norms) = Local(), balls_of(net)
    part = lambda i, h: local.there(norms[i].forward(local.there(convs[i].forward(h))))
    back = lambda i, d: local.back(convs[i].backward(local.back(norms[i].backward(d))))
    off = lambda d, h: Ball(d.c * (h.c > 0))  # of a ReLU
    max_pool, average_pool = MaxPoolBall(3, 2, 1), AveragePoolBall(2, 1, 1)
    a = relu_ball(part(0, Ball(x)))
    m = max_pool.forward(a)
    b = relu_ball(part(1, m))
    c = relu_ball(local.there(part(2, b) + part(3, m)))
    f = local.there(average_pool.forward(c))
    z = local.there(linear_ball(net, f))
    dz = local.back(Ball(*ch04.cross_entropy_ball(z.c, z.r, labels)))
    w, h = net.linear.weight.detach().numpy().astype(numpy.float64), f.c.reshape(len(x), -1)
    dw = Ball(*ch04.product(dz.c.T, dz.r.T, h, 0.0 * h, len(x)))
    db = Ball(dz.c.sum(0), gamma(len(x) + 2) * numpy.abs(dz.c).sum(0))
    df = local.back(Ball(*(part.reshape(f.c.shape) for part in ch04.product(dz.c, dz.r, w, 0.0 * w, w.shape[0]))))
    dc = off(local.back(average_pool.backward(df)), c)
    da = local.back(max_pool.backward(local.back(back(1, off(back(2, dc), b)) + back(3, dc))))
    back(0, off(da, a))
    local.own = [c.dw for c in convs] + [g for n in norms for g in (n.dgamma, n.dbeta)] + [dw, db]
    return local, norms


class GradientNoise(torch.autograd.Function):
    """The identity, whose gradient gets `noise` added."""

    @staticmethod
    def forward(ctx, x, noise):
        ctx.save_for_backward(noise)
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return gradient + ctx.saved_tensors[0], None


def spread_radii(net, x, labels):
    """The radii of the gradients, of the running statistics and of the loss, to first order: how much each of them
    changes with the rounding of every number on the way, by automatic differentiation in float64, times the radius of
    that rounding, added up. One per cent more covers what is of higher order."""
    local, norms = local_radii(net, x, labels)
    tensor = lambda array: torch.tensor(array, dtype=torch.float64)
    leaf = lambda radius: torch.zeros(radius.shape, dtype=torch.float64, requires_grad=True)
    there, back = [leaf(r) for r in local.forward], [leaf(r) for r in local.backward]
    at = {"there": 0, "back": 0}

    def take(kind, leaves):
        at[kind] += 1
        return leaves[at[kind] - 1]

    noisy = lambda y: y + take("there", there)
    parameters, ours = parameters_of(net)
    params = [tensor(ours(t)).requires_grad_() for t in parameters]
    n, statistics = len(net.parts), []

    def conv_norm(i, h, noise_conv, noise_norm):
        p, w = net.parts[i], params[i]
        h = GradientNoise.apply(h, noise_conv)
        y = torch.nn.functional.conv2d(h.permute(0, 3, 1, 2), w.permute(0, 3, 1, 2), None, p.conv.stride, p.conv.padding,
                                       groups=p.conv.groups).permute(0, 2, 3, 1)
        y = GradientNoise.apply(noisy(y), noise_norm)
        mean = y.mean((0, 1, 2))
        variance = ((y - mean) ** 2).mean((0, 1, 2))
        count = y[..., 0].numel()
        statistics.append(torch.cat([MOMENTUM * mean, MOMENTUM * variance * count / (count - 1)]))
        return noisy((y - mean) / torch.sqrt(variance + EPSILON) * params[n + 2 * i] + params[n + 2 * i + 1])

    # The gradients' noise in the order in which local_radii meets it:
    dz, df, dc, n2, c2, n1, c1, n3, c3, dm, da, n0, c0 = back
    nchw = lambda f, h, *window: f(h.permute(0, 3, 1, 2), *window).permute(0, 2, 3, 1)
    a = GradientNoise.apply(torch.relu(conv_norm(0, tensor(x), c0, n0)), da)
    m = GradientNoise.apply(nchw(torch.nn.functional.max_pool2d, a, 3, 2, 1), dm)
    b = torch.relu(conv_norm(1, m, c1, n1))
    c = GradientNoise.apply(torch.relu(noisy(conv_norm(2, b, c2, n2) + conv_norm(3, m, c3, n3))), dc)
    f = GradientNoise.apply(noisy(nchw(torch.nn.functional.avg_pool2d, c, 2, 1, 1)), df)
    z = GradientNoise.apply(noisy(f.flatten(1) @ params[-2].T + params[-1]), dz)
    assert at["there"] == len(there)
    loss = torch.nn.functional.cross_entropy(z, torch.from_numpy(labels))
    gradients = torch.autograd.grad(loss, params, create_graph=True)
    every = torch.cat([g.flatten() for g in gradients] + statistics + [loss[None]])
    radii = torch.cat([tensor(r).flatten() for r in local.forward + local.backward])
    spread = []
    for number in every:
        parts = torch.autograd.grad(number, there + back, retain_graph=True, allow_unused=True)
        parts = [torch.zeros_like(leaf) if part is None else part for part, leaf in zip(parts, there + back)]
        spread.append(float((torch.cat([part.flatten() for part in parts]).abs() * radii).sum()))
    own_statistics = [numpy.concatenate([norm.mean.r, norm.variance.r]) for norm in norms]
    own = numpy.concatenate([ch04.flat(ball.r for ball in local.own), *own_statistics, [20 * ch04.U * loss.item()]])
    # what a parameter's gradient rounds by itself, and what comes to it
    return every.detach().numpy(), 1.01 * (own + numpy.array(spread))


def parameters_of(net):
    """In the order of our parameters(), as (parameter, its numbers in our order)."""
    ours = lambda t: to_ours(t) if t.ndim == 4 else t.detach().numpy()
    tensors = [p.conv.weight for p in net.parts]
    tensors += [t for p in net.parts for t in (p.norm.weight, p.norm.bias)]
    tensors += [net.linear.weight, net.linear.bias]
    return tensors, ours


def try_net(rng):
    net = SmallResidualNet()
    tensors, ours = parameters_of(net)
    with torch.no_grad():
        for tensor in tensors:
            bound = 1.0 / max(tensor[0].numel(), 4) ** 0.5
            numbers = rng.uniform(-bound, bound, tensor.shape).astype(F32)
            tensor.copy_(torch.tensor(numbers))
        for p in net.parts:
            p.norm.weight += 1.0
    x = rng.standard_normal((4, 8, 8, 1)).astype(F32)
    labels = rng.integers(0, 5, 4)
    start = ch04.flat(ours(t) for t in tensors)
    require_no_ties(net, x)
    centres, radii = spread_radii(net, x, labels)
    optimizer = torch.optim.Adam(net.parameters(), lr=LR)
    loss = torch.nn.functional.cross_entropy(net(to_torch(x)), torch.from_numpy(labels))
    loss.backward()
    gradients = ch04.flat(ours(t.grad) for t in tensors)
    optimizer.step()
    statistics = numpy.concatenate([numpy.concatenate([p.norm.running_mean.numpy(), p.norm.running_var.numpy()])
                                    for p in net.parts])
    before = numpy.concatenate([numpy.repeat([0.0, 1.0 - MOMENTUM], len(p.norm.running_mean)) for p in net.parts])
    centres[len(gradients):-1] += before
    numbers = numpy.concatenate([gradients, statistics, [loss.item()]])
    assert (numpy.abs(numbers - centres) <= radii).all(), "a number of PyTorch's lies outside its ball"
    radii, statistics_radii, loss_radius = numpy.split(radii, [len(gradients), len(radii) - 1])
    step = ch04.AdamBall(start)
    step.step(gradients, 2.0 * radii)
    sure = numpy.abs(gradients) > 10.0 * radii
    return {"net_x": x.reshape(4, -1), "net_labels": labels.astype(numpy.uint8), "net_start": start.astype(F32),
            "net_loss": numpy.array([loss.item(), loss_radius[0]]), "net_gradients": gradients.astype(F32),
            "net_radii": radii.astype(F32), "net_after": ch04.flat(ours(t) for t in tensors).astype(F32),
            "net_after_radii": numpy.where(sure, step.w_r, -1.0).astype(F32), "net_statistics": statistics.astype(F32),
            "net_statistics_radii": statistics_radii.astype(F32)}


def save_net(save, rng):
    for _ in range(200):
        try:
            arrays = try_net(rng)
        except TooNear:
            continue
        # The bounds must be small enough to compare anything, which the tests require.
        small = arrays["net_radii"].sum() <= 0.004 * numpy.abs(arrays["net_gradients"]).sum()
        if small and (arrays["net_after_radii"] < 0).sum() <= len(arrays["net_radii"]) // 8:
            break
    else:
        raise SystemExit("ch20: two hundred draws, and in each rounding may change too much")
    for name, array in arrays.items():
        save(name, array)


# --- the example of the text -------------------------------------------------------------------------------------

def save_paper(save):
    """A 4 x 4 picture, one 3 x 3 kernel, batch norm without epsilon, ReLU, the mean of all."""
    x = torch.tensor([[[[0.0, 0, 2, 1], [1, 1, 2, 1], [1, 2, 0, 0], [0, 0, 1, 0]]]], requires_grad=True)
    w = torch.tensor([[[[1.0, 0, -1], [2, 0, -2], [1, 0, -1]]]], requires_grad=True)
    norm = torch.nn.BatchNorm2d(1, eps=0.0)
    norm.weight.data, norm.bias.data = torch.tensor([2.0]), torch.tensor([1.0])
    y = torch.nn.functional.conv2d(x, w)
    n, unit = norm(y), torch.nn.functional.batch_norm(y, None, None, training=True, eps=0.0)
    h = torch.relu(n)
    for tensor in (y, n):
        tensor.retain_grad()
    h.mean().backward()
    numbers = (y, unit, n, h, h.mean(), torch.nn.functional.max_pool2d(h, 2), norm.running_mean, norm.running_var, n.grad,
               norm.weight.grad, norm.bias.grad, y.grad, w.grad, x.grad)
    save("paper", ch04.flat(t.detach().numpy() for t in numbers))


def generate(save, rng):
    save_paper(save)
    for i, case in enumerate(CONVS):
        save_conv(save, rng, f"conv{i + 1}", case)
    save_norm(save, rng)
    save_pools(save, rng)
    save_net(save, rng)
