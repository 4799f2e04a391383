"""test_answers.py - answers to requests as bags: complete, provable by other programs, the same twice."""
import base64
import csv
import filecmp
import hashlib
import json
import os
import re
import signal
import subprocess
import time

import pytest

from authority import Authority, Server
from conftest import COMMAND, MAP, SOURCE, plant, run

INTEROP = SOURCE / ".deps" / "interop" / "bin" / "python"
ZONE = "2024-12-05 18:00 Europe/Bucharest"


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    plant(folder / "posts.csv", accounts=150, posts=1200)
    (folder / "ledger.csv").write_text(
        "payment_id,payer,payee,account,amount,currency,date\n"
        "1,Sponsor,planted0,planted0,100.50,EUR,2024-10-28\n"
        "2,Sponsor,somebody,,20.00,EUR,2024-10-29\n", encoding="utf-8")
    run("investigate", folder / "posts.csv", "--map", MAP, "-o", folder / "case", "-q")
    return folder / "case"


def receive(case, *more, questions=1):
    out = run("request", "receive", case, "--authority", "An Authority", "--basis", "dsa-67", "--received", ZONE,
              "--due", "24h", *[x for i in range(questions) for x in ("--question", f"Question {i + 1}?")], *more,
              "--json").json
    return out["request"]


def reply(case, request, question=1, *more):
    run("request", "reply", case, request, "--question", question, *(more or ("--answer", "as enclosed",
        "--records", "posts,accounts", "--finding", "F1", "--file", "findings/report.html")))


def answer(case, request, profile="authority", *more, code=0):
    return run("request", "answer", case, request, "--profile", profile, *more, "--json", code=code)


def answered(case, *scope, profile="authority"):
    request = receive(case, *scope)
    reply(case, request)
    return request, case / "answers" / request, answer(case, request, profile).json


def lines(bag, kind):
    return [json.loads(line) for line in open(bag / "data" / "records" / f"{kind}.ndjson", encoding="utf-8")]


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def plain(case):
    return answered(case)


def test_everything_in_the_scope_is_there(case, plain):
    _, bag, summary = plain
    posts = lines(bag, "posts")
    source = {row["post"]: row for row in csv.DictReader(open(case.parent / "posts.csv", encoding="utf-8"))}
    assert len(posts) == len(source) == summary["posts"]
    assert {p["post_key"].split(":")[-1] for p in posts} == set(source)
    for post in posts[::50]:
        row = source[post["post_key"].split(":")[-1]]
        assert post["text"] == row["text"] and post["account_key"].split(":")[-1] == row["account"]
    assert len(lines(bag, "accounts")) == summary["accounts"] == len({row["account"] for row in source.values()})


def test_a_record_leads_to_its_bytes(case, plain):
    raw = (case.parent / "posts.csv").read_bytes()
    for post in lines(plain[1], "posts")[::97]:
        row = raw[post["offset_bytes"]:post["offset_bytes"] + post["length_bytes"]].decode()
        assert post["text"] in row and post["file_sha256"] == hashlib.sha256(raw).hexdigest()
        assert post["import"] > 0


def test_every_part_of_the_bag_is_there(plain):
    names = set(tree(plain[1]))
    for name in ("README.txt", "manifest.dsse.json", "bagit.txt", "data/answer.json", "data/records/posts.parquet",
                 "data/log/checkpoint", "data/log/signer.vkey", "data/findings/findings.json",
                 "data/findings/report.html", "data/findings/network.gexf", "data/findings/stix.json",
                 "data/findings/takedown.csv"):
        assert name in names, name
    statements = (plain[1] / "data/log/statements").read_text(encoding="utf-8").splitlines()
    assert len([n for n in names if n.endswith(".tlog-proof")]) == len(statements)
    assert not [n for n in names if "tmp" in n or n.endswith(".csv") and "records" in n]


def test_parquet_has_the_same_rows(plain, tmp_path):
    run("ingest", tmp_path / "case", plain[1] / "data/records/posts.parquet", "--map",
        "account=account_key,time=time,text=text,post=post_key")
    request = receive(tmp_path / "case")
    reply(tmp_path / "case", request, 1, "--answer", "all")
    run("detect", tmp_path / "case", "-q")
    answer(tmp_path / "case", request)
    again = {p["post_key"].split(":")[-1]: (p["text"], p["time"])
             for p in lines(tmp_path / "case" / "answers" / request, "posts")}
    assert again == {p["post_key"].split(":")[-1]: (p["text"], p["time"]) for p in lines(plain[1], "posts")}


