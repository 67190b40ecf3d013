#!/bin/bash
# Run test suites, and print a summary. A failing suite does not stop the next one.
#
# The tests of a suite run in parallel processes, those of one file in order (TEST_PROCESSES=0 for one process). Suites
# that share one mesh or one server among all tests have one process. The e2e suite mostly waits for other processes:
# it runs in the background, while the other suites run one after another with a lower priority, because its time limits
# are those of a user.
#
# Usage: running/test.sh SUITE...      (folders of tests/)
set -u -o pipefail
cd "$(dirname "$0")/.."

results=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$results"' EXIT
processes=${TEST_PROCESSES:-logical}

run_suite() {
    local suite=$1 options=() began=$SECONDS verdict=passed
    case $suite in
        unit | contract | browser) options=(--numprocesses "$processes" --maxprocesses 4 --dist loadfile) ;;
        sdk) options=(--override-ini=timeout=600) ;; # the first test installs packages
    esac
    printf '\n== %s tests\n' "$suite"
    "${priority[@]}" .venv/bin/python -m pytest --quiet "${options[@]}" "tests/$suite" 2>&1 | tee "$results/$suite.output" || verdict=FAILED
    printf '  %-9s %s   %s, finished after %s s\n' "$suite" $verdict "$(tail -n 1 "$results/$suite.output")" \
        $((SECONDS - began)) >"$results/$suite.summary"
}

background=
priority=()
if [ $# -gt 1 ] && [[ " $* " == *" e2e "* ]]; then
    background=e2e
    run_suite e2e >"$results/background" &
    priority=(nice -n 10)
fi
for suite; do
    [ "$suite" = "$background" ] || run_suite "$suite"
done
if [ -n "$background" ]; then
    wait
    cat "$results/background"
fi

printf '\nSuites:\n'
for suite; do cat "$results/$suite.summary"; done
! grep -q ' FAILED ' "$results"/*.summary
