#!/usr/bin/env bash
# The kernels' tests under AddressSanitizer: tools/asan.sh [--strict] [TEST...]
#
# Reads and writes out of bounds and after a free, in every instruction set that the processor has, AVX-512 among them, which
# valgrind does not know. Needs a nightly toolchain; where there is none, it is skipped, loudly, or fails with --strict.
set -euo pipefail
cd "$(dirname "$0")/.."

strict=0
[ "${1:-}" != --strict ] || { strict=2; shift; }
skip() {
    printf '\n*** ADDRESSSANITIZER HAS NOT RUN: %s\n\n' "$1" >&2
    exit "$strict"
}

target="$(uname -m)-unknown-linux-gnu"
[ "$(uname -sm)" = "Linux x86_64" ] || skip "not Linux on x86-64"
cargo +nightly --version 2>/dev/null || skip "no nightly toolchain"

tests=("$@")
[ ${#tests[@]} -gt 0 ] || tests=(guard_bands random_shapes cpu_pool cpu_dropout cpu_max_pool2d cpu_upstream cpu_elementwise cpu_matmul cpu_conv2d)
# A target of its own: build scripts and macros are not instrumented then.
export RUSTFLAGS="-Zsanitizer=address" PROPTEST_CASES="${PROPTEST_CASES:-16}" CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/asan"
cargo +nightly test --locked -p ferrotape-kernels --target "$target" \
    --config profile.dev.package.ferrotape-kernels.opt-level=1 "${tests[@]/#/--test=}"
