# `make run` starts the demo, `make test` runs everything. Works with GNU make 3.81 (macOS) and any POSIX sh.
# Both need git, make and Python 3.11 or newer; all else comes from requirements.lock, into .venv.

VENV := .venv
STAMP := $(VENV)/.installed

# No cache: a new machine has none, and a HOME that cannot be written to must do.
PIP_OPTIONS := --quiet --no-cache-dir --disable-pip-version-check --root-user-action=ignore

.PHONY: run env test faults bench lint format lock clean

run: $(STAMP)
	$(VENV)/bin/vigil demo

test: $(STAMP)
	.ci/components
	$(VENV)/bin/pytest

# The whole fault campaign, on both databases; takes about half an hour. KILLS: how many `kill -9` a database.
KILLS := 200

faults: $(STAMP)
	.ci/components
	VIGIL_KILLS=$(KILLS) $(VENV)/bin/pytest -m 'faults or not faults' tests/faults

# How fast this machine is, beside yardsticks of the same run. `make bench DATABASE_URL=postgresql://…` for PostgreSQL.
bench: $(STAMP)
	.ci/components
	$(VENV)/bin/vigil bench deliver $(if $(DATABASE_URL),--database-url '$(DATABASE_URL)')
	$(VENV)/bin/vigil bench match

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

format: $(STAMP)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

env: $(STAMP)

# Needs uv. `make lock UPGRADE=--upgrade` takes newer releases.
lock:
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 pyproject.toml --all-extras \
	  -c .ci/intel-macs.txt --custom-compile-command 'make lock' $(UPGRADE) -o requirements.lock

# Two stamps, so that a change of settings in pyproject.toml does not install everything again. A stamp is written
# last: an installation that broke off is begun again, from an empty .venv.
# A candidate must answer, not only exist: a version manager's shim is found in PATH and yet may not run.
# `ensurepip` is asked for by name because Debian ships `venv` without it.
$(VENV)/.locked: requirements.lock
	@python=''; \
	for name in python3.14 python3.13 python3.12 python3.11 python3; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo 'Vigil needs Python 3.11 or newer: install it (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python) and run make again.' >&2; exit 1; \
	fi; \
	if ! $$python -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	  echo "Vigil needs the venv module of $$python: install it (Debian, Ubuntu: apt install python3-venv) and run make again." >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$python (about a minute, once)"; \
	$$python -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install $(PIP_OPTIONS) --require-hashes -r requirements.lock
	@touch $@

$(STAMP): $(VENV)/.locked pyproject.toml
	@$(VENV)/bin/python -m pip install $(PIP_OPTIONS) --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
