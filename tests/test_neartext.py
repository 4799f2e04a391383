"""test_neartext.py - the neartext command: small files, known answers, options, refusals."""
import csv
import json
import random
import signal
import subprocess
import time

import pytest

from conftest import COMMAND, real, run

MAP = "account=user,time=t,post=id,text=body"
# Edits that do not count, an edit of one word in nine, a text of its own, one without words.
ROWS = """user,t,id,body
ann,1000,p1,We all vote for a better country this Sunday!
bob,1010,p2,"WE ALL VOTE, for a b\u0435tter country this Sunday \U0001f602 https://a.org/x"
cid,1020,p3,we all vote for a better country this sunday friends
dan,9000,p4,We all vote for a better country this Sunday
eve,1030,p5,Something else entirely was said by somebody else here
fay,1040,p6,!!!
gus,1050,p7,
"""


@pytest.fixture
def posts(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_clusters_and_pairs(posts, tmp_path):
    found = run("neartext", "--input", posts, "--map", MAP, "--clusters", tmp_path / "c.csv",
                "--pairs", tmp_path / "p.csv", "--json").json
    assert found["clusters"] == 1 and found["clustered_texts"] == 4 and found["variants"] == 2
    assert found["texts"] == 6 and found["texts_without_words"] == 1
    assert found["posts"] == 7 and found["without_text"] == 1 and found["rejects"] == 0
    assert found["largest"][0]["accounts"] == 4
    assert found["largest"][0]["representative"].startswith("We all vote")
    assert set(found["seconds"]) == {"read", "cut", "order", "join", "cluster", "write"}
    rows = table(tmp_path / "c.csv")
    assert [(row["post"], row["variant"], row["representative"]) for row in rows] == [
        ("other:p1", "1", "1"), ("other:p2", "1", "0"), ("other:p4", "1", "0"), ("other:p3", "2", "0")]
    # 9 words and 8 pairs; one word more makes two shingles more.
    assert (rows[3]["shared"], rows[3]["either"]) == ("17", "19")
    assert float(rows[3]["similarity"]) == 17 / 19
    pairs = table(tmp_path / "p.csv")
    assert [(row["post_a"], row["post_b"], row["shared"], row["either"]) for row in pairs] == [
        ("other:p1", "other:p3", "17", "19")]


def test_threshold_and_window(posts):
    def clustered(*options):
        return run("neartext", "--input", posts, "--map", MAP, "--json", *options).json["clustered_texts"]
    assert clustered("--threshold", 0.9) == 3
    assert clustered("--window", "1h") == 3
    assert clustered("--window", "20s") == 3
    assert clustered("--window", "9s") == 0
    assert clustered("--window", "10s") == 3  # a chain: p1 and p3 are 20 s apart
    assert clustered("--threshold", 0.9, "--window", "10s") == 2
    assert clustered("--as-is") == 2  # p1 and p4 differ in punctuation only
    assert clustered("--shingle", "words", "--threshold", 0.9) == 4


def test_the_answer_does_not_depend_on_threads(tmp_path):
    path = tmp_path / "many.csv"
    with open(path, "w") as file:
        file.write("user,t,id,body\n")
        for i in range(20000):
            words = [f"{'abcdefgh'[(i * 7 + k * k) % 8]}{'klmnop'[(i // 9 + k) % 6]}{'stuv'[(i // 500) % 4]}"
                     for k in range(5 + i % 13)]
            file.write(f"u{i % 100},{1000 + i},p{i},{' '.join(words)}\n")
    answers = []
    for threads in (1, 2, 5):
        found = run("neartext", "--input", path, "--map", MAP, "--json", "--threads", threads, "--clusters",
                    tmp_path / f"c{threads}.csv", "--pairs", tmp_path / f"p{threads}.csv", "--window", "1h").json
        found.pop("seconds")
        answers.append((found, (tmp_path / f"c{threads}.csv").read_bytes(), (tmp_path / f"p{threads}.csv").read_bytes()))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0]["clusters"] > 10 and answers[0][0]["pairs"] > 10


