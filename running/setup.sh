#!/bin/sh
# Makes .venv with exactly the packages of requirements.lock and the project's own packages. Does nothing if it is up to
# date. PYTHON names the interpreter; by default it is the first suitable one on the PATH.
set -eu
export PYTHONUTF8=1 # paths are UTF-8, also with LC_ALL=C
cd "$(dirname "$0")/.."
candidates=${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}

fail() {
    echo "$1" >&2
    exit 1
}

suitable() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null
}

quietly() {
    "$@" >"$log" 2>&1 || {
        cat "$log" >&2
        return 1
    }
}

expected=$({
    pwd
    cat requirements.lock pyproject.toml shared/*/pyproject.toml services/*/pyproject.toml running/setup.sh running/package_index.sh running/relative_pth.py
} | cksum)
if [ "$(cat .venv/.complete 2>/dev/null)" = "$expected" ] && suitable .venv/bin/python; then exit 0; fi

for python in $candidates none; do
    if suitable "$python"; then break; fi
done
[ "$python" != none ] || fail "Python 3.11, 3.12, 3.13 or 3.14 is needed; the PATH has none under these names: $candidates.
Install one, or pass its path: PYTHON=/path/to/python3.12 make setup"

# One setup at a time in a clone. The lock is on this file, and ends with the last process that inherits it.
if [ -z "${SETUP_LOCKED:-}" ]; then
    SETUP_LOCKED=1 exec "$python" -c '
import fcntl, os, sys
lock = os.open("running/setup.sh", os.O_RDONLY)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("Waiting for another setup of this clone.", flush=True)
    fcntl.flock(lock, fcntl.LOCK_EX)
os.set_inheritable(lock, True)
os.execvp("sh", ["sh", "running/setup.sh"])
'
fi

echo "Setting up .venv with $("$python" --version); the first time takes about a minute."
log=$(mktemp)
trap 'rm -f "$log" "$log.uv"' EXIT
quietly "$python" -m venv --clear .venv || fail "The virtual environment cannot be created (see above).
Debian and Ubuntu need a package: apt install python3-venv"

no_packages="Packages cannot be downloaded (see above). This needs a network and a package index; pip and uv read its
address from their configuration: PIP_INDEX_URL or UV_DEFAULT_INDEX, PIP_CERT or SSL_CERT_FILE, HTTPS_PROXY."

awk '/^[a-z]/ {ours = /^uv==/} ours' requirements.lock >"$log.uv"
quietly .venv/bin/pip install --quiet --disable-pip-version-check --retries 2 --require-hashes --only-binary :all: \
    --requirement "$log.uv" || fail "$no_packages"

. running/package_index.sh
export VIRTUAL_ENV="$PWD/.venv"

# Compiled now, programs start in half the time, also at the first start and with PYTHONDONTWRITEBYTECODE.
quietly .venv/bin/uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock || fail "$no_packages"
quietly .venv/bin/uv pip install --quiet --no-deps \
    $(printf -- '--editable ./%s ' shared/*/ services/*/) || fail "$no_packages"
"$python" running/relative_pth.py .venv/lib/python*/site-packages
.venv/bin/python -m compileall -q shared services

echo "$expected" >.venv/.complete
