# Each target does its own set-up in .venv and is quick the second time.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_DIR ?= demo

.PHONY: help demo office test test-slow bench lint docs clean lock
.DEFAULT_GOAL := help

# Compiled modules are kept even where the environment says otherwise: each worker and each program that a test starts
# would compile all of the source again.
unexport PYTHONDONTWRITEBYTECODE

help: ## what can be made here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.office ## a year of the scheme with planted faults, found by name (under two minutes)
	@$(BIN)/adamas demo $(DEMO_DIR)

office: $(VENV)/.office ## an office to click through in a browser, with a person for each role (synthetic)
	@$(BIN)/adamas serve --demo

test: $(VENV)/.dev ## the tests, on SQLite and on a real PostgreSQL
	@echo "== unit and conformance tests (SQLite)"
	@$(BIN)/pytest -q -n 2 --dist worksteal -m "not slow"
	@echo "== database tests again on PostgreSQL"
	@ADAMAS_TEST_DATABASE=postgresql $(BIN)/pytest -q -n 2 --dist worksteal -m "database and not slow" tests/office

test-slow: $(VENV)/.dev ## kill -9, load and fuzz tests (minutes)
	@$(BIN)/pytest -q -n 2 --dist loadfile -m slow

bench: $(VENV)/.dev ## every speed we claim, measured here (ONLY=name for one)
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY))

lint: $(VENV)/.dev ## style, types, walls between the rooms
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

docs: $(VENV)/.dev ## write the generated pages again
	@$(BIN)/python -m adamas.cli.docs

$(VENV)/.office: requirements/office.lock pyproject.toml
	@echo "== setting up $(VENV) with what the office needs"
	@.ci/venv $(PYTHON) $(VENV) requirements/office.lock
	@touch $@

$(VENV)/.dev: requirements/dev.lock requirements/judges.lock pyproject.toml
	@echo "== setting up $(VENV) with everything that tests and checks need"
	@.ci/venv $(PYTHON) $(VENV) requirements/dev.lock
	@rm -rf $(VENV)/judges # other people's COSE libraries, which ask for an older CBOR library than ours
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps --target $(VENV)/judges -r requirements/judges.lock
	@touch $@ $(VENV)/.office

clean: ## remove what these targets made
	rm -rf $(VENV) $(DEMO_DIR) .work .mypy_cache .ruff_cache .pytest_cache .hypothesis

lock: ## write the lock files again from pyproject.toml (needs uv)
	uv export -q --no-default-groups --no-emit-project --no-header --extra office -o requirements/office.lock
	uv export -q --no-default-groups --no-emit-project --no-header --extra office --extra pkcs11 --group test --group lint -o requirements/dev.lock
	printf 'hatchling>=1.27\neditables\n' | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate - -o requirements/build.lock
	printf 'cwt>=3.3\npycose>=1.1\n' | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(foreach name,cryptography cffi pycparser,--no-emit-package $(name)) - -o requirements/judges.lock
	rm -f uv.lock
