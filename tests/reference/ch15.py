"""Chapter 15: thresholds from histograms, by NumPy and by PyTorch's own HistogramObserver.

A hundred tensors, ten of each kind, in one or more batches. They are not kept: the C++ test makes the same ones
from `seeds`, by the same operations in double, and `checksums` shows that it did.
"""
import builtins

import numpy
import torch
import torch.ao.quantization.observer as observer

PERCENTILES = (50.0, 99.0, 99.9, 99.99, 99.999, 100.0)
BITS = (8, 6, 4)
KINDS = 10
BINS, START = 2048, 128


def uniforms(seed, first, count):
    """Numbers first, first + 1, ... of splitmix64's sequence, as multiples of 2^-53 in [0, 1)."""
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(seed) + (numpy.arange(first, first + count, dtype=numpy.uint64) + numpy.uint64(1)) \
            * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return ((z ^ (z >> numpy.uint64(31))) >> numpy.uint64(11)).astype(numpy.float64) * 2.0 ** -53


def portable_log(x):
    """common/rng.cpp's, the same operations."""
    m, e = numpy.frexp(x)
    small = m < 0.70710678118654752
    m, e = numpy.where(small, m * 2.0, m), numpy.where(small, e - 1, e)
    t = (m - 1.0) / (m + 1.0)
    series = numpy.zeros_like(t)
    for n in range(21, 0, -2):
        series = series * (t * t) + 1.0 / n
    return 2.0 * t * series + e * 0.69314718055994531


def normal(seed, count):
    u = uniforms(seed, 0, 12 * count).reshape(count, 12)
    total = numpy.zeros(count)
    for k in range(12):
        total = total + u[:, k]
    return total - 6.0


def laplace(seed, count):
    u = uniforms(seed, 0, count) - 0.5
    magnitude = -portable_log(numpy.maximum(1.0 - 2.0 * numpy.abs(u), 2.0 ** -53))
    return numpy.where(u < 0.0, -magnitude, magnitude)


def tensor(index, seed):
    """The batches of tensor `index`, float32. The first uniform of the seed chooses its size and its scale."""
    kind = index % KINDS
    u = float(uniforms(seed, 0, 1)[0])
    seed = (int(seed) + 1) % 2 ** 62
    n, scale = 200 + int(u * 3000.0), 0.25 + 8.0 * u
    if kind == 0:
        batches = [normal(seed, n)]
    elif kind == 1:
        batches = [laplace(seed, n)]
    elif kind == 2:
        batches = [numpy.maximum(normal(seed, n), 0.0)]
    elif kind == 3:
        batches = [uniforms(seed, 0, n)]
    elif kind == 4:
        x = normal(seed, n)
        x[::500] = x[::500] * 40.0
        batches = [x]
    elif kind == 5:  # constant: of either sign, and zero
        batches = [numpy.full(n, (u - 0.5) if index >= KINDS else 0.0)]
    elif kind == 6:  # one value
        batches = [normal(seed, 1)]
    elif kind == 7:  # growing
        batches = [laplace(seed + b, n) * (1.0 + 0.5 * b) for b in range(4)]
    elif kind == 8:  # nothing but zeros first
        batches = [numpy.zeros(n), numpy.maximum(laplace(seed, n), 0.0), numpy.maximum(laplace(seed + 1, n), 0.0)]
    else:  # few values, in small batches
        batches = [normal(seed + b, 30) + u for b in range(3)]
    return [(x * scale).astype(numpy.float32) for x in batches]


def collect(batches):
    """Counts of |x| and their edges: the width from the first batch that is not all 0, bins added as needed."""
    counts, width, zeros = numpy.zeros(0, numpy.int64), None, 0
    for x in batches:
        x = numpy.abs(x).astype(numpy.float64)
        if width is None:
            if x.max() == 0.0:
                zeros += len(x)
                continue
            width = x.max() / BINS
            counts = numpy.zeros(BINS, numpy.int64)
            counts[0] = zeros
        bins = max(len(counts), int(numpy.ceil(x.max() / width)))
        edges = numpy.arange(bins + 1) * width
        new, _ = numpy.histogram(x, edges)
        new[:len(counts)] += counts
        counts = new
    return counts, numpy.arange(len(counts) + 1) * (width or 0.0)


def percentile(counts, edges, percent):
    return edges[numpy.searchsorted(100.0 * numpy.cumsum(counts), percent * counts.sum())] if len(counts) else 0.0


def kullback_leibler(p, q):
    """scipy.stats.entropy(p, q): both normalized; infinite where q is 0 and p is not."""
    if q.sum() == 0:
        return numpy.inf
    p, q = p / p.sum(), q / q.sum()
    if ((q == 0) & (p > 0)).any():
        return numpy.inf
    used = p > 0
    return float((p[used] * numpy.log(p[used] / q[used])).sum())


