# Every target bootstraps .venv on a bare Debian / Python 3.11 machine.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
.DEFAULT_GOAL := help

BENCHMARKS := import console copy jobs local-model related orders recommend

bench: $(BENCHMARKS:%=bench-%) ## every benchmark, one after the other

.PHONY: bench help setup train-extra demo serve test unit check format lint types contracts docs soak figures newcomer

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 24

$(STAMP): requirements.lock pyproject.toml
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install -q --disable-pip-version-check -r requirements.lock
	$(PY) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

setup: $(STAMP) ## make the virtual environment from requirements.lock

train-extra: $(STAMP) ## torch and transformers, for training and for the peers of bench-copy
	$(PY) -m pip install -q --disable-pip-version-check torch==2.13.0
	$(PY) -m pip install -q --disable-pip-version-check -r requirements-train.lock

demo: $(STAMP) ## set up, run one day of a made-up shop, open the console
	$(PY) -m zhanggui demo

serve: $(STAMP) ## the console and the API on loopback
	$(PY) -m zhanggui serve

test: $(STAMP) ## set up and pass the tests
	$(PY) -m pytest -n 2 -m "not soak"

unit: $(STAMP) ## the quick part of the tests
	$(PY) -m pytest -n 2 -m "not soak and not slow and not live and not browser"

format: $(STAMP) ## rewrite in the house style
	$(VENV)/bin/ruff check --fix -q src tests evals benchmarks
	$(VENV)/bin/ruff format -q src tests evals benchmarks

lint: $(STAMP)
	$(VENV)/bin/ruff format --check src tests evals benchmarks
	$(VENV)/bin/ruff check src tests evals benchmarks

types: $(STAMP)
	$(VENV)/bin/pyright --pythonpath $(PY) src

contracts: $(STAMP)
	$(VENV)/bin/lint-imports

docs: $(STAMP)
	$(PY) -m evals.publish --check

check: lint types contracts docs test ## everything that CI runs

figures: $(STAMP) ## fill the measured figures into the documents
	$(PY) -m evals.publish

soak: $(STAMP) ## long fault injection: 1,000 kills
	$(PY) -m pytest -m soak

newcomer: ## a fresh clone with an empty home: demo, tour, own shop, backup, tests
	$(PYTHON) -m tests.newcomer

eval-keywords: $(STAMP) ## titles and keywords: entity F1 against a CRF, findability
	$(PY) -m evals.keywords
	$(PY) -m evals.findability

bench-import: $(STAMP) ## one million product rows into the database
	$(PY) -m benchmarks.import_rows

eval-%: $(STAMP) ## one evaluation: make eval-copy, eval-keywords ...
	$(PY) -m evals.$(subst -,_,$*)

bench-%: $(STAMP) ## one benchmark: make bench-import, bench-console ...
	$(PY) -m benchmarks.$(subst -,_,$*)
