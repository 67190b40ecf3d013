#!/bin/bash
# Runs test suites one after another, all of them whatever the earlier ones did, and says at the end how each went.
# Usage: running/test.sh SUITE...      (folders of tests/)
set -u -o pipefail
cd "$(dirname "$0")/.."

report=$(mktemp)
output=$(mktemp)
trap 'rm -f "$report" "$output"' EXIT
failures=0

for suite in "$@"; do
    printf '\n== %s tests\n' "$suite"
    if .venv/bin/python -m pytest --quiet "tests/$suite" | tee "$output"; then
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
