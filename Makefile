# Two commands matter: `make run` and `make test`. Each does all its set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PREUVE_DATA_DIR ?= $(CURDIR)/.preuve
# Commands are started by the hundred: each would compile its imports again if this were set.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-fast check fuzz bench eval eval-gate lock clean

run: $(VENV)/.run-ready ## pre-review the example dossiers, then serve the page
	$(BIN)/preuve ui --exemples

test: $(VENV)/.dev-ready ## the whole suite; installs the system packages it can use
	sh tools/system_packages.sh
	$(BIN)/pytest -n 2 --dist worksteal

test-fast: $(VENV)/.dev-ready ## without the slow tests
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

check: $(VENV)/.dev-ready ## format, lint, types, import contracts, secrets, known vulnerabilities
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.scan_secrets
	$(BIN)/python -m tools.audit_dependencies

fuzz: $(VENV)/.dev-ready ## damage files at random for ten minutes, with another seed each time
	PREUVE_FUZZ_SECONDS=$${PREUVE_FUZZ_SECONDS:-600} PREUVE_FUZZ_SEED=$${PREUVE_FUZZ_SEED:-$$$$} \
		$(BIN)/pytest -q tests/test_hostile_corpus.py -k mutated

bench: $(VENV)/.dev-ready ## measure reading, the ways of asking a model, the desk (into docs/benchmarks.md), a dossier, a cohort
	$(BIN)/python -m tools.bench_ingest --markdown docs/benchmarks.md
	$(BIN)/python -m tools.bench_judging --markdown docs/benchmarks.md
	$(BIN)/python -m tools.bench_desk --markdown docs/benchmarks.md
	$(BIN)/python -m tools.bench_dossier
	$(BIN)/python -m tools.bench_peers
	$(BIN)/python -m tools.bench_batch --dossiers 100 --concurrency 32 --latency 3

eval: $(VENV)/.dev-ready ## measure the embedded judge on the example cohort; writes docs/quality.md
	$(BIN)/python -m assistant.cli eval eval_sets/cohorte-exemple --judge embedded --runs 2 \
		--out .preuve/eval --markdown docs/quality.md \
		--bands eval_sets/cohorte-exemple/bands-embedded.json
	$(BIN)/python -m assistant.cli conformite --sortie docs/conformite

eval-gate: $(VENV)/.dev-ready ## fail when the embedded judge is worse than its reference
	$(BIN)/python -m assistant.cli eval eval_sets/cohorte-exemple --judge embedded \
		--gate eval_sets/cohorte-exemple/reference-embedded.json

$(VENV)/.run-ready: requirements.lock pyproject.toml tools/setup.sh
	sh tools/setup.sh $(PYTHON) $(VENV) requirements.lock
	touch $@

$(VENV)/.dev-ready: requirements-dev.lock pyproject.toml tools/setup.sh
	sh tools/setup.sh $(PYTHON) $(VENV) requirements-dev.lock
	touch $@ $(VENV)/.run-ready

lock: ## resolve the dependencies again
	sh tools/lock.sh $(PYTHON)

clean:
	rm -rf $(VENV) .preuve
