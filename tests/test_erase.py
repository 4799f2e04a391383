"""test_erase.py - erasing, and the orders that stand in its way, by the command alone."""
import gzip
import hashlib
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import time

import pytest

from conftest import COMMAND, MAP, plant, run

MAP4 = "account=account,time=time,text=text,post=post"
DAY = 86400
START = 1730000000  # 27 October 2024
# Of the moments at which an erasure can be killed every fifth is tried; all of them take minutes.
STRIDE = 1 if os.environ.get("LOCKSTEP_EVERY_MOMENT") else 5


def write(path, rows):
    """A CSV of (account, seconds, text, post)."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("account,time,text,post\n")
        for account, at, text, post in rows:
            out.write(f"{account},{at},{text},{post}\n")
    return path


def log(case, kind=None):
    entries = run("log", case, "--json").json
    return [entry for entry in entries if kind in (None, entry["statement"]["kind"])]


def results(case, kind="erase"):
    return [entry["statement"]["result"] for entry in log(case, kind)]


def plain(case):
    """The bytes of every sealed object that still has its key, by name."""
    out = {}
    for path in (case / "vault/keys").rglob("*"):
        name = path.parent.name + path.name
        if not path.is_file() or not re.fullmatch("[0-9a-f]{64}", name):
            continue
        if not (case / "vault/blobs" / name[:2] / name[2:]).exists():
            continue  # a key whose object a crash took
        text = path.read_text(encoding="utf-8")
        key = re.search(r"^key ([0-9a-f]{64})$", text, re.M)[1]
        done = subprocess.run(["openssl", "enc", "-d", "-aes-256-ctr", "-K", key, "-iv", "0", "-in",
                               case / "vault/blobs" / name[:2] / name[2:]], capture_output=True, check=True)
        out[name] = done.stdout
    return out


def everything(case):
    """All bytes that lie in the case, sealed ones as they were before."""
    files = [path.read_bytes() for path in case.rglob("*") if path.is_file() and "blobs" not in path.parts]
    return b"\0".join(files + list(plain(case).values()))


def digest(case):
    told = run("rebuild", case, "--json").json
    assert told["digest"] == told["digest_before"]
    return told["digest"]


def issue(case, *scope):
    return run("hold", "issue", case, "--authority", "An Authority", "--basis", "Article 72", *scope)


def rows_of(accounts, count, prefix, seed=1):
    rng = random.Random(seed)
    return [(rng.choice(accounts), START + i * 3600, f"words {prefix} {i} {rng.randrange(10**9)}", f"{prefix}{i}")
            for i in range(count)]


NAMES = [f"person{i}" for i in range(6)]


@pytest.fixture()
def case(tmp_path):
    """Two files that share some posts, one of them compressed."""
    a, b = rows_of(NAMES, 120, "a"), rows_of(NAMES, 80, "b", 2)
    write(tmp_path / "a.csv", a)
    write(tmp_path / "plain.csv", b + a[:30])
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress((tmp_path / "plain.csv").read_bytes()))
    run("ingest", tmp_path / "case", tmp_path / "a.csv", "--map", MAP4)
    run("ingest", tmp_path / "case", tmp_path / "b.csv.gz", "--map", MAP4)
    return tmp_path / "case"


def test_an_erased_file_is_gone(case, tmp_path):
    said = run("erase", case, "--file", "a.csv", "--reason", "came by mistake", "--json").json
    assert [file["result"] for file in said["files"]] == ["erased"] and said["store_made_anew"]
    left = everything(case)
    assert b"words a 50 " not in left and b"a.csv" not in left
    assert hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest().encode() not in left
    assert b"words a 7 " in left  # the other file has it too
    # The case is as if the file had never come.
    other = tmp_path / "other"
    run("ingest", other, tmp_path / "b.csv.gz", "--map", MAP4)
    assert digest(case) == digest(other)
    assert results(case) == ["begun", "done"]
    hidden = {value["name"]: value["value"] for value in log(case, "erase")[0]["disclosed"]}
    assert hidden["reason"] == "came by mistake"
    assert run("verify", case).code == 0
    assert "erased" in run("erase", case, "--file", "1", "--reason", "again", code=4).err
    # It may come again, as a new file.
    run("ingest", case, tmp_path / "a.csv", "--map", MAP4)
    assert run("rebuild", case, "--json").json["posts"] == 200
    run("verify", case)


def test_an_erased_account_is_gone(case, tmp_path):
    before = digest(case)
    said = run("erase", case, "--account", "person3", "--reason", "asked for", "--json").json
    assert [file["result"] for file in said["files"]] == ["redacted", "redacted"]
    left = everything(case)
    assert b"person3" not in left and b"person4" in left
    assert digest(case) != before and results(case, "redact") == ["begun", "done"] * 2
    # What stays lies where it lay.
    sealed = list(plain(case).values())
    original = (tmp_path / "a.csv").read_bytes()
    copy = next(data for data in sealed if len(data) == len(original))
    for was, now in zip(original.split(b"\n"), copy.split(b"\n")):
        assert (re.fullmatch(rb"\{ +\}", now) and len(was) == len(now)) if was.startswith(b"person3,") else was == now
    told = run("rebuild", case, "--json").json
    assert told["differing"] == 0 and told["gone"] == 0
    run("verify", case)
    assert "nothing" in run("erase", case, "--account", "other:person3", "--reason", "again").out
    # Once more, in copies: of the next account too.
    run("erase", case, "--account", "other:person4", "--reason", "asked for")
    assert b"person4" not in everything(case)
    run("rebuild", case)
    run("verify", case)


def test_every_form_lets_rows_go(tmp_path):
    """JSON documents, lines of JSON, tables with quoted line ends: one account less, all else as it was."""
    run("simulate", "romania-2024", "--scale", "0.002", "-o", tmp_path / "data")
    files = [path for path in sorted((tmp_path / "data").iterdir()) if path.suffix in (".json", ".ndjson")]
    assert {path.suffix for path in files} == {".json", ".ndjson"}
    case = tmp_path / "case"
    before = run("ingest", case, *files, "--json").json
    videos = json.loads((tmp_path / "data/tiktok-videos.json").read_text(encoding="utf-8"))["data"]["videos"]
    posts = [json.loads(line) for line in (tmp_path / "data/tiktok-posts.ndjson").open(encoding="utf-8")]
    author = max(posts, key=lambda item: item["data"]["author"]["uniqueId"])["data"]["author"]["uniqueId"]
    left = before["posts"]
    for account, name in ((videos[0]["username"], "tiktok-videos.json"), (author, "tiktok-posts.ndjson"),
                          ("telegram:1900000007", "telegram-result.json")):
        said = run("erase", case, "--account", account, "--reason", "asked for", "--json").json
        assert name in [file["name"] for file in said["files"] if file["result"] == "redacted"], (account, said)
        left -= sum(file["records"] for file in said["files"] if file["result"] == "redacted")
        after = run("rebuild", case, "--json").json
        assert after["posts"] == left and after["digest"] == after["digest_before"] and after["differing"] == 0
        again = run("erase", case, "--account", account, "--reason", "again", "--json", code=None)
        assert again.code == 4 or not [file for file in again.json["files"] if file["result"] != "nothing"]
    run("verify", case)


def test_quoted_line_ends_and_tabs(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("account,time,text,post\n" + "".join(
        f'p{i % 3},{START + i},"line one\nline ""two"" {{{i}}}\n",k{i}\n' for i in range(30)), encoding="utf-8")
    case = tmp_path / "case"
    run("ingest", case, path, "--map", MAP4)
    said = run("erase", case, "--account", "p1", "--reason", "x", "--json").json
    assert said["files"][0]["records"] == 10
    assert run("rebuild", case, "--json").json["posts"] == 20
    tabs = tmp_path / "t.tsv"
    tabs.write_text("account\ttime\ttext\tpost\n" + "".join(
        f"p{i % 3}\t{START + i}\twords {i}\tt{i}\n" for i in range(30)), encoding="utf-8")
    run("ingest", case, tabs, "--map", MAP4)
    run("erase", case, "--account", "p2", "--reason", "x")
    assert run("rebuild", case, "--json").json["posts"] == 10 + 20
    assert b"p2" not in b"".join(plain(case).values())


def test_a_hold_stands_in_the_way(case):
    issue(case, "--account", "other:person1")
    before, entries = digest(case), len(log(case))
    for what in (["--file", "a.csv"], ["--file", "b.csv.gz"], ["--account", "person1"]):
        said = run("erase", case, *what, "--reason", "x", "--json", code=8).json
        assert all(file["result"] == "refused" for file in said["files"])
        hold = said["files"][0]["holds"][0]
        assert hold["id"] == "H1" and hold["authority"] == "An Authority" and hold["since"]
    text = run("erase", case, "--file", "a.csv", "--reason", "x", code=8).out
    assert "hold H1 stands in the way since 20" in text and "Article 72" in text
    refused = [entry["statement"] for entry in log(case, "erase")]
    assert len(refused) == 5 and all(one["result"] == "refused" and one["holds"] == ["H1"] for one in refused)
    assert digest(case) == before
    # Saying what would happen writes nothing.
    entries = len(log(case))
    run("erase", case, "--file", "a.csv", "--dry-run", code=8)
    run("erase", case, "--account", "person2", "--dry-run", code=8)
    assert len(log(case)) == entries


def test_only_what_is_held_stays(case):
    """An order for posts alone lets others be blanked out of the same file."""
    issue(case, "--account", "other:person1", "--kinds", "posts", "--to", "2024-10-29")
    run("hold", "attest", case, "H1", "--output", case / "note.txt")
    said = run("erase", case, "--account", "person2", "--reason", "x", "--json").json
    assert {file["result"] for file in said["files"]} == {"redacted"}
    said = run("erase", case, "--account", "person1", "--reason", "x", "--json", code=8).json
    assert all(file["result"] == "redacted" and file["held"] and file["holds"][0]["id"] == "H1"
               for file in said["files"] if file["records"])
    run("hold", "attest", case, "--check", case / "note.txt")
    posts = [line for data in plain(case).values() for line in data.split(b"\n") if line.startswith(b"person1,")]
    assert posts and all(int(line.split(b",")[1]) < 1730246400 for line in posts)  # to the end of the 29th
    assert "refused" in results(case) and "begun" in results(case, "redact")


def test_what_is_too_old(tmp_path):
    now = int(time.time())
    rows = [(f"p{i % 4}", now - i * 30 * DAY, f"words {i}", f"k{i}") for i in range(60)]
    case = tmp_path / "case"
    run("ingest", case, write(tmp_path / "a.csv", rows), "--map", MAP4)
    run("ingest", case, write(tmp_path / "old.csv", [("p9", now - 9 * 365 * DAY, "ancient", "x1")]), "--map", MAP4)
    said = run("erase", case, "--older-than", "2y", "--reason", "old", "--json").json
    assert [(file["result"], file["records"]) for file in said["files"]] == [
        ("redacted", sum(i * 30 * DAY > 2 * 365.25 * DAY for i in range(60))), ("erased", 1)]
    assert run("rebuild", case, "--json").json["posts"] == 60 - said["files"][0]["records"]
    (case / "case.toml").write_text('[retention]\nkeep = "1y"\npost = "6mo"\n[retention_platforms]\nelse = "1d"\n',
                                    encoding="utf-8")
    run("erase", case, "--rule", "--reason", "old")
    left = b"".join(plain(case).values())
    assert b"words 5\n" in left or b"words 5," in left
    assert b"words 7," not in left
    (case / "case.toml").write_text('[retention]\nkeep = "soon"\n', encoding="utf-8")
    assert "line 2" in run("erase", case, "--rule", "--reason", "x", code=2).err
    (case / "case.toml").write_text('[retention]\n', encoding="utf-8")
    assert "no [retention] rules" in run("erase", case, "--rule", "--reason", "x", code=2).err


def test_runs_that_name_what_was_erased(tmp_path):
    members = plant(tmp_path / "posts.csv")
    case = tmp_path / "case"
    run("ingest", case, tmp_path / "posts.csv", "--map", MAP)
    run("detect", case, "--copies", "19")
    run("report", case)
    said = run("erase", case, "--account", members[0], "--reason", "x", "--json").json
    assert said["runs"][0]["run"] == "0001" and not said["runs"][0]["removed"]
    assert "--runs" in run("erase", case, "--account", members[1], "--reason", "x").out
    issue(case, "--kinds", "findings")
    said = run("erase", case, "--account", members[2], "--reason", "x", "--runs", "--json", code=8).json
    assert said["runs"][0]["held"] and (case / "runs/0001/findings.json").exists()
    assert members[0].encode() in everything(case)
    run("detect", case, "--copies", "19")
    assert (case / "runs/0002").exists()
    other = tmp_path / "other"
    run("ingest", other, tmp_path / "posts.csv", "--map", MAP)
    run("detect", other, "--copies", "19")
    said = run("erase", other, "--account", members[0], "--reason", "x", "--runs", "--json").json
    assert said["runs"][0]["removed"] and not (other / "runs/0001").exists()
    assert members[0].encode() not in everything(other)
    run("verify", other)


def test_bad_wishes_are_refused(case):
    for arguments, code, said in ((["--reason", "x"], 2, "one thing"), (["--file", "a.csv"], 2, "reason"),
                                  (["--file", "a.csv", "--rule", "--reason", "x"], 2, "one thing"),
                                  (["--file", "none.csv", "--reason", "x"], 4, "no file"),
                                  (["--account", "nobody", "--reason", "x"], 4, "nobody"),
                                  (["--older-than", "soon", "--reason", "x"], 2, "soon")):
        assert said in run("erase", case, *arguments, code=code).err
    assert results(case) == []


# ---- orders and crashes in the middle ----

def test_an_order_that_comes_while_a_purge_runs_wins(tmp_path):
    case, count = tmp_path / "case", 60
    files = [write(tmp_path / f"f{number:03}.csv",
                   [("mine", START + i, f"text {number} {i}", f"f{number}x{i}") for i in range(20)])
             for number in range(count)]
    run("ingest", case, *files, "--map", MAP4)
    purge = subprocess.Popen([COMMAND, "erase", case, "--account", "other:mine", "--reason", "x", "--json"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not any(entry["statement"]["result"] == "done" for entry in log(case, "erase")):
        assert purge.poll() is None
    issue(case)
    out, err = purge.communicate(timeout=120)
    assert purge.returncode == 8, err
    said = json.loads(out)["files"]
    order = next(entry["index"] for entry in log(case, "hold"))
    begun = [entry["index"] for entry in log(case, "erase") if entry["statement"]["result"] == "begun"]
    refused = [entry["index"] for entry in log(case, "erase") if entry["statement"]["result"] == "refused"]
    # Nothing was begun after the order; what was left then is there, and each refusal is logged.
    assert begun and refused and max(begun) < order < min(refused)
    assert len(begun) + len(refused) == count == len(said)
    assert [file["result"] for file in said] == ["erased"] * len(begun) + ["refused"] * len(refused)
    assert len(plain(case)) == len(refused)
    assert run("rebuild", case, "--json").json["posts"] == 20 * len(refused)
    run("verify", case)


SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static void count(void)
{
    static int calls;
    const char *at = getenv("DIE_AT");
    if (at && ++calls == atoi(at))
        raise(SIGKILL);
}
int fsync(int file) { static int (*real)(int); if (!real) real = dlsym(RTLD_NEXT, "fsync"); count(); return real(file); }
int fdatasync(int file) { static int (*real)(int); if (!real) real = dlsym(RTLD_NEXT, "fdatasync"); count(); return real(file); }
int unlink(const char *path) { static int (*real)(const char *); if (!real) real = dlsym(RTLD_NEXT, "unlink"); count(); return real(path); }
int rename(const char *from, const char *to)
{ static int (*real)(const char *, const char *); if (!real) real = dlsym(RTLD_NEXT, "rename"); count(); return real(from, to); }
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    if "asan" in COMMAND or "tsan" in COMMAND:
        pytest.skip("a sanitizer wants to be loaded first")
    folder = tmp_path_factory.mktemp("shim")
    (folder / "shim.c").write_text(SHIM, encoding="utf-8")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / "shim.so", folder / "shim.c", "-ldl"], check=True)
    return folder / "shim.so"


def killed(shim, at, *arguments):
    """Runs the command until its at-th call that makes something durable; True where it was killed there."""
    environment = {"LD_PRELOAD": str(shim), "DIE_AT": str(at), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, env=environment, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


@pytest.mark.parametrize("what", ["file", "account"])
def test_killed_at_every_moment(shim, tmp_path, what):
    """An erasure that is cut off is ended the next time, or had not begun."""
    a, b = rows_of(NAMES[:3], 12, "a"), rows_of(NAMES[:3], 12, "b", 2)
    write(tmp_path / "a.csv", a)
    write(tmp_path / "b.csv", b)
    first = tmp_path / "first"
    run("ingest", first, tmp_path / "a.csv", tmp_path / "b.csv", "--map", MAP4)
    wish = ["--file", "a.csv"] if what == "file" else ["--account", "other:person1"]
    gone = b"words a 3 " if what == "file" else b"person1"
    whole = digest(first)
    wanted, moments, ended, untouched = None, 0, 0, 0
    for at in range(1, 400, STRIDE):
        case = tmp_path / f"case{at}"
        subprocess.run(["cp", "-a", first, case], check=True)
        if not killed(shim, at, "erase", case, *wish, "--reason", "x"):
            wanted = digest(case)
            break
        moments += 1
        if (case / "vault/erasing").exists():
            said = run("erase", case, "--finish", "--json").json
            assert not (case / "vault/erasing").exists()
            ended += said["finished"]
        if moments % 4 == 0:
            run("verify", case, code=None if not (case / "vault/erasing").exists() else 0)
        left = everything(case)
        if gone in left:
            # Not begun, or of an account one file of two: nothing may be half.
            assert what == "account" or digest(case) == whole
            untouched += 1
            run("erase", case, *wish, "--reason", "once more")
        assert gone not in everything(case)
        (tmp_path / f"digest{at}").write_text(digest(case), encoding="utf-8")
        subprocess.run(["rm", "-r", case], check=True)
    assert wanted and moments * STRIDE > 20 and ended and untouched
    reached = sorted(tmp_path.glob("digest*"))
    assert len(reached) == moments and {path.read_text(encoding="utf-8") for path in reached} == {wanted}


def test_an_order_after_a_crash_keeps_what_is_left(shim, tmp_path):
    """Begun, killed, and then an order comes: what can still be read is kept."""
    first = tmp_path / "first"
    run("ingest", first, write(tmp_path / "a.csv", rows_of(NAMES, 12, "a")), "--map", MAP4)
    kept = ended = 0
    for wish in (["--file", "a.csv"], ["--account", "other:person1"]):
        for at in range(1, 60, STRIDE):
            case = tmp_path / f"case{at}{wish[0]}"
            subprocess.run(["cp", "-a", first, case], check=True)
            if not killed(shim, at, "erase", case, *wish, "--reason", "x"):
                break
            readable = b"words a 3 " in b"".join(plain_soundly(case))
            issue(case)
            done = run("erase", case, "--finish", "--json", code=None)
            assert done.code in (0, 8), (at, wish, done.err)
            said = done.json
            if said["kept"]:
                kept += 1
                assert b"words a 3 " in everything(case)
                assert run("rebuild", case, "--json").json["posts"] == 12
            elif said["finished"]:
                ended += 1
            elif readable and not results(case) and not results(case, "redact"):
                assert run("rebuild", case, "--json").json["posts"] == 12
            run("verify", case)
            subprocess.run(["rm", "-r", case], check=True)
    assert kept and ended


def plain_soundly(case):
    """As plain(), passing over keys that a crash left half written over."""
    for path in (case / "vault/keys").rglob("*"):
        if path.is_file() and b"key " in path.read_bytes():
            name = path.parent.name + path.name
            if not re.fullmatch("[0-9a-f]{64}", name):
                continue
            key = re.search(rb"key ([0-9a-f]{64})", path.read_bytes())
            blob = pathlib.Path(case / "vault/blobs" / name[:2] / name[2:])
            if key and blob.exists():
                yield subprocess.run(["openssl", "enc", "-d", "-aes-256-ctr", "-K", key[1].decode(), "-iv", "0", "-in",
                                      blob], capture_output=True, check=True).stdout


def test_nothing_covered_is_ever_gone(tmp_path):
    """Random orders and erasures: every attestation of a hold that stands goes on to hold."""
    rng = random.Random(5)
    case = tmp_path / "case"
    for number in range(4):
        rows = [(rng.choice(NAMES), START + rng.randrange(40 * DAY),
                 f"{rng.choice(['alpha', 'beta', 'gamma'])} {rng.randrange(10**9)}", f"k{rng.randrange(150)}")
                for _ in range(50)]
        run("ingest", case, write(tmp_path / f"f{number}.csv", rows), "--map", MAP4)
    notes, tally = [], {"refused": 0, "redacted": 0, "erased": 0}
    for step in range(24):
        if step % 4 == 0:
            scope = []
            if rng.random() < 0.6:
                scope += ["--account", "other:" + rng.choice(NAMES)]
            if rng.random() < 0.5:
                scope += ["--term", rng.choice(["ALPHA", "beta"])]
            if rng.random() < 0.5:
                scope += ["--from", "2024-11-10"]
            if rng.random() < 0.7:
                scope += ["--kinds", rng.choice(["posts", "posts,accounts", "accounts", "files,posts"])]
            issue(case, *scope)
            hold = f"H{step // 4 + 1}"
            notes.append(tmp_path / f"{hold}.note")
            run("hold", "attest", case, hold, "--output", notes[-1])
            continue
        wish = rng.choice([["--account", "other:" + rng.choice(NAMES)], ["--account", "other:" + rng.choice(NAMES)],
                           ["--older-than", rng.choice(["400d", "2y", "730d"])],
                           ["--file", f"f{rng.randrange(4)}.csv"]])
        done = subprocess.run([COMMAND, "erase", case, *wish, "--reason", "x", "--json"], capture_output=True,
                              text=True, check=False)
        assert done.returncode in (0, 4, 8), done.stderr
        if done.returncode != 4:
            for file in json.loads(done.stdout)["files"]:
                tally[file["result"]] = tally.get(file["result"], 0) + 1
        for note in notes:
            checked = run("hold", "attest", case, "--check", note, "--json").json
            assert checked["holds"], (step, wish, note)
    assert tally["refused"] > 3 and tally["redacted"] + tally["erased"] > 1, tally
    assert run("rebuild", case, "--json").json["differing"] == 0
    run("verify", case)
