#!/bin/sh
# Makes .venv hold exactly what requirements.lock says, and the project's own packages. Does nothing when it does already.
# PYTHON names another interpreter than the first suitable one on the PATH.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "$1" >&2
    exit 1
}

suitable() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if suitable "$python"; then break; fi
    python=
done
[ -n "$python" ] || fail "Python 3.11, 3.12 or 3.13 is needed, and none of ${PYTHON:-python3, python3.13, python3.12, python3.11} \
on the PATH is one. Install it, or name it: make setup PYTHON=/path/to/python3.12"

wanted=$({ pwd; cat requirements.lock pyproject.toml shared/pyproject.toml services/*/pyproject.toml running/setup.sh; } | cksum)
if [ "$(cat .venv/.complete 2>/dev/null)" = "$wanted" ] && suitable .venv/bin/python; then exit 0; fi

echo "Setting up .venv with $("$python" --version); this takes some seconds."
rm -f .venv/.complete
"$python" -m venv --clear .venv >.venv.log 2>&1 || {
    cat .venv.log >&2
    fail "No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv"
}
