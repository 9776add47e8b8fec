#!/usr/bin/env bash
# The report as a reader sees it: tools/screenshots.sh [--strict] [FOLDER OF RESULTS]
#
# Pictures of report.html in headless Chromium at the width of a desk and of a phone, light and dark, and its print as
# PDF, into target/screenshots. Without a folder, made-up results of every part are shown. Fails where the page logs an
# error or is wider than the window. Without Chromium it is skipped, loudly, or fails with --strict.
set -euo pipefail
cd "$(dirname "$0")/.."

strict=0
[ "${1:-}" != --strict ] || { strict=2; shift; }

skip() {
    printf '\n*** THE REPORT IS NOT LOOKED AT: %s\n\n' "$1" >&2
    exit "$strict"
}

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
    skip "no chromium; on Debian: apt-get install chromium"

target=${CARGO_TARGET_DIR:-target}
results=${1:-$target/report-demo}
if [ $# -eq 0 ]; then
    cargo test --locked --quiet -p ferrotape-experiments --test report_page -- --ignored --exact demo
fi
page=$(realpath "$results/report.html")
out=$target/screenshots
mkdir -p "$out"
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

# What a sandbox and a display would need is not there in a container.
browse() {
    timeout 180 "$chromium" --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$profile" \
        --no-first-run --disable-dev-shm-usage --virtual-time-budget=8000 --enable-logging=stderr "$@" 2>"$out/log" ||
        { cat "$out/log"; exit 1; }
    if grep 'CONSOLE.*\(Uncaught\|Error\)' "$out/log" >&2; then
        exit 1
    fi
}

# The height that the page has at a width, and whether it overflows: a frame of that width around it tells.
measure() {
    cat >"$profile/frame.html" <<FRAME
<body style="margin:0"><iframe src="file://$page" style="width:$1px;height:900px;border:0"></iframe>
<script>onload = () => { const d = document.querySelector("iframe").contentDocument.documentElement;
document.title = d.scrollWidth + " " + d.scrollHeight; }</script>
FRAME
    browse --allow-file-access-from-files --window-size="$1",900 --dump-dom "file://$profile/frame.html" |
        sed -n 's/.*<title>\([0-9 ]*\)<\/title>.*/\1/p'
}

for width in 1280 390 360; do
    read -r wide high < <(measure "$width")
    [ "$wide" -le "$width" ] || { echo "$page: $wide pixels wide in a window of $width" >&2; exit 1; }
    echo "$width: $high pixels high"
    for scheme in light dark; do
        flags=()
        [ "$scheme" = light ] || flags=(--blink-settings=preferredColorScheme=0)
        browse "${flags[@]}" --window-size="$width,$((high + 200))" --screenshot="$out/$width-$scheme.png" "file://$page" >/dev/null
    done
done
browse --no-pdf-header-footer --print-to-pdf="$out/print.pdf" "file://$page" >/dev/null
ls -l "$out"
