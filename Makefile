# `make demo` and `make test` set everything up by themselves; a second run is quick.
PYTHON ?= python3
BIN    := .venv/bin
USABLE := .venv/.demo-ready
READY  := .venv/.ready
DEMO   := samples/founding_dandong_sinuiju.ulg

.DEFAULT_GOAL := help
.PHONY: help demo test check unit format bench bench-readers bench-geofence bench-zones bench-media calibrate fuzz oracle pictures
.PHONY: answers bundle former docs cli-reference chaos bench-audit fleet fuzz-readers damage damage-peers integrity page-pictures app-pictures bench-page mutate borders samples schema catalogues clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# Hard links between uv's cache and the environment fail across file systems; copying always works.
# Byte code is left to Python, which writes that of what is used: a quarter of the size otherwise.
define install
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python $(PYTHON) .venv && uv pip install --quiet --link-mode copy --python $(BIN)/python -e '$(1)'; \
	else \
		$(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '$(1)'; \
	fi
endef

$(USABLE): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "dronecheck needs Python 3.11 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (once, a minute) ..."
	$(call install,.)
	@touch $@

$(READY): $(USABLE)
	@echo "Adding what the tests need to .venv (once, a minute or two) ..."
	$(call install,.[dev])
	@touch $@

SHOW   := $(BIN)/dronecheck check $(DEMO) --plots out/demo --report out/demo/page.html
demo: $(USABLE)  ## check the founding flight: verdict, findings, plots and page in out/demo
	@mkdir -p out/demo
	@echo '$$ $(SHOW)'
	@$(SHOW); code=$$?; if [ $$code -eq 1 ]; then echo; \
		echo "Exit code 1: a violation was found, as this sample is made to show."; \
		echo "Look at out/demo/page.html in a browser, and at the pictures beside it."; else exit $$code; fi

test: check unit  ## all checks, and all tests in the quick scale; all of them: DRONECHECK_TEST_SCALE=full make test

check: $(READY)  ## ruff, mypy --strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@if [ "$$DRONECHECK_TEST_SCALE" = full ]; then $(BIN)/pyright --pythonpath $(BIN)/python; fi
	@$(BIN)/lint-imports

unit: $(READY)  ## the tests alone
	@DRONECHECK_TEST_SCALE=$${DRONECHECK_TEST_SCALE:-quick} $(BIN)/python -m pytest -n auto --dist worksteal

format: $(READY)  ## format the code
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

bench: $(READY)  ## speed, side by side with other tools
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/page.py

bench-readers: $(READY)  ## the readers on grown files beside pymavlink and pyulog (minutes)
	@$(BIN)/python benchmarks/readers_dataflash.py
	@$(BIN)/python benchmarks/readers_ulog.py
	@$(BIN)/python benchmarks/readers_tlog.py
	@$(BIN)/python benchmarks/readers_csv.py
	@$(BIN)/python benchmarks/readers_dji.py

bench-geofence: $(READY)  ## the geofence beside geopandas, prepared shapely, MovingPandas (minutes)
	$(call install,.[bench])
	@$(BIN)/python benchmarks/geofence.py

bench-zones: $(READY)  ## zone files beside openair-rs and geopandas, and the zone library
	@$(BIN)/python benchmarks/zones.py

bench-media: $(READY)  ## photos beside exiftool: read, and checked with a log
	@$(BIN)/python benchmarks/media.py

SECONDS ?= 60
fuzz: $(READY)  ## damaged samples through the whole pipeline for SECONDS
	@$(BIN)/python -m tests.fuzz.pipeline $(SECONDS)
	@$(BIN)/python -m tests.fuzz.openair_texts $(SECONDS)
	@$(BIN)/python -m tests.fuzz.zone_files $(SECONDS)

RUNS   ?= 1000000
fuzz-readers: $(READY)  ## RUNS inputs through each reader of logs, zones and media, guided by coverage; what they found stays in out/fuzz (a day)
	$(call install,.[fuzz])
	@for reader in $$($(BIN)/python -c 'from dronecheck import airspace, readers; print(*readers.READERS, *airspace.ZONE_READERS, "media")'); do \
		$(BIN)/python -m tests.fuzz.guided $$reader out/fuzz/$$reader -runs=$(RUNS) -print_final_stats=1 || exit 1; \
	done

FILES  ?= 10000
damage: $(READY)  ## FILES damaged copies of each format's sample, and all cuts: what is lost without a word (an hour)
	@$(BIN)/python -m tests.fuzz.damage $(FILES) $(SEED)
	@$(BIN)/python -m tests.fuzz.truncation 0 1000 $(SEED)

EDITS  ?= 12
WORKERS ?= 2
integrity: $(READY)  ## EDITS kinds of edits (0: all) of each real log and sample, in valid form: how many are found (minutes)
	@$(BIN)/python -m tests.edits $(SEED) $(EDITS) $(WORKERS)

damage-peers: $(READY)  ## the same damaged files through pyulog, pymavlink and pandas
	@$(BIN)/python -m tests.fuzz.peers 400 $(SEED)

POINTS ?= 1000000
SEED   ?= 20261122
oracle: $(READY)  ## the geofence against brute force on the ellipsoid, POINTS random points (minutes)
	@echo "seed $(SEED)"
	@$(BIN)/python -m tests.oracle.geofence_run $(POINTS) $(SEED)

KILLS  ?= 50
chaos: $(READY)  ## kill an audit and its workers KILLS times each, and feed it files that kill workers (half an hour)
	@$(BIN)/python -m tests.chaos.kill 1000 $(KILLS) $(KILLS) $(SEED)
	@$(BIN)/python -m tests.chaos.faults 1000 5

FLIGHTS ?= 10000
fleet: $(READY)  ## simulate a fleet of FLIGHTS logs with its truth into out/fleet
	@$(BIN)/python samples/make_fleet.py $(FLIGHTS) --out out/fleet --workers 2

bench-audit: $(READY)  ## audit FLIGHTS simulated logs: answers against the truth, speed, memory, overhead (20 minutes)
	@$(BIN)/python benchmarks/audit.py $(FLIGHTS)

MUTANTS ?= 600
mutate: $(READY)  ## MUTANTS random changes to geo and geofence, and whether the tests notice (hours)
	@$(BIN)/python -m tests.mutation.run $(MUTANTS) $(SEED)

samples: $(READY)  ## simulate the samples again
	@$(BIN)/python samples/simulate.py

borders: $(READY)  ## rebuild airspace_data/borders (needs npm and Babel)
	$(call install,.[borders])
	@$(BIN)/python airspace_data/borders/build.py

cli-reference: $(READY)  ## write docs/cli.md and docs/json.md from the code
	@$(BIN)/python docs/make_cli_reference.py
	@$(BIN)/python docs/make_json_page.py

docs: $(READY)  ## the documentation as a site in out/site
	$(call install,.[docs])
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "out/site/pilot.html"

catalogues: $(READY)  ## the other languages: new sentences to translate, and the compiled files
	@$(BIN)/python docs/make_catalogues.py

answers: $(READY)  ## keep what the samples are answered, once the audits' basis is raised
	@$(BIN)/python -m tests.support.answers

former: $(READY)  ## an audit and a zone library as COMMIT leaves them, for tests/audit/test_former.py
	@$(BIN)/python -m tests.support.former $(COMMIT)

schema: $(READY)  ## write the JSON Schemas that ship with the package
	@$(BIN)/python -c "from pathlib import Path; from dronecheck.report.json import document, media_document, rules_document, zones_document; folder = Path('src/dronecheck/report/json'); (folder / 'result.schema.json').write_bytes(document.schema_bytes()); (folder / 'zones.schema.json').write_bytes(zones_document.schema_bytes()); (folder / 'rules.schema.json').write_bytes(rules_document.schema_bytes()); (folder / 'media.schema.json').write_bytes(media_document.schema_bytes())"

calibrate: $(READY)  ## 5,000 simulated flights: how often verdicts are wrong, and open; and the real logs
	@$(BIN)/python benchmarks/calibrate.py
	@if [ -d ../shared/logs ]; then $(BIN)/python benchmarks/sharpness.py; fi

pictures: $(READY)  ## draw the pictures of docs/verdicts.md
	@$(BIN)/python docs/make_pictures.py

page-pictures: $(READY)  ## take the pictures of the page in README.md and docs (needs Chromium)
	@$(BIN)/python docs/make_page_pictures.py

app-pictures: $(READY)  ## take the pictures in docs/app.md (needs Chromium)
	@$(BIN)/python docs/make_app_pictures.py

bench-page: $(READY)  ## what writing the page costs beyond the check
	@$(BIN)/python benchmarks/page.py

bundle: $(READY)  ## the program for people without Python, in dist/dronecheck (a minute; PyInstaller)
	@$(BIN)/python -m PyInstaller --noconfirm --clean --log-level ERROR --distpath dist --workpath build packaging/dronecheck.spec
	@cp LICENSE dist/dronecheck/
	@du -sm dist/dronecheck

clean:  ## remove the environment and what was built
	rm -rf .venv out dist build .mypy_cache .ruff_cache .hypothesis
