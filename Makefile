# `make run` and `make test` do everything on a fresh machine; the other targets are parts of them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORTS ?= sim://demo
# How many processes share the tests. More than there are cores makes tests of real time wait for each other.
WORKERS ?= 2
# Where the environment forbids it, each of the hundred programs that the tests start would compile all modules anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test test-fast test-postgresql soak check bench format clean setup setup-dev debian

run: $(VENV)/.ready
	$(BIN)/python manage.py prepare
	PORTS="$(PORTS)" $(BIN)/python manage.py run_backplane

test: check
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

# What keeps rows, on PostgreSQL in place of SQLite: a server of its own, in a temporary folder.
test-postgresql: $(VENV)/.ready-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-postgresql.txt
	tools/with_postgresql.sh $(BIN)/python -m pytest -m django_db \
		tests/slots tests/swaps tests/people tests/inventory tests/netbox

# In one process: the others would spend their time on reading the same files.
test-fast: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -m pure -q --hypothesis-profile=fast

# The board and its hosts through 60 long bad times, judged by what the pins did: some 12 minutes on 2 cores.
soak: $(VENV)/.ready-dev
	$(BIN)/python -m tests.soak

check: $(VENV)/.ready-dev node_modules/.ready
	tools/check.sh

bench: $(VENV)/.ready-dev debian
	$(BIN)/python -m benchmarks

format: $(VENV)/.ready-dev node_modules/.ready
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .
	node_modules/.bin/biome check --write static/js

setup: $(VENV)/.ready
setup-dev: $(VENV)/.ready-dev

# The packages that tests take from Debian (chromium, umockdev, udev, ser2net). Says what to type where it may not install them.
debian:
	tools/debian_packages.sh

$(VENV)/.ready: requirements.txt
	tools/make_venv.sh $(PYTHON) $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

node_modules/.ready: package.json package-lock.json
	tools/node_packages.sh
	touch $@

test: debian

clean:
	rm -rf $(VENV) node_modules var .mypy_cache .ruff_cache .pytest_cache .hypothesis
