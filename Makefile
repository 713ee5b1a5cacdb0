# Everything runs in .venv, which is created on first use and updated when pyproject.toml changes.
PYTHON ?= python3
ARGS ?=
# Three processes, since many tests wait for a broker; one where ARGS names a test, wants to debug, or sets -n
# itself, which counts as it comes last.
WORKERS = $(if $(or $(findstring ::,$(ARGS)),$(filter --pdb,$(ARGS))),,-n 3 --dist worksteal)
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test faults check kafka registry bench clean

help:  ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'

demo: $(VENV)/run.stamp  ## Seed real flights into an embedded broker and read them
	@$(BIN)/python -m example_app.demo

test: $(VENV)/dev.stamp  ## Run the tests on a real Kafka (ARGS="-k plan" picks some)
	@$(BIN)/pytest $(WORKERS) $(ARGS)

faults: $(VENV)/dev.stamp  ## Inject faults into brokers, networks and input at full length: some minutes
	@FAULTS=full $(BIN)/pytest $(WORKERS) tests/faults $(ARGS)

check: $(VENV)/dev.stamp  ## Lint, formatting, types, import rules, dependencies
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/deptry .

kafka: $(VENV)/hand.stamp  ## Run a Kafka broker on 127.0.0.1:9092 until Ctrl-C (ARGS="--port 9093")
	@$(BIN)/python -m tests.kafka_server $(ARGS)

registry: $(VENV)/hand.stamp  ## Run a Schema Registry on 127.0.0.1:8081 until Ctrl-C (ARGS="--port 8082")
	@$(BIN)/python -m tests.registry_server $(ARGS)

bench: $(VENV)/dev.stamp  ## Measure reading next to other clients (QUICK=1: a minute or two; ARGS="--jobs a,d")
	@$(BIN)/python -m tests.benchmarks $(if $(QUICK),--quick) $(ARGS)

clean:  ## Remove .venv, caches and build results
	rm -rf $(VENV) .venv-bench build dist htmlcov .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The rule is for the interpreter, not the folder: an incomplete .venv is created again.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Python 3.11 or later is needed: install it, or name it, as in: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/run.stamp: pyproject.toml | $(VENV)/bin/python
	@echo "Installing the project into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[avro,xml]'
	@touch $@

# Dependencies of the README's commands that the demo does not need, so that the demo starts sooner.
$(VENV)/hand.stamp: $(VENV)/run.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[json-schema,plot,protobuf,sql]'
	@touch $@

# Dependency groups need pip 25.1; Python 3.11 and 3.12 bring an older one.
$(VENV)/dev.stamp: $(VENV)/run.stamp
	@echo "Installing the development tools into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@
