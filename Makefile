# Everything runs in .venv, which these commands make. On Windows, or without make, see README.md.
# The lock files are complete: --no-deps, as pip would reject a newer release of what a locked package asks for with extras.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
FUZZED := tests/test_bot_damage.py tests/test_bot_pull_damage.py tests/test_connectors_csv_fuzz.py \
	tests/test_connectors_moodle_damage.py tests/test_connectors_moodle_doubts.py
COMPILE := pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	--python-version 3.11 --extra postgresql --extra encryption --extra build

.PHONY: help demo test test-crash fuzz bench lock clean

help:
	@echo "make demo   bring a sample school to a local stand-in for Discord, and show it"
	@echo "make test   run every check and every test"
	@echo "make fuzz   feed damaged lists and answers to Kopir for half an hour; KOPIR_FUZZ=5000 for longer"
	@echo "make test-crash  kill a sync at every request and every commit"
	@echo "make bench  measure speed and memory"
	@echo "make lock   lock versions after pyproject.toml changed; ARGS=--upgrade takes newer ones"
	@echo "make clean  remove .venv and what demo and tests left behind"

demo: $(VENV)/.ready
	@$(BIN)/kopir demo $(ARGS)

test: $(VENV)/.ready-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder --cov $(ARGS)

# The number of examples for each property.
fuzz: export KOPIR_FUZZ ?= 2000
fuzz: $(VENV)/.ready-dev
	$(BIN)/pytest -n auto --dist load $(FUZZED) $(ARGS)

test-crash: $(VENV)/.ready-dev
	KOPIR_CRASH=all $(BIN)/pytest -n auto tests/test_bot_crash.py $(ARGS)

bench: $(VENV)/.ready-dev
	@for bench in benchmarks/bench_*.py; do echo "== $$bench"; $(BIN)/python -m "benchmarks.$$(basename "$$bench" .py)" || exit 1; done

lock:
	@test -n "$(PYTHON)" || { echo "Kopir needs Python 3.11 or newer, and none was found."; exit 1; }
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && $(PYTHON) -m venv "$$tools" && \
		"$$tools/bin/pip" install --quiet --disable-pip-version-check uv && \
		"$$tools/bin/uv" $(COMPILE) $(ARGS) pyproject.toml -o requirements.lock --quiet && \
		"$$tools/bin/uv" $(COMPILE) --extra dev $(ARGS) pyproject.toml -o requirements-dev.lock --quiet

clean:
	rm -rf $(VENV) .demo .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Kopir needs Python 3.11 or newer, and none was found." \
		"Install it from python.org or your system, or name it: make PYTHON=/path/to/python3.11 demo"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Kopir needs Python 3.11 or newer, and $(PYTHON) is not. Name one: make PYTHON=python3.11 demo"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "This Python cannot make environments; on Debian and Ubuntu install the package python3-venv."; exit 1; }

$(VENV)/.ready: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the locked libraries into $(VENV) (once, a minute or two) ..."
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@echo "Installing the locked tools for checks and tests ..."
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements-dev.lock
	@touch $@
