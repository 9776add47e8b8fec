#!/usr/bin/env bash
# The unsafe code that no vector instruction is part of, under Miri: tools/miri.sh [--strict]
#
# Threads (kernels/src/pool), and the memory that the PTX machine's threads share: borrows, provenance, data races, memory that is
# not set. Needs a nightly toolchain with the components miri and rust-src; where there is none, it is skipped, loudly, or fails
# with --strict.
set -euo pipefail
cd "$(dirname "$0")/.."

strict=0
[ "${1:-}" != --strict ] || strict=2
cargo +nightly miri --version 2>/dev/null || {
    printf '\n*** MIRI HAS NOT RUN: no nightly toolchain with the component miri\n\n' >&2
    exit "$strict"
}

export MIRIFLAGS="-Zmiri-disable-isolation ${MIRIFLAGS:-}" PROPTEST_CASES=1
cargo +nightly miri test --locked -p ferrotape-kernels --test cpu_pool
# That memory is read and written in pieces of different sizes; Miri's emulation of weak memory does not know that, and ends.
MIRIFLAGS+=" -Zmiri-disable-weak-memory-emulation" cargo +nightly miri test --locked -p ferrotape-ptx-machine --test machine -- atomics
