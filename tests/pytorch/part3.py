#!/usr/bin/env python3
"""Part 3 of the homework (editions 2025 and 2023) in PyTorch on the CPU: the same protocol as our `part3` binary.

    part3.py --data-dir DIR [--edition 2023] [--models cnn_3,mlp_1] [--epochs 15] [--seeds 0,1,2] [--threads 1] [--out FILE]

DIR holds `cifar-10-batches-bin/`. A seed fixes the balanced 45,000 / 5,000 split (500 validation images of each
class), the initial weights and the order of the images. Adam with default parameters, batch 50, PyTorch's default
initialisation, reshuffled each epoch. A record each 10 steps: loss and accuracy of that step's batch before the
update, then, after the update, accuracy on the whole validation set. Test accuracy at the end. Edition 2023 has gray
images (the luma of the normalised channels) and no bias in the last layer.

So that the seconds are a fair comparison, PyTorch runs in its best eager configuration: channels_last for
the convolutions, Adam(fused=True), inference_mode at `--eval-batch` 500, images ready in memory as normalised f32.
(`--compile-eval --eval-batch 50` was the fastest evaluation measured for the CNNs.) `seconds` covers training,
validations and test; reading the data, one warm-up forward pass and compilation are outside it.

Each run appends one JSON line to `--out` (default: standard output). Accuracies are percent.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import networks
import torch
from torch.nn.functional import cross_entropy

CLASSES, BATCH = 10, 50
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.247, 0.243, 0.261)
LUMA = (0.2989, 0.587, 0.114)


def read_cifar10(folder, files):
    """Images u8 [n, 3, 32, 32] and labels i64 [n] of files of 3,073-byte records: a label, then R, G, B planes."""
    blob = b"".join((Path(folder) / "cifar-10-batches-bin" / f).read_bytes() for f in files)
    records = torch.frombuffer(bytearray(blob), dtype=torch.uint8).view(-1, 3073)
    return records[:, 1:].view(-1, 3, 32, 32), records[:, 0].long()


def balanced_split(labels, per_class, generator):
    """Indices (training, validation), both shuffled; validation has `per_class` images of each class."""
    parts = [torch.nonzero(labels == c).flatten() for c in range(CLASSES)]
    parts = [part[torch.randperm(len(part), generator=generator)] for part in parts]
    train = torch.cat([part[per_class:] for part in parts])
    val = torch.cat([part[:per_class] for part in parts])
    return tuple(side[torch.randperm(len(side), generator=generator)] for side in (train, val))


class Images:
    """Normalised f32 images, or their luma, in memory in the layout that the network likes: NHWC for convolutions,
    else (c, h, w)."""

    def __init__(self, pixels, labels, channels_last, gray):
        mean, std, luma = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, STD, LUMA))
        channels = 1 if gray else 3
        self.x = torch.empty((len(pixels), 32, 32, channels) if channels_last else (len(pixels), channels, 32, 32))
        images = self.x.permute(0, 3, 1, 2) if channels_last else self.x
        for start in range(0, len(pixels), 5_000):  # in pieces: no second f32 copy of the data set
            x = (pixels[start : start + 5_000] / 255 - mean) / std
            images[start : start + 5_000] = (x * luma).sum(1, keepdim=True) if gray else x
        self.labels, self.channels_last = labels, channels_last

    def __len__(self):
        return len(self.labels)

    def batch(self, where):
        """The images (shape NCHW) and labels at `where`, a slice (a view) or indices (a copy)."""
        x = self.x[where] if isinstance(where, slice) else self.x.index_select(0, where)
        return (x.permute(0, 3, 1, 2) if self.channels_last else x), self.labels[where]


def correct(logits, labels):
    return (logits.argmax(1) == labels).sum().item()


@torch.inference_mode()
def accuracy(model, data, batch):
    """Percent of all of `data` that `model` classifies rightly."""
    right = 0
    for start in range(0, len(data), batch):
        x, labels = data.batch(slice(start, start + batch))
        right += correct(model(x), labels)
    return 100 * right / len(data)


def run(name, seed, pixels, labels, test_pixels, test_labels, args):
    """Train network `name` once; returns the result as a dict."""
    generator = torch.Generator().manual_seed(seed)
    channels_last, gray = name.startswith("cnn"), args.edition == 2023
    train, val = balanced_split(labels, 500, generator)
    train = train[: args.train_limit]
    train, val = (Images(pixels[i], labels[i], channels_last, gray) for i in (train, val))
    test = Images(test_pixels, test_labels, channels_last, gray)

    torch.manual_seed(seed)
    model = networks.build(name, "gray" if gray else "rgb", prediction_bias=not gray)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    evaluated = torch.compile(model) if args.compile_eval else model
    with torch.inference_mode():
        evaluated(val.batch(slice(0, args.eval_batch))[0])  # warm up

    loss_curve, train_curve, val_curve = [], [], []
    step, val_seconds, started = 0, 0.0, time.perf_counter()
    for epoch in range(args.epochs):
        order = torch.randperm(len(train), generator=generator)
        for where in order.split(BATCH):
            x, y = train.batch(where)
            logits = model(x)
            loss = cross_entropy(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step % args.eval_every == 0:
                loss_curve.append(loss.item())
                train_curve.append(100 * correct(logits, y) / len(y))
                before = time.perf_counter()
                val_curve.append(accuracy(evaluated, val, args.eval_batch))
                val_seconds += time.perf_counter() - before
        if val_curve:
            print(f"{name} seed {seed} epoch {epoch + 1}: loss {loss_curve[-1]:.4f}, validation {val_curve[-1]:.2f} %, "
                  f"{time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    fresh = step and step % args.eval_every == 0  # then the last record is the final validation
    final_val = val_curve[-1] if fresh else accuracy(evaluated, val, args.eval_batch)
    test_acc = accuracy(evaluated, test, args.eval_batch)
    seconds = time.perf_counter() - started
    return {
        "model": name, "seed": seed, "epochs": args.epochs, "steps": step,
        "test_acc": test_acc, "val_acc": final_val,
        "seconds": round(seconds, 2), "seconds_validation": round(val_seconds, 2),
        "torch": torch.__version__,
        "config": {
            "threads": args.threads, "train_images": len(train), "batch": BATCH, "eval_every": args.eval_every,
            "eval_batch": args.eval_batch, "compile_eval": args.compile_eval, "channels_last": channels_last,
            "adam": "fused", "edition": args.edition, "data": str(args.data_dir),
        },
        "loss_curve": [round(v, 5) for v in loss_curve], "train_acc_curve": train_curve, "val_acc_curve": val_curve,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = lambda text: text.split(",")
    parser.add_argument("--models", type=names, default=networks.NAMES, help="comma-separated (default: all five)")
    parser.add_argument("--edition", type=int, choices=(2023, 2025), default=2025)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seeds", type=lambda text: [int(s) for s in text.split(",")], default=[0], help="0,1,2")
    parser.add_argument("--data-dir", type=Path, required=True, help="folder that holds cifar-10-batches-bin/")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--train-limit", type=int, help="only so many training images")
    parser.add_argument("--eval-every", type=int, default=10, help="steps between records")
    parser.add_argument("--eval-batch", type=int, default=500)
    parser.add_argument("--compile-eval", action="store_true", help="evaluate through torch.compile")
    parser.add_argument("--out", type=Path, help="append JSON lines to this file")
    args = parser.parse_args()
    unknown = set(args.models) - set(networks.NAMES)
    if unknown:
        parser.error(f"unknown models {sorted(unknown)}; known: {networks.NAMES}")

    torch.set_num_threads(args.threads)
    train_files = [f"data_batch_{i}.bin" for i in range(1, 6)]
    data = (*read_cifar10(args.data_dir, train_files), *read_cifar10(args.data_dir, ["test_batch.bin"]))
    for name in args.models:
        for seed in args.seeds:
            line = json.dumps(run(name, seed, *data, args))
            if args.out:
                with args.out.open("a") as file:
                    file.write(line + "\n")
            else:
                print(line, flush=True)


if __name__ == "__main__":
    main()
