#!/usr/bin/env bash
# The kernels' tests on NEON, emulated: tools/neon.sh [--strict] [-- arguments of the tests]
#
# Built for musl, because that target brings its own C library and links with rustup's linker: no cross compiler, no
# foreign files for the emulator. What is missing is fetched once, into target/neon. Where that fails, the tests are
# skipped, loudly, or fail with --strict. Correctness only: an emulator's time says nothing about speed.
set -euo pipefail
cd "$(dirname "$0")/.."

strict=0
[ "${1:-}" != --strict ] || { strict=2; shift; }
[ "${1:-}" != -- ] || shift

skip() {
    printf '\n*** NEON IS NOT TESTED: %s\n\n' "$1" >&2
    exit "$strict"
}

target=aarch64-unknown-linux-musl
cache="${CARGO_TARGET_DIR:-target}/neon"
mkdir -p "$cache"
cache=$(realpath "$cache")

if rustup --version >/dev/null 2>&1; then
    # Without a cap, rustup retries for minutes where there is no network.
    timeout 120 rustup target add "$target" >/dev/null 2>&1 || skip "no standard library for $target: rustup target add failed"
else
    skip "no rustup to fetch a standard library for $target with"
fi

find_qemu() { command -v qemu-aarch64-static || command -v qemu-aarch64 || ls "$cache"/qemu/usr/bin/qemu-aarch64-static 2>/dev/null; }
if ! find_qemu >/dev/null; then
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || skip "no qemu-aarch64, and no Debian to fetch it from"
    # Unpacked, not installed: that needs no rights.
    fetch() { (cd "$cache" && timeout 120 apt-get -qq -o APT::Sandbox::User=root download qemu-user-static >/dev/null 2>&1); }
    fetch || { timeout 120 apt-get -qq update >/dev/null 2>&1 && fetch; } || skip "no qemu-aarch64: apt-get download failed"
    dpkg-deb -x "$cache"/qemu-user-static_*.deb "$cache/qemu"
    rm "$cache"/qemu-user-static_*.deb
fi
qemu=$(find_qemu)
"$qemu" --version | head -1

export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER="$qemu"
# Few random cases: emulated, each takes about thirty times as long.
export PROPTEST_CASES="${PROPTEST_CASES:-8}"
test_kernels() { cargo test --locked --target "$target" -p ferrotape-kernels --lib --tests -- "$@"; }

# The tests take every instruction set they find, so make sure that this one is found.
FERROTAPE_ISA=neon test_kernels --exact print_the_shared_context --ignored --nocapture | grep '<neon '
# It starts itself as a process, which the kernel here refuses to run.
test_kernels --skip the_environment_chooses "$@"
