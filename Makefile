# Everything runs in .venv, which each target makes when it is missing or out of date.
# Needs GNU make, bash and Python 3.11 or newer. Works from any folder, with spaces in its name too.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
PY := .venv/bin/python

export HOST ?= 127.0.0.1
export PORT ?= 8000
# A name, because browsers allow passkeys for names and not for addresses.
export CLINIC_URL ?= http://$(patsubst 127.0.0.1,localhost,$(HOST)):$(PORT)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run prepare test coverage faults scan check format bench pictures lock sbom clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: .venv/run.stamp ## Start the site and its worker (HOST, PORT, VAR_DIR)
	@$(PY) manage.py prepare
	@exec $(PY) -m honcho start

test: .venv/dev.stamp .venv/html.stamp ## Run every test this machine can run
	@$(PY) -m tests

coverage: .venv/dev.stamp ## List the branches that no test takes
	@$(PY) -m tests coverage

faults: .venv/dev.stamp ## Kill, stop, fill and corrupt the real thing, at full size (about 25 minutes)
	@FAULTS=full $(PY) -m pytest tests/faults -m faults --numprocesses=0 -s

scan: .venv/dev.stamp .venv/scan.stamp ## Let wapiti look for holes, signed in and not (about half an hour)
	@$(PY) -m tests.scan

check: .venv/dev.stamp ## Style, types, imports, templates, migrations, production settings
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy pages intake clinic_site
	@$(PY) -c 'from importlinter.cli import lint_imports_command as run; run()'
	@.venv/bin/djade --check --target-version 5.2 $$(find templates -name '*.html')
	@$(PY) manage.py makemigrations --check --dry-run
	@CLINIC_PROFILE=production CLINIC_HOSTS=clinic.example.org CLINIC_URL=https://clinic.example.org \
	 CLINIC_TIME_ZONE=America/Denver CLINIC_EMAIL_URL=smtp://127.0.0.1:25 CLINIC_NOTIFY_EMAILS=desk@example.org \
	 CLINIC_EMAIL_FROM=desk@example.org CLINIC_SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	 CLINIC_SECURITY_CONTACT=mailto:security@example.org CLINIC_SECURITY_EXPIRES=$$(date -d '+300 days' +%F) \
	 VAR_DIR=$$(mktemp -d) $(PY) manage.py check --deploy --fail-level WARNING

format: .venv/dev.stamp ## Put code and templates into the house format
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .
	@.venv/bin/djade --target-version 5.2 $$(find templates -name '*.html')

messages: .venv/dev.stamp ## Collect what the site says, for translators (docs/translating.md)
	@$(PY) manage.py messages

bench: .venv/dev.stamp .venv/lighthouse.stamp ## Measure, and write bench/RESULTS.md
	@$(PY) -m bench

pictures: .venv/dev.stamp ## Make the pictures of the handbooks anew (NAMES=one-of-them)
	@$(PY) -m docs.pictures.make $(NAMES)

lock: .venv/dev.stamp ## Pin everything that requirements.txt needs, with hashes, and note how old it is
	@{ printf '%s\n' '# Everything that requirements.txt needs, with the hash of every file it may be installed from.' \
	 '# Made by `make lock`; installed by `make run` and the container, with --require-hashes.'; \
	 $(PY) -m piptools compile --quiet --generate-hashes --strip-extras --no-header --annotation-style=line \
	 --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file=- requirements.txt; } > .venv/requirements.lock
	@mv .venv/requirements.lock requirements.lock
	@$(PY) -m deploy.released

sbom: .venv/dev.stamp ## Write docs/sbom.cdx.json (CycloneDX) and docs/licenses.md
	@$(PY) deploy/sbom.py

clean: ## Remove what can be made again; never var/
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed: apt-get install python3'; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo 'Python could not make a virtual environment: apt-get install python3-venv'; exit 1; }

# Catalogues are compiled here: where it is deployed, the site may not write beside its code.
.venv/run.stamp: requirements.lock $(wildcard locale/*/LC_MESSAGES/*.po) | .venv/bin/python
	@echo 'Installing what the site runs on ...'
	@$(PY) -m pip install --quiet --require-hashes --requirement requirements.lock
	@$(PY) -m clinic_site.catalogue
	@touch $@

.venv/dev.stamp: requirements.txt requirements.lock requirements-dev.txt | .venv/bin/python
	@echo 'Installing what the site runs on, and the tools to test it ...'
	@$(PY) -m pip install --quiet --require-hashes --requirement requirements.lock
	@$(PY) -m pip install --quiet --requirement requirements-dev.txt
	@touch .venv/run.stamp $@

# The scanner brings a hundred packages of its own, so it lives apart.
.venv/scan.stamp: | .venv/bin/python
	@echo 'Installing the scanner ...'
	@$(PYTHON) -m venv .venv/scan && .venv/scan/bin/pip install --quiet wapiti3==3.2.3
	@touch $@

# Packages of npm are fetched where its registry can be reached; what needs them says so where it cannot.
.venv/html.stamp: tests/front/html/package-lock.json | .venv/dev.stamp
	@echo 'Installing what reads the HTML ...'
	@$(call npm_ci,tests/front/html,.venv/html)

.venv/lighthouse.stamp: bench/lighthouse/package-lock.json | .venv/dev.stamp
	@echo 'Installing Lighthouse ...'
	@$(call npm_ci,bench/lighthouse,.venv/lighthouse)

# Install the packages that are pinned in the folder $(1) into the folder $(2).
npm_ci = mkdir -p $(2) && cp $(1)/package.json $(1)/package-lock.json $(2)/ && \
	if (cd $(2) && PUPPETEER_SKIP_DOWNLOAD=1 ../bin/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null); \
	then touch $(2).stamp; fi
