"""test_case.py - a case from files to findings, by the command alone."""
import csv
import json
import os
import random
import signal
import subprocess
import time

import pytest

from conftest import COMMAND, MAP, plant, run


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    members = plant(folder / "posts.csv")
    result = run("investigate", folder / "posts.csv", "--map", MAP, "-o", folder / "case", "--all",
                 "--json").json
    return folder, members, result


def test_summary_has_what_machines_need(planted):
    _, _, result = planted
    for name in ("posts", "accounts", "actions", "rejects", "duplicates", "findings", "run", "seconds"):
        assert name in result
    assert result["rejects"] == 0 and result["duplicates"] == 0
    assert result["accounts"] == 308
    assert all(seconds >= 0 for seconds in result["seconds"].values())


def test_the_planted_group_is_the_finding(planted):
    _, members, result = planted
    found = {key.split(":")[-1] for key in result["findings"][0]["members"]}
    assert set(members) <= found
    # Who joins by one weak edge is a price of the group test; half as many again would be too many.
    assert len(found) <= len(members) * 3 // 2
    assert len(result["findings"]) <= 2


def test_everything_asked_for_is_written(planted):
    folder, _, result = planted
    run_folder = folder / "case" / "runs" / result["run"]
    for name in ("report.html", "findings.json", "network.gexf", "network.graphml", "edges.csv",
                 "nodes.csv", "posts.csv", "edges.parquet", "nodes.parquet", "posts.parquet",
                 "stix.json", "takedown.csv", "results.duckdb"):
        assert (run_folder / name).stat().st_size > 0, name
    assert not [name for name in os.listdir(run_folder) if "tmp" in name]
    html = (run_folder / "report.html").read_text(encoding="utf-8")
    assert "http://" not in html.split("<body")[0] and "LOCKSTEP-DATA" not in html


def test_posts_know_where_they_came_from(planted):
    folder, _, result = planted
    raw = (folder / "posts.csv").read_bytes()
    rows = list(csv.DictReader(open(folder / "case" / "runs" / result["run"] / "posts.csv",
                                    encoding="utf-8", newline="")))
    assert rows
    for row in rows[:50]:
        start, length = int(row["offset_bytes"]), int(row["length_bytes"])
        assert raw[start:start + length].decode().split(",")[3] == row["post_key"].split(":")[-1]


def test_explain_goes_down_to_the_posts(planted):
    folder, members, result = planted
    case = folder / "case"
    text = run("explain", case, "F1").out
    assert members[0] in text and "Innocent explanations" in text and "byte" in text
    keys = result["findings"][0]["members"]
    assert "Member of F1" in run("explain", case, keys[0]).out
    edge = json.loads(run("explain", case, f"{keys[0]},{keys[1]}", "--json").out)
    assert edge["matches"] and edge["posts"]
    assert run("explain", case, "user1").out
    assert "knows no" in run("explain", case, "nobody-at-all", code=4).err


def test_runs_stand_side_by_side(planted):
    folder, _, _ = planted
    first = (folder / "case" / "runs" / "0001" / "findings.json").read_bytes()
    again = run("detect", folder / "case", "--copies", "19", "--json").json
    assert again["run"] == "0002"
    run("report", folder / "case", "--run", "0002")
    assert (folder / "case" / "runs" / "0001" / "findings.json").read_bytes() == first
    assert (folder / "case" / "runs" / "0002" / "report.html").exists()


def test_a_case_is_not_overwritten(planted):
    folder, _, _ = planted
    err = run("investigate", folder / "posts.csv", "--map", MAP, "-o", folder / "case", code=2).err
    assert "already" in err


def test_the_same_file_twice_adds_nothing(planted, tmp_path):
    folder, _, result = planted
    run("ingest", tmp_path / "case", folder / "posts.csv", "--map", MAP)
    again = run("ingest", tmp_path / "case", folder / "posts.csv", "--map", MAP, "--json").json
    assert again["posts"] == result["posts"]


@pytest.mark.parametrize("content,words", [
    (b"", "empty"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "binary"),
    (b"\x28\xb5\x2f\xfd\x04", "truncated"),
    (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "truncated"),
    (b"just some words\nand more\n", "--map"),
])
def test_unusable_files_give_one_sentence(tmp_path, content, words):
    path = tmp_path / "input"
    path.write_bytes(content)
    result = run("investigate", path, "-o", tmp_path / "case", code=3)
    assert words in result.err and result.err.count("\n") <= 2
    assert not (tmp_path / "case").exists()


def test_a_folder_is_no_file(tmp_path):
    assert "director" in run("investigate", tmp_path, "-o", tmp_path / "case", code=3).err
    assert not (tmp_path / "case").exists()


def test_a_missing_file_leaves_nothing(tmp_path):
    run("investigate", tmp_path / "none.csv", "-o", tmp_path / "case", code=1)
    assert not (tmp_path / "case").exists()


