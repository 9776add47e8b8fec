#!/usr/bin/env python3
"""Ferrotape against PyTorch on the CPU, row by row, taking turns.

    cargo build --release -p ferrotape-benches --bin worker
    benches/vs_pytorch.py --quick                             # steps and validations of RGB, 1 and 2 threads: about 2 minutes
    benches/vs_pytorch.py --compile --out benches/results/vs_pytorch.json            # everything: an hour
    benches/vs_pytorch.py --only step,validate --markdown benches/results/vs_pytorch.json            # a table of that

Run it with a Python that has torch. Each side is one process a thread count, pinned to the same cores; a *round* asks each
for a short measurement, one after the other. *step* = forward, loss, backward, Adam on a batch of 50 in memory as f32, loss
read back. *validate* = logits and right answers of 5,000 such images, any batch size, no tape. Layers and products are
single calls at batch 50.

PyTorch is measured in every configuration that may be its best: memory format, fused Adam, batch of the evaluation, with
`--compile` torch.compile, compile time excluded. One whose fastest 10th
percentile of two rounds is 1.3 times the best's is dropped.

A figure is the median over rounds of the medians; a ratio is PyTorch's time over ours in the same round, given as median
and range over rounds. *Quiet* is the fastest 10th percentile of any round (and configuration) of PyTorch's over that of ours:
other jobs disturb it least, and only it means something where the machine is busy, since two threads that wait for each
other by spinning need two free cores. The roof is the peak of fused multiply-adds calibrated in our process in each round.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
WORKER = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")) / "release" / "worker"


class Side:
    """A process that answers requests, pinned to `cores`."""

    def __init__(self, command, cores):
        pin = lambda: os.sched_setaffinity(0, cores)
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=pin)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args[0]} ended while measuring {request}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def configs(row, args):
    """What may be PyTorch's best for a row."""
    kind, name, _ = row.split("/")
    formats = ["nchw", "channels_last"]
    if kind == "gemm":
        return [""]
    if kind == "conv":
        return formats
    if name.startswith("mlp"):
        formats = ["nchw"]
    elif args.quick:
        formats = ["channels_last"]
    if kind == "step":
        found = [f"{f} fused" for f in formats] + ([] if args.quick else [f"{f} default" for f in formats])
        return found + ([f"{f} compile fused" for f in formats] if args.compile else [])
    found = [f"{f} {batch}" for f in formats for batch in ([500] if args.quick else [50, 500, 1000])]
    return found + ([f"{f} compile {n}" for f in formats for n in (50, 500)] if args.compile else [])


def compare(row, ours, torch, args):
    """The rounds of one row."""
    seconds, least = args.seconds, 1 if row.startswith("validate") else 5
    ask = lambda config: torch.ask(row=row, config=config, seconds=seconds, least=least)
    mine, theirs = [], {config: [] for config in configs(row, args)}
    for k in range(args.rounds):
        mine.append(ours.ask(row=row, seconds=seconds, least=least))
        for config in theirs:
            theirs[config].append(ask(config))
        if k == 1:
            quiet = {c: min(t["p10_ns"] for t in times) for c, times in theirs.items()}
            theirs = {c: t for c, t in theirs.items() if quiet[c] <= 1.3 * min(quiet.values())}
    figure = lambda times, key="median_ns": median(t[key] for t in times) / 1e6
    best = min(theirs, key=lambda c: figure(theirs[c]))
    ratios = [t["median_ns"] / o["median_ns"] for o, t in zip(mine, theirs[best])]
    peak = max(t["peak_gflops"] for t in mine)
    medians = lambda times: [round(t["median_ns"] / 1e6, 6) for t in times]
    quiet = lambda times: min(t["p10_ns"] for t in times) / 1e6
    return {
        "row": row, "threads": args.threads_now, "isa": mine[0]["isa"], "flops": mine[0]["flops"],
        "peak_gflops": round(peak, 1),
        "ours_ms": figure(mine), "ours_quiet_ms": quiet(mine),
        "torch_ms": figure(theirs[best]), "torch_quiet_ms": min(map(quiet, theirs.values())), "torch_config": best,
        "ratio": median(ratios), "ratio_range": [min(ratios), max(ratios)],
        "roof_percent": 100 * mine[0]["flops"] / (peak * figure(mine) * 1e6),
        "ratio_quiet": min(map(quiet, theirs.values())) / quiet(mine),
        "rounds_ms": {"ours": medians(mine), "torch": {c: medians(t) for c, t in theirs.items()}},
    }


