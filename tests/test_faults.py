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
FORMATS = ["--html", "--findings", "--csv", "--gexf"]


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


def struck(bench, *arguments, kind="", at=0, clock=0, under="case"):
    """Runs the command under the shim: its exit code, standard error, and how many calls there were."""
    if "asan" in COMMAND or "tsan" in COMMAND:
        pytest.skip("a sanitizer wants to be loaded first")
    count = bench / "count"
    environment = {**os.environ, "LD_PRELOAD": str(bench / "shim.so"), "FAULTS_UNDER": str(bench / under),
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


def test_a_large_file_is_struck_while_it_is_sealed(bench):
    """Beyond a megabyte a file is synced while it is written, by a thread of its own: a sync that fails there is as
    fatal as the last one."""
    plant(bench / "large.csv", seed=9, accounts=2000, posts=30000, group=4, acts=2)
    assert (bench / "large.csv").stat().st_size > 3 << 19
    base = files_below(bench / "base/vault/blobs")
    said = []
    for at in range(1, 10):
        fresh(bench, True)
        code, line, _ = struck(bench, "ingest", bench / "case", bench / "large.csv", "--map", MAP, kind="io", at=at,
                               under="case/vault/blobs")
        said += [line] if code else []
        assert files_below(bench / "case/vault/blobs") == base + (code == 0)
    assert any("cannot be synced" in line for line in said) and any("cannot be written" in line for line in said)
    fresh(bench, True)
    run("ingest", bench / "case", bench / "large.csv", "--map", MAP)
    run("verify", bench / "case")


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


def log_kinds(case):
    return [entry["statement"]["kind"] for entry in run("log", case, "--json").json]


def runs_of(case):
    return {path.name: {file.name for file in path.iterdir()} for path in (case / "runs").glob("*")}


def outputs_of(case):
    """The digest of the findings of each run that the log knows."""
    return [entry["statement"]["output_sha256"] for entry in run("log", case, "--json").json if entry["statement"]["kind"] == "derive"]


def seen_by_verify(case, *codes):
    done = run("verify", case, code=None)
    assert done.code in codes and "DAMAGED" not in done.out, done.out
    return done


# The work is long and writes little: calls are taken in steps, but all of the last ones, where the run is logged.
@pytest.mark.parametrize("kind,step", [("kill", 40), ("io", 50), ("full", 60), ("int", 70)])
def test_a_detection_is_struck(bench, kind, step):
    fresh(bench, True)
    case = bench / "case"
    code, _, calls = struck(bench, "detect", case)
    assert code == 0 and calls > 100
    wanted = outputs_of(case)[0]
    before_it, after_it = 0, 0
    for at in sorted({*range(1, calls + 1, step), *range(calls - 18, calls + 1, 1 if kind == "kill" else 4)}):
        fresh(bench, True)
        code, said, _ = struck(bench, "detect", case, kind=kind, at=at)
        if kind == "kill":
            assert code == -signal.SIGKILL or at > calls - 3  # DuckDB does not write alike each time
        elif kind == "int":
            assert code in (ACKNOWLEDGED, INTERRUPTED)
        else:
            assert code == ACKNOWLEDGED or said.startswith("lockstep detect: ")
        done = seen_by_verify(case, 0, 6)
        if done.code == 6:
            assert "a write was cut off, which the next one mends" in done.out
        known = log_kinds(case).count("derive")
        left = runs_of(case) if (case / "runs").exists() else {}
        assert known == 1 and "results.duckdb" in left["0001"] or code != ACKNOWLEDGED
        if not known and "results.duckdb" in left.get("0001", ()) and "1 entries are safe" not in done.out:
            assert "runs/0001 is named by no entry: nothing is claimed of it" in done.out
        if code in (1, INTERRUPTED):  # what failed left nothing, or all of it
            assert not left or "results.duckdb" in left["0001"], said
        told = run("detect", case)
        if any(".tmp-" in name for names in left.values() for name in names):
            assert "left unfinished in runs/ was removed" in told.err
        assert all("results.duckdb" in names and not any(".tmp-" in name for name in names) for names in runs_of(case).values())
        assert set(outputs_of(case)) == {wanted}
        assert len(runs_of(case)) == len(outputs_of(case)) + ("named by no entry" in seen_by_verify(case, 0).out)
        before_it += len(outputs_of(case)) == 1
        after_it += len(outputs_of(case)) == 2
    assert before_it > 0 and after_it > 0


@pytest.mark.parametrize("kind,step", [("kill", 1), ("io", 3), ("full", 4)])
def test_a_report_is_struck(bench, kind, step):
    fresh(bench, True)
    case = bench / "case"
    run("detect", case)
    shutil.rmtree(bench / "detected", ignore_errors=True)
    shutil.copytree(case, bench / "detected")
    code, _, calls = struck(bench, "report", case, *FORMATS)
    assert code == 0 and calls > 20
    wanted = {path.name: path.read_bytes() for path in (case / "runs/0001").iterdir()}
    for at in range(1, calls + 1, step):
        shutil.rmtree(case)
        shutil.copytree(bench / "detected", case)
        code, _, _ = struck(bench, "report", case, *FORMATS, kind=kind, at=at)
        assert code == (-signal.SIGKILL if kind == "kill" else code)
        seen_by_verify(case, 0, 6)
        for path in (case / "runs/0001").iterdir():  # whole, or under another name
            assert ".tmp-" in path.name or path.read_bytes() == wanted[path.name]
        known = log_kinds(case).count("export")
        assert known == 1 or code != ACKNOWLEDGED
        run("report", case, *FORMATS)
        assert {path.name: path.read_bytes() for path in (case / "runs/0001").iterdir()} == wanted
        assert log_kinds(case).count("export") >= 1
        seen_by_verify(case, 0)


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
