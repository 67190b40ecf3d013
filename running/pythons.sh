#!/bin/bash
# Runs the suites of the telemetry library and of Local Insights on every supported Python that this machine has besides
# that of .venv, each in an environment of its own, and says which ran. A Python that is missing fails nothing.
set -u -o pipefail
cd "$(dirname "$0")/.."
suites=(tests/unit/telemetry tests/unit/service tests/unit/insights tests/contract)
supported=(3.11 3.12 3.13)

version() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in "$(UV_PYTHON_DOWNLOADS=never .venv/bin/uv python find --no-project --system "$1" 2>/dev/null)" \
        "$(pyenv prefix "$1" 2>/dev/null)/bin/python$1"; do
        if [ "$(version "$candidate")" = "$1" ]; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

report=()
failures=0
for wanted in "${supported[@]}"; do
    if [ "$(version .venv/bin/python)" = "$wanted" ]; then
        report+=("$wanted  is the Python of .venv: make test")
    elif ! python=$(find_python "$wanted"); then
        report+=("$wanted  did not run: this machine has none")
    else
        venv=.local/pythons/$wanted
        printf '\n== Python %s\n' "$wanted"
        if running/locked_venv.sh "$venv" "$python" requirements.lock shared/*/ services/*/ &&
            "$venv/bin/python" -m pytest --quiet -p no:cacheprovider --numprocesses logical --maxprocesses 4 \
                --dist loadfile "${suites[@]}" | tee "$venv.log"; then
            report+=("$wanted  passed   $(tail -n 1 "$venv.log")")
        else
            report+=("$wanted  FAILED   $(tail -n 1 "$venv.log" 2>/dev/null)")
            failures=$((failures + 1))
        fi
    fi
done

printf '\nPythons:\n'
printf '  %s\n' "${report[@]}"
[ $failures = 0 ]