def readme_commands(bag):
    """The lines of README.txt that a reader is told to run, as they stand there."""
    text = (bag / "README.txt").read_text(encoding="utf-8").split("HOW TO VERIFY")[1].split("WHAT LIES WHERE")[0]
    return [line[4:] for line in text.splitlines() if line.startswith("    ") or not line]


def readme_run(bag, env=None):
    script = "\n".join(line for line in readme_commands(bag) if not line.startswith("bagit.py"))
    return subprocess.run(["sh", "-e", "-c", script], cwd=bag, capture_output=True, text=True, check=False, env=env)


def test_the_readme_verifies_the_bag(plain, tmp_path):
    before = tree(plain[1])
    done = readme_run(plain[1], {**os.environ, "TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 2
    assert "records are those of the log" in done.stdout
    assert tree(plain[1]) == before and not list(tmp_path.iterdir())


@pytest.mark.parametrize("name,old,new", [
    ("data/records/posts.ndjson", b'"text":"', b'"text":"x'),
    ("data/log/checkpoint", b"\n", b"1\n"),
    ("data/log/statements", b'"record":"post"', b'"record":"p0st"'),
])
def test_the_readme_notices_changes(plain, tmp_path, name, old, new):
    """Each change with the manifests made anew, as who forges would."""
    copy = tmp_path / "bag"
    subprocess.run(["cp", "-r", plain[1], copy], check=True)
    (copy / name).write_bytes((copy / name).read_bytes().replace(old, new, 1))
    subprocess.run("sha512sum $(cut -c131- manifest-sha512.txt) > m && mv m manifest-sha512.txt &&"
                   "sha512sum $(cut -c131- tagmanifest-sha512.txt) > m && mv m tagmanifest-sha512.txt",
                   shell=True, cwd=copy, check=True)
    assert readme_run(copy).returncode != 0
    run("verify", copy, code=5)


def test_lockstep_verifies_the_bag(plain):
    assert "All that is claimed holds." in run("verify", plain[1]).out


def test_bagit_validates(plain):
    if not INTEROP.exists():
        pytest.skip("no .deps/interop: tools/setup test makes it")
    subprocess.run([INTEROP, "-c", "import bagit, sys; bagit.Bag(sys.argv[1]).validate(processes=1)", plain[1]],
                   check=True)


def test_stix_and_findings_are_sound(plain):
    findings = json.loads((plain[1] / "data/findings/findings.json").read_text(encoding="utf-8"))
    assert findings["findings"] and findings["options"]
    bundle = json.loads((plain[1] / "data/findings/stix.json").read_text(encoding="utf-8"))
    assert bundle["type"] == "bundle"


@pytest.mark.parametrize("profile", ["authority", "researcher", "public"])
def test_built_twice_the_same_bytes(case, profile, tmp_path):
    request, bag, summary = answered(case, "--kinds", "accounts", profile=profile)
    receive(case)  # the log goes on, and its right edge with it
    again = run("request", "answer", case, request, "-o", tmp_path / "again", "--json").json
    assert tree(tmp_path / "again") == tree(bag)
    assert again["tagmanifest_sha256"] == summary["tagmanifest_sha256"]
    assert summary["tagmanifest_sha256"] == hashlib.sha256((bag / "tagmanifest-sha512.txt").read_bytes()).hexdigest()
    run("request", "answer", case, request, "-o", tmp_path / "again", code=2)


def test_an_incomplete_answer_is_refused(case):
    request = receive(case, questions=2)
    reply(case, request, 1)
    result = answer(case, request, code=2)
    assert "1 question has neither an answer nor a reason" in result.err
    assert not (case / "answers" / request).exists()
    reply(case, request, 2, "--missing", "no such data", "--finding", "F99")
    assert "F99" in answer(case, request, code=2).err
    reply(case, request, 2, "--missing", "no such data", "--file", "findings/none.txt")
    assert "findings/none.txt" in answer(case, request, code=2).err
    assert not (case / "answers" / request).exists()
    assert not [name for name in os.listdir(case / "answers") if "part" in name]
    reply(case, request, 2, "--missing", "no such data")
    answer(case, request)
    answer(case, request, code=2)  # once


def test_the_scope_chooses(case):
    posts = list(csv.DictReader(open(case.parent / "posts.csv", encoding="utf-8")))
    word = posts[0]["text"].split()[0]
    _, bag, summary = answered(case, "--term", word.upper())
    assert summary["posts"] == sum(word in row["text"] for row in posts) > 0
    assert summary["accounts"] == len({row["account"] for row in posts if word in row["text"]})
    key = lines(bag, "posts")[0]["account_key"]
    _, bag, summary = answered(case, "--account", key, "--kinds", "posts")
    assert summary["accounts"] == 0 and {p["account_key"] for p in lines(bag, "posts")} == {key}
    _, bag, summary = answered(case, "--from", "2100-01-01")
    assert summary["posts"] == summary["accounts"] == 0
    assert readme_run(bag).returncode == 0


def test_amendments_name_what_they_correct(case, tmp_path):
    request, bag, summary = answered(case, "--kinds", "accounts")
    before = tree(bag)
    run("request", "amend", case, request, "--profile", "authority", code=2)  # why?
    reply(case, request, 1, "--answer", "another number")
    run("request", "amend", case, request, "--profile", "authority", "--why", "miscounted")
    amendment = case / "answers" / f"{request}-amendment-1"
    told = json.loads((amendment / "data/answer.json").read_text(encoding="utf-8"))
    assert told["corrects"] == {"number": 0, "leaf": summary["leaf"], "tagmanifest_sha256": summary["tagmanifest_sha256"]}
    assert told["why"] == "miscounted" and told["questions"][0]["answer"] == "another number"
    assert tree(bag) == before
    assert readme_run(amendment).returncode == 0
    run("verify", amendment)
    run("request", "answer", case, request, "-o", tmp_path / "again")
    assert tree(tmp_path / "again") == before
    run("request", "amend", case, request, "-o", tmp_path / "amended")
    assert tree(tmp_path / "amended") == tree(amendment)
    entry = run("request", "status", case, request, "--json").json[0]
    assert [a["number"] for a in entry["answers"]] == [0, 1]


def test_the_log_tells_it_in_words(case):
    request, bag, summary = answered(case, "--kinds", "accounts", profile="researcher")
    told = run("log", case).out
    assert f"{request} received, 1 questions, due 2024-12-06T16:00:00Z, under dsa-67" in told
    assert f"the answer to {request} is frozen: 0 posts, {summary['accounts']} accounts, 0 payments" in told
    assert f"the mapping of the pseudonyms in the answer to {request}" in told
    assert f"the answer to {request} is sealed, frozen at entry {summary['frozen']}" in told
    assert "pseudonym_key" not in told


def test_receipt(case):
    request = receive(case)
    run("request", "receipt", case, request, code=2)  # not answered
    reply(case, request)
    answer(case, request)
    run("request", "receipt", case, request, "--note", "by courier")
    entry = run("request", "status", case, request, "--json").json[0]
    assert entry["state"] in ("confirmed", "late") and entry["confirmed"]


def test_dossiers_cannot_be_joined_by_pseudonyms(case):
    bags = [answered(case, profile="researcher") for _ in range(2)]
    seen = []
    for request, bag, summary in bags:
        posts = lines(bag, "posts")
        assert len(posts) == summary["posts"]
        seen.append(({p["account_key"] for p in posts}, {p["post_key"] for p in posts}, [p["text"] for p in posts]))
        # Nothing of the bag names an account or a post, nor leads into a file.
        names = {row["account"] for row in csv.DictReader(open(case.parent / "posts.csv", encoding="utf-8"))}
        for name, bytes_ in tree(bag).items():
            if name.startswith("data/proofs/") or name.endswith("report.html"):
                continue
            text = bytes_.decode("utf-8", "replace")
            found = [n for n in names if re.search(rf"\b{n}\b", text)]
            assert not found, (name, found[:3])
        assert not any(key in post for post in posts for key in ("import", "offset_bytes", "file_sha256"))
        assert readme_run(bag).returncode == 0
        run("verify", bag)
    assert not seen[0][0] & seen[1][0] and not seen[0][1] & seen[1][1]
    assert seen[0][2] != seen[1][2] and sorted(seen[0][2]) == sorted(seen[1][2])  # the order is drawn by lot
    # The mapping turns them back, lies outside the bag, and for its owner alone.
    mapping = case / "answers" / f"{bags[0][0]}.mapping.csv"
    assert mapping.stat().st_mode & 0o077 == 0
    known = {row["pseudonym"]: row["id"] for row in csv.DictReader(open(mapping, encoding="utf-8"))}
    accounts = {key.split(":")[-1] for key in seen[0][0]}
    assert {known[a] for a in accounts} == {row["account"] for row in
                                            csv.DictReader(open(case.parent / "posts.csv", encoding="utf-8"))}


def test_withheld_values_verify_once_they_are_disclosed(case):
    """The log holds a digest of what a profile withheld; whoever discloses it later can show that it fits."""
    request, bag, _ = answered(case, profile="public")
    statements = dict(line.split(" ", 1) for line in (bag / "data/log/statements").read_text().splitlines())
    shown = set((bag / "data/log/disclosures").read_text().splitlines())
    held, texts = 0, {row["text"] for row in csv.DictReader(open(case.parent / "posts.csv", encoding="utf-8"))}
    for path in (case / "vault" / "disclosures").iterdir():
        for line in path.read_text().splitlines():
            index, disclosure = line.split()
            _, name, value = json.loads(base64.urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4)))
            if index in statements and name == "text" and line not in shown:
                digest = base64.urlsafe_b64encode(hashlib.sha256(disclosure.encode()).digest()).decode().rstrip("=")
                assert digest in json.loads(statements[index])["_sd"] and value in texts
                # A digest without its salt does not tell which text it is.
                assert base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()).decode().rstrip("=") not in \
                    statements[index]
                held += 1
    assert held == len(lines(bag, "posts")) and not any("text" in post for post in lines(bag, "posts"))