@pytest.mark.parametrize("window, edges", [("60s", 2), ("1h", 38)])
def test_pairs_that_another_program_finds(tmp_path, window, edges):
    """Jaccard of word sets, as coordination-network-toolkit has them: directed edges."""
    path = real("conformance/text20k.csv.zst")
    run("neartext", "--input", path, "--window", window, "--shingle", "words", "--as-is",
        "--pairs", tmp_path / "p.csv", "--json")
    pairs = {tuple(sorted((row["account_a"], row["account_b"]))) for row in table(tmp_path / "p.csv")}
    assert 2 * len(pairs) == edges


def test_text_for_people(posts):
    out = run("neartext", "--input", posts, "--map", MAP).out
    assert "1 cluster of near-duplicate texts: 4 of 6 texts" in out and "We all vote" in out
    assert "1 without text, 1 without any word" in out


def test_a_file_given_twice_counts_once(posts):
    once = run("neartext", "--input", posts, "--map", MAP, "--json").json
    twice = run("neartext", "--input", posts, "--input", posts, "--map", MAP, "--json").json
    assert twice["duplicates"] == 7 and twice["texts"] == once["texts"]


def edited_copies(path, rows=None):
    """Invented words by 400 accounts; eight that post one text ten times, each with a word of its own."""
    rng = random.Random(3)
    words = ["".join(rng.choice("bdklmnprst") + rng.choice("aeiou") for _ in range(3)) for _ in range(500)]
    start, lines = 1730000000, []
    for _ in range(4000):
        lines.append((f"u{rng.randrange(400)}", start + rng.randrange(7 * 86400), [rng.choice(words) for _ in range(12)]))
    for _ in range(10):
        at, base = start + rng.randrange(7 * 86400), [rng.choice(words) for _ in range(14)]
        for member in range(8):
            text = list(base)
            text[rng.choice([0, 13])] = rng.choice(words)
            lines.append((f"bot{member}", at + rng.randrange(40), text))
    with open(path, "w") as file:
        file.write("user,t,id,body\n")
        for i, (user, at, text) in list(enumerate(lines))[slice(*rows) if rows else slice(None)]:
            file.write(f"{user},{at},p{i},{' '.join(text)}\n")


def test_edited_copies_are_found_in_a_case(tmp_path):
    edited_copies(tmp_path / "posts.csv")
    run("investigate", tmp_path / "posts.csv", "-o", tmp_path / "case", "--map", MAP, "-q")
    with open(tmp_path / "case/runs/0001/findings.json", encoding="utf-8") as file:
        finding = json.load(file)["findings"][0]
    assert {member["account"] for member in finding["members"]} == {f"other:bot{i}" for i in range(8)}
    assert finding["kinds"]["near_text"] >= 10 and "near-identical texts" in finding["title"]
    near = [thing for thing in finding["objects"] if thing["kind"] == "near_text"]
    for thing in near:
        assert 2 <= len(thing["variants"]) <= 5
        assert all(0.6 <= variant["similarity"] <= 1 for variant in thing["variants"])
        assert thing["object"] == thing["variants"][0]["text"]
    out = run("explain", tmp_path / "case", "F1").out
    assert "nearly the same words" in out and "how they are written" in out
    edge = run("explain", tmp_path / "case", "other:bot0,other:bot1").out
    assert "near_text (nearly the same words)" in edge
    # Without the kind the copies are different texts, and nothing is left.
    run("detect", tmp_path / "case", "--only", "text,hashtag,url", "-q")
    run("report", tmp_path / "case", "-q")
    with open(tmp_path / "case/runs/0002/findings.json", encoding="utf-8") as file:
        assert not json.load(file)["findings"]


