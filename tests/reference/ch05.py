"""Chapter 05: PyTorch's observers on the activations of the trained net, batches of 100 digits."""
import numpy
import torch
from torch.ao.quantization.observer import MinMaxObserver, MovingAverageMinMaxObserver, PerChannelMinMaxObserver

import digits

BATCH = 100


def activations():
    """The tensors that need a scale, in the order of the C++ test: input; layers 1 to 3 before and after ReLU."""
    pixels, _ = digits.train_digits()
    x = digits.normalized(pixels[:1000])
    tensors = [x]
    for i, (weight, bias) in enumerate(digits.pretrained()):
        x = digits.linear(x, weight, bias)
        tensors.append(x)
        if i < 2:
            x = numpy.maximum(x, numpy.float32(0))
            tensors.append(x)
    return tensors


def observed(save, name, tensors, make):
    """After every batch: min and max. At the end: scale and zero point, quint8, full and reduced range."""
    intervals, scales, zero_points = [], [], []
    for tensor in tensors:
        steps = []
        for reduce in (False, True):
            observer = make(dtype=torch.quint8, reduce_range=reduce)
            for begin in range(0, len(tensor), BATCH):
                observer(torch.from_numpy(tensor[begin:begin + BATCH]))
                steps.append([observer.min_val.item(), observer.max_val.item()])
            scale, zero_point = observer.calculate_qparams()
            scales.append(scale.item())
            zero_points.append(zero_point.item())
        intervals.append(steps[:len(steps) // 2])
    save(f"{name}_intervals", numpy.array(intervals, numpy.float32))                       # tensor, batch, 2
    save(f"{name}_scale", numpy.array(scales, numpy.float32).reshape(-1, 2))               # tensor, reduced
    save(f"{name}_zero_point", numpy.array(zero_points, numpy.int32).reshape(-1, 2))


def paper(save):
    """The example of the text: three batches, after each lo and hi of both observers (c = 0.5)."""
    min_max, average, rows = MinMaxObserver(), MovingAverageMinMaxObserver(averaging_constant=0.5), []
    for batch in ([-1.0, 0.25, 3.0], [-2.0, 1.0, 5.0], [0.5, 0.75, 1.0]):
        row = []
        for observer in (min_max, average):
            observer(torch.tensor(batch))
            row += [observer.min_val.item(), observer.max_val.item()]
        rows.append(row)
    save("paper", numpy.array(rows, numpy.float32))


def bare_steps(save, rng):
    """Fifty batches of two numbers: what the moving average makes of every new minimum and maximum, to the last bit."""
    batches = numpy.sort(rng.standard_normal((50, 2)), axis=1).astype(numpy.float32)
    observer, intervals = MovingAverageMinMaxObserver(averaging_constant=0.3), []
    for batch in batches:
        observer(torch.from_numpy(batch))
        intervals.append([observer.min_val.item(), observer.max_val.item()])
    save("average_x", batches)
    save("average_intervals", numpy.array(intervals, numpy.float32))


def generate(save, rng):
    paper(save)
    bare_steps(save, rng)
    tensors = activations()
    observed(save, "min_max", tensors, MinMaxObserver)
    observed(save, "moving_average", tensors, MovingAverageMinMaxObserver)
    weight = digits.pretrained()[0][0]
    for axis in (0, 1):
        observer = PerChannelMinMaxObserver(ch_axis=axis, dtype=torch.qint8, qscheme=torch.per_channel_symmetric)
        observer(torch.from_numpy(weight))
        scale, _ = observer.calculate_qparams()
        save(f"weight_scale_axis{axis}", scale.numpy())
