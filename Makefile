# The commands of a checkout. `make demo` needs make, git and Python 3.11 or newer, nothing else.

# The first Python that is new enough, can make a virtualenv and really runs: a shim may not.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$python; break; }; done)

# Processes that run tests. More bring little: what needs the demo is done by one.
WORKERS ?= 2

BIN := .venv/bin
EXTRAS := scoring local notebook dev
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header
WORKFLOWS := $(wildcard .github/workflows/*.yml)

.PHONY: test demo lint format lock clean system

test: system lint
	$(BIN)/python -m pytest -rs -n $(WORKERS) $(FLAGS)

demo: .venv/.local
	@$(BIN)/python -m local demo $(FLAGS)

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint sql
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --quiet sql

# The newest versions that pyproject.toml allows, for every Python and platform, with their hashes.
lock: .venv/.dev
	for extra in $(EXTRAS); do \
		$(COMPILE) --extra $$extra pyproject.toml -o requirements/$$extra.txt || exit; \
	done
	$(COMPILE) requirements/node.in -o requirements/node.txt

# What was generated, the demo's database among it; .venv stays.
clean:
	if test -x $(BIN)/python; then $(BIN)/python -m local clean; fi
	rm -rf .local dashboard/dist .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache

# Programs that no package index has.
system:
	@missing=$$(.ci/missing); test -z "$$missing" || { echo >&2 \
		"make test needs programs of the system: run .ci/run, or as root: apt-get install $$missing"; \
		exit 1; }

.venv/.local .venv/.dev: .venv/.%: requirements/%.txt .venv/.made
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r $<
	@touch $@

# Stamped when done: an interrupted virtualenv, or one whose Python has gone, is made anew.
.venv/.made:
	@test -n "$(PYTHON)" || { echo >&2 "no Python 3.11 or newer with venv was found:" \
		"install one (Debian: apt-get install python3-venv), or name it: make PYTHON=/path/to/python3"; \
		exit 1; }
	$(BIN)/python -c 'import sys, pip; sys.exit(sys.prefix == sys.base_prefix)' 2>/dev/null \
		|| $(PYTHON) -m venv --clear .venv
	@touch $@
ifneq ($(wildcard .venv/.made),)
ifneq ($(shell $(BIN)/python -c 'print(1)' 2>/dev/null),1)
.PHONY: .venv/.made
endif
endif
