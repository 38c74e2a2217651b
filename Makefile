PYTHON ?= python3
DEMO   ?= china
PIP    := -m pip install --quiet --disable-pip-version-check
SHARED := -n auto --dist loadfile  # a file of tests to each core

export OMP_NUM_THREADS = 1

OLDEST := 'numpy==1.24.*' 'scipy==1.10.*' 'pandas==1.5.*' 'shapely==2.0.*' 'geopandas==0.14.*' 'pyogrio==0.7.*' \
          'libpysal==4.9.*' 'matplotlib==3.7.*' 'folium==0.15.*' 'jinja2==3.1.*' 'openpyxl==3.1.*' \
          'python-docx==1.1.*' 'pyarrow==14.*' 'highspy==1.7.*' 'pulp==3.0.*' 'esda==2.5.*' 'spreg==1.8.*' \
          'distributed==2023.5.*' 'dask==2023.5.*'

.PHONY: demo test lint check catalogue wheel-demo oldest plugin plugin-check desktop clean

## The main job: its own environment, the whole chain, the path of the report on the last line.
demo: .venv/.ready
	@.venv/bin/ecospatial demo $(DEMO) --out build/demo

## Everything that must hold: style, types, tests, oldest supported libraries, the built wheel, the QGIS plugin.
test: lint check oldest wheel-demo plugin-check

lint: .venv-test/.ready
	.venv-test/bin/ruff check .
	.venv-test/bin/ruff format --check .
	.venv-test/bin/mypy

check: .venv-test/.ready
	.venv-test/bin/pytest --ignore tests/plugin $(SHARED)

## The same tests with the oldest libraries that are supported.
oldest: .venv-oldest/.ready
	.venv-oldest/bin/pytest tests --ignore tests/plugin -m "not slow" $(SHARED)

## The zip for QGIS, the same bytes for the same sources.
plugin: .venv-test/.ready
	.venv-test/bin/python scripts/build_plugin.py

## The zip as the plugin repository wants it, and its tools in a real QGIS, which apt installs where it may.
plugin-check: .venv-test/.ready
	scripts/ensure_qgis.sh
	.venv-test/bin/pytest tests/plugin

## Screenshots of the real desktop on a virtual screen.
desktop: .venv-test/.ready
	scripts/desktop.sh build/desktop

## The demo from the wheel, as somebody who installs it will run it.
wheel-demo: .venv-wheel/.ready
	cd build && ../.venv-wheel/bin/ecospatial demo us-states --out wheel-demo

.venv/.ready: pyproject.toml
	@$(PYTHON) -m venv .venv
	@.venv/bin/python $(PIP) --editable '.[all]'
	@touch $@

.venv-test/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-test
	.venv-test/bin/python $(PIP) --editable '.[test]'
	touch $@

.venv-oldest/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python $(PIP) --editable . $(OLDEST) babel pytest pytest-xdist hypothesis
	touch $@

.venv-wheel/.ready: pyproject.toml $(shell find ecospatial data -type f -not -name '*.pyc' 2>/dev/null)
	rm -rf .venv-wheel build/wheel
	$(PYTHON) -m venv .venv-wheel
	.venv-wheel/bin/python $(PIP) build
	.venv-wheel/bin/python -m build --wheel --outdir build/wheel . > /dev/null
	.venv-wheel/bin/python $(PIP) "$$(ls build/wheel/*.whl)[all]"
	touch $@

clean:
	rm -rf .venv .venv-test .venv-oldest .venv-wheel build dist .pytest_cache .mypy_cache .ruff_cache
