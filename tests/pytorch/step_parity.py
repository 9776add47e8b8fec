#!/usr/bin/env python3
"""Repeat Ferrotape's Adam steps in PyTorch and compare the losses.

    step_parity.py --dir DIR [--models mlp_1,cnn_3] [--activation sigmoid] [--no-prediction-bias]

DIR holds, for each network:

    <net>.safetensors          initial weights, f32, PyTorch's names and layouts (see networks.py)
    <net>.batches.safetensors  `images` f32 [steps, batch, channels, height, width], normalised; `labels` i64 [steps, batch]
    <net>.losses.json          our losses, each of a step's batch before its update: {"f64": [...], "f32": [...]}, one or both

Same weights, same batches, Adam with default parameters, no shuffling: only the arithmetic differs. In f64 every loss
must agree to 1e-8. In f32 Adam amplifies rounding (it divides tiny gradients by their own size), and a ReLU or a maximum
decided the other way is felt at once; so of a CNN's losses the first 10 must agree to 1e-5; of an MLP's, all.

PyTorch does not quite keep that with itself. Its f32 losses against its f64 ones, CIFAR-10, batch 50, four seeds, worst of
the first 5, 10, 20: MLPs 5e-7 throughout; cnn_3 4e-7, 4e-7, 3e-4; cnn_4 7e-7, 2e-5, 5e-4; cnn_5 2e-7, 1e-6, 2e-4. The
last column shows that difference over the compared steps: where it is near the tolerance the seed is unlucky, not the
code wrong. --f32-first 5 is safe for every network.

Exit status: 0 all agree, 1 some do not (or a file is missing or wrong), 77 torch or safetensors is not installed.
"""

import argparse
import json
import sys
from pathlib import Path

import networks
import torch
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy

F64_TOLERANCE, F32_TOLERANCE, F32_FIRST = 1e-8, 1e-5, 10  # the last: steps, CNNs only
DTYPES = {"f64": torch.float64, "f32": torch.float32}


def trajectory(model, images, labels, dtype):
    """The loss of each step's batch before its Adam update."""
    model = model.to(dtype)
    optimizer = torch.optim.Adam(model.parameters())
    losses = []
    for x, y in zip(images, labels):
        loss = cross_entropy(model(x.to(dtype)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def first_model(folder, name, image_shape, args):
    """The network with the initial weights of `<name>.safetensors`; every name and shape must fit."""
    weights = load_file(folder / f"{name}.safetensors")
    wrong = {key: str(t.dtype) for key, t in weights.items() if t.dtype != torch.float32}
    if wrong:
        raise ValueError(f"weights must be f32, found {wrong}")
    model = networks.build(name, networks.input_kind(image_shape), args.activation, args.prediction_bias)
    model.load_state_dict(weights, strict=True)
    return model


def compare(folder, name, args):
    """For each dtype: (dtype, steps compared, max difference, that of all steps, tolerance, torch's own, agrees)."""
    ours = json.loads((folder / f"{name}.losses.json").read_text())
    batches = load_file(folder / f"{name}.batches.safetensors")
    images, labels = batches["images"], batches["labels"]
    if images.dim() != 5 or labels.shape != images.shape[:2]:
        raise ValueError(f"images {tuple(images.shape)}, labels {tuple(labels.shape)}")
    if images.dtype != torch.float32 or labels.dtype != torch.int64:
        raise ValueError(f"images must be f32 and labels i64, found {images.dtype}, {labels.dtype}")
    kinds = [kind for kind in DTYPES if kind in ours]
    if not kinds or not len(images):
        raise ValueError(f"nothing to compare: losses for {sorted(ours)}, {len(images)} steps")
    theirs = {}
    for kind, dtype in DTYPES.items():  # both, for the last column
        model = first_model(folder, name, images.shape[2:], args)
        theirs[kind] = torch.tensor(trajectory(model, images, labels, dtype), dtype=torch.float64)
    for kind in kinds:
        if len(ours[kind]) != len(images):
            raise ValueError(f"{len(ours[kind])} {kind} losses for {len(images)} steps")
        differences = (torch.tensor(ours[kind], dtype=torch.float64) - theirs[kind]).abs()
        steps = min(args.f32_first, len(images)) if kind == "f32" and name.startswith("cnn") else len(images)
        tolerance = F64_TOLERANCE if kind == "f64" else args.f32_tolerance
        worst = differences[:steps].max().item()  # NaN if one is, and a NaN does not agree
        own = (theirs["f32"] - theirs["f64"])[:steps].abs().max().item() if kind == "f32" else 0.0
        yield kind, steps, worst, differences.max().item(), tolerance, own, worst <= tolerance


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--models", type=lambda text: text.split(","), help="default: all with a losses file")
    parser.add_argument("--f32-first", type=int, default=F32_FIRST, help="steps of a CNN that must agree in f32")
    parser.add_argument("--f32-tolerance", type=float, default=F32_TOLERANCE)
    networks.add_arguments(parser)
    args = parser.parse_args(argv)

    names = args.models or [n for n in networks.NAMES if (args.dir / f"{n}.losses.json").exists()]
    if not names:
        print(f"{args.dir}: no <net>.losses.json for any of {networks.NAMES}")
        return 1
    good = True
    print("network  dtype  steps  max difference  of all steps  tolerance            torch f32 - f64")
    for name in names:
        try:
            for kind, steps, worst, overall, tolerance, own, agrees in compare(args.dir, name, args):
                verdict = "agrees" if agrees else "DIFFERS"
                print(f"{name:8} {kind:5} {steps:6} {worst:15.2e} {overall:13.2e} {tolerance:10.0e}  {verdict:8}"
                      + (f" {own:15.2e}" if kind == "f32" else ""), flush=True)
                good &= agrees
        except Exception as error:
            print(f"{name:8} FAILED: {type(error).__name__}: {error}", flush=True)
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