def test_a_mostly_bad_file_stops_the_run(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("account,time,text\n" + "a,never,hello\n" * 300 + "a,1730000000,hello\n" * 50)
    result = run("investigate", path, "--map", "account=account,time=time,text=text", "-o",
                 tmp_path / "case", code=3)
    assert "300" in result.err or "bad time" in result.err
    assert not (tmp_path / "case").exists()


def test_bad_rows_are_kept_with_their_reason(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text("account,time,text,post\n" + "".join(f"a{i},{1730000000 + i},word{i} and more words,{i}\n" for i in range(50))
                    + "b,never,hello,x\n" + "c,1730000001,hello,8.01319E+17\n")
    result = run("ingest", tmp_path / "case", path, "--map", "account=account,time=time,text=text,post=post",
                 "--json").json
    assert result["posts"] == 50 and result["rejects"] == 2


@pytest.mark.parametrize("arguments", [
    ["investigate"], ["investigate", "x.csv"], ["investigate", "-o", "case"], ["frobnicate"], [],
    ["ingest", "case"], ["detect"], ["explain", "case"], ["investigate", "--no-such"],
    ["detect", "case", "--copies", "many"],
])
def test_wrong_usage_is_2(arguments):
    assert run(*arguments, code=2).err


@pytest.mark.parametrize("command", ["investigate", "ingest", "detect", "report", "explain", "coaction", "simulate"])
def test_help_teaches(command):
    out = run(command, "--help").out
    assert f"lockstep {command}" in out and len(out.splitlines()) > 8


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGHUP])
def test_ctrl_c_leaves_no_half_case(tmp_path, stop):
    """Nor does a terminal that is closed."""
    plant(tmp_path / "posts.csv", posts=120000, accounts=4000)
    process = subprocess.Popen([COMMAND, "investigate", tmp_path / "posts.csv", "--map", MAP, "-o",
                                tmp_path / "case", "--copies", "999"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    time.sleep(0.7)
    process.send_signal(stop)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert not (tmp_path / "case").exists()


def test_a_table_is_the_same_as_csv_and_as_parquet(tmp_path):
    """Some thousand rows, so that they come in several chunks: written twice, read twice."""
    with open(tmp_path / "posts.csv", "w", encoding="utf-8") as out:
        out.write("account,time,text\n")
        for i in range(80):
            out.write(f"account{i},{1730000000 + i % 50},the very same words\n")
    counts = []
    for kind in ("csv", "parquet"):
        table = tmp_path / f"edges.{kind}"
        run("coaction", tmp_path / "posts.csv", "--map", "account=account,time=time,text=text", "--edges", table, "--chance", "any")
        counts.append(run("ingest", tmp_path / kind, table, "--map", "account=account_a,time=first,text=account_b",
                          "--json").json)
    assert counts[0] == counts[1]
    assert counts[0]["posts"] == 80 * 79 // 2 and counts[0]["rejects"] == 0


def test_what_cannot_be_read_twice_is_refused(tmp_path):
    """Sealing reads the file before parsing does; a pipe would be empty by then, a device endless."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        assert "cannot be sealed" in run("ingest", tmp_path / "case", path, code=3, timeout=20).err
    assert not (tmp_path / "case").exists()


def test_rows_of_one_post_are_one_post_wherever_a_chunk_ends(tmp_path):
    """Two rows a post, over many chunks: every object stays, whether or not a chunk ends between the rows."""
    path = tmp_path / "shares.csv"
    with open(path, "w", encoding="utf-8") as out:
        out.write("object_id,account_id,content_id,timestamp_share\n")
        for i in range(60000):
            for side in "ab":
                out.write(f"object{i}{side},user{i % 1000},content{i},{1730000000 + i}\n")
    for threads in (1, 2):
        result = run("ingest", tmp_path / f"case{threads}", path, "--json", "--threads", threads).json
        assert result["posts"] == 60000 and result["actions"] == 120000
        assert result["posts"] + result["duplicates"] + result["ignored"] == 120000


@pytest.mark.parametrize("step,precision", [(60, "minute"), (61, "second")])
def test_times_that_are_all_full_minutes_are_minutes(tmp_path, step, precision):
    path = tmp_path / "posts.csv"
    path.write_text("account,time,text,post\n" + "".join(
        f"user{i % 7},{1730000040 + i * step},some words of number {i},{i}\n" for i in range(100)))
    run("investigate", path, "--map", "account=account,time=time,text=text,post=post", "-o", tmp_path / "case")
    found = json.loads((tmp_path / "case" / "runs" / "0001" / "findings.json").read_text())
    assert found["totals"]["time_precision"] == precision


def test_later_rows_of_many_posts(tmp_path):
    """A row for each object, the posts in turn: more waiting rows than are taken in at a time."""
    posts, rounds = 60_000, 8
    rng = random.Random(3)
    pairs, path = set(), tmp_path / "shares.csv"
    with open(path, "w", encoding="utf-8") as out:
        out.write("object_id,account_id,content_id,timestamp_share\n")
        for _ in range(rounds):
            for post in range(posts):
                link = rng.randrange(40)
                pairs.add((post, link))
                out.write(f"https://example.org/{link},user{post % 999},post{post},{1730000000 + post}\n")
    counts = run("ingest", tmp_path / "case", path, "--as", "coortweet", "--json", "-q").json
    assert (counts["posts"], counts["duplicates"]) == (posts, posts * (rounds - 1))
    assert counts["actions"] % len(pairs) == 0 and counts["actions"] >= len(pairs)
    whole = counts["actions"]
    # The same rows with each post's together.
    lines = path.read_text().splitlines()
    lines[1:] = sorted(lines[1:], key=lambda line: int(line.split(",")[2][4:]))
    (tmp_path / "sorted.csv").write_text("\n".join(lines) + "\n")
    assert run("ingest", tmp_path / "other", tmp_path / "sorted.csv", "--as", "coortweet", "--json", "-q").json["actions"] == whole
