# setup, demo, test, coverage, lint, bench: each sets up what it needs. Nothing is installed outside this folder but
# the system packages that deploy/system-packages names.
.PHONY: setup install demo test interop coverage lint bench backfill large-search simulate scale calibration lock clean
MAKEFLAGS += --no-print-directory
UV = .uv/bin/uv
IN_VENV = VIRTUAL_ENV=.venv $(UV) pip
SYNC = $(IN_VENV) sync -q --no-config --require-hashes --only-binary :all: --compile-bytecode
# Compiled once: a start must not spend its first seconds on that, also where Python is told to write no bytecode.
COMPILED = .venv/bin/python -m compileall -q nic_node federation schemas
EDITABLE = $(IN_VENV) install -q --no-config --offline --no-deps --no-build-isolation -e .
JUDGES = tests/interop/judges
COMPILE = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q

setup: .venv/.test
	@[ "$$(id -u)" != 0 ] || deploy/system-packages chromium postgresql systemd

# What running a node takes, without the tests' packages.
install: .venv/.run
	$(COMPILED)

demo: .venv/.run
	$(COMPILED)
	.venv/bin/nic demo --data nic-demo

test: .venv/.test .judges/.python .judges/.go
	deploy/system-packages chromium postgresql systemd
	$(COMPILED)
	$(MAKE) lint
	.venv/bin/python -m pytest -q -n 2

# Other people's programs and vectors judge ours. Apart from `test`: Node and npm take minutes on a bare machine.
interop: .venv/.test .judges/.python .judges/.go .judges/.node
	.venv/bin/python -m pytest -q tests/interop

# Apart from `test`: on Python 3.11 it doubles the time.
coverage: .venv/.test
	deploy/system-packages chromium postgresql systemd
	$(COMPILED)
	.venv/bin/python -m pytest -q -n 2 --cov --cov-report=term:skip-covered

lint: .venv/.test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	deploy/check-locks

# Prints nothing on stdout but a JSON line a benchmark.
bench: .venv/.test
	@.venv/bin/python -m bench

# Every fault with 100 and 1,000 nodes, 10,000 of them healthy; `test` does it with a dozen.
simulate: .venv/.test
	.venv/bin/python -m pytest -q -m long tests/simulation

# 144,000 pools of printed numbers (docs/decisions tells what they show), and whole states over several terms.
calibration: .venv/.test
	.venv/bin/python -m pytest -q -s -m long tests/unit/disclosure

# The figures, drawings and table of docs/scale.md; runs only what docs/scale/figures.jsonl lacks (an hour, if it is gone).
scale: .venv/.test
	@.venv/bin/python -m nic_node.simulate.scale docs/scale

# A new member reads 1,000,000 records: apart from `bench`, since making them takes a quarter of an hour once.
backfill: .venv/.test
	@.venv/bin/python -m bench.backfill $(RECORDS)

# Searching 1,000,000 practices, and the memory for it: making them takes half an hour once.
large-search: .venv/.test
	@.venv/bin/python -m bench.large_search $(RECORDS)

lock: .uv/bin/uv
	$(COMPILE) --group build pyproject.toml -o requirements.txt
	$(COMPILE) --group build --group test -c requirements.txt pyproject.toml -o requirements-test.txt
	$(COMPILE) --no-emit-package djagger $(JUDGES)/requirements.in -o $(JUDGES)/requirements.txt

clean:
	rm -rf .venv .uv .judges nic-demo

.uv/bin/uv: requirements-uv.txt
	@python3 -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' || deploy/system-packages python3-venv
	python3 -m venv --clear .uv
	.uv/bin/pip --isolated install -q --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	@touch $@

.venv/bin/python: | .uv/bin/uv
	$(UV) venv -q --no-config --python "$$(command -v python3)" .venv

.venv/.run: requirements.txt pyproject.toml | .venv/bin/python
	$(SYNC) $<
	$(EDITABLE)
	@rm -f .venv/.test; touch $@

.venv/.test: requirements-test.txt pyproject.toml | .venv/bin/python
	$(SYNC) $<
	$(EDITABLE)
	@touch .venv/.run $@

# The judges stand outside every environment and lock of ours. djagger, which only draws pages, has no wheel.
.judges/.python: $(JUDGES)/requirements.txt | .uv/bin/uv
	$(UV) venv -q --no-config --clear --python "$$(command -v python3)" .judges/python
	VIRTUAL_ENV=.judges/python $(UV) pip sync -q --no-config --require-hashes --only-binary :all: $<
	@touch $@

.judges/.node: $(JUDGES)/package.json $(JUDGES)/package-lock.json
	@command -v npm >/dev/null || deploy/system-packages nodejs npm
	mkdir -p .judges/node
	cp $^ .judges/node/
	npm ci --silent --no-audit --no-fund --ignore-scripts --prefix .judges/node
	@touch $@

# From Debian's own sources of golang.org/x/mod: nothing is fetched, and 2 s are enough.
.judges/.go: $(JUDGES)/log/main.go
	deploy/system-packages golang-go golang-golang-x-mod-dev
	mkdir -p .judges/go
	GO111MODULE=off GOPROXY=off GOFLAGS= GOPATH=/usr/share/gocode GOCACHE="$$PWD/.judges/go/cache" \
		go build -o .judges/go/judge $<
	@touch $@
