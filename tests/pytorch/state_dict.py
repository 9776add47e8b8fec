#!/usr/bin/env python3
"""State dicts between Ferrotape and PyTorch, in both directions.

Ours to PyTorch: load our file strictly into the torch network and compare its logits with ours.

    state_dict.py --load W.safetensors --model cnn_3 --inputs X.safetensors --logits L.safetensors

W holds the weights under PyTorch's names and layouts, X a tensor `x` [n, channels, height, width], L a tensor `logits`
[n, 10] (X and L may be one file). All f32. Passes when max |difference| <= 1e-4 max |logit|.

PyTorch to ours: write random networks, inputs and torch's logits for a Rust test to load and compare.

    state_dict.py --save DIR [--models mlp_1,cnn_3] [--input rgb|gray|fashion] [--seed 0] [--count 8]

writes `<net>.safetensors` and `<net>.io.safetensors` (`x`, `logits`) for each network.

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


def f32(tensors, *keys):
    """The tensors under `keys` (all by default), which must be there and f32 (torch would convert silently)."""
    for key in keys or tensors:
        if key not in tensors:
            raise ValueError(f"no tensor '{key}', only {sorted(tensors)}")
        if tensors[key].dtype != torch.float32:
            raise ValueError(f"'{key}' is {tensors[key].dtype}, expected f32")
    return [tensors[key] for key in keys] if keys else tensors


@torch.inference_mode()
def load(args):
    (x,) = f32(load_file(args.inputs), "x")
    (ours,) = f32(load_file(args.logits), "logits")
    model = networks.build(args.model, networks.input_kind(x.shape[1:]), args.activation, args.prediction_bias)
    model.load_state_dict(f32(load_file(args.load)), strict=True)
    theirs = model(x)
    if ours.shape != theirs.shape or not len(x):
        raise ValueError(f"logits {tuple(ours.shape)}, expected {tuple(theirs.shape)}")
    difference, largest = (ours - theirs).abs().max().item(), theirs.abs().max().item()
    good = difference <= TOLERANCE * largest  # False for a NaN
    print(f"{args.model}: {len(x)} images, largest logit {largest:.4g}, max difference {difference:.2e}, "
          f"allowed {TOLERANCE * largest:.2e}: {'agrees' if good else 'DIFFERS'}")
    return good


@torch.inference_mode()
def save(args):
    args.save.mkdir(parents=True, exist_ok=True)
    for name in args.models:
        torch.manual_seed(args.seed)
        model = networks.build(name, args.input, args.activation, args.prediction_bias)
        x = torch.randn(args.count, *networks.INPUTS[args.input][1])
        save_file(model.state_dict(), args.save / f"{name}.safetensors")
        save_file({"x": x, "logits": model(x)}, args.save / f"{name}.io.safetensors")
        print(f"{name}: {networks.parameter_count(model)} parameters, {list(model.state_dict())}")
    return True


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    direction = parser.add_mutually_exclusive_group(required=True)
    direction.add_argument("--load", type=Path, metavar="W.safetensors")
    direction.add_argument("--save", type=Path, metavar="DIR")
    parser.add_argument("--model", choices=networks.NAMES)
    parser.add_argument("--inputs", type=Path)
    parser.add_argument("--logits", type=Path)
    parser.add_argument("--models", type=lambda text: text.split(","), default=networks.NAMES)
    parser.add_argument("--input", choices=networks.INPUTS, default="rgb")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=8, help="images")
    networks.add_arguments(parser)
    args = parser.parse_args(argv)
    if args.load and not (args.model and args.inputs and args.logits):
        parser.error("--load needs --model, --inputs and --logits")
    try:
        return 0 if (load if args.load else save)(args) else 1
    except Exception as error:
        print(f"FAILED: {type(error).__name__}: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
