"""test_profile.py - what a researcher and the public are shown of a simulated case: looked for by name."""
import base64
import csv
import hashlib
import hmac
import json
import os
import re
import stat

import jsonschema
import pytest

from conftest import SOURCE, run

RECIPIENTS = ["researcher", "public"]


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profile")
    run("simulate", "romania-2024", "--scale", "0.005", "--seed", "3", "-o", folder / "data")
    files = [*(folder / "data").glob("*.ndjson"), *(folder / "data").glob("*.json"),
             folder / "data" / "ledger.csv"]
    run("investigate", *files, "-o", folder / "case", "-q")
    return folder / "case"


@pytest.fixture(scope="module")
def plain(case):
    return json.loads((case / "runs" / "0001" / "findings.json").read_text())


@pytest.fixture(scope="module")
def shown(case):
    """For each recipient the folder and the mapping."""
    result = {}
    for recipient in RECIPIENTS:
        into, mapping = case.parent / recipient, case.parent / f"{recipient}.csv"
        run("report", case, "--for", recipient, "--into", into, "--mapping", mapping, "--html",
            "--findings", "--gexf", "--graphml", "--csv", "--stix", "--takedown", "-q")
        with open(mapping, encoding="utf-8", newline="") as file:
            result[recipient] = into, list(csv.DictReader(file))
    return result


def names_of(case):
    """Every account, handle and post of the data that is long enough to be looked for."""
    names, posts = set(), set()
    with open(case.parent / "data" / "labels.csv", encoding="utf-8", newline="") as file:
        names |= {row["account_key"].split(":")[-1] for row in csv.DictReader(file)}
    for path in (case.parent / "data").glob("tiktok-*.ndjson"):
        posts |= set(re.findall(r"\b\d{15,}\b", path.read_text()))
    return {name for name in names if len(name) > 5}, posts


def texts_of(plain):
    return {post["text"] for finding in plain["findings"] for post in finding["posts"]
            if post["text"] and len(post["text"]) > 30 and re.search(r"[@\d]|t\.me|https?:", post["text"])}


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_nobody_is_in_any_file(case, plain, shown, recipient):
    folder, mapping = shown[recipient]
    names, posts = names_of(case)
    members = {m["account"].split(":")[-1] for f in plain["findings"] for m in f["members"]}
    assert len(members) > 20 and len(names) > 100 and len(posts) > 100
    whole = (case / "runs" / "0001" / "findings.json").read_text()
    assert any(name in whole for name in members)  # the control: they are in what the analyst sees
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":  # the page's own script holds words of its own
            text = text.split('type="application/json"')[-1]
        words = set(re.findall(r"[\w.]+", text))
        assert not words & names, path.name
        assert not words & members, path.name
        assert not words & posts, path.name
        for told in texts_of(plain):
            assert told not in text and json.dumps(told)[1:-1] not in text, path.name


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_still_what_the_schema_says(shown, recipient):
    schema = json.loads((SOURCE / "docs/schema/findings.schema.json").read_text())
    findings = json.loads((shown[recipient][0] / "findings.json").read_text())
    errors = [f"{'/'.join(map(str, e.path))}: {e.message[:200]}"
              for e in jsonschema.Draft202012Validator(schema).iter_errors(findings)]
    assert errors == []


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_the_same_account_is_the_same_pseudonym(plain, shown, recipient):
    """Files join with each other, and by the mapping with the case; numbers are as they were."""
    folder, mapping = shown[recipient]
    findings = json.loads((folder / "findings.json").read_text())
    real = {f"{row['platform']}:{row['pseudonym']}": f"{row['platform']}:{row['id']}"
            for row in mapping if row["kind"] == "account"}
    assert len(findings["findings"]) == len(plain["findings"])
    with open(folder / "nodes.csv", encoding="utf-8", newline="") as file:
        nodes = {row["account_key"] for row in csv.DictReader(file)}
    for ours, theirs in zip(findings["findings"], plain["findings"]):
        assert ours["p_value"] == theirs["p_value"] and ours["confidence"] == theirs["confidence"]
        assert [real[m["account"]] for m in ours["members"]] == [m["account"] for m in theirs["members"]]
        assert {m["account"] for m in ours["members"]} <= nodes
        assert all(m["handle"] is None and m["display_name"] is None for m in ours["members"])


