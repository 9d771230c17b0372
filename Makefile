# Every target does its own set-up; `make` alone lists them.

PREFIX ?= /usr/local
DESTDIR ?=
PY = .venv/bin/python
PYTEST = $(PY) -m pytest

.PHONY: help ready sandbox demo test fuzz test-runtime lint docs bench install uninstall clean

help:
	@echo 'make demo          two namespaces and a cable, then a lab in three tiers, then containers and the map of them: built, checked, shown, taken down'
	@echo 'make test          the tests: pure ones, and those on the real kernel in private namespaces'
	@echo 'make fuzz          the property tests with many more examples'
	@echo 'make test-runtime  the tests with the real programs: ip, podman, containerd, Docker, each on a private host'
	@echo 'make lint          ruff and mypy'
	@echo 'make docs          write the generated pages and check the rest'
	@echo 'make bench         measure against ip, C and Python itself; BENCH=--quick for a short run'
	@echo 'make install       nw and netwright for everybody, in $(DESTDIR)$(PREFIX); make uninstall takes them away'
	@echo 'make clean         remove .venv and what builds and tests leave'
	@echo 'PYTHON=/path/to/python3 chooses the interpreter. Nothing touches the network of this machine.'

ready:
	@sh scripts/setup.sh ready

sandbox:
	@sh scripts/setup.sh sandbox

demo: ready sandbox
	@$(PY) examples/walk.py
	@$(PY) examples/shop_demo.py
	@$(PY) examples/containers_demo.py

test: ready sandbox
	@sh scripts/setup.sh tests
	$(PYTEST) tests/pure tests/kernel

fuzz: ready
	NETWRIGHT_EXAMPLES=5 $(PYTEST) tests/pure

test-runtime: ready sandbox
	@sh scripts/setup.sh runtime
	$(PYTEST) tests/runtime

lint: ready
	$(PY) -m ruff check .
	$(PY) -m mypy --strict src

docs: ready
	[ ! -f docs/generate.py ] || $(PY) docs/generate.py
	$(PYTEST) tests/pure -k docs

bench: ready sandbox
	@$(PY) bench/run.py $(BENCH)
	@$(PY) bench/labs.py $(BENCH)
	@$(PY) bench/networks.py $(BENCH)
	@$(PY) bench/hostmap.py $(BENCH)

install:
	@sh scripts/install.sh add '$(PREFIX)' '$(DESTDIR)'

uninstall:
	@sh scripts/install.sh remove '$(PREFIX)' '$(DESTDIR)'

clean:
	rm -rf .venv build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis bench/build
	find src tests bench docs examples -name __pycache__ -prune -exec rm -rf {} +
	find src -name '*.so' -delete
