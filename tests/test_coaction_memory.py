"""test_coaction_memory.py - the coaction command within a memory limit: the same edges, the disk
said beforehand, nothing left behind."""
import json
import os
import random
import signal
import subprocess
import time

import pytest

from conftest import COMMAND, plant, run

# What depends on the work, which passes change, and not on the edges.
VARYING = {"pairs_scanned": 0, "edges_measured": 0}
HEADER = "object_id,account_id,content_id,timestamp_share\n"


def month(path, rows, accounts, objects, seed=1, span=200000, repeats=0, fraction=False):
    """Shares of made accounts; `repeats` rows say again what an earlier one said, in part changed."""
    draw = random.Random(seed)
    lines = []
    for row in range(rows):
        kind = draw.choice(["u", "hashtag_"])
        time_s = str(1700000000 + draw.randrange(span)) + (".25" if fraction and row % 7 == 0 else "")
        lines.append(f"{kind}{int(draw.paretovariate(0.7)) % objects},"
                     f"a{int(draw.paretovariate(0.5)) % accounts},c{row},{time_s}\n")
    for _ in range(repeats):
        fields = draw.choice(lines[:rows]).split(",")
        change = draw.randrange(4)
        if change == 0:
            fields[0] = "u7"  # the same post on another object
        elif change == 1:
            fields[1] = "a0"  # another account: left out
        elif change == 2:
            fields[3] = "1700000001\n"  # another time: left out
        lines.insert(draw.randrange(rows), ",".join(fields))
    path.write_text(HEADER + "".join(lines))
    return path


