#!/bin/sh
# Prints the first Python 3.11 or 3.12 of: $1, the one that .venv was made with, python3.11, python3.12, python3, python.
# Fails with one line when there is none.
made_with=$(readlink -f "$(dirname "$0")/../.venv/bin/python" 2>/dev/null)
for candidate in "$1" "$made_with" python3.11 python3.12 python3 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' >/dev/null 2>&1; then
        echo "$candidate"
        exit 0
    fi
    [ "$candidate" != "$1" ] || break
done
if [ -n "$1" ]; then
    echo "error: PYTHON=$1 is not a Python 3.11 or 3.12: give one, or leave PYTHON out" >&2
else
    echo "error: no Python 3.11 or 3.12 found: install one, or name it with make PYTHON=/path/to/python3.12" >&2
fi
exit 1
