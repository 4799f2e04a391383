"""test_install.py - what `make install` puts down works for somebody else's program."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import COMMAND, MAP, SOURCE, plant

BUILD = pathlib.Path(COMMAND).parent
PROGRAM = r"""
#include <lockstep.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    const char *files[] = {argv[1]};
    struct lks_ingest_options ingest = {.files = files, .files_count = 1, .map = argv[3]};
    struct lks_case_counts counts;
    struct lks_error err = {0};
    if (argc != 4 || lks_case_ingest(argv[2], &ingest, NULL, &counts, &err) != 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("%s %llu\n", lks_version(), (unsigned long long)counts.posts);
    return 0;
}
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The prefix, moved after installing: nothing may hold on to where it was."""
    cache = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8")
    if re.search(r"^LKS_SANITIZE:\w+=.", cache, re.M) or "--coverage" in cache:
        pytest.skip("a build with instruments is not installed")
    folder = tmp_path_factory.mktemp("install")
    subprocess.run(["cmake", "--install", BUILD, "--prefix", folder / "first"], check=True,
                   stdout=subprocess.DEVNULL)
    shutil.move(folder / "first", folder / "prefix")
    return folder / "prefix"


def pkg_config(prefix, *arguments):
    (folder,) = prefix.glob("lib*/**/pkgconfig")
    done = subprocess.run(["pkg-config", *arguments, "lockstep"], check=True, capture_output=True,
                          text=True, env={**os.environ, "PKG_CONFIG_PATH": str(folder)})
    return done.stdout.split()


def library_folder(prefix):
    return next(prefix.glob("lib*/**/liblockstep.so")).parent


@pytest.mark.parametrize("kind", ["shared", "static"])
def test_a_c_program_builds_and_runs(installed, tmp_path, kind):
    (tmp_path / "program.c").write_text(PROGRAM, encoding="utf-8")
    plant(tmp_path / "posts.csv", posts=200)
    flags = pkg_config(installed, "--cflags", "--libs", *(["--static"] if kind == "static" else []))
    environment = dict(os.environ)
    if kind == "static":
        flags = ["-l:liblockstep.a" if flag == "-llockstep" else flag for flag in flags]
    else:
        environment["LD_LIBRARY_PATH"] = str(library_folder(installed))
    subprocess.run(["cc", "-std=c99", "-Wall", "-Werror", "-o", tmp_path / "program",
                    tmp_path / "program.c", *flags], check=True)
    done = subprocess.run([tmp_path / "program", tmp_path / "posts.csv", tmp_path / "case", MAP],
                          capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    rows = (tmp_path / "posts.csv").read_text(encoding="utf-8").count("\n") - 1
    version, posts = done.stdout.split()
    assert int(posts) == rows
    assert pkg_config(installed, "--modversion") == [version]


def test_the_command_finds_its_libraries(installed, tmp_path):
    plant(tmp_path / "posts.csv", posts=200)
    done = subprocess.run([installed / "bin" / "lockstep", "ingest", "case", "posts.csv", "--map", MAP],
                          cwd=tmp_path, capture_output=True, text=True, env={"PATH": "/bin"}, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "case" / "store.duckdb").exists()


def test_without_duckdb_only_what_keeps_records_is_refused(installed, tmp_path):
    """DuckDB is loaded when a case's records are needed; where it is not there, that is said, and the rest works."""
    shutil.copytree(installed, tmp_path / "bare")
    for library in (tmp_path / "bare").glob("lib*/**/libduckdb*"):
        library.unlink()
    plant(tmp_path / "posts.csv", posts=200)

    def run(*arguments):
        return subprocess.run([tmp_path / "bare" / "bin" / "lockstep", *arguments], cwd=tmp_path,
                              capture_output=True, text=True, env={"PATH": "/bin"}, check=False)

    assert run("--version").returncode == 0
    done = run("neartext", "--input", "posts.csv", "--map", MAP)
    assert done.returncode == 0, done.stderr
    done = run("ingest", "case", "posts.csv", "--map", MAP)
    if done.returncode == 0:
        pytest.skip("the system has a DuckDB of its own")
    assert done.returncode == 1
    assert "DuckDB cannot be loaded" in done.stderr


def test_only_what_the_header_declares_is_exported(installed):
    header = (installed / "include" / "lockstep.h").read_text(encoding="utf-8")
    declared = set(re.findall(r"LKS_API[^;]*?\b(lks_\w+)\(", header))
    listed = subprocess.run(["nm", "-D", "--defined-only", library_folder(installed) / "liblockstep.so"],
                            check=True, capture_output=True, text=True).stdout
    exported = {line.split()[-1] for line in listed.splitlines()}
    assert exported == declared


def test_the_manual_lies_where_man_looks(installed):
    page = installed / "share" / "man" / "man1" / "lockstep.1"
    assert page.read_bytes() == (SOURCE / "man" / "lockstep.1").read_bytes()
