#!/usr/bin/env python3
"""The networks of table A in PyTorch on a GPU, as `bin/gpu.rs` measures them: one JSON.

    torch_cuda.py --out pytorch.json                # on a machine with a card: half an hour, most of it compiling
    torch_cuda.py --device cpu --smoke              # does it run at all? A few small steps

An epoch is 900 steps of 50 images (forward, loss, backward, Adam), and after every tenth a validation of 5,000: loss and right
answers. The images lie on the device as bytes in all ways of running it; a step gathers its own by index and normalises them.
Losses and right answers are read once after ten steps and their validation, as ours are.

    eager      as written, Adam fused
    compile    forward and backward of network and loss by torch.compile(mode="reduce-overhead"): CUDA graphs of its own
    graph      eager, ten steps and the validation captured whole as one CUDA graph, Adam capturable
    both       compiled (mode="max-autotune-no-cudagraphs"), then captured in the same way: the fastest PyTorch there is

Each without TF32, CNNs in both memory formats, of which the faster is `best`; then, in that format, with what PyTorch allows by
default (TF32 in convolutions). The figure is the median of three epochs; the first, which compiles and captures, is not among them.
"""

import argparse
import json
import sys
import time
import types
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(path) for path in (HERE, HERE.parent / "tests" / "pytorch") if (path / "networks.py").exists()]
try:
    import torch
    from torch.nn.functional import cross_entropy
except ImportError as error:
    sys.exit(f"torch_cuda.py: needs a Python with torch ({error})")
# `networks` asks for it, so that scripts that read weights skip as one; none are read here.
sys.modules.setdefault("safetensors", types.ModuleType("safetensors"))
sys.modules.setdefault("safetensors.torch", types.ModuleType("safetensors.torch"))
import networks  # noqa: E402

BATCH, VALIDATION, STEPS, EVERY = 50, 5000, 900, 10
WAYS = ["eager", "compile", "graph", "both"]
FORMATS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}


