#!/bin/sh
# Prints the first Python 3.11 to 3.14 of: $1, the one that .venv was made with, python3.11 to python3.14, python3,
# python, the one in .cache/python. Where there is none, uv fetches Python 3.11 into .cache/python: the uv on the
# path, or one that any Python 3 installs into .cache/uv. Fails with one line when there is no way.
root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
supported=$root/requirements/supported.py
name_one="install one, or name it with make PYTHON=/path/to/python3.12"

fail() {
    echo "error: $1" >&2
    exit 1
}

try() {
    case $("$1" "$supported" 2>/dev/null) in
    "Python 3."[0-9]*)
        echo "$1"
        exit 0
        ;;
    esac
}

try_fetched() {
    for candidate in "$root"/.cache/python/*/bin/python3.11; do
        try "$candidate"
    done
}

find_uv() {
    command -v uv && return
    [ -x "$root/.cache/uv/bin/uv" ] || install_uv >/dev/null 2>&1 || return
    echo "$root/.cache/uv/bin/uv"
}

install_uv() (
    unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER VIRTUAL_ENV
    for candidate in python3 python; do
        "$candidate" -m venv --clear "$root/.cache/uv" || continue
        sed -n '/^uv==/,/[^\\]$/p' "$root/requirements/bootstrap.txt" >"$root/.cache/uv/uv.txt"
        "$root/.cache/uv/bin/python" -m pip install --only-binary :all: --require-hashes \
            --requirement "$root/.cache/uv/uv.txt" && exit
    done
    exit 1
)

fetch() {
    UV_PYTHON_INSTALL_DIR=$root/.cache/python UV_PYTHON_INSTALL_BIN=0 "$1" python install 3.11 2>&1
}

if [ -n "$1" ]; then
    try "$1"
    [ "$("$1" -c "print(6 * 7)" 2>/dev/null)" = 42 ] || fail "PYTHON=$1 is not a Python 3.11 to 3.14: give one, or leave PYTHON out"
    fail "PYTHON=$1: $("$1" "$supported" 2>&1): give another, or leave PYTHON out"
fi
made_with=$(readlink -f "$root/.venv/bin/python" 2>/dev/null)
for candidate in "$made_with" python3.11 python3.12 python3.13 python3.14 python3 python; do
    [ -z "$candidate" ] || try "$candidate"
done
try_fetched
refused=$(python3 "$supported" 2>&1) && refused=
none="no Python 3.11 to 3.14 found"
[ -z "${refused##Python *}" ] && none="$none${refused:+ ($refused)}"
uv=$(find_uv) || fail "$none, nor uv, which could fetch one: $name_one"
echo "$none: uv fetches Python 3.11 into .cache/python ..." >&2
cause=$(fetch "$uv") && try_fetched
fail "uv could not fetch Python 3.11 ($(echo "$cause" | sed -n "\$s/^ *\(cause: \)*//p")): $name_one"
