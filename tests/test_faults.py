"""test_faults.py - a case on a disk that fails at every call in turn, through the whole command.

A shim (faults_shim.c) stands in front of the C library and strikes the n-th call that changes a file of the case, for
all n until the command gets through; DuckDB's calls are among them. Whatever is left must open again, hold all that
was acknowledged, and be one of two: the case before, or the case after."""
import os
import re
import shutil
import signal
import subprocess

import pytest

from conftest import COMMAND, MAP, SOURCE, plant, run

ACKNOWLEDGED, INTERRUPTED = 0, 130


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """The shim, two small files, and a case that has the first."""
    folder = tmp_path_factory.mktemp("faults")
    built = subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o",
                            folder / "shim.so", SOURCE / "tests/faults_shim.c"], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    for number, name in enumerate(["a.csv", "b.csv"]):
        plant(folder / name, seed=number + 1, accounts=20, posts=40, group=4, acts=2)
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(re.sub(r",p(\d+),", rf",p{number}x\1,", text), encoding="utf-8")
    run("ingest", folder / "base", folder / "a.csv", "--map", MAP)
    return folder


def struck(bench, *arguments, kind="", at=0, clock=0):
    """Runs the command under the shim: its exit code, standard error, and how many calls there were."""
    if "asan" in COMMAND or "tsan" in COMMAND:
        pytest.skip("a sanitizer wants to be loaded first")
    count = bench / "count"
    environment = {**os.environ, "LD_PRELOAD": str(bench / "shim.so"), "FAULTS_UNDER": str(bench / "case"),
                   "FAULTS_KIND": kind, "FAULTS_AT": str(at), "FAULTS_CLOCK": str(clock), "FAULTS_COUNT": str(count)}
    count.unlink(missing_ok=True)
    done = subprocess.run([COMMAND, *map(str, arguments), "--threads", "1"], capture_output=True, text=True,
                          env=environment, timeout=60, check=False)
    return done.returncode, done.stderr, int(count.read_text(encoding="ascii")) if count.exists() else None


def fresh(bench, base):
    shutil.rmtree(bench / "case", ignore_errors=True)
    if base:
        shutil.copytree(bench / "base", bench / "case")


def files_below(folder):
    return sum(path.is_file() for path in folder.rglob("*"))


def digest_of(bench, *names):
    shutil.rmtree(bench / "other", ignore_errors=True)
    run("ingest", bench / "other", *(bench / name for name in names), "--map", MAP)
    return run("rebuild", bench / "other", "--json").json["digest"]


def go_on(bench, kind):
    """The next command. A page of the store that was written half is more than DuckDB can mend (a disk writes it whole
    or not at all): then it says what can, and that does."""
    command = [COMMAND, "ingest", bench / "case", bench / "a.csv", "--map", MAP]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and kind in ("torn", "full"):
        assert "'lockstep rebuild' makes it again" in done.stderr
        run("rebuild", bench / "case")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check(bench, digests, acknowledged, verify):
    """After the next command: the store is what the vault says, nothing is left over, and the log holds."""
    case = bench / "case"
    told = run("rebuild", case, "--json").json
    assert told["digest"] == told["digest_before"] == digests[told["files"]]
    assert told["gone"] == told["differing"] == 0
    assert told["files"] == len(digests) - 1 or not acknowledged
    assert files_below(case / "vault/blobs") == files_below(case / "vault/keys") == told["files"]
    assert {path.name for path in case.iterdir()} == {"store.duckdb", "vault", "vault.seen"}
    if verify:
        run("verify", case)
    return told["files"]


# Every call for the first; the others go through them in steps, to save time.
@pytest.mark.parametrize("kind,step", [("kill", 1), ("torn", 4), ("io", 3), ("full", 5), ("int", 5)])
def test_an_import_is_struck_at_every_call(bench, kind, step):
    digests = [None, digest_of(bench, "a.csv"), digest_of(bench, "a.csv", "b.csv")]
    fresh(bench, True)
    code, _, calls = struck(bench, "ingest", bench / "case", bench / "b.csv", "--map", MAP)
    assert code == 0 and calls > 40
    seen = {1: 0, 2: 0}
    for at in range(1, calls + 1, step):
        fresh(bench, True)
        code, said, _ = struck(bench, "ingest", bench / "case", bench / "b.csv", "--map", MAP, kind=kind, at=at)
        if kind in ("kill", "torn"):
            assert code == -signal.SIGKILL
        elif kind == "int":
            assert code in (ACKNOWLEDGED, INTERRUPTED)
        else:
            assert code == ACKNOWLEDGED or said.startswith("lockstep ingest: ")
        assert "already" in go_on(bench, kind)
        seen[check(bench, digests, code == ACKNOWLEDGED, at % 5 == 1)] += 1
    assert seen[1] > 3 and seen[2] > 3  # it struck before and after the point from which there is no way back


