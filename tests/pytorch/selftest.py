#!/usr/bin/env python3
"""Test the two checking scripts with files that PyTorch wrote in place of Ferrotape: right ones pass, wrong ones fail.

    selftest.py          (no arguments; about a minute; exit status 0 / 1, or 77 without torch)
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import networks
import state_dict
import step_parity
import torch
from safetensors.torch import load_file, save_file

HERE, STEPS, BATCH = Path(__file__).parent, 12, 10
failures = 0


def report(status, expected, what, output):
    global failures
    good = status == expected
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} exit {status}, expected {expected}: {what}", flush=True)
    if not good:
        print(output)


def expect(expected, what, script, *arguments):
    """Run `script.main(arguments)` and look at its status; an exception that it lets through ends this test."""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        status = script.main([str(argument) for argument in arguments])
    report(status, expected, what, output.getvalue())


def expect_skip(script, env):
    done = subprocess.run([sys.executable, HERE / script], capture_output=True, text=True, env=env)
    skipped = done.stdout.startswith("skipped: torch not installed")
    report(done.returncode if skipped else "without a word", 77, f"{script} without torch", done.stdout + done.stderr)


def stand_in(folder, name, kind="rgb", activation="relu", prediction_bias=True):
    """Files as our harness writes them; the trajectory is computed by torch, in channels_last to differ in rounding."""
    torch.manual_seed(5)
    model = networks.build(name, kind, activation, prediction_bias)
    images = torch.randn(STEPS, BATCH, *networks.INPUTS[kind][1])
    labels = torch.randint(10, (STEPS, BATCH))
    save_file(model.state_dict(), folder / f"{name}.safetensors")
    save_file({"images": images, "labels": labels}, folder / f"{name}.batches.safetensors")
    losses = {}
    for key, dtype in step_parity.DTYPES.items():
        model.load_state_dict(load_file(folder / f"{name}.safetensors"))
        model = model.to(memory_format=torch.channels_last)
        losses[key] = step_parity.trajectory(model, images, labels, dtype)
        model = model.to(torch.float32)
    (folder / f"{name}.losses.json").write_text(json.dumps(losses))


def edit_losses(folder, name, change):
    path = folder / f"{name}.losses.json"
    losses = json.loads(path.read_text())
    change(losses)
    path.write_text(json.dumps(losses))


def edit_tensors(path, change):
    tensors = load_file(path)
    change(tensors)
    save_file({key: t.contiguous() for key, t in tensors.items()}, path)


def bump(key, step, amount):
    """A change that adds `amount` to one loss."""

    def change(losses):
        losses[key][step] += amount

    return change


def check_step_parity(root):
    good = root / "good"
    good.mkdir()
    for name in networks.NAMES:
        stand_in(good, name)
    expect(0, "parity: all five networks", step_parity, "--dir", good)
    variants = [("gray", "relu", False), ("fashion", "sigmoid", True)]
    for kind, activation, bias in variants:
        folder = root / kind
        folder.mkdir()
        for name in ("mlp_2", "cnn_5"):
            stand_in(folder, name, kind, activation, bias)
        flags = ["--activation", activation, *([] if bias else ["--no-prediction-bias"])]
        expect(0, f"parity: {kind}, {activation}", step_parity, "--dir", folder, *flags)
        expect(1, f"parity: {kind} without its flags", step_parity, "--dir", folder)

    def perturb_weight(tensors):
        next(iter(tensors.values())).view(-1)[0] += 1e-3

    def swap_labels(tensors):
        tensors["labels"] = (tensors["labels"] + 1) % 10

    cases = [
        ("f64 loss 5e-8 off at the last step", "losses", "cnn_3", bump("f64", STEPS - 1, 5e-8)),
        ("f32 loss 5e-5 off at step 3", "losses", "cnn_4", bump("f32", 3, 5e-5)),
        ("f32 loss of an MLP 5e-5 off after step 10", "losses", "mlp_1", bump("f32", 11, 5e-5)),
        ("a NaN", "losses", "mlp_1", bump("f64", 3, float("nan"))),
        ("one loss missing", "losses", "mlp_1", lambda losses: losses["f64"].pop()),
        ("no losses at all", "losses", "mlp_1", lambda losses: losses.clear()),
        ("one weight 1e-3 off", "weights", "mlp_2", perturb_weight),
        ("a name missing", "weights", "cnn_3", lambda t: t.pop("0.bias")),
        ("a transposed weight", "weights", "mlp_1", lambda t: t.update({"3.weight": t["3.weight"].T})),
        ("other labels", "batches", "cnn_3", swap_labels),
    ]
    for what, where, name, change in cases:
        bad = root / "bad"
        shutil.copytree(good, bad)
        if where == "losses":
            edit_losses(bad, name, change)
        else:
            suffix = ".safetensors" if where == "weights" else ".batches.safetensors"
            edit_tensors(bad / f"{name}{suffix}", change)
        expect(1, f"parity: {what}", step_parity, "--dir", bad, "--models", name)
        shutil.rmtree(bad)
    late = root / "late"
    shutil.copytree(good, late)
    edit_losses(late, "cnn_3", bump("f32", 11, 5e-5))
    expect(0, "parity: f32 loss of a CNN off after step 10 is only shown", step_parity, "--dir", late, "--models", "cnn_3")
    expect(1, "parity: an empty folder", step_parity, "--dir", root)
    expect(1, "parity: a network without files", step_parity, "--dir", root, "--models", "cnn_3")


def check_state_dict(root):
    folder = root / "state"
    expect(0, "state dict: save", state_dict, "--save", folder)
    expect(0, "state dict: load", state_dict, "--load", folder)
    expect(1, "state dict: an empty folder", state_dict, "--load", root)
    for name in networks.NAMES:
        both, weights = folder / "rgb" / f"{name}.io.safetensors", folder / "rgb" / f"{name}.safetensors"
        command = [state_dict, "--load", folder, "--inputs", "rgb", "--models", name]
        edit_tensors(both, lambda t: t["logits"].view(-1)[7].add_(1e-3))
        expect(1, f"state dict: {name}, a logit 1e-3 off", *command)
        edit_tensors(both, lambda t: t["logits"].view(-1)[7].sub_(1e-3))
        edit_tensors(weights, lambda t: t.update({k: v.double() for k, v in t.items()}))
        expect(1, f"state dict: {name}, weights in f64", *command)
    other = ["--inputs", "fashion", "--models", "cnn_4", "--activation", "sigmoid", "--no-prediction-bias"]
    expect(0, "state dict: save with sigmoid, no bias", state_dict, "--save", folder, *other)
    expect(0, "state dict: load it", state_dict, "--load", folder, *other)
    expect(1, "state dict: load it with the wrong activation", state_dict, "--load", folder, *other[:4], other[6])
    (folder / "fashion").rename(folder / "swapped")
    (folder / "gray").rename(folder / "fashion")
    expect(1, "state dict: images of another size", state_dict, "--load", folder, *other[:4])


def main():
    with tempfile.TemporaryDirectory() as root:
        # A folder whose `torch` cannot be imported stands for a machine without it.
        (Path(root) / "torch.py").write_text("raise ImportError('no torch here')\n")
        hidden = {**os.environ, "PYTHONPATH": root}
        for script in ("step_parity.py", "state_dict.py", "part3.py"):
            expect_skip(script, hidden)
        root = Path(root)
        check_step_parity(root)
        check_state_dict(root)
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
