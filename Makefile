# make run     set up, index the samples, open the UI on port 8501
# make test    set up, run everything that CI runs
# make check   ruff and mypy
# make bench   measurements, each beside a peer or a limit

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

.PHONY: run test check bench screenshot

run: $(VENV)/.run-installed
	@# 3: some of a user's own samples could not be read; the rest is searchable
	$(BIN)/python -m indexer ingest data/samples || [ $$? -eq 3 ]
	$(BIN)/python -m streamlit run streamlit_app.py --server.port $(PORT)

test: check
	@$(BIN)/python tests/find_chromium.py
	@# a process for each core; a file's tests stay together, they share what is slow to set up
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.test-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.test-installed
	$(BIN)/python -m benchmarks

screenshot: $(VENV)/.test-installed
	$(BIN)/python -m benchmarks.screenshot

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), f"Python 3.11 or newer is needed, this is {sys.version}"'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-installed: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.test-installed: requirements-dev.txt $(VENV)/.run-installed
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch $@
