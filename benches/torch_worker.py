#!/usr/bin/env python3
"""PyTorch's side of `vs_pytorch.py`: times rows on request, one JSON object a line in, one out, as `bin/worker.rs` does.

    echo '{"row": "step/cnn_3/rgb", "config": "channels_last fused", "seconds": 1}' | torch_worker.py --threads 1

A config is words: `channels_last` (else NCHW), `fused` (Adam), `compile`, and a number, the batch of an evaluation.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "pytorch"))
import networks  # noqa: E402
import torch  # noqa: E402
from torch.nn.functional import conv2d, cross_entropy  # noqa: E402

BATCH, VALIDATION = 50, 5000
# Every row is a model of its own; past the default limit torch.compile would give up, silently for the figures.
torch._dynamo.config.recompile_limit = 1000
torch._dynamo.config.accumulated_recompile_limit = 10000


def measure(call, seconds, least):
    """As `timing.rs`: a warm-up, samples of at least 20 us, quantiles."""
    start, warm = time.perf_counter(), 0
    while warm < 1 or time.perf_counter() - start < 0.2 * seconds:
        call()
        warm += 1
    once = (time.perf_counter() - start) / warm
    calls, samples, start = max(1, round(20e-6 / once)), [], time.perf_counter()
    while len(samples) < least or time.perf_counter() - start < seconds:
        before = time.perf_counter_ns()
        for _ in range(calls):
            call()
        samples.append((time.perf_counter_ns() - before) / calls)
    samples.sort()
    at = lambda share: samples[round(share * (len(samples) - 1))]
    return {"median_ns": at(0.5), "p10_ns": at(0.1), "min_ns": at(0), "samples": len(samples)}


def formatted(x, config):
    return x.contiguous(memory_format=torch.channels_last) if "channels_last" in config and x.dim() == 4 else x


def network(name, kind, config):
    model = networks.build(name, kind)
    return model.to(memory_format=torch.channels_last) if "channels_last" in config else model


def step(name, kind, config):
    model = network(name, kind, config)
    x = formatted(torch.rand(BATCH, *networks.INPUTS[kind][1]) * 2 - 1, config)
    y = torch.arange(BATCH) % 10
    optimizer = torch.optim.Adam(model.parameters(), fused="fused" in config)
    forward = torch.compile(model) if "compile" in config else model

    def call():
        loss = cross_entropy(forward(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()

    return call


def validate(name, kind, config):
    model = network(name, kind, config)
    forward = torch.compile(model) if "compile" in config else model
    batch = next(int(word) for word in config if word.isdigit())
    x = formatted(torch.rand(VALIDATION, *networks.INPUTS[kind][1]) * 2 - 1, config)
    batches = list(zip(x.split(batch), (torch.arange(VALIDATION) % 10).split(batch)))

    @torch.inference_mode()
    def call():
        right = torch.zeros((), dtype=torch.int64)
        for x, y in batches:
            right += (forward(x).argmax(1) == y).sum()
        right.item()

    return call


def convolution(layer, kind, config):
    channels, kernel, size = layer.split("_")
    ci, co = map(int, channels.split("to"))
    kernel, size = int(kernel[1:]), int(size)
    random = lambda *shape: formatted(torch.rand(shape) * 2 - 1, config)
    x, w, b = random(BATCH, ci, size, size), random(co, ci, kernel, kernel), random(co)
    dy = random(BATCH, co, size - kernel + 1, size - kernel + 1)
    mask = [kind == "dgrad", kind == "wgrad", False]

    @torch.inference_mode()
    def call():
        if kind == "forward":
            conv2d(x, w, b)
        else:
            torch.ops.aten.convolution_backward(
                dy, x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, mask)

    return call


def product(sizes, flags, _):
    m, k, n = map(int, sizes.split("x"))
    a = torch.rand(k, m).t() if flags[0] == "t" else torch.rand(m, k)
    b = torch.rand(n, k).t() if flags[1] == "t" else torch.rand(k, n)
    y = torch.empty(m, n)
    return lambda: torch.mm(a, b, out=y)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    makers = {"step": step, "validate": validate, "conv": convolution, "gemm": product}
    ready, current = {}, None  # the calls of one row: compiled once
    for line in sys.stdin:
        request = json.loads(line)
        row, config = request["row"], request["config"]
        if row != current:
            ready, current = {}, row
        if config not in ready:
            kind, first, second = row.split("/", 2)
            torch.manual_seed(0)
            ready[config] = makers[kind](first, second, config.split())
            ready[config]()
        times = measure(ready[config], request["seconds"], request.get("least", 5))
        print(json.dumps({"row": row, "config": config, **times}), flush=True)


if __name__ == "__main__":
    main()