def divergence(bins, i, levels):
    """Of P, the first i bins with what lies beyond added to the last, from Q, their means over each level."""
    level = numpy.digitize(numpy.arange(i), numpy.linspace(0, i, levels + 1)) - 1
    p, used = bins[:i].copy(), bins[:i] > 0
    p[i - 1] += bins[i:].sum()
    if p[i - 1] > 0 and not used[i - 1] or not used.any():
        return numpy.inf
    sums = numpy.bincount(level[used], bins[:i][used], levels)
    members = numpy.bincount(level[used], minlength=levels)
    return kullback_leibler(p, numpy.where(used, (sums / numpy.maximum(members, 1))[level], 0.0))


def entropy(counts, edges, levels):
    """The toolkit's loop. The margin to the second best is far above what another order of sums could change."""
    if not len(counts):
        return 0.0
    bins = counts.astype(numpy.float64)
    bins[0] = bins[1]
    divergences = [divergence(bins, i, levels) for i in range(START, len(bins) + 1)]
    divergences = numpy.array(divergences)
    best = numpy.argwhere(divergences == divergences.min())[-1, 0]
    if numpy.delete(divergences, best).min() - divergences[best] < 1e-9:
        raise SystemExit("two candidates are too close for an exact comparison: take another seed")
    return edges[best + START]


def mse(counts, edges, levels):
    if not len(counts):
        return 0.0
    centers = (edges[:-1] + edges[1:]) / 2.0
    losses = []
    for amax in centers[START:]:
        scale = (levels - 1) / amax
        quantized = numpy.clip(numpy.rint(centers * scale), -(levels - 1), levels - 1) / scale
        losses.append(((quantized - centers) ** 2 * counts).mean())
    return centers[START + int(numpy.argmin(losses))]


class ends_as_seen:
    """PyTorch's observer with int(...) of a tensor read as .item(): nothing else is changed."""

    def __enter__(self):
        observer.int = lambda value: value.item() if isinstance(value, torch.Tensor) else builtins.int(value)

    def __exit__(self, *_):
        del observer.int


def pytorch(batches):
    """min and max of the search, scale, zero point; and the histogram that was searched."""
    seen = observer.HistogramObserver(dtype=torch.quint8)
    for x in batches:
        seen(torch.from_numpy(x))
    low, high = seen._non_linear_param_search()
    scale, zero_point = seen.calculate_qparams()
    return [low.item(), high.item(), scale.item(), zero_point.item()], seen.histogram.numpy()


def paper(save):
    """The example of the text: percentile 90, two levels clipped at 4 to 8 bins, four at the centres 4.5 to 7.5."""
    counts, edges = numpy.array([9, 8, 4, 4, 2, 1, 0, 1]), numpy.arange(9.0)
    bins, centers = counts.astype(numpy.float64), edges[:-1] + 0.5
    bins[0] = bins[1]
    row = [percentile(counts, edges, 90.0)]
    row += [divergence(bins, i, 2) for i in range(4, 9)]
    for threshold in centers[4:]:
        rounded = numpy.clip(numpy.rint(centers * 3 / threshold), 0, 3) * threshold / 3
        row.append(((rounded - centers) ** 2 * counts).sum())
    save("paper", numpy.array(row))


def generate(save, rng):
    paper(save)
    seeds = rng.integers(1, 2 ** 62, 100)
    checksums, by_numpy, by_torch, sums, histograms = [], [], [], [], []
    for index, seed in enumerate(seeds):
        batches = tensor(index, seed)
        checksums.append(sum(int(x.view(numpy.uint32).astype(numpy.int64).sum()) for x in batches))
        counts, edges = collect(batches)
        row = [percentile(counts, edges, p) for p in PERCENTILES]
        signed = min(x.min() for x in batches) < 0
        levels = [2 ** (bits - signed) for bits in BITS]
        row += [entropy(counts, edges, count) for count in levels]
        row += [mse(counts, edges, count) for count in levels]
        by_numpy.append(row)
        if index < KINDS:
            sums.append([len(counts), int((counts * numpy.arange(len(counts))).sum())])
        rows = [pytorch(batches)]
        with ends_as_seen():
            rows.append(pytorch(batches))
        by_torch.append([row for row, _ in rows])
        if index in (0, 4, 7, 9):
            histograms.append([counts for _, counts in rows])
    save("seeds", seeds.astype(numpy.int64))
    save("checksums", numpy.array(checksums, numpy.int64))
    save("thresholds", numpy.array(by_numpy, numpy.float64))          # tensor; percentiles, entropy, MSE
    save("histograms", numpy.array(sums, numpy.int64))                # bins, sum of j c_j
    save("pytorch_params", numpy.array(by_torch, numpy.float64))      # tensor; int ends, as seen; min, max, s, z
    save("pytorch_counts", numpy.array(histograms, numpy.float32))    # tensor; int ends, as seen; bin
