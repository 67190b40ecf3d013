#!/bin/bash
# Tests docker-compose.yml with Compose 1 and Compose 2: build, up, inspect, disturb, down, nothing left.
# Usage: tools/compose/compose-test.sh [v1] [v2]      (both by default)
#
# A running engine is used. Otherwise, as root on Debian, the script installs Docker and starts it with its data in
# .local/compose-test until the end of the script. The images stay for the next run, until `make clean`.
set -euo pipefail
cd "$(dirname "$0")/../.."
state=${LOCAL_DIR:-$PWD/.local}/compose-test
versions=${*:-v1 v2}
# No capture, so that the measured numbers are printed; the first test includes the time of the build.
pytest=(.venv/bin/pytest --capture=no --override-ini=timeout=900 -p no:cacheprovider)
began=$SECONDS

lap() { printf '== %-44s %4d s\n' "$1" "$((SECONDS - began))"; }

cannot_run() {
    printf 'compose-test CANNOT RUN: %s\n' "$1" >&2
    exit 1
}

install() { # PACKAGE...: those that are missing
    local missing=() package
    for package; do
        dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    if [ ${#missing[@]} = 0 ]; then return; fi
    echo "Installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet=2
    apt-get install --yes --quiet=2 --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" >/dev/null
}

engine_responds() { docker info >/dev/null 2>&1; }

start_engine() {
    mkdir -p "$state"
    export DOCKER_HOST=unix://$state/docker.sock
    setsid dockerd --data-root="$state/engine" --exec-root="$state/run" --pidfile="$state/docker.pid" \
        --host="$DOCKER_HOST" >"$state/dockerd.log" 2>&1 </dev/null &
    engine_pid=$!
    trap 'kill "$engine_pid" 2>/dev/null && wait "$engine_pid" || true' EXIT
    until engine_responds; do
        kill -0 "$engine_pid" 2>/dev/null || cannot_run "dockerd ended: $(tail -n 3 "$state/dockerd.log")"
        sleep 0.2
    done
}

[ -x .venv/bin/pytest ] || cannot_run "there is no .venv; use make compose-test"
if ! engine_responds; then
    [ "$(id -u)" = 0 ] && type -P apt-get dpkg-query >/dev/null ||
        cannot_run '`docker info` finds no engine, and its installation needs root and apt. Start Docker and try again.'
    install docker.io iptables ca-certificates curl
    start_engine
fi
lap 'engine'

if [ "$(id -u)" = 0 ] && type -P apt-get >/dev/null; then install mmdebstrap; fi
tools/compose/base-images.sh
lap 'base images'

for version in $versions; do
    case $version in
        v1)
            [ "$(id -u)" != 0 ] || type -P docker-compose >/dev/null || install docker-compose
            docker-compose version --short 2>/dev/null | grep -q '^1\.' || cannot_run 'docker-compose is not Compose 1'
            COMPOSE=docker-compose "${pytest[@]}" tests/compose
            ;;
        v2)
            if ! docker compose version >/dev/null 2>&1; then
                export DOCKER_CONFIG=$state/docker-config
                [ -x "$DOCKER_CONFIG/cli-plugins/docker-compose" ] || tools/compose/fetch-compose-v2.sh "$DOCKER_CONFIG/cli-plugins"
            fi
            COMPOSE="docker compose" "${pytest[@]}" tests/compose/test_composed_mesh.py
            ;;
        *) cannot_run "unknown Compose version $version, expected v1 or v2" ;;
    esac
    lap "Compose $version"
done
