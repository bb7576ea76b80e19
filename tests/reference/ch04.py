"""Chapter 04: losses, gradients and steps of Adam by PyTorch, with bounds on what rounding may change.

The bounds come from ball arithmetic in float64: every quantity is a centre and a radius such that any float32
evaluation, in any order of summation, with or without fused multiply-add, lies within the radius of the centre.
A sum of n products has the radius gamma(n) * sum |a||b| (Higham, Accuracy and Stability of Numerical
Algorithms, chapter 3) plus what the radii of its factors add. Two float32 results differ by at most twice that.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch

U = 2.0 ** -24                     # unit roundoff of float32
WIDTHS = [49, 16, 12, 10]
BATCH, STEPS, LR = 32, 10, 1e-3


def gamma(n):
    return n * U / (1.0 - n * U)


def product(a, a_r, b, b_r, n):
    """The ball of a @ b, summed over n terms."""
    radius = numpy.abs(a) @ b_r + a_r @ numpy.abs(b) + a_r @ b_r
    return a @ b, radius + gamma(n + 2) * ((numpy.abs(a) + a_r) @ (numpy.abs(b) + b_r))


def cross_entropy_ball(h, h_r, labels):
    """The ball of the mean loss's gradient by the logits h."""
    z = h - h.max(axis=1, keepdims=True)
    spread = (2.0 * h_r + 2.0 * U * numpy.abs(z)).max(axis=1, keepdims=True)
    p = numpy.exp(z) / numpy.exp(z).sum(axis=1, keepdims=True)
    one = numpy.eye(p.shape[1])[labels]
    d_r = (p * (numpy.expm1(2.0 * spread) + gamma(20)) + gamma(4) * (p + one)) / len(h)
    return (p - one) / len(h), d_r


def gradients_ball(params, x, labels):
    """params: W1, b1, W2, b2, ...; returns the gradients' centres and radii, in the same order."""
    rows, layers = len(x), len(params) // 2
    h, h_r, kept = x.astype(numpy.float64), numpy.zeros(x.shape), []
    for i in range(layers):
        w, b = params[2 * i], params[2 * i + 1]
        y, y_r = product(h, h_r, w.T, numpy.zeros(w.T.shape), w.shape[1] + 1)
        y, y_r = y + b, y_r + gamma(w.shape[1] + 2) * numpy.abs(b)
        on, unsure = (y > y_r).astype(float), (numpy.abs(y) <= y_r).astype(float)
        kept.append((h, h_r, on, unsure))
        h, h_r = (y, y_r) if i == layers - 1 else (numpy.maximum(y, 0.0), y_r * (on + unsure))
    d, d_r = cross_entropy_ball(h, h_r, labels)
    centres, bounds = [], []
    for i in reversed(range(layers)):
        h, h_r = kept[i][:2]
        g, g_r = product(d.T, d_r.T, h, h_r, rows)
        b, b_r = product(d.T, d_r.T, numpy.ones((rows, 1)), numpy.zeros((rows, 1)), rows)
        centres, bounds = [g, b[:, 0]] + centres, [g_r, b_r[:, 0]] + bounds
        w = params[2 * i]
        d, d_r = product(d, d_r, w, numpy.zeros(w.shape), w.shape[0])
        if i > 0:
            on, unsure = kept[i - 1][2:]
            d, d_r = d * (on + unsure), d_r * on + (numpy.abs(d) + d_r) * unsure
    return centres, bounds


