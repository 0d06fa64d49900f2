# `make balance` and `make test` need Python >= 3.11, make and git, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA := example:germany_sample
DUTCH := example:netherlands
OUT := out

.PHONY: help balance balance-nl test lint format docs bench clean

help:
	@echo "make balance     set up .venv and compute the balances of 2,000 synthetic German farms into $(OUT)/"
	@echo "make balance-nl  the same of the Dutch example farms into $(OUT)-nl/"
	@echo "make test        set up .venv and run all checks and tests"
	@echo "make format      format the code"
	@echo "make docs        write the generated pages of docs/ again"
	@echo "make bench       run the benchmarks"

$(VENV)/installed: pyproject.toml
	$(PYTHON) -c "import sys; assert sys.version_info >= (3, 11), 'Python 3.11 or later is needed, this is ' + sys.version"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

balance: $(VENV)/installed
	$(BIN)/stoffenbalans balance $(DATA) --regime de.stoffbilv --out $(OUT)

balance-nl: $(VENV)/installed
	$(BIN)/stoffenbalans balance $(DUTCH) --regime nl --out $(OUT)-nl

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile
	$(BIN)/openfisca test -c openfisca_stoffenbalans tests/de $(wildcard tests/nl/*/*.yaml) tests/balance tests/quality

lint: $(VENV)/tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict parameters variables reforms tests openfisca_stoffenbalans .yamllint

format: $(VENV)/tested
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/tested
	$(BIN)/python -m openfisca_stoffenbalans.law

bench: $(VENV)/tested
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.scenarios
	$(BIN)/python -m benchmarks.scenarios --workers
	$(BIN)/python -m benchmarks.soil_balance
	$(BIN)/python -m benchmarks.synthetic

clean:
	rm -rf $(VENV) build dist $(OUT) $(OUT)-nl .pytest_cache .ruff_cache .mypy_cache
