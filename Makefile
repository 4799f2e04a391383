# The short way in. CMake presets do the work; tools/setup installs what is missing.
.PHONY: all setup web demo test asan tsan coverage fuzz bench format lint install clean
all: setup web
	@cmake --preset release >/dev/null
	@cmake --build --preset release

setup:
	@tools/setup

web: setup
	@tools/build-web

demo: all
	@tools/demo

test: all
	@tools/run-tests

asan tsan: setup web
	cmake --preset $@
	cmake --build --preset $@
	ctest --test-dir build/$@ --output-on-failure

coverage: setup web
	tools/coverage

fuzz: setup web
	tools/fuzz

bench: all
	bench/run

format:
	tools/format

lint:
	tools/format --check

install: all
	cmake --install build

clean:
	rm -rf build web/dist
