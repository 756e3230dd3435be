# Everything that these targets fetch or make lies in .dev.
# The system's own is built for speed; one that a version manager has built by default is
# not, and the tests take longer by it.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3.13 /usr/bin/python3.12 /usr/bin/python3.11) python3)
ODOO_PORT ?= 8069
export ODOO_PORT

PY := .dev/venv/bin/python
URL := http://localhost:$(ODOO_PORT)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo run test one lint hooks format coverage pot generate pages pictures docs apps soak crash mutants regression bench stop clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: ## Fetch what is missing: Odoo, PostgreSQL, tools
	@$(PYTHON) dev/setup.py

demo: setup ## Start Odoo with demonstration data and play the story in it
	@$(PY) -m harness db demo --demo --install
	@$(PY) -m harness start demo
	@$(PY) -m dev.story --url $(URL) --db "$$($(PY) -m harness name demo)"

run: setup ## Start Odoo again on the database of the demo, with today's code
	@$(PY) -m harness start demo --update

test: setup ## Run the linters and all tests (STEPS="lint unit modules machine core outside")
	@$(PY) -m dev.check $(STEPS)

one: setup ## Run a few of the add-ons' tests (T="dropship_link/tests/test_ticking.py -k service")
	@$(PY) -m dev.one $(T)

lint: setup ## Run the linters only
	@$(PY) -m dev.check lint

coverage: setup ## Measure which branches of the add-on its own tests take
	@$(PY) -m dev.check coverage

hooks: setup ## Have Git call the quick linters before each commit
	@$(PY) -m dev.hooks

apps: setup ## Run the add-on's tests in a database with many other apps
	@$(PY) -m dev.check apps

soak: setup ## Try random sequences for ten minutes (DROPSHIP_SOAK_SECONDS, DROPSHIP_SEED)
	@$(PY) -m dev.check soak

bench: setup ## Compare speed and memory with core's own drop shipping, in 15 minutes
	@$(PY) -m benchmarks $(GROUPS)

crash: setup ## Kill Odoo at random moments of what it does (DROPSHIP_KILLS=50)
	@$(PY) -m dev.check crash

mutants: setup ## Change the code on purpose and list what no test notices (COUNT, SEED)
	@$(PY) -m dev.mutants $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

docs: setup ## Build the handbook, and check all links
	@$(PY) -m dev.docs

pictures: setup ## Take the pictures of README and handbook anew
	@$(PY) -m dev.pictures

regression: setup ## Run Odoo's own tests without and with the add-on and compare
	@$(PY) -m dev.regression

format: setup ## Format all code as the linters want it
	@$(PY) -m dev.check format

pot: setup ## Bring the translation template and the translations up to date
	@$(PY) -m dev.check pot

generate: setup ## Bring all that is generated up to date: translations, pictures, pages
	@$(PY) -m dev.check pot
	@$(PY) -m dev.pictures
	@$(PY) -m dev.pages
	@$(PY) -m dev.docs

pages: setup ## Bring the add-on's README.rst and its page in the Apps up to date
	@$(PY) -m dev.pages

stop: ## Stop Odoo and PostgreSQL
	@if [ -x $(PY) ]; then $(PY) -m harness stop; fi

clean: stop ## Remove all that was fetched or made
	rm -rf .dev artifacts
