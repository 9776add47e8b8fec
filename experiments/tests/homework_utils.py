"""A stand-in for the homework's plotting script, which is not at hand: the same functions, asking of the result files what it
is known to ask of them. Drawing is left out.

    homework_utils.py DIR    # reads every .pkl below DIR, compares it with its .json, and hands it on

Only Python is needed; with numpy the first-layer weights (.npy) are handed on too.
"""
import json
import math
import pathlib
import pickle
import struct
import sys


def curve(result, key, length=None):
    values = result[key]
    assert isinstance(values, list) and all(type(v) is float for v in values), f"{key} is no list of floats"
    assert length is None or len(values) == length, f"{key} has {len(values)} values, expected {length}"
    return values


def part3Plots(results):
    for result in results:
        assert isinstance(result["name"], str) and type(result["test_acc"]) is float
        records = len(curve(result, "loss_curve"))
        curve(result, "train_acc_curve", records), curve(result, "val_acc_curve", records)


def part4Plots(results):
    for result in results:
        for activation in ("relu", "sigmoid"):
            records = len(curve(result, f"{activation}_loss_curve"))
            curve(result, f"{activation}_grad_curve", records)


def part5Plots(result):
    for rate in ("1", "01", "001"):
        curve(result, f"val_acc_curve_{rate}", len(curve(result, f"loss_curve_{rate}")))


def visualizeWeights(weights, channels):
    """Units in rows; it transposes twice, then cuts each row into squares (2023: 1,024 numbers of a gray image)."""
    by_pixel = weights.T
    units = by_pixel.shape[1]
    pixels = math.isqrt(by_pixel.shape[0] // channels)
    cells = [by_pixel.T[i].reshape(channels, pixels, pixels) for i in range(units)]
    assert len(cells) <= math.ceil(math.sqrt(units)) ** 2 and weights.dtype.kind == "f"


def same(a, b):
    """Weights are float32: JSON has the shortest decimals, a pickle the numbers themselves."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or type(a) is float and struct.pack("f", a) == struct.pack("f", b)


def main(folder):
    found = {"part3": [], "part4": [], "part5": []}
    for path in sorted(folder.rglob("*.pkl")):
        with open(path, "rb") as file:
            result = pickle.load(file)
        with open(path.with_suffix(".json")) as file:
            assert same(json.load(file), result), f"{path}: not what the .json says"
        part, _, rest = path.stem.partition("_")
        if part in found and result["name"] == rest:
            found[part].append(result)
    part3Plots(found["part3"])
    part4Plots(found["part4"])
    for result in found["part5"]:
        part5Plots(result)
    print(" ".join(f"{part} {len(results)}" for part, results in found.items()))
    try:
        import numpy
    except ImportError:
        return print("skipped: numpy not installed, weights were not looked at")
    weights = sorted(folder.rglob("weights_*.npy"))
    for path in weights:
        array = numpy.load(path)
        channels = array.shape[1] if array.ndim == 4 else array.shape[1] // 1024
        visualizeWeights(array.reshape(array.shape[0], -1), channels)
    print(f"weights {len(weights)}")


main(pathlib.Path(sys.argv[1]))
