# `make` lists the targets. Every one makes what it needs first, once; see scripts/setup.sh.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# pyright, npm and the tests' servers run on the pinned node of the environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)
PYTHON_CODE = $(wildcard src tests scripts bench)
WORKERS ?= 2
ARGS ?=

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name text; do \
		printf '  %-14s %s\n' "$$name" "$$text"; done

# Running it

.PHONY: demo
demo: ## see one governed agent at work: make demo ARGS="--unattended --json"
	@scripts/setup.sh demo
	@$(BIN)/sallyport demo $(ARGS)

.PHONY: bench
bench: dev ## measure the cost of a governed call; ARGS=--people, --growth, --fsync, --boundary
	@$(BIN)/python -m bench $(ARGS)

# The other gateways are installed into .cache, once; not part of `make test`, nor of CI.
.PHONY: race
race: dev ## race against other gateways: make race ARGS="--write"
	@$(BIN)/python -m bench --race $(ARGS)

.PHONY: soak
soak: dev ## half of the capacity for long: make soak ARGS="--minutes 30 --write"
	@$(BIN)/python -m bench --soak $(ARGS)

# Checking it

.PHONY: test
test: everything format lint types floors ## everything that is checked before a change lands
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

.PHONY: check
check: format lint types floors unit ## what is quick: format, lint, types, floors, unit tests

.PHONY: unit
unit: dev ## the unit tests
	@$(BIN)/python -m pytest -q -n $(WORKERS) tests/unit $(ARGS)

.PHONY: format
format: dev
	@$(BIN)/ruff format --check $(PYTHON_CODE)

.PHONY: lint
lint: dev
	@$(BIN)/ruff check $(PYTHON_CODE)
	@$(BIN)/ruff check --config tests/house/purity.toml --ignore-noqa src/sallyport/rules

.PHONY: types
types: dev node
	@$(BIN)/mypy $(PYTHON_CODE)
	@tests/node/node_modules/.bin/pyright $(PYTHON_CODE)

# Hours the first time, and not part of CI; tests/mutants.toml has those that are no difference.
.PHONY: mutants
mutants: dev ## change the rules one thing at a time: make mutants ARGS="boundary.evaluate"
	@$(BIN)/python -m scripts.mutants --workers $(WORKERS) $(ARGS)

.PHONY: floors
floors: dev
	@$(BIN)/lint-imports --no-logo --cache-dir .cache/import_linter

# Writing it

.PHONY: fix
fix: dev ## format and mend what ruff can mend
	@$(BIN)/ruff check --fix-only --quiet $(PYTHON_CODE)
	@$(BIN)/ruff format --quiet $(PYTHON_CODE)

.PHONY: simulate
simulate: dev ## run seeded worlds: make simulate ARGS="--seeds 2000"
	@$(BIN)/python -m sallyport.simulate $(or $(ARGS),--seeds 2000)

.PHONY: requirements
requirements: dev ## how many of the 271 requirements a test proves
	@$(BIN)/python -m tests.requirements $(ARGS)

.PHONY: docs
docs: dev ## write the generated documents and golden files anew
	@$(BIN)/python -m scripts.docs $(ARGS)

.PHONY: table
table: dev ## decide the decision table anew, for review: tests/decision_table/table.md
	@$(BIN)/python -m tests.decision_table

# SAID=write makes tests write what they would compare: see tests/sentences.py.
.PHONY: said
said: dev ## write the golden sentences of boundaries and reasons anew, for review
	@SAID=write $(BIN)/python -m pytest -q -p no:randomly -p no:xdist tests/unit/boundary tests/unit/telling tests/unit/proof tests/integration/mcp/test_answers_of_people.py $(ARGS)

.PHONY: picture
picture: dev ## draw docs/demo.svg from a run of the demo
	@$(BIN)/python -m scripts.picture

.PHONY: pictures
pictures: dev ## take a picture of every page of the console: docs/console
	@$(BIN)/python -m scripts.pictures $(ARGS)

.PHONY: pins
pins: ## resolve the pinned requirement files anew: make pins ARGS=--upgrade
	@scripts/pins.sh $(ARGS)
	@cd tests/node && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --silent
	@cd tests/identity && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --silent
	@cd tests/clients && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --silent

.PHONY: clean
clean: ## remove what the other targets made
	@rm -rf .cache .venv .venv-* build dist tests/{node,identity,conformance,clients}/node_modules
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# Setting it up

.PHONY: dev console node identity system langchain servers everything
dev:
	@scripts/setup.sh dev
system:
	@scripts/setup-system.sh
console node identity langchain servers: dev
	@scripts/setup.sh $@
everything: dev system console node identity langchain servers

# The protocol's own suite; not part of `make test`

SUITE := tests/conformance
.PHONY: conformance
conformance: dev $(SUITE)/node_modules/.package-lock.json ## the official MCP suite, through a gateway
	@$(BIN)/python -m tests.conformance.run $(ARGS)

$(SUITE)/node_modules/.package-lock.json: $(SUITE)/package-lock.json
	@cd $(SUITE) && npm ci --silent --no-audit --no-fund
	@touch $@

# Clients that other people wrote; not part of `make test`

.PHONY: clients
clients: dev ## real clients and both generations of the SDK, through a gateway
	@scripts/setup.sh clients
	@$(BIN)/python -m tests.clients.run $(ARGS)
