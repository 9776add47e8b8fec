#!/usr/bin/env bash
# The kernels' tests under valgrind's memcheck: tools/valgrind.sh [--strict] [TEST...]
#
# Reads and writes out of bounds, and decisions by memory that nobody wrote, in the scalar and AVX2 kernels: valgrind's
# processor has no AVX-512, so the tests, which take every instruction set they find, do not take that. Where there is no
# valgrind it is fetched, into target/valgrind; where it cannot be had, it is skipped, loudly, or fails with --strict.
set -euo pipefail
cd "$(dirname "$0")/.."

strict=0
[ "${1:-}" != --strict ] || { strict=2; shift; }
skip() {
    printf '\n*** VALGRIND HAS NOT RUN: %s\n\n' "$1" >&2
    exit "$strict"
}

[ "$(uname -sm)" = "Linux x86_64" ] || skip "not Linux on x86-64"
cache="${CARGO_TARGET_DIR:-target}/valgrind"
if command -v valgrind >/dev/null; then
    valgrind=valgrind
else
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || skip "no valgrind, and no Debian to fetch it from"
    mkdir -p "$cache"
    cache=$(realpath "$cache")
    # Unpacked, not installed: that needs no rights.
    fetch() { (cd "$cache" && timeout 120 apt-get -qq -o APT::Sandbox::User=root download valgrind >/dev/null 2>&1); }
    [ -x "$cache/usr/bin/valgrind" ] || fetch || { timeout 120 apt-get -qq update >/dev/null 2>&1 && fetch; } || skip "apt-get download failed"
    [ -x "$cache/usr/bin/valgrind" ] || dpkg-deb -x "$cache"/valgrind_*.deb "$cache"
    valgrind="$cache/usr/bin/valgrind"
    export VALGRIND_LIB="$cache/usr/libexec/valgrind"
fi
"$valgrind" --version

# Those whose time is the kernels', and not a search through shapes, which valgrind makes fifty times as long.
tests=("$@")
[ ${#tests[@]} -gt 0 ] || tests=(guard_bands cpu_pool cpu_dropout cpu_max_pool2d cpu_upstream cpu_elementwise cpu_matmul)
programs=$(cargo test --locked --workspace --features cuda --no-run --message-format=json 2>/dev/null |
    grep -o '"executable":"[^"]*"' | cut -d'"' -f4)
export PROPTEST_CASES=1
for test in "${tests[@]}"; do
    program=$(grep "/$test-[0-9a-f]*\$" <<<"$programs")
    printf '\n-- %s\n' "$test"
    (cd kernels && "$valgrind" --quiet --error-exitcode=9 "$program" --test-threads 1)
done