COLUMNS = ["row", "threads", "ours ms", "PyTorch ms", "its best", "PyTorch / ours", "range", "quiet", "% of FMA roof"]


def cells(r):
    low, high = r["ratio_range"]
    return [r["row"], str(r["threads"]), f"{r['ours_ms']:.3g}", f"{r['torch_ms']:.3g}", r["torch_config"] or "-",
            f"{r['ratio']:.2f}", f"{low:.2f}-{high:.2f}", f"{r['ratio_quiet']:.2f}",
            f"{r['roof_percent']:.0f}"]


def text_line(values):
    widths = [26, 7, 9, 10, 24, 14, 11, 6, 13]
    return "  ".join(f"{v:<{w}}" if k in (0, 4) else f"{v:>{w}}" for k, (v, w) in enumerate(zip(values, widths)))


def markdown(record, only):
    m, v = record["machine"], record["versions"]
    print(f"{m['cpu']}, {m['cores']} cores; PyTorch {v['torch']}, {v['rustc']}; {record['date'][:10]}, "
          f"commit {record['commit'][:7]}; {record['rounds']} rounds\n")
    for line in [COLUMNS, ["---"] * len(COLUMNS), *(cells(r) for r in record["rows"] if r["row"].startswith(only))]:
        print("| " + " | ".join(line) + " |")


def write(path, record):
    """As JSON, a row a line."""
    head = json.dumps({k: v for k, v in record.items() if k != "rows"}, indent=1).removesuffix("\n}")
    rows = ",\n".join("  " + json.dumps(r) for r in record["rows"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{head},\n "rows": [\n{rows}\n ]\n}}\n')


def output_of(*command):
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True).stdout.strip()


def circumstances(args):
    import torch  # only for its version

    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "commit": output_of("git", "rev-parse", "HEAD"), "dirty": bool(output_of("git", "status", "--porcelain")),
        "machine": {"cpu": cpu or platform.processor(), "cores": os.cpu_count(), "load": os.getloadavg()[0]},
        "versions": {"torch": torch.__version__, "rustc": output_of("rustc", "--version"), "python": platform.python_version()},
        "rounds": args.rounds, "seconds": args.seconds,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words = lambda text: text.split(",")
    parser.add_argument("--quick", action="store_true", help="steps and validations, PyTorch's likely best only")
    parser.add_argument("--only", type=words, help="rows beginning with one of these: step,validate/cnn_3,conv,gemm")
    parser.add_argument("--input", default="rgb", choices=["rgb", "gray", "fashion"])
    parser.add_argument("--threads", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2])
    parser.add_argument("--rounds", type=int, help="default 7; 3 if quick")
    parser.add_argument("--seconds", type=float, help="of one measurement; default 0.5; 0.15 if quick")
    parser.add_argument("--compile", action="store_true", help="PyTorch also with torch.compile")
    parser.add_argument("--out", type=Path, help="write the record here, after each row")
    parser.add_argument("--markdown", type=Path, metavar="RECORD", help="print the table of a record (of the rows of --only) and stop")
    args = parser.parse_args()
    if args.markdown:
        return markdown(json.loads(args.markdown.read_text()), tuple(args.only or [""]))
    args.rounds = args.rounds or (3 if args.quick else 7)
    args.seconds = args.seconds or (0.15 if args.quick else 0.5)
    if not WORKER.exists():
        sys.exit(f"{WORKER} is missing: cargo build --release -p ferrotape-benches --bin worker")

    only = tuple(args.only or (["step", "validate"] if args.quick else [""]))
    rows = [r for r in output_of(WORKER, "--list", "--input", args.input).split() if r.startswith(only)]
    cores, record = sorted(os.sched_getaffinity(0)), {**circumstances(args), "rows": []}
    if record["machine"]["load"] > 0.5:
        print(f"the machine is busy (load {record['machine']['load']:.1f}): believe the column `quiet` alone")
    print(text_line(COLUMNS))
    for args.threads_now in args.threads:
        pinned = cores[: args.threads_now]
        if len(pinned) < args.threads_now:
            print(f"{args.threads_now} threads on {len(pinned)} cores: left out")
            continue
        ours = Side([WORKER, "--threads", args.threads_now], pinned)
        torch = Side([sys.executable, HERE / "torch_worker.py", "--threads", args.threads_now], pinned)
        for row in rows:
            found = compare(row, ours, torch, args)
            record["rows"].append(found)
            print(text_line(cells(found)), flush=True)
            if args.out:
                write(args.out, record)
        ours.close()
        torch.close()


if __name__ == "__main__":
    main()
