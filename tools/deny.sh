#!/usr/bin/env bash
# Licences, banned crates and sources of every dependency, by cargo-deny and deny.toml: tools/deny.sh [--strict]
#
# Known vulnerabilities are looked up too where RustSec's list can be fetched. What is missing is fetched once, into
# target/deny. Where that fails, the check is skipped, loudly, or fails with --strict.
set -euo pipefail
cd "$(dirname "$0")/.."

strict=0
[ "${1:-}" != --strict ] || strict=2
skip() {
    printf '\n*** %s\n\n' "$1" >&2
    exit "$strict"
}

version=0.20.2
cache="${CARGO_TARGET_DIR:-target}/deny"
deny="$cache/bin/cargo-deny"
if ! "$deny" --version 2>/dev/null | grep -q " $version\$"; then
    # Unoptimised and without debug information: it looks at a few hundred packages, and is built in minutes as it is.
    CARGO_PROFILE_DEV_DEBUG=0 timeout 240 cargo install --quiet --locked --debug --root "$cache" --version "$version" cargo-deny ||
        skip "DEPENDENCIES ARE NOT CHECKED: cargo-deny could not be fetched and built"
fi
"$deny" --version

"$deny" --all-features --locked check --hide-inclusion-graph licenses bans sources

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if timeout 60 "$deny" --all-features --locked fetch db >"$log" 2>&1; then
    "$deny" --all-features --locked check --disable-fetch advisories
else
    skip "KNOWN VULNERABILITIES ARE NOT LOOKED UP: RustSec's list cannot be fetched"
fi
