# Two commands on a fresh machine: make run, make test. Everything else is for contributors.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help run test lint test-oracles test-long trust notebooks bench clean
help:
	@echo "make run           train on the built-in handwritten digits and write a report"
	@echo "make test          format, types, tests, documentation examples"
	@echo "make test-oracles  compare with PyTorch, JAX, scikit-learn and SciPy"
	@echo "make test-long     the tests that take minutes"
	@echo "make trust         try what groundup promises: crashes, damaged files, bits, numbers"
	@echo "make notebooks     run examples/ and save what they show"
	@echo "make bench         speed beside the peers"

run: $(VENV)/.runtime
	$(BIN)/groundup train $(RUN_OPTIONS)

test: lint
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Of two processes, since JAX does not like to be forked, and crashes are tried in forks.
ORACLES := -o addopts="-q --strict-markers --import-mode=importlib -m 'not long'"
test-oracles: $(VENV)/.oracles
	$(BIN)/python -m pytest $(ORACLES) tests/oracles
	$(BIN)/python -m pytest $(ORACLES) tests/trust

test-long: $(VENV)/.dev
	$(BIN)/python -m pytest tests -m long

trust: $(VENV)/.oracles
	$(BIN)/python -m trust

notebooks: $(VENV)/.notebooks
	$(BIN)/python -m examples

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

# Each stamp is one set of installed packages; a changed pyproject.toml makes them anew.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "groundup needs Python 3.11 or newer, this is %s. Try: make PYTHON=python3.12" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(BIN)/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,tensorboard,dask,optuna,onnx,book]'
	@touch $@

$(VENV)/.oracles: $(VENV)/.dev
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,onnx,oracles,mutants]'
	@touch $@

$(VENV)/.notebooks: $(VENV)/.runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[notebooks,tensorboard]'
	@touch $@

$(VENV)/.bench: $(VENV)/.runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

clean:
	rm -rf $(VENV) build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache
