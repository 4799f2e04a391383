"""test_coaction.py - the coaction command: small files, options, refusals."""
import csv
import signal
import subprocess
import time

import pytest

from conftest import COMMAND, run

SHARES = """object_id,account_id,content_id,timestamp_share
u1,ann,a1,1000
u1,bob,b1,1060
u2,ann,a2,2000
u2,bob,b2,2010
u2,cid,c2,2071
hashtag_x,ann,a3,3000
hashtag_x,cid,c3,3000
"""


@pytest.fixture
def shares(tmp_path):
    path = tmp_path / "shares.csv"
    path.write_text(SHARES)
    return path


def edges(shares, tmp_path, *options):
    found = run("coaction", "--input", shares, "--edges", tmp_path / "e.csv", "--json", "--chance", "any", *options).json
    with open(tmp_path / "e.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert found["edges"] == len(rows)
    return {(row["account_a"], row["account_b"]): row for row in rows}


def test_edges_and_their_fields(shares, tmp_path):
    found = edges(shares, tmp_path)
    assert set(found) == {("ann", "bob"), ("ann", "cid")}
    both = found["ann", "bob"]
    assert both["occasions"] == both["objects"] == both["pairs"] == "2"
    assert both["a_first"] == "2" and both["b_first"] == "0"
    assert float(both["lag_s"]) == 35
    assert both["first"] == "1970-01-01T00:16:40Z" and both["last"] == "1970-01-01T00:33:30Z"
    assert both["url"] == "2" and both["hashtag"] == "0"
    tie = found["ann", "cid"]
    assert tie["a_first"] == tie["b_first"] == "0" and float(tie["lag_s"]) == 0


def test_windows_by_kind_and_thresholds(shares, tmp_path):
    assert set(edges(shares, tmp_path, "--window", "59s")) == {("ann", "bob"), ("ann", "cid")}
    assert set(edges(shares, tmp_path, "--min-occasions", 2)) == {("ann", "bob")}
    assert set(edges(shares, tmp_path, "--kinds", "hashtag")) == {("ann", "cid")}
    wide = edges(shares, tmp_path, "--window", "5s", "--window", "url=61s")
    assert set(wide) == {("ann", "bob"), ("ann", "cid"), ("bob", "cid")}


def test_rows_that_cannot_be_read_are_counted(shares):
    shares.write_text(SHARES + "u9,dan,d9,yesterday\n")
    found = run("coaction", "--input", shares, "--json").json
    assert found["rejects"] == 1 and found["posts"] == 7
    found = run("coaction", "--input", shares, "--compat", "coortweet", "--json").json
    assert found["rejects"] == 1


def test_a_file_given_twice_counts_once(shares):
    once = run("coaction", "--input", shares, "--json").json
    twice = run("coaction", "--input", shares, "--input", shares, "--json").json
    assert twice["merged"] == 7
    assert twice["actions"] == once["actions"] and twice["pairs"] == once["pairs"]


def test_text_for_people(shares):
    out = run("coaction", "--input", shares, "--chance", "any").out
    assert "2 edges between 3 accounts" in out and "ann  bob" in out


@pytest.mark.parametrize("options, code, words", [
    ([], 2, "--input"),
    (["--input", "nowhere.csv"], 1, "nowhere.csv"),
    (["--input", "{shares}", "--window", "soon"], 2, "soon"),
    (["--input", "{shares}", "--kinds", "smell"], 2, "smell"),
    (["--input", "{shares}", "--compat", "cnt"], 2, "co_retweet"),
    (["--input", "{shares}", "--compat", "cnt", "--network", "co_similar"], 3, "message_id"),
    (["--input", "{shares}", "--compat", "other"], 2, "other"),
    (["--input", "{shares}", "--edges", "edges.xls"], 2, ".csv or .parquet"),
    (["--input", "{shares}", "--edge-weight", "2", "--compat", "coortweet"], 2, "quantile"),
    (["--input", "{shares}", "--memory", "1"], 1, "limit"),
    (["--input", "{shares}", "--frobnicate", "1"], 2, "--frobnicate"),
])
def test_refusals(shares, options, code, words):
    options = [option.format(shares=shares) for option in options]
    assert words in run("coaction", *options, code=code).err


def test_a_failed_run_leaves_no_edges(shares, tmp_path):
    run("coaction", "--input", shares, "--memory", "1", "--edges", tmp_path / "e.csv", code=1)
    assert not list(tmp_path.glob("e.csv*"))


def test_edges_as_parquet(shares, tmp_path):
    path = tmp_path / "e.parquet"
    found = run("coaction", "--input", shares, "--edges", path, "--json", "--min-pairs", 1).json
    assert path.read_bytes()[:4] == path.read_bytes()[-4:] == b"PAR1"
    assert not list(tmp_path.glob("e.parquet?*"))
    back = run("coaction", "--input", path, "--map",
               "account=account_a,time=first,post=account_b,url=account_b", "--json").json
    assert back["rows"] == found["edges"] == 2
    assert back["accounts"] == 1


@pytest.mark.parametrize("mode", [[], ["--compat", "coortweet"],
                                  ["--compat", "cnt", "--network", "co_retweet"]])
def test_interrupted_leaves_nothing(tmp_path, mode):
    """Accounts that flood one object: seconds of work, stopped at once."""
    if "/tsan/" in COMMAND:
        pytest.skip("ThreadSanitizer holds a signal back until the next call into the C library")
    path = tmp_path / "flood.csv"
    accounts = 2 if mode else 4000  # a flood of two is nothing to the own mode
    with open(path, "w") as file:
        file.write(SHARES.splitlines()[0] + "\n")
        for row in range(400000):
            file.write(f"o,bot{row % accounts},c{row},{1700000000 + row // 10000}\n")
    process = subprocess.Popen([COMMAND, "coaction", "--input", path, "--window", "10m", "--chance", "any", "--edges",
                                tmp_path / "e.csv", *mode], stderr=subprocess.PIPE)
    time.sleep(1.5)
    assert process.poll() is None
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert time.monotonic() - asked < 10
    assert not list(tmp_path.glob("e.csv*"))


def test_several_windows_in_one_sweep(shares, tmp_path):
    found = run("coaction", "--input", shares, "--window", "10s,60s,71s", "--edges",
                tmp_path / "e.csv", "--json", "--min-pairs", 1).json
    assert [window["window"] for window in found["windows"]] == ["10s", "60s", "71s"]
    assert not (tmp_path / "e.csv").exists()
    for window in found["windows"]:
        alone = run("coaction", "--input", shares, "--window", window["window"], "--edges",
                    tmp_path / "alone.csv", "--json", "--min-pairs", 1).json
        assert {key: alone[key] for key in window if key != "window"} == \
            {key: window[key] for key in window if key != "window"}
        assert (tmp_path / f"e.{window['window']}.csv").read_bytes() == \
            (tmp_path / "alone.csv").read_bytes()
    assert found["edges"] == found["windows"][2]["edges"]  # the longest stands for the run
    text = run("coaction", "--input", shares, "--window", "10s,60s", "--min-pairs", 1).out
    assert "Window 10s: 2 edges" in text and "Window 60s: 2 edges" in text
    assert "at most 8" in run("coaction", "--input", shares, "--window",
                              "1s,2s,3s,4s,5s,6s,7s,8s,9s", code=2).err


def posts_in_an_hour(path, accounts, joint):
    """Accounts with two posts each about a viral tag, and two that meet `joint` times elsewhere."""
    lines = [SHARES.splitlines()[0]]
    for i in range(2 * accounts):
        lines.append(f"viral,user{i % accounts},v{i},{1000000 + i * 7200 // accounts // 2}")
    for i in range(joint):
        for who in ("ann", "bob"):
            lines.append(f"link{i},{who},{who}{i},{1000000 + i * 600 + (who == 'bob')}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_chance_meetings_do_not_fill_the_output(tmp_path):
    path = posts_in_an_hour(tmp_path / "shares.csv", 2000, 8)
    everything = run("coaction", "--input", path, "--min-pairs", 1, "--json").json
    assert everything["edges"] > 50000 and "min_score_bits" not in everything
    found = run("coaction", "--input", path, "--json", "--edges", tmp_path / "e.csv").json
    assert found["edges"] == 1 and found["chance_edges"] == 1
    with open(tmp_path / "e.csv", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["account_a"], row["account_b"]) == ("ann", "bob")
    assert float(row["score_bits"]) == found["strongest"][0]["score_bits"]
    assert float(row["score_bits"]) >= found["min_score_bits"]
    # Fewer expected by chance ask for more bits, one a halving.
    strict = run("coaction", "--input", path, "--json", "--chance", 0.25).json
    assert strict["min_score_bits"] == pytest.approx(found["min_score_bits"] + 2, abs=1 / 16)
    assert run("coaction", "--input", path, "--chance", 1e-30, "--json").json["edges"] == 0
    for wrong in ("0", "-1", "often"):
        assert "--chance" in run("coaction", "--input", path, "--chance", wrong, code=2).err
    text = run("coaction", "--input", path).out
    assert "chance may have brought together" in text and "ann" in text