def teams(path, rows=160000, accounts=900, objects=300, seed=4, span=200000):
    """Shares of made accounts, several objects a post, and teams that post together, some of them in
    floods: pairs with a score."""
    draw = random.Random(seed)
    lines = []
    def post(account, at, count, first):
        for i in range(count):
            lines.append(f"{['u', 'hashtag_'][i % 2]}{(first + i * 7) % objects},a{account},c{len(lines) // 3}_{at},"
                         f"{1700000000 + at}\n")
    for _ in range(rows // 2):
        post(int(draw.random() ** 2 * accounts), draw.randrange(span), 1 + (draw.random() < 0.2),
             int(draw.paretovariate(0.7)))
    for team in range(12):
        for _ in range(4 + team):
            at, first = draw.randrange(span), draw.randrange(objects)
            for member in range(3 + team % 4):
                for again in range(1 + (draw.random() < 0.2) * draw.randrange(20)):
                    post(f"team{team}_{member}", at + draw.randrange(25) + 3 * again, 1 + team % 3, first)
    path.write_text(HEADER + "".join(lines))
    return path


def flood(path, rows=12000, accounts=4000, span=5000):
    """One object that everybody is on."""
    draw = random.Random(2)
    path.write_text(HEADER + "".join(
        f"viral,a{draw.randrange(accounts)},c{row},{1700000000 + row * span // rows}\n"
        for row in range(rows)))
    return path


def edges_of(source, tmp_path, *options):
    path = tmp_path / "edges.csv"
    found = run("coaction", "--input", source, "--edges", path, "--json", *options).json
    return path.read_bytes(), {**found, **VARYING}


def same_in_any_memory(source, tmp_path, options, suffixes=("",), threads_counts=("1", "3"),
                       limits=("40M", "12M", "8M", "6M", "5M", "4M", "3M", "2M")):
    """Runs within limits from ample to too small; how many of them were served."""
    def files(name):
        return [tmp_path / f"{name}{suffix}.csv" for suffix in suffixes]

    def command(name, *more):
        return subprocess.run([COMMAND, "coaction", "--input", source, "--edges", tmp_path / f"{name}.csv",
                               "--json", *map(str, [*options, *more])], capture_output=True, text=True)

    def answer(done):
        return {**json.loads(done.stdout), **VARYING}

    whole = command("whole")
    wanted = [path.read_bytes() for path in files("whole")]
    assert answer(whole)["edges"] > 0 and all(len(text.splitlines()) > 1 for text in wanted)
    told, served = "", 0
    for memory in limits:
        for threads in threads_counts:
            done = command("limited", "--memory", memory, "--threads", threads)
            if done.returncode:
                assert done.returncode == 1 and "needs at least" in done.stderr
                assert not any(path.exists() for path in files("limited"))
                continue
            assert answer(done) == answer(whole), (memory, threads)
            assert [path.read_bytes() for path in files("limited")] == wanted, (memory, threads)
            told += done.stderr
            served += 1
            for path in files("limited"):
                path.unlink()
    assert "sorted in temporary files" in told
    return served


@pytest.mark.parametrize("made, options", [
    (dict(rows=60000, accounts=900, objects=300, repeats=5000, fraction=True), ["--min-objects", 2]),
    (dict(rows=100000, accounts=900, objects=9000, repeats=100), ["--window", "20s", "--chance", "any"]),
    (dict(rows=60000, accounts=50, objects=5000), ["--min-occasions", 2, "--window", "hashtag=5s"]),
])
def test_any_memory_gives_the_same_bytes(tmp_path, made, options):
    same_in_any_memory(month(tmp_path / "month.csv", **made), tmp_path, options)


@pytest.mark.parametrize("rows, options, suffixes", [
    (160000, [], ("",)),
    (160000, ["--chance", 1000, "--kinds", "hashtag"], ("",)),
    (110000, ["--window", "20s,90s,hashtag=10s", "--chance", 0.1], (".20s", ".90s")),
    (110000, ["--window", "0s,2m"], (".0s", ".2m")),
])
def test_a_score_is_the_same_in_any_memory(tmp_path, rows, options, suffixes):
    """Passes over some accounts weigh their meetings by the crowd of all."""
    source = teams(tmp_path / "teams.csv", rows=rows)
    served = same_in_any_memory(source, tmp_path, options, suffixes, ["2"],
                                ["8M", "5M", "4M", "3M", "2M"])
    assert served >= 3


def test_spilled_edges_are_said_and_the_same(tmp_path):
    source = flood(tmp_path / "flood.csv")
    wanted = edges_of(source, tmp_path, "--chance", "any")
    path = tmp_path / "e.csv"
    told = run("coaction", "--input", source, "--edges", path, "--memory", "20M", "--json",
               "--chance", "any")
    assert path.read_bytes() == wanted[0]
    assert "are to be expected" in told.err and "of temporary files in" in told.err
    expected = float(told.err.split("about ")[1].split(" ")[0])
    assert 0.5 < expected / wanted[1]["edges"] < 2
    # A threshold that prunes finishes without.
    told = run("coaction", "--input", source, "--edges", path, "--memory", "20M", "--min-objects", 2,
               "--json")
    assert told.json["edges"] == 0 and "expected" not in told.err
    quiet = run("coaction", "--input", source, "--edges", path, "--memory", "20M", "--quiet",
                "--chance", "any")
    assert quiet.err == ""


def test_limit_of_temporary_files(tmp_path):
    source = flood(tmp_path / "flood.csv")
    folder = tmp_path / "out"
    folder.mkdir()
    for options, words in [(["--spill-limit", "1M"], "--spill-limit"),
                           (["--temp", tmp_path / "nowhere"], "nowhere")]:
        err = run("coaction", "--input", source, "--edges", folder / "e.csv", "--memory", "20M",
                  "--chance", "any", *options, code=1).err
        assert words in err
        assert not list(folder.iterdir())
    assert "--spill-limit" in run("coaction", "--input", source, "--spill-limit", "0", code=2).err


def test_a_disk_that_is_too_small_stops_before(tmp_path):
    """No volume holds the edges of 10 million events on one object: said, before any is kept."""
    source = tmp_path / "viral.csv"
    with open(source, "w") as file:
        file.write(HEADER)
        for row in range(150000):
            file.write(f"viral,a{row * 7919 % 150000},c{row},{1700000000 + row // 50000}\n")
    path = tmp_path / "e.csv"
    free = os.statvfs(tmp_path)
    if free.f_bavail * free.f_frsize > 2_000_000_000_000:
        pytest.skip("this disk holds it all")
    err = run("coaction", "--input", source, "--edges", path, "--memory", "100M",
              "--chance", "any", code=1).err
    assert "are to be expected" in err and "are free" in err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["viral.csv"]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_spill_leaves_nothing(tmp_path, stop):
    source = flood(tmp_path / "flood.csv", rows=60000, accounts=60000, span=20000)
    folder, temp = tmp_path / "out", tmp_path / "temp"
    folder.mkdir()
    temp.mkdir()
    command = subprocess.Popen([COMMAND, "coaction", "--input", source, "--edges", folder / "e.csv",
                                "--temp", temp, "--memory", "30M", "--spill-limit", "100G", "--chance", "any"],
                               stderr=subprocess.PIPE)
    time.sleep(1.5)
    command.send_signal(stop)
    command.communicate(timeout=60)
    assert command.returncode != 0
    assert not list(temp.iterdir())
    if stop == signal.SIGINT:
        assert not list(folder.iterdir())


def test_parquet_says_what_it_needs(tmp_path):
    source = flood(tmp_path / "flood.csv", rows=100, accounts=50)
    err = run("coaction", "--input", source, "--edges", tmp_path / "e.parquet", "--memory", "100M",
              code=1).err
    assert "at least" in err and "CSV" in err
    run("coaction", "--input", source, "--edges", tmp_path / "e.parquet", "--memory", "400M")


def test_detection_is_within_the_limit(tmp_path):
    """A case whose columns alone are more than the limit is refused with the number needed."""
    plant(tmp_path / "posts.csv")
    run("ingest", tmp_path / "case", tmp_path / "posts.csv", "--map",
        "account=account,time=time,text=text,post=post,hashtag=hashtag")
    err = run("detect", tmp_path / "case", "--memory", "50k", code=1).err
    assert "detection needs at least" in err and "memory limit" in err
