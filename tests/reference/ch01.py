"""Chapter 01: the parameters of PyTorch's observers and the integers of its quantize functions."""
import numpy
import torch
from torch.ao.quantization import FakeQuantize
from torch.ao.quantization.observer import MinMaxObserver, PerChannelMinMaxObserver

SIZE = 64

# The order of every table below: dtype, scheme, reduce_range. The eighth combination, quint8 symmetric
# reduced, PyTorch refuses ("Cannot reduce range for symmetric quantization for quint8").
CASES = [(torch.quint8, "affine", False), (torch.quint8, "affine", True), (torch.quint8, "symmetric", False),
         (torch.qint8, "affine", False), (torch.qint8, "affine", True),
         (torch.qint8, "symmetric", False), (torch.qint8, "symmetric", True)]


def awkward_tensors(rng):
    """Rows of SIZE numbers each; the C++ test names them in this order."""
    normal = rng.standard_normal(SIZE)
    outlier = normal.copy()
    outlier[7] = 1000.0
    ties = numpy.arange(SIZE) * 0.5 - 16.0           # with scale 1: every second one is a tie
    rows = [
        normal,
        numpy.abs(normal) + 1.0,                     # one-sided, above 0
        -numpy.abs(normal) - 1.0,                    # one-sided, below 0
        numpy.full(SIZE, 5.0),                       # constant
        numpy.full(SIZE, -0.25),                     # constant below 0
        numpy.zeros(SIZE),
        normal * 1e-30,                              # the smallest scale takes over
        normal * 1e30,
        outlier,
        ties,
        numpy.linspace(-1.0, 2.0, SIZE),
        numpy.where(numpy.arange(SIZE) % 9 == 0, normal, 0.0),
    ]
    return numpy.stack(rows).astype(numpy.float32)


def per_tensor(save, x):
    scales = numpy.zeros((len(x), len(CASES)), numpy.float32)
    zero_points = numpy.zeros((len(x), len(CASES)), numpy.int32)
    integers = numpy.zeros((len(x), len(CASES), SIZE), numpy.int32)
    for t, row in enumerate(x):
        for c, (dtype, scheme, reduce) in enumerate(CASES):
            observer = MinMaxObserver(dtype=dtype, qscheme=getattr(torch, f"per_tensor_{scheme}"),
                                      reduce_range=reduce)
            observer(torch.from_numpy(row))
            scale, zero_point = observer.calculate_qparams()
            scales[t, c], zero_points[t, c] = scale.item(), zero_point.item()
            q = torch.quantize_per_tensor(torch.from_numpy(row), scale.item(), zero_point.item(), dtype)
            integers[t, c] = q.int_repr().numpy()
    save("tensors", x)
    save("per_tensor_scale", scales)
    save("per_tensor_zero_point", zero_points)
    save("per_tensor_q", integers)


def per_channel(save, rng):
    """A 4 x 5 x 6 tensor along each of its axes."""
    x = rng.standard_normal((4, 5, 6)).astype(numpy.float32)
    x[1] *= 100.0
    x[:, 2] = numpy.abs(x[:, 2])
    x[:, :, 3] = 0.0
    save("channels", x)
    for axis in range(3):
        rows = {"scale": [], "zero_point": [], "q": []}
        for dtype, scheme, reduce in CASES:
            observer = PerChannelMinMaxObserver(ch_axis=axis, dtype=dtype, reduce_range=reduce,
                                                qscheme=getattr(torch, f"per_channel_{scheme}"))
            observer(torch.from_numpy(x))
            scale, zero_point = observer.calculate_qparams()
            q = torch.quantize_per_channel(torch.from_numpy(x), scale.double(), zero_point, axis, dtype)
            rows["scale"].append(scale.numpy())
            rows["zero_point"].append(zero_point.numpy().astype(numpy.int32))
            rows["q"].append(q.int_repr().numpy().astype(numpy.int32).reshape(-1))
        for name, values in rows.items():
            save(f"per_channel_{name}_axis{axis}", numpy.stack(values))


def paper(save):
    """The example of the text: four bits, [-1, 2]."""
    x = torch.tensor([-1.0, -0.33, 0.0, 0.5, 1.1, 2.0])
    observer = MinMaxObserver(dtype=torch.quint8, quant_min=0, quant_max=15)
    observer(x)
    scale, zero_point = observer.calculate_qparams()
    q = torch.quantize_per_tensor(x, scale.item(), zero_point.item(), torch.quint8).int_repr()
    save("paper_scale", scale.numpy())
    save("paper_zero_point", zero_point.numpy().astype(numpy.int32))
    save("paper_q", q.numpy().astype(numpy.int32))