def test_pseudonyms_are_keyed_and_dossiers_apart(case, shown):
    """Nothing short and unkeyed gives a pseudonym, and two dossiers share none."""
    one, two = ({row["pseudonym"] for row in shown[r][1]} for r in RECIPIENTS)
    assert one and two and not one & two
    accounts = [row for row in shown["researcher"][1] if row["kind"] == "account"]
    for row in accounts[:50]:
        message = f"{row['platform']}\0{row['id']}".encode()
        guesses = [hashlib.sha256(message).digest(), hmac.new(b"", message, "sha256").digest(),
                   hmac.new(bytes(32), message, "sha256").digest(), hashlib.sha256(row["id"].encode()).digest()]
        assert row["pseudonym"] not in {base64.b32encode(guess).decode()[:26] for guess in guesses}
        assert re.fullmatch("[A-Z2-7]{26}", row["pseudonym"])


def test_times_and_texts(shown):
    research = json.loads((shown["researcher"][0] / "findings.json").read_text())
    public = json.loads((shown["public"][0] / "findings.json").read_text())
    posts = [post for finding in research["findings"] for post in finding["posts"]]
    assert posts and all(post["time"].endswith(":00Z") for post in posts)
    assert any(post["text"] for post in posts)
    assert not any(re.search(r"\d|@", re.sub(r"#\S+", "", post["text"] or "")) for post in posts)
    posts = [post for finding in public["findings"] for post in finding["posts"]]
    assert all(post["time"].endswith(":00:00Z") and not post["text"] for post in posts)
    for findings, who in ((research, "researcher"), (public, "public")):
        assert f"Written for: {who}." in findings["notes"]
        assert findings["synthetic"] is True
    assert public["promotion"]["ledger"]["payees"] == [] != research["promotion"]["ledger"]["payees"]


def test_the_mapping_is_for_its_owner_and_in_the_log(case, shown):
    mapping = case.parent / "researcher.csv"
    assert stat.S_IMODE(os.stat(mapping).st_mode) == 0o600
    assert "takedown.csv of run 0001, for: researcher" in run("log", case).out
    verified = run("verify", case, "--quick").out
    assert "DAMAGED" not in verified
    digest = hashlib.sha256(mapping.read_bytes()).hexdigest()
    hidden = "".join(path.read_text() for path in (case / "vault" / "disclosures").iterdir())
    opened = [json.loads(base64.urlsafe_b64decode(line.split(" ")[1] + "==")) for line in hidden.splitlines()]
    assert ["mapping_sha256", digest] in [part[1:] for part in opened]
    for path in (case / "vault" / "tile" / "entries").rglob("*"):
        assert not path.is_file() or digest.encode() not in path.read_bytes()


def test_an_authority_sees_what_is_there(case, plain):
    into = case.parent / "authority"
    run("report", case, "--for", "authority", "--into", into, "-q")
    assert json.loads((into / "findings.json").read_text()) == plain


def test_usage(case, tmp_path):
    assert "go together" in run("report", case, "--for", "public", code=2).err
    assert "authority, a researcher" in run("report", case, "--for", "me", "--into", tmp_path / "x", code=2).err
    (tmp_path / "there").mkdir()
    assert "already" in run("report", case, "--for", "public", "--into", tmp_path / "there", code=2).err
    (tmp_path / "map.csv").write_text("")
    refused = run("report", case, "--for", "public", "--into", tmp_path / "y", "--mapping", tmp_path / "map.csv",
                  code=2)
    assert "already" in refused.err and not (tmp_path / "y").exists()
