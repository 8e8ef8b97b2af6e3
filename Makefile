# patrolplan: two commands matter. `make plan` sets up, plans the built-in scenario and
# says where the map is; `make test` checks everything as CI does.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= out

.PHONY: plan test check soak bench fuzz mutation docs notebooks lock lowest newest licences
.PHONY: sbom audit build pictures translations clean help

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make plan       set up, plan the built-in scenario, say where the map is
plan: $(VENV)/.main
	@$(BIN)/patrolplan plan --out $(OUT)

## make test       lint, types, import contracts, all tests, notebooks
test: check notebooks
	$(BIN)/python -m pytest -m "not soak" -n 2 --dist loadfile

## make check      lint, types and import contracts only
check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

## make notebooks  run every notebook in a clean kernel; none may warn
notebooks: $(VENV)/.dev
	@rm -rf build/notebooks && mkdir -p build/notebooks
	$(BIN)/jupytext --quiet --to ipynb notebooks/*.py
	@mv notebooks/*.ipynb build/notebooks/
	@# A first use of matplotlib says on stderr that it gathers fonts.
	@$(BIN)/python -c 'import matplotlib.font_manager' 2>/dev/null
	JUPYTER_PLATFORM_DIRS=1 $(BIN)/python -m pytest --nbmake --overwrite --nbmake-timeout=300 \
	  -n 2 build/notebooks
	@$(BIN)/python tests/notebook_outputs.py build/notebooks

## make soak       the same tests at full size
soak: $(VENV)/.dev browser
	$(BIN)/python -m pytest -m soak

## make bench      speed and quality, as ratios, JSON to build/
bench: $(VENV)/.dev
	@mkdir -p build
	$(BIN)/python benchmarks/planning.py --json build/planning.json

## make fuzz       every reader under atheris: make fuzz SECONDS=600
SECONDS ?= 600
fuzz: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[fuzz]'
	$(BIN)/python fuzz/fuzz.py --seconds $(SECONDS)

## make mutation   what the tests notice of changes: make mutation AREA=need COUNT=300 SEED=1
AREA  ?= need planning
COUNT ?= 300
SEED  ?= 1
mutation: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[mutation]'
	for area in $(AREA); do \
	  $(BIN)/python mutation/mutation.py --area $$area --count $(COUNT) --seed $(SEED) || exit 1; \
	done

## make docs       the documentation as a site, strict
docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --site-dir build/site

## make pictures   draw the pictures of the documentation anew, about a minute
pictures: $(VENV)/.dev
	$(BIN)/python docs/pictures/draw_pictures.py

## make lowest     the tests on the oldest dependencies that pyproject.toml allows
lowest: $(VENV)/.dev
	sh tests/other_versions.sh $(BIN)/python lowest-direct

## make newest     the tests on the newest dependencies there are
newest: $(VENV)/.dev
	sh tests/other_versions.sh $(BIN)/python highest

## make licences   what each dependency is licensed under
licences: $(VENV)/.dev
	@$(BIN)/pip-licenses --from=mixed --ignore-packages patrolplan

## make sbom       the bill of materials of the lock, CycloneDX, to build/
sbom: $(VENV)/.dev
	@mkdir -p build && $(PYTHON) -m venv build/sbom
	build/sbom/bin/python -m pip install --quiet cyclonedx-bom
	build/sbom/bin/cyclonedx-py requirements --output-reproducible \
	  --pyproject pyproject.toml --output-file build/sbom.json requirements.txt

## make audit      known vulnerabilities of the lock; asks a public database
audit: $(VENV)/.dev
	@mkdir -p build && $(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet pip-audit
	@# Strict: where nobody could be asked, nothing is known, and that is no success.
	build/audit/bin/pip-audit --strict --disable-pip --require-hashes \
	  --requirement requirements.txt

## make build      sdist and wheel
build: $(VENV)/.dev
	$(BIN)/python -m build --no-isolation

## make translations  compile the French catalogue
translations: $(VENV)/.dev
	$(BIN)/pybabel compile -D patrolplan -d src/patrolplan/products/locale

## make lock       resolve dependencies anew, with hashes and no addresses
lock: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --no-header --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --no-header --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe \
	  --extra dev --extra docs --constraint requirements.txt \
	  --output-file requirements-dev.txt pyproject.toml

clean:
	rm -rf build dist $(OUT) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "patrolplan needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.main: requirements.txt pyproject.toml | $(VENV)/bin/python
	@test -e $(VENV)/.dev || echo "Setting up: this takes a minute or two, once."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml $(VENV)/.main | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

test: browser
.PHONY: browser
browser: $(VENV)/.dev
	@sh tests/browser/get_chromium.sh $(BIN)
