#!/usr/bin/env python3
"""The gate on instruction counts: fails where a bench of `benches/instructions.rs` needs 2 % more than committed.

    apt-get install valgrind; cargo install gungraun-runner --version 0.20.0 --locked
    benches/instructions.py             # compare with benches/results/instructions.json
    benches/instructions.py --accept    # write what is counted now, to be committed with the change that explains it

Counts depend on compiler and target, which the file names; another compiler is reported and compared all the same.
Exits 77, "skipped", where valgrind or the runner is missing.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BASELINE = HERE / "results" / "instructions.json"
LIMIT = 1.02
BENCH = ["cargo", "bench", "-q", "-p", "ferrotape-benches", "--features", "instructions", "--bench", "instructions"]


def count():
    """Instructions of each bench, by name."""
    run = subprocess.run([*BENCH, "--", "--output-format=json"], cwd=HERE.parent, stdout=subprocess.PIPE, text=True)
    if run.returncode:
        sys.exit(run.returncode)
    summaries = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    name = lambda s: s["function_name"] + (f"/{s['id']}" if s.get("id") else "")
    counts = lambda s: s["profiles"][0]["data"]["total"]["metrics"]["Ir"]["values"]["new"]
    return {name(s): counts(s) for s in summaries}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help="make the present counts the committed ones")
    args = parser.parse_args()
    runner = os.environ.get("GUNGRAUN_RUNNER", "gungraun-runner")
    missing = [tool for tool in ("valgrind", runner) if not shutil.which(tool)]
    if missing:
        print(f"SKIPPED: instruction counts need {' and '.join(missing)}, not found here", file=sys.stderr)
        sys.exit(77)
    rustc = subprocess.run(["rustc", "--version"], cwd=HERE, capture_output=True, text=True).stdout.strip()
    found = count()
    if args.accept:
        BASELINE.parent.mkdir(exist_ok=True)
        BASELINE.write_text(json.dumps({"rustc": rustc, "instructions": found}, indent=1) + "\n")
        return print(f"{len(found)} counts written to {BASELINE}")
    baseline = json.loads(BASELINE.read_text())
    if baseline["rustc"] != rustc:
        print(f"counted with {rustc}, committed with {baseline['rustc']}")
    known, worse = baseline["instructions"], []
    for bench in sorted(found.keys() | known.keys()):
        now, then = found.get(bench), known.get(bench)
        change = f"{100 * (now / then - 1):+.2f} %" if now and then else "new" if now else "gone"
        failed = change == "gone" or bool(now and then and now > LIMIT * then)
        worse += [bench] * failed
        print(f"{bench:32} {then or '-':>12} {now or '-':>12}  {change}{'  TOO MUCH' * failed}")
    if worse:
        sys.exit(f"{len(worse)} of {len(found)} benches above +2 % or gone: {', '.join(worse)}")


if __name__ == "__main__":
    main()
