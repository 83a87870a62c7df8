# Everything runs in .venv, which `make` makes with nothing but Python and make: pip is never asked
# to install system-wide. Another Python: `make PYTHON=python3.13 test`.

PYTHON  ?= python3
WORKERS ?= auto
ARGS    ?=

VENV := .venv
PY   := $(VENV)/bin/python
PIP  := $(PY) -m pip --disable-pip-version-check --no-input install -qq \
        --constraint constraints-dev.txt

# Set up again only when what is installed has changed.
READY_DEMO  := $(VENV)/.ready-demo
READY       := $(VENV)/.ready
READY_BENCH := $(VENV)/.ready-bench

.DEFAULT_GOAL := help
.PHONY: help demo test test-long check docs bench format clean distclean

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY_DEMO) ## take a deal through the flagship playbook and check a sample pipeline
	@$(PY) examples/demo.py $(ARGS)

test: $(READY) ## run all tests, with the branches not covered (ARGS="-k rules" for some of them)
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term $(ARGS)

test-long: $(READY) ## the laws again, with 300 examples and more for each engine of frames
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal --hypothesis-profile=long -m law $(ARGS)

check: $(READY) ## style, types and architecture
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-logo

docs: $(READY) ## build the documentation into site/
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet

bench: $(READY_BENCH) ## run the benchmarks: ratios side by side, never a gate
	@set -e; for bench in benchmarks/bench_*.py; do echo; echo "== $$bench"; PYTHONPATH=. $(PY) $$bench; done

format: $(READY) ## let ruff write the code as it wants to see it
	@$(PY) -m ruff check --fix-only
	@$(PY) -m ruff format

clean: ## remove what the tools leave behind
	rm -rf build dist site htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
	       .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## remove .venv as well
	rm -rf $(VENV)

$(READY_DEMO): pyproject.toml constraints-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'salesflow needs Python 3.11 or newer. Name one: make PYTHON=python3.12 <target>' >&2; \
	  exit 1; }
	@echo 'Setting up $(VENV), once'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade pip
	@$(PIP) --editable '.[frames]' polars
	@touch $@

$(READY): $(READY_DEMO)
	@echo 'Installing what tests and checks need, once: a minute or two'
	@$(PIP) --editable '.[frames,holidays,plots]' --group test --group lint --group docs
	@touch $@

$(READY_BENCH): $(READY)
	@$(PIP) --group bench
	@touch $@