def test_near_texts_do_not_depend_on_the_calls_that_brought_the_posts(tmp_path):
    edited_copies(tmp_path / "all.csv")
    edited_copies(tmp_path / "first.csv", (0, 4041))
    edited_copies(tmp_path / "second.csv", (4041, None))
    run("ingest", tmp_path / "one", tmp_path / "first.csv", tmp_path / "second.csv", "--map", MAP, "-q")
    run("ingest", tmp_path / "two", tmp_path / "first.csv", "--map", MAP, "-q")
    run("ingest", tmp_path / "two", tmp_path / "second.csv", "--map", MAP, "-q")
    run("ingest", tmp_path / "two", tmp_path / "second.csv", "--map", MAP, "-q")  # known: nothing changes
    run("investigate", tmp_path / "all.csv", "-o", tmp_path / "all", "--map", MAP, "-q")
    found = []
    for case in ("one", "two", "all"):
        if case != "all":
            run("detect", tmp_path / case, "-q")
            run("report", tmp_path / case, "-q")
        with open(tmp_path / case / "runs/0001/findings.json", encoding="utf-8") as file:
            finding = json.load(file)["findings"][0]
        found.append((finding["kinds"], finding["objects"], finding["score"]))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("options, code, words", [
    ([], 2, "--input"),
    (["--input", "nowhere.csv"], 1, "nowhere.csv"),
    (["--input", "{posts}", "--map", MAP, "--window", "soon"], 2, "soon"),
    (["--input", "{posts}", "--map", MAP, "--threshold", "0"], 2, "threshold"),
    (["--input", "{posts}", "--map", MAP, "--threshold", "much"], 2, "much"),
    (["--input", "{posts}", "--map", MAP, "--shingle", "bits"], 2, "bits"),
    (["--input", "{posts}", "--map", MAP, "--pairs", "p.xls"], 2, ".csv or .parquet"),
    (["--input", "{posts}", "--map", MAP, "--memory", "1"], 1, "limit"),
    (["--input", "{posts}"], 3, "posts.csv"),
    (["--input", "{posts}", "--frobnicate", "1"], 2, "--frobnicate"),
    (["--input", "{posts}", "--pairs"], 2, "--pairs takes a value"),
])
def test_refusals(posts, options, code, words):
    options = [option.format(posts=posts) for option in options]
    assert words in run("neartext", *options, code=code).err


def test_a_failed_run_leaves_no_files(posts, tmp_path):
    run("neartext", "--input", posts, "--map", MAP, "--memory", "1", "--pairs", tmp_path / "p.csv",
        "--clusters", tmp_path / "c.csv", code=1)
    assert not list(tmp_path.glob("[pc].csv*"))


def test_tables_as_parquet(posts, tmp_path):
    path = tmp_path / "c.parquet"
    run("neartext", "--input", posts, "--map", MAP, "--clusters", path)
    assert path.read_bytes()[:4] == path.read_bytes()[-4:] == b"PAR1"
    back = run("neartext", "--input", path, "--map", "account=account,time=time,post=post,text=text", "--json").json
    assert back["clusters"] == 1 and back["clustered_texts"] == 4


def test_interrupted_leaves_nothing(tmp_path):
    """Many texts with all their pairs wanted: seconds of work, stopped at once."""
    path = tmp_path / "crowd.csv"
    with open(path, "w") as file:
        file.write("user,t,id,body\n")
        for i in range(60000):
            name = "".join("abcdefghij"[int(digit)] for digit in str(i))
            file.write(f"u{i},{1000 + i},p{i},one two three four five six seven eight nine ten eleven twelve {name}\n")
    process = subprocess.Popen([COMMAND, "neartext", "--input", path, "--map", MAP, "--pairs-per-text", "0", "--memory", "4G",
                                "--pairs", tmp_path / "p.csv"], stderr=subprocess.PIPE)
    time.sleep(1.5)
    assert process.poll() is None
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert time.monotonic() - asked < 10
    assert not list(tmp_path.glob("p.csv*"))
