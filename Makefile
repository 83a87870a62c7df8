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
# Those of what the library needs that its users may have, with the tools of the quick tests.
USERS   := --editable '.[frames,holidays,plots]' --group quick
PLAIN   := -m pip --disable-pip-version-check --no-input install -qq
QUICK   := tests/cli tests/documents tests/domain tests/engine tests/playbook tests/playbooks tests/plugins \
           tests/qualify tests/records tests/schedule tests/testing

.DEFAULT_GOAL := help
.PHONY: help demo test coverage test-quick test-lowest test-newest test-long mutants fuzz check api audit docs \
        bench dist release format clean distclean

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY_DEMO) ## take a deal through the flagship playbook and check a sample pipeline
	@$(PY) examples/demo.py $(ARGS)

test: $(READY) ## run the tests (ARGS="-k rules": some; ENGINES=all: every engine of frames)
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal --engines=$(ENGINES) $(ARGS)

coverage: $(READY) ## run the tests, in twice the time, and list the branches that none of them takes
	@$(MAKE) test ARGS="--cov --cov-report=term $(ARGS)"

test-quick: $(READY_QUICK) ## the tests that need no data frames, on every Python from 3.11 up that is installed
	@for python in $(PYTHONS); do \
	  echo "== $$python"; \
	  $(VENV)/quick/$$python/bin/python -m pytest -n $(WORKERS) -q --no-header --hypothesis-profile=quick \
	    $(QUICK) $(ARGS) || exit 1; \
	done

test-lowest: $(VENV)/lowest/.ready ## the quick tests with the lowest versions that pyproject.toml permits
	@$(VENV)/lowest/bin/python -m pytest -n $(WORKERS) -q --no-header --hypothesis-profile=quick $(QUICK) $(ARGS)

test-newest: $(VENV)/newest/.ready ## the quick tests with the newest versions of everything
	@$(VENV)/newest/bin/python $(PLAIN) --upgrade --upgrade-strategy eager $(USERS)
	@$(VENV)/newest/bin/python -m pytest -n $(WORKERS) -q --no-header --hypothesis-profile=quick $(QUICK) $(ARGS)

test-long: $(READY) ## the property tests at random, with 300 examples and more for each engine of frames
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal --engines=all --hypothesis-profile=long -m law $(ARGS)

mutants: $(READY) ## plant faults in the code and tell which ones no test notices; hours (ARGS="--rooms rules": some)
	@PYTHONPATH=. $(PY) -m tests.mutation $(ARGS)

fuzz: $(VENV)/fuzz/.ready ## fuzz what reads strangers' texts, a minute each (ARGS="rules events --seconds 600")
	@PYTHONPATH=. $(VENV)/fuzz/bin/python -m tests.fuzz $(ARGS)

check: $(READY) ## style, types and architecture
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy
	@$(PY) -m basedpyright --pythonpath $(PY)
	@$(PY) -m tests.meta.typed_pages
	@$(VENV)/bin/lint-imports --no-logo

api: $(READY) ## write the listing of the public names anew, and tell what has changed
	@$(PY) -m tests.meta.public_api

audit: $(VENV)/audit/.ready ## ask PyPI for known weaknesses of the pinned packages; it needs a network
	@$(VENV)/audit/bin/pip-audit --strict --disable-pip --no-deps --progress-spinner off \
	  --requirement constraints-dev.txt || { \
	  echo 'make audit: a weakness, or no answer: it asks pypi.org, and without a network nobody can tell.' >&2; \
	  exit 1; }

docs: $(READY) ## build the documentation into site/, in Chinese into site/zh/, and look at each page in a browser
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet --config-file mkdocs.zh.yml
	@$(PY) -m pytest -n $(WORKERS) -q --no-header --site=site tests/site

bench: $(READY) ## run the benchmarks: ratios side by side, never a gate
	@set -e; for bench in benchmarks/bench_*.py; do echo; echo "== $$bench"; PYTHONPATH=. $(PY) $$bench; done

# Each distribution is installed as users do, newest dependencies and all, where nothing else is.
dist: $(READY) $(VENV)/release/.ready ## build sdist and wheel into dist/, check both, and try both on every Python
	@rm -rf dist
	@$(PY) -m build --no-isolation >/dev/null
	@$(VENV)/release/bin/twine check --strict dist/*
	@$(PY) -m pytest -q --no-header --built=dist tests/meta/test_distribution.py tests/meta/test_release.py
	@set -e; clean=$(VENV)/clean; for python in $(PYTHONS); do for file in dist/*; do \
	  echo "== $$python, $$file"; \
	  $$python -m venv --clear $$clean; \
	  $$clean/bin/python $(PLAIN) $$file; \
	  $$clean/bin/salesflow --version; \
	  $$clean/bin/python -I tests/meta/smoke.py; \
	done; done

release: $(READY_DEMO) ## head what is unreleased with a version and today's day: make release VERSION=1.2.0
	@$(PY) tests/meta/release.py '$(VERSION)' "$$(date -u +%F)"

format: $(READY) ## let ruff write the code as it wants to see it
	@$(PY) -m ruff check --fix-only
	@$(PY) -m ruff format

clean: ## remove what the tools leave behind
	rm -rf build dist site htmlcov .fuzz .coverage .coverage.* .hypothesis .import_linter_cache \
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

$(VENV)/lowest/.ready: pyproject.toml constraints-dev.txt tests/meta/lowest.py
	@echo 'Setting up $(@D), once'
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP) --upgrade pip
	@$(PYTHON) tests/meta/lowest.py >$(@D)/constraints.txt
	@$(@D)/bin/python $(PLAIN) --constraint $(@D)/constraints.txt $(USERS)
	@touch $@

$(VENV)/newest/.ready:
	@echo 'Setting up $(@D), once'
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP) --upgrade pip
	@touch $@

$(VENV)/fuzz/.ready: pyproject.toml constraints-dev.txt
	@echo 'Setting up $(@D), once'
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP) --upgrade pip
	@$(@D)/bin/python $(PIP) --only-binary atheris --editable '.[frames]' --group fuzz || { \
	  $(PYTHON) -c 'import sys; print("make fuzz: there is no atheris for Python %d.%d on this system; name another one: make PYTHON=python3.12 fuzz" % sys.version_info[:2])' >&2; \
	  exit 1; }
	@touch $@

$(VENV)/release/.ready: pyproject.toml constraints-dev.txt
	@echo 'Setting up $(@D), once'
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP) --upgrade pip
	@$(@D)/bin/python $(PIP) --group release
	@touch $@

$(VENV)/audit/.ready: pyproject.toml constraints-dev.txt
	@echo 'Setting up $(@D), once'
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP) --upgrade pip
	@$(@D)/bin/python $(PIP) --group audit
	@touch $@

$(VENV)/quick/%/.ready: pyproject.toml constraints-dev.txt
	@echo 'Setting up $(@D), once'
	@$* -m venv $(@D)
	@$(@D)/bin/python $(PIP) --upgrade pip
	@$(@D)/bin/python $(PIP) --editable '.[frames,holidays]' --group quick
	@touch $@
