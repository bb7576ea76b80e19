"""The bundled digits and the trained net, as the C++ programs see them, in NumPy alone.

Every sum is taken in the order of the C++ code (k = 0, 1, 2, ..., the bias last), each product and each sum
rounded to float32: the activations are the same, bit for bit.
"""
import pathlib
import zlib

import numpy

DATASETS = pathlib.Path(__file__).resolve().parents[2] / "datasets"
COUNTS = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]
TEST_PER_CLASS = 200
weights_folder = DATASETS / "pretrained"  # of the net; ./learn test --live makes another


def read_png(path):
    """An 8-bit grey PNG as rows x columns; all five row filters."""
    data = path.read_bytes()
    at, packed, width, height = 8, b"", 0, 0
    while at < len(data):
        size, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
        elif kind == b"IDAT":
            packed += body
        at += 12 + size
    raw = numpy.frombuffer(zlib.decompress(packed), numpy.uint8).reshape(height, width + 1)
    picture = numpy.zeros((height, width), numpy.int64)
    for y in range(height):
        kind, line = raw[y, 0], raw[y, 1:].astype(numpy.int64)
        above = picture[y - 1] if y else numpy.zeros(width, numpy.int64)
        if kind == 0:
            picture[y] = line
        elif kind == 1:
            picture[y] = numpy.cumsum(line) % 256
        elif kind == 2:
            picture[y] = (line + above) % 256
        else:
            picture[y] = unfiltered(kind, line.tolist(), above.tolist())
    return picture.astype(numpy.uint8)


def unfiltered(kind, line, above):
    """Row filters 3 (average) and 4 (Paeth), which look at the row itself."""
    out = []
    for x, value in enumerate(line):
        left, corner = (out[x - 1], above[x - 1]) if x else (0, 0)
        if kind == 3:
            guess = (left + above[x]) // 2
        else:
            p = left + above[x] - corner
            guess = min((abs(p - left), 0, left), (abs(p - above[x]), 1, above[x]), (abs(p - corner), 2, corner))[2]
        out.append((value + guess) % 256)
    return out


def digits_of_class(label):
    sheet = read_png(DATASETS / "mnist" / f"digit_{label}.png")
    cells = sheet.reshape(sheet.shape[0] // 28, 28, 40, 28).swapaxes(1, 2).reshape(-1, 784)
    return cells[:COUNTS[label]]


def round_robin(classes):
    """Pixels and labels: one digit of each class in turn, classes that are used up left out."""
    order = [(i, label) for label in range(10) for i in range(len(classes[label]))]
    order.sort()
    return (numpy.stack([classes[label][i] for i, label in order]),
            numpy.array([label for _, label in order], numpy.uint8))


def train_digits():
    return round_robin([digits_of_class(label)[:-TEST_PER_CLASS] for label in range(10)])


def test_digits():
    return round_robin([digits_of_class(label)[-TEST_PER_CLASS:] for label in range(10)])


def normalized(pixels):
    one = numpy.float32
    return (pixels.astype(one) / one(255) - one(0.1307)) / one(0.3081)


def pretrained():
    """[(weight out x in, bias out), ...], float32."""
    return [(numpy.load(weights_folder / f"fc{i}_weight.npy"), numpy.load(weights_folder / f"fc{i}_bias.npy"))
            for i in (1, 2, 3)]


def linear(x, weight, bias):
    y = numpy.zeros((len(x), len(weight)), numpy.float32)
    for k in range(x.shape[1]):
        y += x[:, k:k + 1] * weight[:, k]
    return y + bias
