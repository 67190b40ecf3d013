#!/bin/sh
# Makes a virtual environment with exactly the packages of a lock file. Does nothing if it is up to date.
# Usage: running/locked_venv.sh DIRECTORY PYTHON LOCK [PACKAGE_FOLDER...]      (folders are installed editable)
set -eu
cd "$(dirname "$0")/.."
directory=$1 python=$2 lock=$3
shift 3
case $directory in /*) ;; *) directory=$PWD/$directory ;; esac
packages=$(for folder; do printf -- '--editable ./%s ' "$folder"; done)

expected=$({
    echo "$PWD" "$@"
    "$python" --version
    cat "$lock"
    for folder; do cat "$folder/pyproject.toml"; done
} | cksum)
if [ "$(cat "$directory/.complete" 2>/dev/null)" = "$expected" ]; then exit 0; fi

. running/package_index.sh
.venv/bin/uv venv --quiet --clear --no-project --python "$python" "$directory"
export VIRTUAL_ENV="$directory"
.venv/bin/uv pip sync --quiet --require-hashes "$lock"
[ -z "$packages" ] || .venv/bin/uv pip install --quiet --no-deps $packages
"$python" running/relative_pth.py "$directory"/lib/python*/site-packages
echo "$expected" >"$directory/.complete"
