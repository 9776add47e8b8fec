#!/usr/bin/env bash
# Every GPU kernel through NVIDIA's assembler, for seven generations of GPUs: tools/ptxas.sh [--strict] [--update]
#
# Compares what comes out with tools/ptxas/table.txt, or writes it. The assembler comes from PyPI, pinned: the table is about its
# output. It is fetched once, into target/ptxas. Where that fails, nothing is assembled, loudly, or it fails with --strict.
# No GPU is needed.
set -euo pipefail
cd "$(dirname "$0")/.."

strict=0
[ "${1:-}" != --strict ] || { strict=2; shift; }

skip() {
    printf '\n*** GPU KERNELS ARE NOT ASSEMBLED: %s\n\n' "$1" >&2
    exit "$strict"
}

venv=${PTXAS_VENV:-${CARGO_TARGET_DIR:-target}/ptxas}
find_tool() { find "$venv"/lib -path "*/nvidia/*/bin/$1" 2>/dev/null | head -1; }
if [ -z "$(find_tool ptxas)" ] || [ -z "$(find_tool nvdisasm)" ]; then
    python3 -m venv "$venv" || skip "no python3 with venv to fetch ptxas with"
    timeout 300 "$venv"/bin/pip install --quiet --no-deps nvidia-cuda-nvcc==13.0.88 nvidia-cuda-nvdisasm==13.2.51 ||
        skip "the package registry cannot be reached"
fi
cargo run --quiet --locked -p ferrotape-ptxas -- \
    --ptxas "$(find_tool ptxas)" --nvdisasm "$(find_tool nvdisasm)" "$@"