def half_away(x):
    return numpy.sign(x) * numpy.floor(numpy.abs(x) + numpy.float32(0.5))


def reduced_range(x, interval, dtype):
    """Both policies of 7 bits, of PyTorch itself: the integers of quantize_per_tensor, which clamps to the full type,
    and those of FakeQuantize in a net that trains, which clamps to the observer's range."""
    fake = FakeQuantize(MinMaxObserver, dtype=dtype, reduce_range=True)
    fake(torch.from_numpy(interval))
    fake.disable_observer()
    scale, zero_point = (value.item() for value in fake.calculate_qparams())
    quantized = torch.quantize_per_tensor(torch.from_numpy(x), scale, zero_point, dtype).int_repr()
    # y = (q - z) * s with |q - z| < 256: the division's error is far below 1/2.
    trained = numpy.rint(fake(torch.from_numpy(x)).numpy() / numpy.float32(scale)) + zero_point
    return numpy.stack([quantized.numpy().astype(numpy.int32), trained.astype(numpy.int32)])


def policies(save, rng):
    """Reals that leave the interval [-1, 1] of their scale; x, then by dtype the integers of both policies."""
    x = numpy.append([-3, -2, -1.5, -1, 0, 1, 1.5, 2, 3], 2.0 * rng.standard_normal(55)).astype(numpy.float32)
    save("policies_x", x)
    for dtype in (torch.quint8, torch.qint8):
        interval = numpy.array([-1, 1], numpy.float32)
        save(f"policies_{str(dtype)[6:]}", reduced_range(x, interval, dtype))


def given_bounds(save):
    """Symmetric scales and zero points where quant_min and quant_max are given; and of quint8 without."""
    x = torch.tensor([-4.0, 2.0])
    rows = []
    for dtype, bounds in [(torch.quint8, {}), (torch.quint8, (0, 255)), (torch.quint8, (0, 127)),
                          (torch.quint8, (0, 15)), (torch.qint8, (-8, 7)), (torch.qint8, (-7, 7))]:
        given = {"quant_min": bounds[0], "quant_max": bounds[1]} if bounds else {}
        observer = MinMaxObserver(dtype=dtype, qscheme=torch.per_tensor_symmetric, **given)
        observer(x)
        rows.append([value.item() for value in observer.calculate_qparams()])
    save("given_bounds_scale", numpy.array([row[0] for row in rows], numpy.float32))
    save("given_bounds_zero_point", numpy.array([row[1] for row in rows], numpy.int32))
    observer = MinMaxObserver(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric, quant_min=-127, quant_max=127,
                              reduce_range=True)
    save("reduced_narrow", numpy.array([observer.quant_min, observer.quant_max], numpy.int32))
    wide = MinMaxObserver(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric)
    wide(torch.tensor([-2e38, 2e38]))
    save("wide_scale", wide.calculate_qparams()[0].numpy())


def conventions(save):
    """The six reals and a later 3 under five sets of rules, each from its own definition, in float32."""
    x = numpy.array([-1.0, -0.33, 0.0, 0.5, 1.1, 2.0], numpy.float32)
    later = numpy.append(x, numpy.float32(3.0))
    pytorch, here = reduced_range(later, x, torch.quint8)

    step = numpy.float32(3.0) / numpy.float32(255.0)
    onnx_zero = numpy.rint(numpy.clip(numpy.float32(0.0) - x.min() / step, 0, 255))
    onnx = numpy.clip(numpy.rint(later / step) + onnx_zero, 0, 255)
    tflite_zero = half_away(numpy.float32(-128.0) - x.min() / step)
    tflite = numpy.clip(half_away(later / step) + tflite_zero, -128, 127)
    tensorrt = numpy.clip(numpy.rint(later * (numpy.float32(127.0) / numpy.abs(x).max())), -127, 127)
    save("conventions_q", numpy.stack([pytorch, here, onnx.astype(numpy.int32), tflite.astype(numpy.int32),
                                       tensorrt.astype(numpy.int32)]))


def generate(save, rng):
    per_tensor(save, awkward_tensors(rng))
    per_channel(save, rng)
    paper(save)
    conventions(save)
    policies(save, rng)
    given_bounds(save)
