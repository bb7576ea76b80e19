"""Chapter 07: PyTorch's fused Linear and ReLU, every integer of every layer on the 2000 test digits.

The layers are torch.nn.intrinsic.quantized.LinearReLU, the engine is qnnpack. Weights, checksums and the
integers of the input are those of ch06.py.
"""
import importlib

import numpy
import torch
from torch.nn.intrinsic.quantized import LinearReLU

F32 = numpy.float32


def ch06():
    return importlib.import_module("ch06")


def digits():
    return importlib.import_module("digits")


def params_after_relu(reduce_range):
    """(scale, zero point) of the input and of every layer's output, observed after ReLU where there is one, on
    the first 1000 training digits."""
    x = digits().normalized(digits().train_digits()[0][:1000])
    tensors = [x]
    for i, (weight, bias) in enumerate(digits().pretrained()):
        x = digits().linear(x, weight, bias)
        if i < 2:
            x = numpy.maximum(x, F32(0))
        tensors.append(x)
    return ch06().params_of(tensors, reduce_range)


def linear_relu(weight, bias, output):
    layer = LinearReLU(weight.shape[1], weight.shape[0])
    layer.set_weight_bias(weight, torch.from_numpy(bias))
    layer.scale, layer.zero_point = output
    return layer


def outputs(params, per_channel, qmax):
    """The integers of every layer on the test digits, none above qmax."""
    pixels, _ = digits().test_digits()
    x = torch.quantize_per_tensor(torch.from_numpy(digits().normalized(pixels)), *params[0], torch.quint8)
    tensors = [numpy.minimum(x.int_repr().numpy(), qmax)]
    for i, (weight, bias) in enumerate(digits().pretrained()):
        q_weight, _ = ch06().quantized_weight(weight, per_channel)
        make = linear_relu if i < 2 else ch06().quantized_linear
        x = ch06().as_quantized(tensors[-1], params[i])
        tensors.append(numpy.minimum(make(q_weight, bias, params[i + 1])(x).int_repr().numpy(), qmax))
    return tensors[1:]


def save_net(save, name, params, per_channel, qmax=255):
    tensors = outputs(params, per_channel, qmax)
    save(f"{name}_scale", numpy.array([p[0] for p in params], F32))
    save(f"{name}_zero_point", numpy.array([p[1] for p in params], numpy.int32))
    save(f"{name}_hash", numpy.stack([ch06().hashes(tensor) for tensor in tensors], 1))    # digit, layer
    save(f"{name}_first", numpy.concatenate([t[:10] for t in tensors], 1))                 # ten digits in full
    save(f"{name}_logits", tensors[-1])


def save_paper(save):
    """The example of the text: layer 1 of chapter 06's paper net, its output parameters another; nothing passes
    15, so 4-bit activations are these."""
    weight = torch._make_per_tensor_quantized_tensor(torch.tensor([[4, -2], [-7, 3]], dtype=torch.int8), 0.25, 0)
    bias = numpy.array([0.5, 1.0], F32)
    x = ch06().as_quantized(numpy.array([[3, 9], [10, 2]], numpy.uint8), (0.25, 4))
    unfused = ch06().quantized_linear(weight, bias, (0.5, 8))(x)
    save("paper_relu", torch.relu(unfused).int_repr().numpy())
    save("paper_same", linear_relu(weight, bias, (0.5, 8))(x).int_repr().numpy())
    save("paper_own", linear_relu(weight, bias, (0.25, 0))(x).int_repr().numpy())


def generate(save, rng):
    save_net(save, "per_tensor", params_after_relu(False), per_channel=False)
    save_net(save, "per_channel", params_after_relu(False), per_channel=True)
    save_net(save, "seven_bits", params_after_relu(True), per_channel=True, qmax=127)
    save_net(save, "same_params", ch06().activation_params(False), per_channel=False)
    save_paper(save)