VALUES = """\
decision_account = "DECISION_ACCOUNT_SUSPENDED"
decision_ground = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
incompatible_content_ground = "Terms of use, coordinated inauthentic behaviour"
incompatible_content_explanation = "The account acted with others as one, which the terms do not allow."
category = "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS"
category_specification = ["KEYWORD_INAUTHENTIC_ACCOUNTS", "KEYWORD_COORDINATED_HARM"]
territorial_scope = ["RO"]
"""


def test_statements_of_reasons_of_what_was_decided(case, tmp_path):
    (tmp_path / "values.toml").write_text(VALUES, encoding="utf-8")
    run("decide", case, "F1", "--file", tmp_path / "values.toml", "--person", "Ana")
    request, bag, _ = answered(case, "--kinds", "accounts")
    written = list((bag / "data/findings").glob("reasons-*.json"))
    statements = json.loads(written[0].read_text(encoding="utf-8"))["statements"]
    findings = json.loads((bag / "data/findings/findings.json").read_text(encoding="utf-8"))
    assert len(statements) == len(findings["findings"][0]["members"])
    assert {s["automated_detection"] for s in statements} == {"Yes"}
    # What is approved later changes nothing that was sealed.
    leaf = written[0].stem.split("-")[1]
    run("decide", case, "--approve", leaf, "--person", "Radu")
    run("request", "answer", case, request, "-o", tmp_path / "again")
    assert tree(tmp_path / "again") == tree(bag)
    # Beside pseudonyms their numbers would join dossiers.
    _, bag, _ = answered(case, "--kinds", "accounts", profile="researcher")
    assert not list((bag / "data/findings").glob("reasons-*.json"))


