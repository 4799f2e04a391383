# The short way in: CMake presets do the work, tools/setup installs what is missing.
.PHONY: all demo pictures test asan tsan coverage fuzz bench format lint install clean

all:
	@tools/setup
	@tools/build-web
	@cmake --preset release >/dev/null
	@cmake --build --preset release --target lockstep lockstep_shared lockstep_static

demo: all
	@tools/setup demo
	@tools/demo

# The pictures of README and docs/report.md, anew, from the demo's report of synthetic data.
pictures: demo
	@tools/setup test
	@tools/build-web packages
	@cd web && node tests/picture.mjs ../demo/case/runs/0001/report.html ../docs/images

test:
	@tools/setup test
	@tools/build-web
	@cmake --preset release >/dev/null
	@cmake --build --preset release
	@tools/run-tests

asan tsan:
	@tools/setup test
	@tools/build-web
	@cmake --preset $@ >/dev/null
	@cmake --build --preset $@
	TSAN_OPTIONS="suppressions=$(CURDIR)/tests/tsan.supp" ctest --test-dir build/$@ --output-on-failure -j 2

coverage:
	@tools/setup test
	@tools/build-web
	@tools/coverage

fuzz:
	@tools/setup fuzz
	@tools/build-web
	@tools/fuzz

# LARGE=1 adds 100 million events, and the peers at 10 million.
bench: all
	@bench/run $(if $(LARGE),--large)

format:
	@tools/format

lint:
	@tools/format --check

# PREFIX=/usr/local DESTDIR=
install: all
	@cmake --install build $(if $(PREFIX),--prefix $(PREFIX))

clean:
	rm -rf build web/dist
