# Start with `make demo` and `make test`; `make` lists all targets.
# Settings are environment variables, or arguments of make: make up FRONTEND_PORT=8100

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
LOCAL_DIR ?= $(CURDIR)/.local
INSIGHTS_PORT ?= 8080
RUN := .venv/bin/python -m running
SOAK_MINUTES ?= 10
SOAK_RATE ?= 300
# Python reads paths as UTF-8, also with LC_ALL=C.
export PYTHONUTF8 := 1
SUITES := unit contract e2e browser

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install the locked packages into .venv, unless they are installed
	@running/setup.sh

.PHONY: up
up: setup ## Start mesh, Local Insights and database in the background; wait until healthy
	@$(RUN) up

.PHONY: down
down: ## Stop everything that `make up` started
	@if [ -x .venv/bin/python ]; then $(RUN) down; else echo "Nothing was running."; fi

.PHONY: stop
stop: ## Stop one program until the next `make up`: make stop PROGRAM=storage
	@$(RUN) stop "$(PROGRAM)"

.PHONY: logs
logs: ## Follow the logs of all programs (Ctrl-C ends it)
	@tail -n 20 -F "$(LOCAL_DIR)"/logs/*.log

.PHONY: demo
demo: setup ## Start everything, send three inputs, show their Application Map
	@$(RUN) demo

.PHONY: prompt
prompt: setup ## Enter values at the console program
	@$(RUN) prompt

.PHONY: traffic
traffic: setup ## Send a mixed load for a minute (TRAFFIC_S seconds): fast, slow, invalid and failing inputs
	@$(RUN) traffic

.PHONY: map
map: setup ## Print the Application Map of the last hour
	@.venv/bin/insights map --format text --since 1h --server http://127.0.0.1:$(INSIGHTS_PORT)

.PHONY: test
test: setup ## Run all test suites: unit, contract, end-to-end, browser
	@running/test.sh $(SUITES)

.PHONY: test-sdk
test-sdk: setup ## Send telemetry with real SDKs of Python and JavaScript; the first run installs them
	@running/test.sh sdk

.PHONY: test-packages
test-packages: setup ## Run the tests of the telemetry library with the oldest and newest versions of its dependencies
	@running/test.sh packages

.PHONY: test-fuzz
test-fuzz: setup ## Send 10,000 fuzzed batches (FUZZ_BATCHES) to a real server and check its memory
	@running/test.sh fuzz

.PHONY: compose-test
compose-test: setup ## Run docker-compose.yml with Compose 1 and 2, restart parts under load, check all trees (COMPOSE_VERSIONS=v1)
	@tools/compose/compose-test.sh $(COMPOSE_VERSIONS)

.PHONY: check
check: setup ## Check style, format, types, import boundaries and words
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/lint-imports
	.venv/bin/python tools/check_words.py

.PHONY: words
words: setup ## Check that code and documents use the words of the field (PATHS=... for a part of the tree)
	@.venv/bin/python tools/check_words.py $(PATHS)

.PHONY: pythons
pythons: setup ## Run the suites of library and server on all other installed Pythons
	@running/pythons.sh

.PHONY: bench
bench: setup ## Measure: start-up, ingest, input to map, tracing cost, map layout
	@missed=0; \
	for benchmark in benchmarks/*.py; do \
		printf '\n== %s\n' "$$benchmark"; \
		PYTHONPATH=.:tests .venv/bin/python "$$benchmark" || missed=1; \
	done; \
	exit $$missed

.PHONY: soak
soak: setup ## Load the mesh for SOAK_MINUTES at SOAK_RATE inputs/s, restart parts of it, check all trees
	@PYTHONPATH=.:tests .venv/bin/python -m benchmarks.soak --minutes $(SOAK_MINUTES) --rate $(SOAK_RATE)

.PHONY: lock
lock: setup ## Resolve the dependencies and write the lock files
	@.venv/bin/uv lock --quiet
	@.venv/bin/uv export --quiet --all-packages --all-groups --no-emit-workspace --no-header --no-annotate \
		--format requirements-txt --output-file requirements.lock
	@.venv/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-annotate \
		benchmarks/opentelemetry.in --output-file benchmarks/opentelemetry.lock
	@.venv/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-annotate \
		tests/sdk/opentelemetry.in --output-file tests/sdk/opentelemetry.lock

.PHONY: clean
clean: ## Stop everything and delete data, logs, caches and .venv
	@if [ -x .venv/bin/python ]; then $(RUN) clean; fi
	@rm -rf .local .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache application-map.svg
	@find . -name __pycache__ -prune -exec rm -rf {} +
