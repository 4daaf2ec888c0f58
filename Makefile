# Two commands on a fresh machine with Python 3.11 or newer: `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
DEMO := examples/coffee/campaign.yaml

.PHONY: help setup demo test check format docs bench bench-attacks bench-startup bench-inspect bench-label bench-llm bench-claims bench-poster bench-score bench-bias clean

help:
	@echo "make setup   the product in .venv"
	@echo "make demo    run an example campaign, offline"
	@echo "make test    every check and test (installs torch, about 6 GB)"
	@echo "make check   ruff, mypy, import contracts, generated docs"
	@echo "make docs    write the generated docs"
	@echo "make bench   start-up, copy, claims and scores, as ratios; bench-… for one, see the file"
	@echo "make clean   remove .venv, out and caches"

$(VENV)/core: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing contentfab into $(VENV)"
	@$(PIP) -e .
	@touch $@

$(VENV)/dev: $(VENV)/core
	@echo "installing the models' libraries and the test tools into $(VENV); this takes minutes"
	@$(PIP) -e '.[clip,diffusers,ocr,rembg,training,trustmark,dev]'
	@touch $@

setup: $(VENV)/core

demo: $(VENV)/core
	@$(BIN)/contentfab run $(DEMO) --offline

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python docs/generate.py --check

docs: $(VENV)/core
	$(BIN)/python docs/generate.py

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: check
	$(BIN)/python -m pytest -n 2

bench: bench-startup bench-llm bench-claims bench-score

bench-startup: $(VENV)/core
	$(BIN)/python benchmarks/startup.py

bench-llm: $(VENV)/core
	$(BIN)/python benchmarks/llm.py

# Other libraries' marks, and sample photographs; without their dependencies, since one of them
# would replace opencv-python-headless.
PEERS := invisible-watermark blind-watermark pywavelets scikit-image scikit-learn

$(VENV)/peers: $(VENV)/dev
	@$(PIP) --no-deps $(PEERS)
	@touch $@

bench-claims: $(VENV)/core
	$(BIN)/python benchmarks/claims.py

# Against headless Chromium, where that is installed (apt install chromium).
bench-poster: $(VENV)/core
	$(BIN)/python benchmarks/posters/run.py

bench-label: $(VENV)/peers
	$(BIN)/python benchmarks/label/peers.py
	$(BIN)/python benchmarks/label/false_positives.py

# The scorer's picture path against a bare open_clip loop; full-size folders on their own.
bench-score: $(VENV)/dev
	$(BIN)/python benchmarks/score.py

# How far scores can be fooled; about ten minutes of one core.
bench-attacks: $(VENV)/dev
	$(BIN)/python benchmarks/attacks.py

# What a depicted thing that says nothing of quality does to appeal; two minutes of one core.
bench-bias: $(VENV)/core
	$(BIN)/python benchmarks/counterfactual.py

bench-inspect: $(VENV)/dev
	$(BIN)/python benchmarks/inspection.py

clean:
	rm -rf $(VENV) out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