@pytest.mark.parametrize("kind,step", [("kill", 2), ("io", 4), ("full", 7)])
def test_a_new_case_is_struck_at_every_call(bench, kind, step):
    digests = [None, digest_of(bench, "a.csv")]
    fresh(bench, False)
    code, _, calls = struck(bench, "ingest", bench / "case", bench / "a.csv", "--map", MAP)
    assert code == 0 and calls > 60
    for at in range(1, calls + 1, step):
        fresh(bench, False)
        struck(bench, "ingest", bench / "case", bench / "a.csv", "--map", MAP, kind=kind, at=at)
        go_on(bench, kind)
        check(bench, digests, True, at % 5 == 1)


@pytest.mark.parametrize("kind", ["kill", "io", "full"])
def test_a_look_is_struck_at_every_call(bench, kind):
    """What is shown was logged before."""
    key = "post:other:p0x3"
    fresh(bench, True)
    code, said, calls = struck(bench, "explain", bench / "case", key)
    assert code == 0 and calls > 10, said
    for at in range(1, calls + 1):
        fresh(bench, True)
        code, _, _ = struck(bench, "explain", bench / "case", key, kind=kind, at=at)
        before = len(run("log", bench / "case", "--json").json)
        run("explain", bench / "case", key)
        after = len(run("log", bench / "case", "--json").json)
        assert after in (before + 1, before + 2)  # the one before may have been safe and not yet signed
        assert before == 3 or code != ACKNOWLEDGED
    run("verify", bench / "case")


def test_several_writers_at_once(bench):
    fresh(bench, True)
    case = bench / "case"
    running = [subprocess.Popen([COMMAND, "explain", case, "post:other:p0x3"], stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE) for _ in range(8)]
    adding = subprocess.Popen([COMMAND, "ingest", case, bench / "b.csv", "--map", MAP], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE)
    codes = [(process.wait(60), process.stderr.read()) for process in running]
    added = (adding.wait(60), adding.stderr.read())
    log = run("log", case, "--json").json
    kinds = [entry["statement"]["kind"] for entry in log]
    assert kinds.count("access") == sum(code == 0 for code, _ in codes) and kinds.count("access") > 0
    assert kinds.count("import") == 1 + (added[0] == 0)
    for code, said in [*codes, added]:
        assert code == 0 or b"another" in said or b"lock" in said.lower(), said
    run("verify", case)
    run("ingest", case, bench / "b.csv", "--map", MAP)
    told = run("rebuild", case, "--json").json
    assert told["files"] == 2 and told["digest"] == told["digest_before"]


def test_a_clock_that_goes_backwards(bench):
    fresh(bench, True)
    case = bench / "case"
    code, said, _ = struck(bench, "explain", case, "post:other:p0x3", clock=-86400)
    assert code == 0, said
    run("explain", case, "post:other:p0x3")
    log = [entry["statement"] for entry in run("log", case, "--json").json]
    times = [statement["time"] for statement in log]
    assert times == sorted(times)
    assert 80000 < log[-2]["clock_behind_s"] <= 86400 and "clock_behind_s" not in log[-1]
    assert "THE CLOCK STOOD 8" in run("log", case).out
    run("verify", case)


def test_what_happened_is_said(bench):
    """The sentences of the next command, for the three ways of being cut off."""
    fresh(bench, True)
    _, _, calls = struck(bench, "ingest", bench / "case", bench / "b.csv", "--map", MAP)
    said = set()
    for at in range(1, calls + 1, 2):
        fresh(bench, True)
        struck(bench, "ingest", bench / "case", bench / "b.csv", "--map", MAP, kind="kill", at=at)
        said |= set(run("ingest", bench / "case", bench / "a.csv", "--map", MAP).err.splitlines())
    said = "\n".join(said)
    assert "1 file of the vault that no entry speaks of, left by a program that was cut off, was removed" in said
    assert "1 entry of the vault was safe but not yet signed when a program was cut off: it is kept" in said
    assert "read again from the sealed copy" in said
