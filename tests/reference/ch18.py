"""Chapter 18: better rounding, written a second time, from the papers' formulas: GPTQ by numpy.linalg, AdaRound by
autograd on the digits themselves, scales by search, cross-layer equalization, bias correction.

Integers are compared with ==. That is possible because no number stands near a tie: a problem with one is drawn anew,
and the trained net's layer, which cannot be, is refused by an assertion. What is left between the two implementations
is the order of float64 sums (GPTQ), or of float32 sums over some hundred steps (AdaRound, whose V must end far from 0).
"""
import numpy
import torch

import digits

F32 = numpy.float32
PROBLEMS, ROWS, INPUTS, SAMPLES = 40, 8, 24, 32


def qmin_qmax(bits):
    return -2 ** (bits - 1), 2 ** (bits - 1) - 1


def min_max_scale(w, bits, per_channel):
    """float32, one per row or one for all, as a column or a scalar."""
    largest = numpy.abs(w).max(axis=1, keepdims=True) if per_channel else numpy.abs(w).max()
    return numpy.maximum(largest / F32((2 ** bits - 1) / 2), F32(numpy.finfo(F32).eps)).astype(F32)


# --- GPTQ --------------------------------------------------------------------------------------------------------

def gptq(w, scale, bits, G, damping=0.01):
    """The integers, and how near (in steps) the nearest number came to a tie."""
    qmin, qmax = qmin_qmax(bits)
    H = 2.0 * G.astype(numpy.float64)
    dead = numpy.diag(H) == 0
    H[dead, dead] = 1.0
    W = w.astype(numpy.float64)
    W[:, dead] = 0.0
    live = numpy.flatnonzero(~dead)
    H[live, live] += damping * numpy.mean(numpy.diag(H)[~dead])
    U = numpy.linalg.cholesky(numpy.linalg.inv(H)).T
    scale = numpy.broadcast_to(scale, (len(w), 1))
    integers, nearest_tie = numpy.zeros(w.shape, numpy.int8), 1.0
    for i in range(w.shape[1]):
        steps = W[:, i:i + 1].astype(F32) * (F32(1) / scale)
        rounded = numpy.rint(steps)
        nearest_tie = min(nearest_tie, numpy.abs(numpy.abs(steps.astype(numpy.float64) - rounded) - 0.5).min())
        q = numpy.clip(rounded, qmin, qmax)
        integers[:, i:i + 1] = q
        error = (W[:, i:i + 1] - (q * scale).astype(F32)) / U[i, i]
        W[:, i + 1:] -= error * U[i:i + 1, i + 1:]
    return integers, nearest_tie


def draw_inputs(rng, p):
    """Multiples of 1/4, so that every float32 sum of 32 products is exact; in turn with dead inputs, with an input
    that is another one again, and with fewer digits than inputs."""
    x = rng.integers(0, 16, (SAMPLES, INPUTS))
    x[rng.random(x.shape) < 0.5] = 0
    if p % 4 == 1:
        x[:, rng.integers(0, INPUTS, 5)] = 0
    if p % 4 == 2:
        x[:, 7] = x[:, 3]
    if p % 4 == 3:
        x[9:] = 0
    return x.astype(F32) / 4


def save_gptq(save, rng):
    xs, ws, qs = [], [], []
    for p in range(PROBLEMS):
        nearest_tie = 0.0
        while nearest_tie < 1e-6:
            x = draw_inputs(rng, p)
            w = rng.normal(size=(ROWS, INPUTS)).astype(F32)
            bits = 2 + p % 3
            q, nearest_tie = gptq(w, min_max_scale(w, bits, p % 2 == 0), bits, x.T @ x / F32(SAMPLES))
        xs.append(x)
        ws.append(w)
        qs.append(q)
    save("gptq_x", (4 * numpy.stack(xs)).astype(numpy.uint8))
    save("gptq_w", numpy.stack(ws))
    save("gptq_q", numpy.stack(qs))


