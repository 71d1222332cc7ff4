# Everything happens in .venv, made on first use. Another interpreter: make PYTHON=python3.12 test
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS ?= .venv-peers
DEMO ?= demo

.PHONY: help demo demo-google test test-system lint types bench clean

help:
	@echo "make demo         write a fictional district into ./$(DEMO), check it, consolidate it, report on it"
	@echo "make demo-google  the same with Google spreadsheets, against an emulator on this machine: half a minute"
	@echo "make test         the tests that need nothing but Python"
	@echo "make test-system  the tests that need LibreOffice, Chromium or a long run"
	@echo "make lint types   style and types"
	@echo "make bench        how fast: 20, 100 and 400 workbooks against the bare reader and three peers (a quarter of an hour)"
	@echo "                  fewer: make bench BENCH='--sizes 20 --rounds 1'"

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
		echo "Python's venv module is missing: install it (Debian, Ubuntu: apt-get install python3-venv)"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,dev]'
	@touch $(READY)

demo: $(READY)
	$(BIN)/sheets-sync demo $(DEMO)

demo-google: $(READY)
	$(BIN)/python -m tests.google_emulator.demo $(DEMO)-google

test: $(READY)
	$(BIN)/python -m pytest -n auto -m "not system"

test-system: $(READY)
	@missing=""; \
	command -v soffice >/dev/null || missing="$$missing libreoffice-calc libreoffice-writer"; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing="$$missing chromium"; \
	command -v pdftoppm >/dev/null || missing="$$missing poppler-utils"; \
	test -z "$$missing" || { echo "Needed and not found. Install (Debian, Ubuntu): apt-get install$$missing"; exit 1; }
	$(BIN)/python -m pytest -n auto -m system

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

# The tools we are measured against live apart: their requirements are not ours.
$(PEERS)/.ready: benchmarks/peers/requirements.txt
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers/requirements.txt
	@touch $@

bench: $(READY) $(PEERS)/.ready
	$(BIN)/python benchmarks/run.py --peers $(PEERS)/bin/python $(BENCH)

clean:
	rm -rf $(VENV) $(PEERS) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