class AdamBall:
    """The same for Adam's steps on one array of parameters."""

    def __init__(self, w):
        self.w, self.w_r = w.astype(numpy.float64), numpy.zeros(w.shape)
        self.m, self.m_r, self.v, self.v_r = (numpy.zeros(w.shape) for _ in range(4))
        self.t = 0

    def step(self, g, g_r):
        self.t += 1
        self.m_r = 0.9 * self.m_r + 0.1 * g_r + gamma(6) * (0.9 * numpy.abs(self.m) + 0.1 * numpy.abs(g))
        self.m = 0.9 * self.m + 0.1 * g
        self.v_r = 0.999 * self.v_r + 0.001 * (2 * numpy.abs(g) * g_r + g_r ** 2)
        self.v = 0.999 * self.v + 0.001 * g ** 2
        self.v_r = self.v_r + gamma(8) * self.v
        size, correction = LR / (1 - 0.9 ** self.t), numpy.sqrt(1 - 0.999 ** self.t)
        step = size * self.m / (numpy.sqrt(self.v) / correction + 1e-8)
        low = numpy.sqrt(numpy.maximum(self.v - self.v_r, 0.0)) / correction + 1e-8
        high = numpy.sqrt(self.v + self.v_r) / correction + 1e-8
        corners = [size * (self.m + sign * self.m_r) / d for sign in (-1, 1) for d in (low, high)]
        self.w = self.w - step
        self.w_r = (self.w_r + numpy.max([numpy.abs(corner - step) for corner in corners], axis=0)
                    + gamma(10) * numpy.abs(step) + gamma(2) * numpy.abs(self.w))


def make_net():
    layers = []
    for i, (inputs, outputs) in enumerate(zip(WIDTHS, WIDTHS[1:])):
        layers += ([torch.nn.ReLU()] if i else []) + [torch.nn.Linear(inputs, outputs)]
    return torch.nn.Sequential(*layers)


def flat(tensors):
    return numpy.concatenate([numpy.asarray(t, dtype=numpy.float64).ravel() for t in tensors])


def one_step(net, optimizer, x, labels):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(net(torch.from_numpy(x)), torch.from_numpy(labels))
    loss.backward()
    gradients = [p.grad.detach().numpy().copy() for p in net.parameters()]
    optimizer.step()
    return loss.item(), gradients


def paper(save):
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU(), torch.nn.Linear(2, 2))
    values = [[[1.0, 0.5], [-1.0, 0.25]], [0.5, -0.5], [[0.5, 1.0], [-0.25, 0.5]], [-0.25, 0.625]]
    for parameter, value in zip(net.parameters(), values):
        parameter.data = torch.tensor(value)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    x, labels = numpy.array([[1.0, 2.0]], numpy.float32), numpy.array([1])
    loss, gradients = one_step(net, optimizer, x, labels)
    after, _ = one_step(net, torch.optim.SGD(net.parameters(), lr=0.0), x, labels)
    save("paper_losses", numpy.array([loss, after]))
    save("paper_gradients", flat(gradients))
    save("paper_after", flat(p.detach().numpy() for p in net.parameters()))


def try_ten_steps(rng):
    """The arrays to save: a net, ten batches, and PyTorch's gradients and parameters at every step, with two kinds
    of radii.

    given_radii: of the parameters when Adam is handed PyTorch's own gradients. own_radii: when the gradients
    are one's own. Those take the rounding of every gradient into account, but not that a gradient also
    depends on the weights, which by then differ in the seventh digit; it is of second order, and the radii
    are for the worst case, far above what happens. Where a gradient is within ten times its own radius
    of 0 even its sign may differ, and with it a whole step: there own_radii is -1 from that step on.
    """
    net = make_net()
    arrays = {f"fc{i // 2 + 1}_{'bias' if i % 2 else 'weight'}": parameter.detach().numpy().copy()
              for i, parameter in enumerate(net.parameters())}
    x = rng.standard_normal((STEPS, BATCH, WIDTHS[0])).astype(numpy.float32)
    labels = rng.integers(0, WIDTHS[-1], (STEPS, BATCH))
    start = flat(p.detach().numpy() for p in net.parameters())
    given, own, sure = AdamBall(start), AdamBall(start), numpy.full(start.shape, True)
    optimizer = torch.optim.Adam(net.parameters(), lr=LR)
    table = {"losses": [], "gradients": [], "gradient_radii": [], "after": [], "given_radii": [], "own_radii": []}
    for t in range(STEPS):
        centres, radii = gradients_ball([p.detach().numpy().astype(numpy.float64) for p in net.parameters()],
                                        x[t], labels[t])
        loss, gradients = one_step(net, optimizer, x[t], labels[t])
        g, g_r = flat(gradients), flat(radii)
        assert (numpy.abs(g - flat(centres)) <= g_r).all(), "PyTorch's gradient lies outside its ball"
        given.step(g, 0.0 * g_r)
        own.step(g, 2.0 * g_r)
        sure &= (numpy.abs(g) > 10.0 * g_r) | ((g == 0.0) & (g_r == 0.0))
        after = flat(p.detach().numpy() for p in net.parameters())
        assert (numpy.abs(after - given.w) <= given.w_r).all(), "PyTorch's step lies outside its ball"
        for name, row in (("losses", loss), ("gradients", g), ("gradient_radii", g_r), ("after", after),
                          ("given_radii", given.w_r), ("own_radii", numpy.where(sure, own.w_r, -1.0))):
            table[name].append(row)
    arrays |= {"x": x.reshape(STEPS * BATCH, WIDTHS[0]), "labels": labels.ravel().astype(numpy.uint8)}
    return arrays | {name: numpy.array(rows, numpy.float64 if name == "losses" else numpy.float32)
                     for name, rows in table.items()}


