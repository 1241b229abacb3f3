# `make` lists what there is to do.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help env book test serve new-page animations data results gpu pdf zip alike links audit lint lock clean
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
GROUPS_LOCKED := build lecture book animations test lint
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: .venv/ready ## Make the environment: system packages, .venv, node_modules

.venv/ready: apt.txt install-system-packages.sh requirements.lock package-lock.json pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is $$($(PYTHON) --version): give Python 3.11 or newer, as PYTHON=python3.12" >&2; exit 1; }
	./install-system-packages.sh
	[[ -x .venv/bin/python ]] || $(PYTHON) -m venv .venv
	grep -A99 '^uv==' requirements.lock | sed -n '1,/[^\\]$$/p' > .venv/uv.lock
	.venv/bin/python -m pip install --quiet --require-hashes --no-deps -r .venv/uv.lock
	uv pip sync --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock
	uv pip install --python .venv/bin/python --no-deps --no-build-isolation --editable .
	mkdir -p .venv/etc/ipython
	echo 'c.IPKernelApp.log_level = 40  # its notice about TCP is no news to a build' > .venv/etc/ipython/ipython_kernel_config.py
	npm ci --ignore-scripts --no-audit --no-fund
	touch $@

book: env animations ## Build the site into _build/html (SOLUTIONS=no leaves the solutions out)
	jupyter-book build .

test: book ## Run the whole test suite, the checks of the built site included
	pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

serve: env animations ## Build, serve and reload the site while you edit
	python -m book.serve

new-page: env ## Start a page: make new-page NAME=deep-dreams
	python -m book.new_page "$(NAME)"

animations: env ## Render the animations that are stale
	python -m animations

data: env ## Find or download the data sets, and verify them
	python -m cnnlib.datasets get

DEVICE ?= cpu
PROCESSES ?= 1
SHARED := torchrun --standalone --nproc-per-node $(PROCESSES)
results: env ## Train what is missing of the recorded experiments (hours on a CPU)
	$(if $(filter 1,$(PROCESSES)),python,$(SHARED)) -m cnnlib.experiments run --resume --device $(DEVICE)$(if $(filter cuda%,$(DEVICE)), --compile)
	python -m cnnlib.robustness cifar-10/compact
	python -m cnnlib.robustness cifar-10/compact-on-cpu
	python -m cnnlib.robustness cifar-10/compact-copy
	python -m cnnlib.consistency fashion-mnist/downsampling

gpu: ## Train what is missing on a GPU, then build
	$(MAKE) results DEVICE=cuda
	$(MAKE) book

pdf: book ## Print the site as one PDF, _build/cnn-lecture.pdf
	python -m book.pdf

zip: book ## Pack the site to be read from a disk, _build/cnn-lecture.zip
	python -m book.zip

alike: book ## Build the commit a second time, in a clone of its own, and compare the two sites
	rm -rf _build/again
	git clone --quiet . _build/again
	ln -s $(CURDIR)/.venv $(CURDIR)/node_modules _build/again
	cd _build/again && PYTHONPATH=$(CURDIR)/_build/again jupyter-book build .
	python -m book.compare _build/html _build/again/_build/html

links: book ## Ask other servers whether what the pages link to is there
	jupyter-book build . --builder custom --custom-builder linkcheck

audit: env ## Ask for known faults of what is locked
	uv tool run pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock
	npm audit

lint: env ## Check the code's style, and the pages by the rules of the book
	ruff check
	ruff format --check
	python -m book.lint

lock: ## Bring requirements.lock and package-lock.json up to date with pyproject.toml and package.json
	uv pip compile pyproject.toml $(GROUPS_LOCKED:%=--group %) --universal --generate-hashes \
	  --python-version 3.11 --no-header --upgrade --quiet --output-file requirements.lock
	npm install --package-lock-only --ignore-scripts

clean: ## Remove what builds and tests have made (.venv and node_modules stay)
	rm -rf _build .pytest_cache .ruff_cache .hypothesis media
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
