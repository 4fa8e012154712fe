# Two commands matter: make run, make test. Each installs what it needs into .venv by itself.
.DEFAULT_GOAL := help
.PHONY: help docs docs-samples docs-pictures record-executions run test prove test-unit test-jobs test-cloud test-integration test-replay test-workflows test-browser test-clients test-e2e lint format up down reset build benchmark clean install-tool install-local install install-dev install-browser

# The shell's own Python settings would put foreign modules before ours, or switch assertions off.
unexport $(filter PYTHON%,$(.VARIABLES))

PYTHON ?=
SOURCE ?=
DATASETS ?=
PIPELINE ?=
DATABASE ?=
ENVIRONMENT ?= $(if $(PIPELINE),$(PIPELINE)/)dev
CHANGED ?=

# Recipes read them from their environment, so that no shell ever sees what is in them as code.
export ENVIRONMENT SOURCE DATASETS CHANGED PIPELINE DATABASE
export CHOSEN_PYTHON = $(PYTHON)

BIN := .venv/bin
COVIDLAKE := $(BIN)/covidlake

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: install ## Build, deploy, ingest and query on the laptop. SOURCE=sample|public|FOLDER DATASETS=NAMES|* or PIPELINE=segmentation SOURCE=sample|cdnow DATABASE=URL
	@$(COVIDLAKE) run "$$ENVIRONMENT" $(if $(SOURCE),--source "$$SOURCE") $(if $(DATASETS),--datasets "$$DATASETS") $(if $(DATABASE),--database "$$DATABASE")

test: install-dev ## Run the tests, all but what only make prove tries; with CHANGED=1 or CHANGED=REF those that a change since origin/main or REF reaches
ifeq ($(CHANGED),)
	@$(BIN)/python -m pytest -n 3 -m "not prove" --dist loadfile --no-loadscope-reorder tests/e2e packages/localcloud/tests tests/workflows tests/unit tests/facts tests/integration tests/browser
else
	@$(BIN)/python -m tests.changed "$$CHANGED"
endif

test-unit: install-dev ## Run the unit tests that need no Spark
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not spark and not prove" tests/unit packages/localcloud/tests/unit

test-jobs: install-dev ## Run the unit tests of the Glue jobs, on Spark
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "spark and not prove" tests/unit

test-integration: install-dev ## Run the tests of policies against AWS's facts, and those against moto
	@$(BIN)/python -m pytest tests/facts tests/integration

test-replay: install-dev ## Load a feed of 60 days in four ways; make test takes 8 days
	@COVIDLAKE_REPLAY_DAYS=60 $(BIN)/python -m pytest tests/unit/jobs/job/test_replay.py

prove: install-dev ## Run every test, and all that make test samples: every kill, role, bad argument, 60 days; takes hours
	@COVIDLAKE_PROVE=1 COVIDLAKE_FUZZ=1 COVIDLAKE_KILLS=all COVIDLAKE_REPLAY_DAYS=60 COVIDLAKE_TRANSACTIONS=10000 \
		$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests/e2e packages/localcloud/tests tests/workflows tests/unit

test-workflows: install-dev ## Run the workflow files themselves, with act
	@$(BIN)/python -m pytest -n 2 -m "not prove" --dist loadfile tests/workflows

test-browser: install-browser ## Read the report of executions in a browser; installs what it needs, and skips without a browser
	@$(BIN)/python -m pytest -rs tests/browser

test-clients: install-dev ## Run real clients against a local cloud: aws-sdk-pandas, PyAthena, dbt-athena, the AWS CLI, the article's example
	@$(BIN)/python packages/localcloud/tests/clients/run.py

test-cloud: install-dev ## Run the tests on the local cloud
	@$(BIN)/python -m pytest -n 2 -m "not prove" --dist loadfile --no-loadscope-reorder tests/e2e packages/localcloud/tests --ignore packages/localcloud/tests/unit

test-e2e: test-cloud # its former name

lint: install-dev ## Check style, types, imports between rooms, workflows, template, state machine and parameter files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --cache-dir .cache/import-linter
	@$(BIN)/shellcheck .ci/run requirements/*.sh
	@$(BIN)/actionlint -shellcheck $(BIN)/shellcheck
	@$(BIN)/zizmor --offline --quiet --persona=auditor .github
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions .github/actions/*/action.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(COVIDLAKE) lint

format: install-dev ## Format the code
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

up: install ## Start a local cloud that goes on running. SOURCE=sample|public|FOLDER
	@$(COVIDLAKE) local up $(if $(SOURCE),--source "$$SOURCE")

down: install ## Stop the local cloud and keep its state
	@$(COVIDLAKE) local down

reset: install ## Empty the local cloud
	@$(COVIDLAKE) local reset

build: install ## Build the template and the bundle
	@$(COVIDLAKE) build
	@$(COVIDLAKE) package

docs: install-dev ## Write the parts of docs/ that are generated
	@$(BIN)/python -m docs.cli_reference
	@$(BIN)/python -m docs.rooms
	@$(BIN)/python packages/localcloud/tests/differences.py

docs-samples: install-dev ## Run the commands whose output the documents show, and write it there
	@$(BIN)/python -m docs.samples

docs-pictures: install-browser ## Make the pictures of the report anew, in a browser
	@$(BIN)/python -m tests.browser.pictures

record-executions: install-dev ## Record executions of each kind on a local cloud, for the tests of the report
	@$(BIN)/python -m tests.recorded_executions

benchmark: install ## Time each stage of a run, with and without a JVM that waits
	@$(BIN)/python -m benchmarks.loop

clean: ## Stop the local cloud; remove what was built and installed
	@if [ -d .localcloud ] && $(BIN)/python -c 'import localcloud' 2>/dev/null; then $(BIN)/python -m localcloud down; \
	elif [ -e .localcloud/run.json ]; then \
		echo "error: a local cloud runs and .venv is too damaged to stop it: make install, then make clean" >&2; exit 1; fi
	rm -rf build .venv .cache .mypy_cache .pytest_cache .ruff_cache *.egg-info packages/*/*.egg-info packages/*/build

install-tool:
	@python=$$(requirements/python.sh "$$CHOSEN_PYTHON") && "$$python" requirements/install.py tool

install-local: install

install:
	@python=$$(requirements/python.sh "$$CHOSEN_PYTHON") && "$$python" requirements/install.py local
	@$(BIN)/python -m localcloud.glue.jobs.warm

install-dev:
	@python=$$(requirements/python.sh "$$CHOSEN_PYTHON") && "$$python" requirements/install.py dev
	@$(BIN)/python -m localcloud.glue.jobs.warm

install-browser: install-dev
	@$(BIN)/python -m tests.browser.install
