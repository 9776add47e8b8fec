#!/usr/bin/env python3
"""State dicts between Ferrotape and PyTorch, in both directions.

Ours to PyTorch: load our files strictly into the torch networks and compare their logits with ours.

    state_dict.py --load DIR [--inputs rgb,gray,fashion] [--models mlp_1,cnn_3]

PyTorch to ours: write random networks, inputs and torch's logits for a Rust test to load and compare.

    state_dict.py --save DIR [--inputs rgb,gray,fashion] [--models mlp_1,cnn_3] [--seed 0] [--count 8]

Both directions have the same files, all f32:

    DIR/<input>/<net>.safetensors       weights under PyTorch's names and layouts
    DIR/<input>/<net>.io.safetensors    `x` [n, channels, height, width] and `logits` [n, 10]

Loading passes when, for every network, max |difference| <= 1e-4 max |logit|.

Both take --activation sigmoid and --no-prediction-bias.
Exit status: 0 good, 1 not, 77 torch or safetensors is not installed.
"""

import argparse
import sys
from pathlib import Path

import networks
import torch
from safetensors.torch import load_file, save_file

TOLERANCE = 1e-4  # relative to the largest logit


def f32(path, *keys):
    """The tensors of a file under `keys` (all by default); they must be there and f32 (torch would convert silently)."""
    tensors = load_file(path)
    for key in keys or tensors:
        if key not in tensors:
            raise ValueError(f"{path}: no tensor '{key}', only {sorted(tensors)}")
        if tensors[key].dtype != torch.float32:
            raise ValueError(f"{path}: '{key}' is {tensors[key].dtype}, expected f32")
    return [tensors[key] for key in keys] if keys else tensors


@torch.inference_mode()
def load(folder, name, kind, args):
    """Whether torch, with our weights, computes our logits."""
    x, ours = f32(folder / f"{name}.io.safetensors", "x", "logits")
    if networks.input_kind(x.shape[1:]) != kind:
        raise ValueError(f"{folder}: images {tuple(x.shape[1:])} are not {kind}")
    model = networks.build(name, kind, args.activation, args.prediction_bias)
    model.load_state_dict(f32(folder / f"{name}.safetensors"), strict=True)
    theirs = model(x)
    if ours.shape != theirs.shape or not len(x):
        raise ValueError(f"logits {tuple(ours.shape)}, expected {tuple(theirs.shape)}")
    difference, largest = (ours - theirs).abs().max().item(), theirs.abs().max().item()
    good = difference <= TOLERANCE * largest  # False for a NaN
    print(f"{kind:8} {name:6} {len(x)} images, largest logit {largest:.4g}, max difference {difference:.2e}, "
          f"allowed {TOLERANCE * largest:.2e}: {'agrees' if good else 'DIFFERS'}")
    return good


@torch.inference_mode()
def save(folder, name, kind, args):
    """Write a random network, images and its logits."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    model = networks.build(name, kind, args.activation, args.prediction_bias)
    x = torch.randn(args.count, *networks.INPUTS[kind][1])
    save_file(model.state_dict(), folder / f"{name}.safetensors")
    save_file({"x": x, "logits": model(x)}, folder / f"{name}.io.safetensors")
    print(f"{kind:8} {name:6} {networks.parameter_count(model)} parameters, {list(model.state_dict())}")
    return True


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    direction = parser.add_mutually_exclusive_group(required=True)
    direction.add_argument("--load", type=Path, metavar="DIR")
    direction.add_argument("--save", type=Path, metavar="DIR")
    listed = lambda text: text.split(",")
    parser.add_argument("--models", type=listed, default=networks.NAMES)
    parser.add_argument("--inputs", type=listed, default=list(networks.INPUTS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=8, help="images")
    networks.add_arguments(parser)
    args = parser.parse_args(argv)
    run, folder = (load, args.load) if args.load else (save, args.save)
    good = True
    for kind in args.inputs:
        for name in args.models:
            try:
                good &= run(folder / kind, name, kind, args)
            except Exception as error:
                print(f"{kind:8} {name:6} FAILED: {type(error).__name__}: {error}")
                good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
