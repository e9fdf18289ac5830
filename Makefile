# Two commands are all that most people need: `make start` and `make test`.

PYTHON ?= python3
WORKSPACE ?= workspace
BIN := .venv/bin

.PHONY: start test test-fast lint format notebooks check-notebooks book wheel verify bench lock browser clean
.DEFAULT_GOAL := start

start: .venv/installed
	@$(BIN)/mazoezi start $(WORKSPACE) $(ARGS)

test: .venv/tested lint check-notebooks
	$(BIN)/python -m pytest -n 2 --dist loadgroup
	$(BIN)/mazoezi verify

test-fast: .venv/tested
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

format: .venv/tested
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

notebooks: .venv/installed
	$(BIN)/mazoezi build --to notebooks

check-notebooks: .venv/installed
	$(BIN)/mazoezi build --to notebooks --check

# The course as a static site; it opens from disk, at build/book/html/index.html.
book: .venv/tested
	$(BIN)/python docs/draw_gallery.py
	$(BIN)/mazoezi book --guides docs --to build/book

# What a notebook installs where the course is missing: put it beside the notebook.
wheel: .venv/tested
	$(BIN)/uv build --wheel --out-dir dist

verify: .venv/installed
	$(BIN)/mazoezi verify

bench: .venv/tested
	@for each in benchmarks/*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

# The browser that the page tests drive; without it they are skipped, and say so.
browser:
	command -v chromium || (apt-get update -qq && apt-get install -y -qq chromium)

lock: .venv/tested
	$(BIN)/uv pip compile -q pyproject.toml --universal --generate-hashes --no-header -o requirements/core.txt
	$(BIN)/uv pip compile -q pyproject.toml --group dev --extra book --universal --generate-hashes --no-header -o requirements/dev.txt

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis build dist

# The stamps say which lock file was installed last: nothing is done while it is unchanged.
.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"mazoezi needs Python 3.11 or newer; $(PYTHON) is {sys.version.split()[0]}. Name another: make start PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: requirements/core.txt pyproject.toml | .venv/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/core.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/tested: requirements/dev.txt .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
