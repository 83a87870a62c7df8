# Everything runs in .venv, which `make` makes with nothing but Python and make: pip is never asked
# to install system-wide. Another Python: `make PYTHON=python3.13 test`.

PYTHON  ?= python3
WORKERS ?= auto
ENGINES ?= polars,pandas,duckdb
ARGS    ?=

VENV := .venv
PY   := $(VENV)/bin/python
PIP  := -m pip --disable-pip-version-check --no-input install -qq --constraint constraints-dev.txt

# Set up again only when what is installed has changed.
READY_DEMO  := $(VENV)/.ready-demo
READY       := $(VENV)/.ready
# Every Python that can run; a name on the path may be a shim without a Python behind it.
PYTHONS := $(shell for minor in 11 12 13 14 15; do \
             python3.$$minor -c 'import ensurepip' 2>/dev/null && echo python3.$$minor; \
             done; true)
READY_QUICK := $(PYTHONS:%=$(VENV)/quick/%/.ready)
QUICK   := tests/cli tests/documents tests/domain tests/engine tests/playbook tests/playbooks tests/plugins \
           tests/qualify tests/records tests/schedule

.DEFAULT_GOAL := help
.PHONY: help demo test test-quick test-long mutants check docs bench format clean distclean

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY_DEMO) ## take a deal through the flagship playbook and check a sample pipeline
	@$(PY) examples/demo.py $(ARGS)

test: $(READY) ## run the tests, with the branches not covered (ARGS="-k rules": some; ENGINES=all: every engine)
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal --engines=$(ENGINES) --cov --cov-report=term $(ARGS)

test-quick: $(READY_QUICK) ## the tests that need no data frames, on every Python from 3.11 up that is installed
	@for python in $(PYTHONS); do \
	  echo "== $$python"; \
	  $(VENV)/quick/$$python/bin/python -m pytest -n $(WORKERS) -q --no-header --hypothesis-profile=quick \
	    $(QUICK) $(ARGS) || exit 1; \
	done

test-long: $(READY) ## the property tests at random, with 300 examples and more for each engine of frames
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal --engines=all --hypothesis-profile=long -m law $(ARGS)

mutants: $(READY) ## plant faults in the code and tell which ones no test notices; hours (ARGS="--rooms rules": some)
	@PYTHONPATH=. $(PY) -m tests.mutation $(ARGS)

check: $(READY) ## style, types and architecture
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy
	@$(PY) -m basedpyright --pythonpath $(PY)
	@$(PY) -m tests.meta.typed_pages
	@$(VENV)/bin/lint-imports --no-logo

docs: $(READY) ## build the documentation into site/
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet

bench: $(READY) ## run the benchmarks: ratios side by side, never a gate
	@set -e; for bench in benchmarks/bench_*.py; do echo; echo "== $$bench"; PYTHONPATH=. $(PY) $$bench; done

format: $(READY) ## let ruff write the code as it wants to see it
	@$(PY) -m ruff check --fix-only
	@$(PY) -m ruff format

clean: ## remove what the tools leave behind
	rm -rf build dist site htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
	       .mutants .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## remove .venv as well
	rm -rf $(VENV)

$(READY_DEMO): pyproject.toml constraints-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'salesflow needs Python 3.11 or newer. Name one: make PYTHON=python3.12 <target>' >&2; \
	  exit 1; }
	@echo 'Setting up $(VENV), once'
	@$(PYTHON) -m venv $(VENV)
	@$(PY) $(PIP) --upgrade pip
	@$(PY) $(PIP) --editable '.[frames]' polars
	@touch $@

$(READY): $(READY_DEMO)
	@echo 'Installing what tests and checks need, once: a minute or two'
	@$(PY) $(PIP) --editable '.[frames,holidays,plots]' --group test --group lint --group docs --group bench
	@touch $@

$(VENV)/quick/%/.ready: pyproject.toml constraints-dev.txt
	@echo 'Setting up $(@D), once'
	@$* -m venv $(@D)
	@$(@D)/bin/python $(PIP) --upgrade pip
	@$(@D)/bin/python $(PIP) --editable '.[frames,holidays]' --group quick
	@touch $@
