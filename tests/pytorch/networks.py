"""The homework's networks in PyTorch: tables A (CIFAR-10) and B (Fashion-MNIST).

Every module is listed in one `torch.nn.Sequential`, so the names in a state dict are positions: `0.weight`,
`0.bias`, … The MLPs take images and begin with `Flatten`, so their first Linear is number 1. In the CNNs
`Flatten` (order c, h, w) stands before the last Linear, the prediction layer. Importing this module checks
every parameter count; where torch or safetensors are missing it prints why and exits 77, "skipped".
"""

import sys

try:
    import torch
    from torch import nn
    import safetensors.torch  # noqa: F401  (here so that every script skips in the same way)
except ImportError as error:
    print(f"skipped: torch not installed ({error})")
    sys.exit(77)

# fcN: Linear to N, fcN-: the same without bias, cKxN: KxK convolution to N channels (stride 1, no padding), pool: 2x2.
TABLES = {
    "A": {
        "mlp_1": "fc32 act fc10",
        "mlp_2": "fc32 act fc64- fc10",
        "cnn_3": "c3x16 act c5x8 act pool c7x16 pool fc10",
        "cnn_4": "c3x16 act c3x8 act c5x16 act pool c5x16 act pool fc10",
        "cnn_5": "c3x8 act c3x16 act c3x8 act c3x16 act pool c3x16 act c3x8 act pool fc10",
    },
    "B": {
        "mlp_1": "fc64 act fc10",
        "mlp_2": "fc16 act fc64- fc10",
        "cnn_3": "c3x16 act c7x8 act pool c5x16 pool fc10",
        "cnn_4": "c3x16 act c5x8 act c3x8 act pool c5x16 act pool fc10",
        "cnn_5": "c3x16 act c3x8 act c3x8 act c3x8 act pool c3x16 act c3x16 act pool fc10",
    },
}
NAMES = list(TABLES["A"])
INPUTS = {"rgb": ("A", (3, 32, 32)), "gray": ("A", (1, 32, 32)), "fashion": ("B", (1, 28, 28))}
ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid}
PARAMETERS = {
    "rgb": dict(mlp_1=98_666, mlp_2=101_034, cnn_3=11_394, cnn_4=13_810, cnn_5=8_490),
    "gray": dict(mlp_1=33_130, mlp_2=35_498, cnn_3=11_106, cnn_4=13_522, cnn_5=8_346),
    "fashion": dict(mlp_1=50_890, mlp_2=14_234, cnn_3=11_106, cnn_4=8_618, cnn_5=7_426),
}


def build(name, input="rgb", activation="relu", prediction_bias=True):
    """The network `name` for images of kind `input`, with PyTorch's default initialisation."""
    table, (channels, side, _) = INPUTS[input]
    layers, features, units = [], channels * side * side, TABLES[table][name].split()
    for position, unit in enumerate(units):
        last = position == len(units) - 1
        if unit == "act":
            layers.append(ACTIVATIONS[activation]())
        elif unit == "pool":
            layers.append(nn.MaxPool2d(2))
            side //= 2
        elif unit.startswith("c"):
            kernel, width = map(int, unit[1:].split("x"))
            layers.append(nn.Conv2d(channels, width, kernel))
            channels, side = width, side - kernel + 1
        else:
            width, bias = int(unit[2:].rstrip("-")), not unit.endswith("-") and (prediction_bias or not last)
            if not any(isinstance(layer, nn.Linear) for layer in layers):
                layers.append(nn.Flatten())
                features = channels * side * side
            layers.append(nn.Linear(features, width, bias=bias))
            features = width
    return nn.Sequential(*layers)


def input_kind(shape):
    """The kind of input whose images have `shape` (channels, height, width)."""
    for kind, (_, known) in INPUTS.items():
        if tuple(shape) == known:
            return kind
    raise ValueError(f"no network takes images of shape {tuple(shape)}; known: {INPUTS}")


def parameter_count(model):
    return sum(p.numel() for p in model.parameters())


def add_arguments(parser):
    """The variations that a file's shapes do not tell."""
    parser.add_argument("--activation", choices=ACTIVATIONS, default="relu")
    parser.add_argument("--no-prediction-bias", dest="prediction_bias", action="store_false")


def _check_counts():
    with torch.device("meta"):  # shapes only
        for kind, counts in PARAMETERS.items():
            for name, count in counts.items():
                found = parameter_count(build(name, kind))
                assert found == count, f"{name} {kind}: {found} parameters, expected {count}"
                assert parameter_count(build(name, kind, "sigmoid", prediction_bias=False)) == count - 10


_check_counts()
