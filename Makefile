# Everything anyone needs to type. Only python3 (3.11 or newer) and make must be on the machine.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
# Instant after the first time: a stamp is renewed only when its lock file has changed.
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
UV_STAMP := $(VENV)/.installed-uv

# Many small matrices are multiplied, where a thread pool of BLAS costs far more than it brings.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

T ?= tests
WORKERS ?= 2
PYTEST = $(PY) -m pytest -n $(WORKERS) --dist loadfile

.PHONY: help setup run reset test test-slow check fix lint types contracts bench migration env-example scheme-check scheme-reference lock clean

help:  ## Show this page
	@awk 'BEGIN {FS = ":.*## "} /^## / {printf "\n%s\n", substr($$0, 4)} \
	  /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

## 运行 Run
run: $(RUN_STAMP)  ## Start everything; TOPOLOGY=split, GATEWAY_PORT=8000, VAR_DIR=var, DATABASE_URL=
	@exec $(PY) -m launch run

reset: $(RUN_STAMP)  ## Throw away database, store, secrets and logs
	@exec $(PY) -m launch reset

## 检验 Test
test: $(DEV_STAMP)  ## Run the tests; T=tests/scoring for some of them
	@$(PYTEST) -m "not slow" $(T)

test-slow: $(DEV_STAMP)  ## Run the longer drills as well
	@$(PYTEST) $(T)

check: lint types contracts test  ## Style, types, import contracts, tests

lint: $(DEV_STAMP)  ## Style and likely mistakes
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .

types: $(DEV_STAMP)  ## Types, strictly
	@$(PY) -m mypy

contracts: $(DEV_STAMP)  ## Which part may import which
	@PYTHONPATH=. $(PY) $(VENV)/bin/lint-imports

bench: $(DEV_STAMP)  ## Benchmarks
	@$(PY) -m bench

## 开发 Develop
setup: $(DEV_STAMP)  ## Make the virtual environment with everything in it
	@:

fix: $(DEV_STAMP)  ## Format, and mend what needs no thought
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

migration: $(DEV_STAMP)  ## Write a migration; SERVICE=monitoring m="add exam notes"
	@test -n "$(SERVICE)" && test -n "$(m)" || { echo 'make migration SERVICE=monitoring m="what changes"'; exit 2; }
	@exec $(PY) -m launch migration "$(SERVICE)" "$(m)"

env-example: $(DEV_STAMP)  ## Write deploy/env.example anew from the settings
	@$(PY) -m tools.env_example

scheme-check: $(DEV_STAMP)  ## Check every indicator scheme and compute its worked examples; T=file or folder
	@$(PY) -m tools.scheme_check $(if $(filter tests,$(T)),,$(T))

scheme-reference: $(DEV_STAMP)  ## Write docs/schemes_reference.md anew from rules and checks
	@$(PY) -m tools.scheme_reference

lock: $(UV_STAMP)  ## Resolve the dependencies anew into requirements/
	@sh launch/bootstrap.sh lock

clean:  ## Remove the virtual environment and all caches, but no data
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV_STAMP): requirements/uv.txt
	@sh launch/bootstrap.sh environment

$(RUN_STAMP): requirements/run.txt $(UV_STAMP)
	@sh launch/bootstrap.sh install run

$(DEV_STAMP): requirements/dev.txt $(UV_STAMP)
	@sh launch/bootstrap.sh install dev