def test_frozen_first_then_sealed(case):
    request = receive(case, "--kinds", "accounts")
    reply(case, request)
    frozen = answer(case, request, "authority", "--freeze").json
    assert frozen["bag"] is None and not (case / "answers" / request).exists()
    assert answer(case, request).json["frozen"] == frozen["frozen"]
    # Another reply in between: what was frozen no longer fits, and all is frozen again.
    request = receive(case, "--kinds", "accounts")
    reply(case, request)
    frozen = answer(case, request, "authority", "--freeze").json
    reply(case, request)
    assert answer(case, request).json["frozen"] > frozen["frozen"]


def test_what_others_said_of_the_frozen_state_is_in_the_bag(case, tmp_path):
    authority = Authority(tmp_path / "authority")
    server = Server(lambda path, body: (200, "application/timestamp-reply", authority.stamp(body)))
    request = receive(case, "--kinds", "accounts")
    reply(case, request)
    try:
        frozen = answer(case, request, "authority", "--freeze").json["frozen"]
        run("anchor", case, "--tsa", server.url, "--tsa-trust", authority.trust)
        assert answer(case, request).json["frozen"] == frozen
        run("anchor", case, "--tsa", server.url, "--tsa-trust", authority.trust)  # of a later state: not in the bag
    finally:
        server.close()
    bag = case / "answers" / request
    assert sorted(p.name for p in (bag / "data/log/anchors").iterdir()) == [f"{frozen + 1}.1.pem", f"{frozen + 1}.1.tsr"]
    done = readme_run(bag)
    assert done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr
    run("verify", bag)
    run("request", "answer", case, request, "-o", tmp_path / "again")
    assert tree(tmp_path / "again") == tree(bag)


def test_killed_at_any_time_nothing_half_is_left(case):
    request = receive(case)
    reply(case, request)
    bag = case / "answers" / request
    for wait in (0.02, 0.05, 0.1, 0.2, 0.4):
        process = subprocess.Popen([COMMAND, "request", "answer", case, request, "--profile", "authority", "-q"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        done = subprocess.run([COMMAND, "request", "status", case, request, "--json"], capture_output=True, check=False)
        if json.loads(done.stdout)[0]["answers"]:
            break
    else:
        answer(case, request)
    assert run("verify", bag).code == 0
    assert not [name for name in os.listdir(case / "answers") if "part" in name]
