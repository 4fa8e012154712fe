#!/bin/sh
# Renews the lock files: exact versions and hashes of everything, no download address. Usage: requirements/lock.sh [--upgrade]
# Dependabot reads the options from the header of each lock and compiles it anew in the same way.
set -eu
cd "$(dirname "$0")"
uv=../.venv/bin/uv
[ -x "$uv" ] || uv=$(command -v uv) || { echo "error: no uv in .venv/bin or on the path: make lint installs it" >&2; exit 1; }
compile() {
    name=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate "$@" \
        --output-file "$name.txt" "$name.in"
}
compile bootstrap "$@"
compile sdk --no-deps "$@"
compile jdbc --no-deps "$@"
compile clients "$@"
compile dev "$@"
for name in local tool benchmark browser; do
    compile "$name" --constraint dev.txt "$@"
done