def is_sharp(arrays):
    """Whether the radii are small enough to compare anything, which the tests require: a number before a ReLU that
    comes within its radius of 0 makes those of all that follows as large as the gradients. One draw in fifty."""
    first, own = arrays["gradient_radii"][0], arrays["own_radii"]
    return (first.sum() <= 0.009 * numpy.abs(arrays["gradients"][0]).sum()
            and (own > 1e-4).sum() <= own.shape[1] and (own[-1] == -1.0).sum() <= own.shape[1] // 2)


def ten_steps(save, rng):
    for _ in range(100):
        arrays = try_ten_steps(rng)
        if is_sharp(arrays):
            break
    else:
        raise SystemExit("ch04: a hundred draws, and in each rounding may change too much")
    for name, array in arrays.items():
        save(name, array)


def awkward_logits(save):
    """Logits at which a naive softmax overflows or takes the log of 0; and ReLU's slope at 0."""
    logits = torch.tensor([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, -1000.0], [88.0, 89.0, 90.0],
                           [0.0, 0.0, 0.0], [1e30, 0.0, -1e30]], requires_grad=True)
    labels = torch.tensor([0, 1, 2, 2, 0])
    losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    losses.mean().backward()
    save("awkward_logits", logits.detach().numpy())
    save("awkward_losses", losses.detach().numpy())
    save("awkward_gradients", logits.grad.numpy())
    z = torch.tensor([-1.0, -0.0, 0.0, 1e-40, 2.0], requires_grad=True)
    torch.relu(z).sum().backward()
    save("relu_slopes", z.grad.numpy())


def bare_steps(path):
    """Ten steps of Adam from w along the gradients g in the file; leaves w after every step in its place."""
    given = numpy.load(path)
    w = torch.tensor(given["w"], requires_grad=True)
    optimizer, after = torch.optim.Adam([w], lr=LR), []
    for g in given["g"]:
        w.grad = torch.tensor(g)
        optimizer.step()
        after.append(w.detach().numpy().copy())
    numpy.savez(path, after=numpy.array(after))


def adam_bits(save, rng):
    """Gradients of every size, and the weights after every step bit for bit. In a process of its own: PyTorch's
    usual kernels fuse a product and a sum where the CPU can; these round after every operation, as the text says."""
    w = rng.standard_normal(200).astype(numpy.float32)
    g = (rng.standard_normal((STEPS, 200)) * 10.0 ** rng.integers(-10, 3, (STEPS, 200))).astype(numpy.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "adam.npz"
        numpy.savez(path, w=w, g=g)
        plain = {**os.environ, "ATEN_CPU_CAPABILITY": "default"}
        subprocess.run([sys.executable, __file__, path], env=plain, check=True)
        after = numpy.load(path)["after"]
    save("adam_w", w)
    save("adam_g", g)
    save("adam_after", after)


def generate(save, rng):
    paper(save)
    ten_steps(save, rng)
    awkward_logits(save)
    adam_bits(save, rng)


if __name__ == "__main__":
    bare_steps(sys.argv[1])
