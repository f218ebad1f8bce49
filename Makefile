# Every target is one line of `make help`; the list is made from the comments after `##`.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# The first Python that fits; `make up PYTHON=/path/to/python3.12` chooses another one.
PYTHON ?= $(shell for python in python3.11 python3.12 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null \
	&& echo $$python && break; done)
UV_VERSION := 0.13.9
BIN := .venv/bin
PROJECTS := $(sort $(wildcard libs/*/pyproject.toml services/*/pyproject.toml tools/*/pyproject.toml))
PACKAGES := $(patsubst %/pyproject.toml,%,$(PROJECTS))
UV := VIRTUAL_ENV=.venv $(BIN)/uv
# Node.js for the console comes as a wheel: no other one is needed, and everybody has the same.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm
LAYER ?=
ARGS ?=

.PHONY: help up install test check bench lock docs wheelhouse images compose ui clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1mmake %-10s\033[0m %s\n", $$1, $$2}' Makefile

up: .venv/.installed ## start everything here and place one call (ARGS="--workers 4 --no-call"; Ctrl-C ends it)
	@[ ! -f services/voxui/package.json ] || $(MAKE) --no-print-directory ui || \
		echo "The console could not be built, the lines above say why: the API runs without it." >&2
	@exec $(BIN)/vox up $(ARGS)

install: .venv/.installed ## create .venv and install what requirements.lock names, without starting anything

test: .venv/.installed ## all tests, layer by layer (LAYER="unit e2e" for these alone; the head of tests/run lists them)
	@tests/run $(LAYER)

check: ## exactly what CI runs: lint, types, generated files unchanged, all tests
	@.ci/run

bench: .venv/.installed ## measure: latency, calls per core, memory (results in bench/results/)
	@$(BIN)/vox bench call $(ARGS)

lock: .venv/.installed ## write requirements.lock anew from the pyproject files
	@$(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--extra embedded --extra dev $(foreach package,$(notdir $(PACKAGES)),--no-emit-package $(package)) \
		pyproject.toml -o requirements.lock

docs: .venv/.installed ## write docs/operations/settings.md and .env.example anew from the settings classes
	@$(BIN)/python -m voxctl.docs

wheelhouse: build/wheels/.fetched ## fetch what images install from requirements.lock, so that they build without a network

images: wheelhouse ## build the container images (VOX_STANDINS=1 without an image registry; ARGS="voxcore")
	@$(BIN)/vox images build $(ARGS)

compose: images ## start all of it in containers and check it (VOX_STANDINS=1 without an image registry)
	@[ -f .env ] || $(BIN)/vox init
	@DOCKER_BUILDKIT=0 $(BIN)/docker-compose --file compose.yaml \
		$(if $(filter 1 true,$(VOX_STANDINS)),--file deploy/compose/standins.yaml) up --detach --no-build
	@$(BIN)/vox smoke --compose
	@echo "Console http://localhost:$${VOX_UI_PORT:-5173}   API http://localhost:$${VOX_BRIDGE_PORT:-8080}/api/v1"
	@echo "Log in with FIRST_ADMIN_EMAIL and FIRST_ADMIN_PASSWORD of .env; stop with docker compose down"

ui: services/voxui/dist/index.html ## build the console

clean: ## remove caches and build output; .venv and data/ stay
	@find . -path ./.venv -prune -o -path ./.git -prune -o -path ./data -prune -o \
		\( -name __pycache__ -o -name .pytest_cache -o -name .ruff_cache -o -name .hypothesis -o -name .schemathesis -o -name '*.egg-info' \) \
		-type d -print0 | xargs -0 rm -rf
	@rm -rf services/voxui/dist services/voxui/node_modules

# The stamp is newer than the lock and all pyproject files: nothing to do.
.venv/.installed: requirements.lock pyproject.toml $(PROJECTS)
	@if [ -z "$(PYTHON)" ]; then echo "Vox needs Python 3.11 or 3.12, and found $$(python3 --version 2>/dev/null || echo none)." \
		"Install one (Debian: apt-get install python3 python3-venv), or name it: make up PYTHON=/path/to/python3.12" >&2; \
		exit 1; fi
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || { echo "$(PYTHON) cannot make a virtual environment." \
		"Debian keeps that part in a package of its own: apt-get install python3-venv" >&2; rm -rf .venv; exit 1; }
	@[ "$$($(UV) --version 2>/dev/null | cut -d' ' -f2)" = $(UV_VERSION) ] || { echo "Installing uv $(UV_VERSION)"; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); }
	@echo "Installing the packages of requirements.lock (1.6 GB on disk; a few minutes the first time)"
	@$(UV) pip install --quiet --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation $(addprefix -e ,$(PACKAGES))
	@touch $@

# Images hold Python 3.11, and these are its wheels.
build/wheels/.fetched: requirements.lock $(wildcard deploy/images/*/packages.txt) | .venv/.installed
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "The wheels of images are for \
	Python 3.11, and .venv has another one: rm -rf .venv && make install PYTHON=python3.11" >&2; exit 1; }
	@echo "Fetching the wheels that images install"
	@mkdir -p build/wheels/tools && rm -f build/wheels/*.whl build/wheels/tools/*.whl
	@$(BIN)/python deploy/images/python/subset.py requirements.lock deploy/images/*/packages.txt >build/wheels.lock
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
		--only-binary :all: --dest build/wheels --requirement build/wheels.lock
	@$(BIN)/python deploy/images/python/subset.py requirements.lock deploy/images/python/packages.txt >build/tools.lock
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
		--no-index --find-links build/wheels --dest build/wheels/tools --requirement build/tools.lock
	@touch $@

services/voxui/node_modules/.installed: $(wildcard services/voxui/package-lock.json) | .venv/.installed
	@[ -f services/voxui/package.json ] || { echo "The console is not part of this release: nothing to build." >&2; exit 1; }
	@echo "Installing the console's packages and building it"
	@cd services/voxui && $(NPM) ci --no-audit --no-fund --loglevel=error && touch node_modules/.installed

services/voxui/dist/index.html: services/voxui/node_modules/.installed \
		$(shell find services/voxui/src services/voxui/public services/voxui/index.html -type f 2>/dev/null)
	@cd services/voxui && $(NPM) run --silent build && touch dist/index.html