class Training:
    """A network with its data on a device, in one way of running it."""

    def __init__(self, name, way, memory_format, device, sizes):
        self.batch, self.validation, self.steps = sizes
        torch.manual_seed(0)
        self.device, self.way, self.memory_format = device, way, memory_format
        self.model = networks.build(name).to(device, memory_format=memory_format)
        on_card = device.type == "cuda"
        captured = way in ("graph", "both")
        self.optimizer = torch.optim.Adam(self.model.parameters(), fused=on_card, capturable=captured and on_card)
        self.forward = self.loss_of
        if way in ("compile", "both"):
            # Graphs of torch.compile's own only where nobody captures around it.
            mode = "reduce-overhead" if way == "compile" else "max-autotune-no-cudagraphs"
            self.forward = torch.compile(self.loss_of, mode=mode, dynamic=False)
        train = self.steps * self.batch
        count = train + self.validation
        self.labels = torch.arange(count, device=device) % 10
        self.images = torch.randint(0, 128, (count, 3, 32, 32), dtype=torch.uint8, device=device)
        self.images += (12 * self.labels).to(torch.uint8)[:, None, None, None]
        # What a graph reads lies where it lay when it was captured; ten steps' indices are copied there before it.
        self.order = torch.randperm(train).view(-1, EVERY, self.batch)
        self.order = self.order.pin_memory() if on_card else self.order
        self.indices = torch.zeros(EVERY, self.batch, dtype=torch.long, device=device)
        self.check = torch.arange(train, count, device=device)
        self.kept = torch.zeros(EVERY + 2, device=device)
        self.graph = None

    def loss_of(self, indices):
        """Loss and right answers of the images of these numbers."""
        x = (self.images[indices].float() * (2 / 255) - 1).contiguous(memory_format=self.memory_format)
        y = self.labels[indices]
        logits = self.model(x)
        return cross_entropy(logits, y), (logits.argmax(1) == y).sum()

    def step(self, indices):
        if self.way == "compile":
            torch.compiler.cudagraph_mark_step_begin()
        loss, _ = self.forward(indices)
        self.optimizer.zero_grad(set_to_none=self.way not in ("graph", "both"))
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    @torch.no_grad()
    def validate(self):
        if self.way == "compile":
            torch.compiler.cudagraph_mark_step_begin()
        return self.forward(self.check)

    def ten(self):
        for k in range(EVERY):
            self.kept[k].copy_(self.step(self.indices[k]))
        loss, right = self.validate()
        self.kept[EVERY].copy_(loss)
        self.kept[EVERY + 1].copy_(right)

    def capture(self):
        """Ten steps and the validation as one graph, after a warm-up on a stream of its own."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self.ten()
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.ten()

    def epoch(self):
        """Seconds of an epoch, and the losses of its last ten steps with the validation's numbers."""
        self.synchronize()
        start = time.perf_counter()
        for indices in self.order:
            self.indices.copy_(indices, non_blocking=True)
            self.graph.replay() if self.graph else self.ten()
            kept = self.kept.tolist()
        return time.perf_counter() - start, kept

    def synchronize(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def measure(self, epochs):
        start = time.perf_counter()
        self.indices.copy_(self.order[0])
        self.capture() if self.way in ("graph", "both") else self.ten()
        self.epoch()
        first = time.perf_counter() - start
        runs = [self.epoch() for _ in range(epochs)]
        seconds, kept = [seconds for seconds, _ in runs], runs[-1][1]
        return {
            "epoch_ms": 1e3 * median(seconds), "epoch_min_ms": 1e3 * min(seconds), "first_s": first,
            "loss": kept[EVERY - 1], "validation_loss": kept[EVERY], "accuracy": 100 * kept[EVERY + 1] / self.validation,
        }


def tf32(allowed):
    """PyTorch's default allows it in convolutions, not in products."""
    torch.backends.cudnn.allow_tf32 = allowed
    torch.backends.cuda.matmul.allow_tf32 = False


def convolutions(device, sizes):
    """Single convolutions at batch 500, eager: microseconds by events of graphs of repetitions, the best of both formats."""
    rows = []
    for name in networks.NAMES[2:]:
        channels, side = 3, 32
        for unit in networks.TABLES["A"][name].split():
            if unit.startswith("c"):
                kernel, width = map(int, unit[1:].split("x"))
                key = f"{channels}to{width}_k{kernel}_{side}"
                if all(row["layer"] != key for row in rows):
                    rows += [convolution(key, channels, width, kernel, side, p, device, sizes) for p in ("forward", "dgrad", "wgrad")
                             if not (p == "dgrad" and channels <= 3)]
                channels, side = width, side - kernel + 1
            side = side // 2 if unit == "pool" else side
    return rows


def convolution(key, ci, co, k, side, kind, device, n):
    best = None
    for memory_format in FORMATS.values():
        tensor = lambda *shape: torch.rand(shape, device=device).contiguous(memory_format=memory_format)
        x, w, b = tensor(n, ci, side, side), tensor(co, ci, k, k), torch.rand(co, device=device)
        dy = tensor(n, co, side - k + 1, side - k + 1)
        mask = [kind == "dgrad", kind == "wgrad", False]

        def call():
            if kind == "forward":
                return torch.nn.functional.conv2d(x, w, b)
            return torch.ops.aten.convolution_backward(dy, x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, mask)

        us = median_us(call, device)
        best = us if best is None else min(best, us)
    flops = 2 * n * co * (side - k + 1) ** 2 * ci * k * k
    return {"layer": key, "pass": kind, "median_us": best, "gflops": flops / best / 1e3}


@torch.no_grad()
def median_us(call, device, repeats=20, samples=20):
    if device.type != "cuda":
        start = time.perf_counter()
        call()
        return 1e6 * (time.perf_counter() - start)
    for _ in range(3):
        call()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(repeats):
            call()
    times = []
    for _ in range(samples):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        graph.replay()
        end.record()
        torch.cuda.synchronize()
        times.append(1e3 * begin.elapsed_time(end) / repeats)
    return median(times)


def figure(name, way, memory_format, allowed, device, sizes, epochs):
    """An epoch's time. What a version of PyTorch cannot compile or capture is said, and the others go on."""
    torch._dynamo.reset()
    found = {"network": name, "way": way, "format": memory_format, "tf32": allowed, "best": False}
    label = f"{name:6} {way:8} {memory_format:14} {'TF32' if allowed else 'FP32'}"
    try:
        found |= Training(name, way, FORMATS[memory_format], device, sizes).measure(epochs)
        print(f"{label} {found['epoch_ms']:9.1f} ms an epoch", flush=True)
    except (RuntimeError, torch._dynamo.exc.TorchDynamoException) as error:
        found["error"] = (str(error).splitlines() or [type(error).__name__])[0]
        print(f"{label} failed: {found['error']}", flush=True)
    return found


def facts(device):
    found = {"torch": torch.__version__, "cuda": torch.version.cuda, "device": str(device)}
    if device.type == "cuda":
        found |= {"device": torch.cuda.get_device_name(device), "cudnn": torch.backends.cudnn.version()}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words = lambda text: text.split(",")
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--networks", type=words, default=networks.NAMES)
    parser.add_argument("--ways", type=words, default=WAYS)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="ten steps of 4 images, eager only: whether the script runs")
    parser.add_argument("--out", type=Path, help="write the record here, after each figure")
    args = parser.parse_args()
    if args.device == "cuda" and not torch.cuda.is_available():
        sys.exit("torch_cuda.py: this PyTorch has no CUDA device; --device cpu --smoke tries the script")
    for given, known, flag in ((args.networks, networks.NAMES, "networks"), (args.ways, WAYS, "ways")):
        if unknown := set(given) - set(known):
            parser.error(f"--{flag}: unknown {', '.join(sorted(unknown))}; expected some of {', '.join(known)}")
    device = torch.device(args.device)
    sizes = (4, 40, EVERY) if args.smoke else (BATCH, VALIDATION, STEPS)
    if args.device == "cpu":
        torch.set_num_threads(1)
        args.ways, args.epochs = ["eager"], 1
    torch.backends.cudnn.benchmark = True
    record, best = {"pytorch": facts(device), "smoke": args.smoke, "epochs": [], "convolutions": []}, {}

    def write():
        if args.out:
            args.out.write_text(json.dumps(record, indent=1) + "\n")

    for allowed in (False, True):
        tf32(allowed)
        for name in args.networks:
            for way in args.ways:
                formats = best.get((name, way)) or (["nchw"] if name.startswith("mlp") else list(FORMATS))
                tried = [figure(name, way, memory_format, allowed, device, sizes, args.epochs) for memory_format in formats]
                if good := [t for t in tried if "error" not in t]:
                    fastest = min(good, key=lambda t: t["epoch_ms"])
                    fastest["best"], best[name, way] = True, [fastest["format"]]
                record["epochs"] += tried
                write()
        record["convolutions"] += [{"tf32": allowed, **row} for row in convolutions(device, 4 if args.smoke else 500)]
        write()
    failed = [e for e in record["epochs"] if "error" in e]
    sys.exit(f"torch_cuda.py: {len(failed)} of {len(record['epochs'])} figures failed" if failed else 0)


if __name__ == "__main__":
    main()
