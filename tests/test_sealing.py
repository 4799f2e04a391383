"""test_sealing.py - a large file is sealed while it is read: what stays of it, and what does not."""
import hashlib
import json

from conftest import run

MAP = "account=a,time=t,text=x,post=id"
FILE_BYTES = 5_000_000  # sealed beside from 4 MiB on


def lines(path, seed, bad=False):
    """Made posts; bad: lines that are no JSON, most of the rows from the middle on."""
    with open(path, "w", encoding="utf-8") as out:
        i = 0
        while out.tell() < FILE_BYTES:
            if bad and out.tell() > FILE_BYTES // 4:
                out.write("{" + "x" * 100 + "\n")
            else:
                row = {"id": str(seed * 10**9 + i), "a": str(i % 997), "t": 1730000000 + i,
                       "x": f"made words number {i} under #tag{i % 13} " + "filler " * 20}
                out.write(json.dumps(row) + "\n")
            i += 1
    return path


def blobs(case):
    return sorted(path.name for path in (case / "vault" / "blobs").rglob("*") if path.is_file())


def test_the_same_case_for_any_number_of_threads(tmp_path):
    file = lines(tmp_path / "posts.ndjson", 1)
    digests = set()
    for threads in (1, 2, 3):
        case = tmp_path / f"case{threads}"
        counts = run("ingest", case, file, "--map", MAP, "--threads", threads, "--json").json
        assert counts["posts"] > 10000 and counts["rejects"] == 0
        rebuilt = run("rebuild", case, "--json").json
        digests.add(rebuilt["digest"])
        assert len(blobs(case)) == 1
        run("verify", case)
    assert len(digests) == 1


def test_the_digest_is_that_of_the_file(tmp_path):
    file = lines(tmp_path / "posts.ndjson", 2)
    run("ingest", tmp_path / "case", file, "--map", MAP, "--threads", "2")
    entries = run("log", tmp_path / "case", "--json").out
    assert hashlib.sha256(file.read_bytes()).hexdigest() in entries


def test_a_file_that_comes_twice_is_taken_once(tmp_path):
    file = lines(tmp_path / "posts.ndjson", 3)
    copy = tmp_path / "copy.ndjson"
    copy.write_bytes(file.read_bytes())
    counts = run("ingest", tmp_path / "case", file, copy, "--map", MAP, "--threads", "2", "--json").json
    assert counts["files"] == 1
    again = run("ingest", tmp_path / "case", copy, "--map", MAP, "--threads", "2", "--json").json
    assert again["posts"] == counts["posts"] and len(blobs(tmp_path / "case")) == 1


def test_nothing_stays_of_a_file_that_cannot_be_taken(tmp_path):
    good, bad = lines(tmp_path / "good.ndjson", 4), lines(tmp_path / "bad.ndjson", 5, bad=True)
    failed = run("ingest", tmp_path / "none", bad, "--map", MAP, "--threads", "2", code=None)
    assert failed.code != 0 and "cannot be taken" in failed.err
    assert not (tmp_path / "none").exists()
    case = tmp_path / "case"
    before = run("ingest", case, good, "--map", MAP, "--threads", "2", "--json").json
    sealed = blobs(case)
    assert run("ingest", case, bad, "--map", MAP, "--threads", "2", code=None).code != 0
    assert blobs(case) == sealed
    after = run("ingest", case, good, "--map", MAP, "--threads", "2", "--json").json
    assert after["posts"] == before["posts"]
    run("verify", case)
