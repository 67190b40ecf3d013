#!/bin/bash
# Runs all test suites, one after another, also after a failure, and prints the result of each at the end.
# The files of a suite run in parallel (TEST_PROCESSES=0: one process). Suites that share one mesh or one server among all
# their tests run in one process.
# Usage: running/test.sh SUITE...      (folders of tests/)
set -u -o pipefail
cd "$(dirname "$0")/.."

report=$(mktemp)
output=$(mktemp)
trap 'rm -f "$report" "$output"' EXIT
failures=0
processes=${TEST_PROCESSES:-logical}

for suite in "$@"; do
    printf '\n== %s tests\n' "$suite"
    case $suite in
        unit | contract | browser) options=(--numprocesses "$processes" --maxprocesses 4 --dist loadfile) ;;
        sdk | packages) options=(--override-ini=timeout=600) ;; # the first test installs its packages
        *) options=() ;;
    esac
    if .venv/bin/python -m pytest --quiet "${options[@]}" "tests/$suite" | tee "$output"; then
        verdict=passed
    else
        verdict=FAILED
    fi
    [ $verdict = passed ] || failures=$((failures + 1))
    printf '  %-9s %s   %s\n' "$suite" $verdict "$(tail -n 1 "$output")" >>"$report"
done

printf '\nSuites:\n'
cat "$report"
[ $failures = 0 ]
