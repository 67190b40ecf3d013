#!/bin/bash
# Runs the suites of the telemetry library and of Local Insights on every other supported Python of this machine, each in
# its own environment, and reports which ran. A missing Python is not a failure.
set -u -o pipefail
cd "$(dirname "$0")/.."
suites=(tests/unit/telemetry tests/unit/service tests/unit/insights tests/contract)
supported=(3.11 3.12 3.13 3.14)

version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in "$(UV_PYTHON_DOWNLOADS=never .venv/bin/uv python find --no-project --system "$1" 2>/dev/null)" \
        "$(pyenv prefix "$1" 2>/dev/null)/bin/python$1"; do
        if [ "$(version_of "$candidate")" = "$1" ]; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

report=()
failures=0
for version in "${supported[@]}"; do
    if [ "$(version_of .venv/bin/python)" = "$version" ]; then
        report+=("$version  is the Python of .venv: make test")
    elif ! python=$(find_python "$version"); then
        report+=("$version  did not run: this machine has none")
    else
        venv=.local/pythons/$version
        printf '\n== Python %s\n' "$version"
        if running/locked_venv.sh "$venv" "$python" requirements.lock shared/*/ services/*/ &&
            "$venv/bin/python" -m pytest --quiet -p no:cacheprovider --hypothesis-profile=thorough --numprocesses logical --maxprocesses 4 \
                --dist loadfile "${suites[@]}" | tee "$venv.log"; then
            report+=("$version  passed   $(tail -n 1 "$venv.log")")
        else
            report+=("$version  FAILED   $(tail -n 1 "$venv.log" 2>/dev/null)")
            failures=$((failures + 1))
        fi
    fi
done

printf '\nPythons:\n'
printf '  %s\n' "${report[@]}"
[ $failures = 0 ]