def save_layer(save):
    """Layer 1 of the trained net in 3 bits per channel, on the first 1000 training digits: G is added up in our
    order."""
    pixels, _ = digits.train_digits()
    x = digits.normalized(pixels[:1000])
    x = x - digits.normalized(numpy.zeros(1, numpy.uint8))
    G = numpy.zeros((784, 784), F32)
    for row in x:
        G += numpy.outer(row, row)
    w, _ = digits.pretrained()[0]
    q, nearest_tie = gptq(w, min_max_scale(w, 3, True), 3, G / F32(1000))
    assert nearest_tie > 1e-8, nearest_tie
    save("gptq_layer1", q)


# --- AdaRound ----------------------------------------------------------------------------------------------------

def beta_at(t, steps, free):
    return 0 if t < free else 20 - 2 * ((t - free) * 10 // (steps - free))


def adaround(w, scale, bits, x, y, steps, rate, strength, free):
    """In float64, the loss from the digits, its gradient by autograd. The integers, and the smallest |V|."""
    qmin, qmax = qmin_qmax(bits)
    w, s, x, y = (torch.tensor(numpy.asarray(a, numpy.float64)) for a in (w, scale, x, y))
    below = torch.floor(w / s)
    sigmoid = (w / s - below + 0.1) / 1.2
    V = torch.log(sigmoid / (1 - sigmoid)).requires_grad_(True)
    s_rows = s.expand(w.shape[0], 1)
    unit = (x ** 2).mean() * (s_rows ** 2).mean() / 12
    optimizer = torch.optim.Adam([V], lr=rate)
    for t in range(steps):
        h = torch.clip(torch.sigmoid(V) * 1.2 - 0.1, 0, 1)
        soft = s * torch.clip(below + h, qmin, qmax)
        loss = ((x @ soft.T - y) ** 2).sum(dim=1).mean() / unit
        beta = beta_at(t, steps, free)
        if beta:
            loss = loss + strength * (1 - (2 * h - 1).abs() ** beta).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    up = (V.detach() >= 0).numpy()
    q = numpy.clip(below.numpy() + up, qmin, qmax).astype(numpy.int8)
    return q, V.detach().abs().min().item()


def save_adaround(save, rng):
    """Outputs are those of the inputs before they were rounded: x^ is x with noise."""
    xs, ys, ws, qs = [], [], [], []
    for p in range(12):
        smallest = 0.0
        while smallest < 0.02:
            x = draw_inputs(rng, 0)
            x_rounded = x + rng.integers(-1, 2, x.shape).astype(F32) / 4
            w = rng.normal(size=(ROWS, INPUTS)).astype(F32)
            y = (x @ w.T).astype(F32)
            bits = 2 + p % 3
            q, smallest = adaround(w, min_max_scale(w, bits, p % 2 == 0), bits, x_rounded, y, 60, 0.1, 0.1, 12)
        xs.append(x_rounded)
        ys.append(y)
        ws.append(w)
        qs.append(q)
    save("adaround_x", numpy.stack(xs))
    save("adaround_y", numpy.stack(ys))
    save("adaround_w", numpy.stack(ws))
    save("adaround_q", numpy.stack(qs))


def save_rectified(save):
    """V, h(V) and its slope, in float64 by autograd."""
    V = torch.linspace(-12, 12, 401, dtype=torch.float64)
    V = V.to(torch.float32).to(torch.float64).requires_grad_(True)
    h = torch.clip(torch.sigmoid(V) * 1.2 - 0.1, 0, 1)
    h.sum().backward()
    save("rectified", torch.stack([V.detach(), h.detach(), V.grad]).numpy())


# --- scales, equalization, biases --------------------------------------------------------------------------------

def save_scales(save, rng):
    """For rows of five kinds of numbers and 2 to 8 bits: the percent of the min-max scale with the least squared
    error. No two candidates are so near that rounding could decide."""
    kinds = [lambda n: rng.normal(size=n), lambda n: rng.laplace(size=n), lambda n: rng.uniform(-1, 1, n),
             lambda n: rng.standard_t(3, n), lambda n: rng.choice([-1.0, 1.0], n) * rng.uniform(0.5, 1, n)]
    rows, percents = [], []
    for bits in (2, 3, 4, 8):
        qmin, qmax = qmin_qmax(bits)
        for kind in kinds * 5:
            while True:
                w = kind(60).astype(F32)
                largest = min_max_scale(w[None], bits, False)
                errors = []
                for percent in range(1, 101):
                    s = largest * F32(percent) / F32(100)
                    q = numpy.clip(numpy.rint(w * (F32(1) / s)), qmin, qmax)
                    errors.append(((q * s).astype(F32).astype(numpy.float64) - w).__pow__(2).sum())
                best = numpy.sort(errors)
                if best[1] - best[0] > 1e-9 * best[0]:
                    break
            rows.append(w)
            percents.append(1 + int(numpy.argmin(errors)))
    save("scales_w", numpy.stack(rows).reshape(4, 25, 60))
    save("scales_percent", numpy.array(percents, numpy.int32).reshape(4, 25))


def save_equalized(save, rng):
    """Two layers, 9 units, ranges over four decades: the factors, and both matrices afterwards, in float64."""
    a = (rng.normal(size=(9, 7)) * 10.0 ** rng.uniform(-2, 2, (9, 1))).astype(F32)
    b = rng.normal(size=(5, 9)).astype(F32)
    r_a, r_b = numpy.abs(a).max(axis=1).astype(numpy.float64), numpy.abs(b).max(axis=0).astype(numpy.float64)
    s = numpy.sqrt(r_a * r_b) / r_b
    save("equalize_a", a)
    save("equalize_b", b)
    save("equalize_s", s)
    save("equalize_a_after", a / s[:, None])
    save("equalize_b_after", b * s)


def save_bias(save, rng):
    x, w = rng.normal(1, 1, (50, 24)).astype(F32), rng.normal(size=(8, 24)).astype(F32)
    rounded = numpy.rint(w * 2).astype(F32) / 2
    bias = rng.normal(size=8).astype(F32)
    save("bias_x", x)
    save("bias_w", w)
    save("bias_rounded", rounded)
    save("bias_before", bias)
    x64 = x.astype(numpy.float64)
    save("bias_after", bias - (x64 @ (rounded.astype(numpy.float64) - w).T).mean(axis=0))


def save_paper(save):
    """Two weights, two digits: w1, w2 after q1, q2; U; the mean squared errors of nearest, GPTQ, the best of all four
    neighbours; the corrections of the bias of nearest and GPTQ and what they leave."""
    x, w = numpy.array([[5.0, 4.0], [0.0, 3.0]]), numpy.array([[0.4, 0.3]])
    H = 2.0 / 2.0 * x.T @ x
    U = numpy.linalg.cholesky(numpy.linalg.inv(H)).T
    q1 = numpy.rint(w[0, 0])
    second = w[0, 1] - (w[0, 0] - q1) / U[0, 0] * U[0, 1]

    def errors(q):
        return x @ (numpy.array(q) - w[0])

    candidates = {"nearest": [0.0, 0.0], "gptq": [q1, numpy.rint(second)], "other": [1.0, 0.0], "both": [1.0, 1.0]}
    mse = {name: (errors(q) ** 2).mean() for name, q in candidates.items()}
    shift = {name: errors(q).mean() for name, q in candidates.items()}
    left = {name: ((errors(q) - shift[name]) ** 2).mean() for name, q in candidates.items()}
    save("paper", numpy.array([U[0, 0], U[0, 1], U[1, 1], second, mse["nearest"], mse["gptq"], mse["other"],
                               mse["both"], shift["nearest"], shift["gptq"], left["nearest"], left["gptq"]]))


def generate(save, rng):
    save_paper(save)
    save_gptq(save, rng)
    save_layer(save)
    save_adaround(save, rng)
    save_rectified(save)
    save_scales(save, rng)
    save_equalized(save, rng)
    save_bias(save, rng)
