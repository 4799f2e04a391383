"""test_reasons.py - decisions in the log, and the statements of reasons that follow from them.

What the statements say of automation is derived here a second time, from the entries of the log as they
lie on disk; a check that is given inverted statements must refuse them."""
import base64
import copy
import csv
import json
import struct

import jsonschema
import pytest

from conftest import MAP, plant, real, run

VALUES = '''decision_account = "DECISION_ACCOUNT_SUSPENDED"
decision_ground = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
incompatible_content_ground = "Terms of use, coordinated inauthentic behaviour"
incompatible_content_explanation = "The account acted with others as one."
category = "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS"
category_specification = ["KEYWORD_INAUTHENTIC_ACCOUNTS", "KEYWORD_COORDINATED_HARM"]
territorial_scope = ["RO", "BG"]
content_language = "RO"
'''
NOTICED = "other:planted3"


def entries(case):
    """The statements of the log, with what they hide opened, read without any code of ours."""
    widest, statements = {}, []  # of each bundle the fullest file: "000" or "000.p/5"
    for path in (case / "vault" / "tile" / "entries").rglob("*"):
        if path.is_file():
            partial = path.parent.name.endswith(".p")
            number = int((path.parent if partial else path).name.removesuffix(".p"))
            widest[number] = max(widest.get(number, (0, None)), (int(path.name) if partial else 256, path))
    for number in sorted(widest):
        data, at = widest[number][1].read_bytes(), 0
        while at < len(data):
            size = struct.unpack(">H", data[at:at + 2])[0]
            statements.append(json.loads(data[at + 2:at + 2 + size]))
            at += 2 + size
    for path in (case / "vault" / "disclosures").iterdir():
        for line in path.read_text().splitlines():
            index, text = line.split(" ")
            _, name, value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            statements[int(index)].setdefault("hidden", {})[name] = value
    return statements


def automation(case, decision, account):
    """What the log says of one account: (automated_detection, automated_decision)."""
    log = entries(case)
    found = next(i for i, s in enumerate(log) if s["kind"] == "derive" and s["run"] == log[decision]["run"])
    noticed = any(s.get("action") == "notice" and account in s["hidden"]["accounts"].split("\n")
                  for s in log[:found])
    people = {s["hidden"]["person"] for s in log
              if s.get("action") == "approve" and s["decision"] == decision}
    by_rule = "rule" in log[decision]
    return ("No" if noticed else "Yes",
            ("AUTOMATED_DECISION_PARTIALLY" if people else "AUTOMATED_DECISION_FULLY") if by_rule
            else "AUTOMATED_DECISION_NOT_AUTOMATED")


def agrees(case, decision, statements):
    """Whether the statements, as a whole, say what the log says."""
    accounts = members(case)
    expected = sorted(automation(case, decision, account) for account in accounts)
    return sorted((s["automated_detection"], s["automated_decision"]) for s in statements) == expected


def members(case):
    found = json.loads((case / "runs" / "0001" / "findings.json").read_text())
    return [member["account"] for member in found["findings"][0]["members"]]


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reasons")
    plant(folder / "posts.csv", group=8)
    (folder / "values.toml").write_text(VALUES)
    (folder / "policy.toml").write_text('[[rule]]\nname = "never"\nmembers_min = 100000\n' + VALUES +
                                        '[[rule]]\nname = "copied"\nconfidence = "high"\n' + VALUES)
    run("ingest", folder / "case", folder / "posts.csv", "--map", MAP, "-q")
    run("decide", folder / "case", "--notice", "SOURCE_TRUSTED_FLAGGER", "--account", NOTICED,
        "--identity", "Some Flagger")
    run("detect", folder / "case", "-q")
    run("report", folder / "case", "--findings", "-q")
    assert NOTICED in members(folder / "case")
    return folder / "case"


@pytest.fixture(scope="module")
def schema():
    return jsonschema.Draft202012Validator(json.loads(real("vectors/dsa/sor.schema.json").read_text()))


def decide(case, file, *people, code=0):
    arguments = [word for name in people for word in ("--person", name)]
    return run("decide", case, "F1", "--file", case.parent / file, "--json", *arguments, code=code)


def reasons(case, decision):
    path = case.parent / f"reasons-{decision}.json"
    run("reasons", case, "--decision", decision, "-o", path)
    return json.loads(path.read_text())["statements"]


WAYS = [("policy.toml", (), "AUTOMATED_DECISION_FULLY"),
        ("policy.toml", ("Ana Ionescu",), "AUTOMATED_DECISION_PARTIALLY"),
        ("values.toml", ("Ana Ionescu", "Radu Pop"), "AUTOMATED_DECISION_NOT_AUTOMATED")]


@pytest.mark.parametrize("file,people,said", WAYS)
def test_valid_and_as_the_log_says(case, schema, file, people, said):
    decision = decide(case, file, *people).json
    statements = reasons(case, decision["entry"])
    assert len(statements) == len(members(case)) == decision["accounts"]
    for statement in statements:
        assert [e.message for e in schema.iter_errors(statement)] == []
        assert statement["automated_decision"] == said == decision["automated_decision"]
    assert agrees(case, decision["entry"], statements)
    # One account was noticed before the run, and its statement says by whom.
    noticed = [s for s in statements if s["automated_detection"] == "No"]
    assert [s["source_type"] for s in noticed] == ["SOURCE_TRUSTED_FLAGGER"]
    assert noticed[0]["source_identity"] == "Some Flagger"
    assert all(s["source_type"] == "SOURCE_VOLUNTARY" for s in statements if s not in noticed)


@pytest.mark.parametrize("file,people,said", WAYS)
def test_inverted_statements_are_refused(case, file, people, said):
    """Each field inverted, as a large platform did for two years, must be noticed."""
    entry = decide(case, file, *people).json["entry"]
    right = reasons(case, entry)
    assert agrees(case, entry, right)
    swapped = {"Yes": "No", "No": "Yes", "AUTOMATED_DECISION_FULLY": "AUTOMATED_DECISION_NOT_AUTOMATED",
               "AUTOMATED_DECISION_PARTIALLY": "AUTOMATED_DECISION_FULLY",
               "AUTOMATED_DECISION_NOT_AUTOMATED": "AUTOMATED_DECISION_FULLY"}
    for field in ("automated_detection", "automated_decision"):
        wrong = copy.deepcopy(right)
        for statement in wrong:
            statement[field] = swapped[statement[field]]
        assert not agrees(case, entry, wrong)


def test_an_approval_changes_what_is_said(case):
    entry = decide(case, "policy.toml").json["entry"]
    assert {s["automated_decision"] for s in reasons(case, entry)} == {"AUTOMATED_DECISION_FULLY"}
    run("decide", case, "--approve", entry, "--person", "Radu Pop")
    statements = reasons(case, entry)
    assert {s["automated_decision"] for s in statements} == {"AUTOMATED_DECISION_PARTIALLY"}
    assert agrees(case, entry, statements)
    refused = run("decide", case, "--approve", entry, "--person", "Radu Pop", code=2)
    assert "approved already" in refused.err
    assert "no decision" in run("decide", case, "--approve", 1, "--person", "Radu Pop", code=4).err


def test_nobody_is_named(case):
    entry = decide(case, "values.toml", "Ana Ionescu").json["entry"]
    text = json.dumps(reasons(case, entry))
    for account in members(case):
        assert account.split(":")[-1] not in text
    assert "Ionescu" not in text and "Flagger" in text
    # Nor does the log itself name approvers or accounts in the clear.
    for path in (case / "vault" / "tile" / "entries").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"planted" not in data and b"Ionescu" not in data and b"Flagger" not in data


def test_puids_are_stable_and_unique(case):
    first, second = (decide(case, "values.toml", "Ana Ionescu").json["entry"] for _ in range(2))
    once, again, other = reasons(case, first), reasons(case, first), reasons(case, second)
    assert once == again
    puids = {s["puid"] for s in once}
    assert len(puids) == len(once) and not puids & {s["puid"] for s in other}


def test_the_log_tells_it_in_words(case):
    entry = decide(case, "policy.toml", "Ana Ionescu").json["entry"]
    run("reasons", case, "--decision", entry, "-o", case.parent / "r.json")
    log = run("log", case).out
    assert "decision upon F1 of run 0001, 8 accounts: DECISION_ACCOUNT_SUSPENDED, proposed by the rule copied" in log
    assert f"approval of decision {entry}" in log and "a notice that names 1 account," in log
    assert f"8 statements of reasons of decision {entry}" in log
    assert "puid_key" not in log
    assert "DAMAGED" not in run("verify", case, "--quick").out


def test_letters(case):
    """Each account has its letter, which says what its statement says, and is for the owner's eyes."""
    entry = decide(case, "policy.toml", "Ana Ionescu").json["entry"]
    path, letters = case.parent / "r.json", case.parent / "letters.ndjson"
    run("reasons", case, "--decision", entry, "-o", path, "--letters", letters)
    statements = {s["puid"]: s for s in json.loads(path.read_text())["statements"]}
    lines = [json.loads(line) for line in letters.read_text().splitlines()]
    assert sorted(line["account"] for line in lines) == sorted(members(case))
    assert {line["puid"] for line in lines} == set(statements)
    for line in lines:
        statement = statements[line["puid"]]
        assert statement["decision_facts"] in line["text"]
        assert statement["incompatible_content_explanation"] in line["text"]
        assert "Your account is suspended." in line["text"] and "in: RO BG." in line["text"]
        assert ("It was found by automated means." in line["text"]) == (statement["automated_detection"] == "Yes")
        assert ("A notice led" in line["text"]) == (line["account"] == NOTICED)
    assert letters.stat().st_mode & 0o777 == 0o600


def test_some_accounts_only(case):
    chosen = members(case)[:3]
    accounts = [word for key in chosen for word in ("--account", key)]
    decision = run("decide", case, "F1", "--file", case.parent / "values.toml", "--person", "Ana",
                   "--json", *accounts).json
    assert decision["accounts"] == 3 and len(reasons(case, decision["entry"])) == 3
    refused = run("decide", case, "F1", "--file", case.parent / "values.toml", "--person", "Ana",
                  "--account", "other:user1", code=2)
    assert "no member" in refused.err


@pytest.mark.parametrize("change,code,why", [
    (lambda v: v + 'automated_detection = "No"\n', 2, "derived from the log"),
    (lambda v: v + 'automated_decision = "AUTOMATED_DECISION_FULLY"\n', 2, "derived from the log"),
    (lambda v: v + 'puid = "x"\n', 2, "derived from the log"),
    (lambda v: v.replace("ACCOUNT_SUSPENDED", "ACCOUNT_DELETED"), 3, "not on the list"),
    (lambda v: v.replace('"RO", "BG"', '"US"'), 3, "not on the list"),
    (lambda v: v.replace("acted with others", "planted0 acted with others"), 3, "names somebody"),
    (lambda v: v + 'application_date = "2019-01-01"\n', 3, "application_date"),
    (lambda v: v + 'end_date_account_restriction = "2020-01-01"\n', 3, "end_date_account"),
    (lambda v: v.replace("others as one.", "x" * 2100), 3, "characters"),
    (lambda v: v.replace("decision_ground", "decision_soil"), 2, "no value of a statement"),
    (lambda v: "", 2, "decides nothing"),
])
def test_what_the_database_would_refuse_is_not_logged(case, change, code, why):
    before = len(entries(case))
    (case.parent / "bad.toml").write_text(change(VALUES))
    assert why in decide(case, "bad.toml", "Ana Ionescu", code=code).err
    assert len(entries(case)) == before


def test_people_decide_or_a_rule_holds(case):
    assert "say who" in decide(case, "values.toml", code=2).err
    (case.parent / "strict.toml").write_text('[[rule]]\nname = "a"\nkinds = ["swarm"]\n' + VALUES)
    assert "no rule" in decide(case, "strict.toml", "Ana Ionescu", code=2).err
    assert "no finding" in run("decide", case, "F9", "--file", case.parent / "values.toml", "--person",
                               "Ana", code=4).err


def test_the_run_must_be_what_the_log_says(case, tmp_path):
    """Tables of a run that were exchanged are noticed by the digest in the log."""
    entry = decide(case, "values.toml", "Ana Ionescu").json["entry"]
    tables = case / "runs" / "0001" / "results.duckdb"
    kept = tables.read_bytes()
    run("detect", case, "-q", "--level", "0.01")
    try:
        tables.write_bytes((case / "runs" / "0002" / "results.duckdb").read_bytes())
        refused = run("reasons", case, "--decision", entry, "-o", tmp_path / "r.json", code=3)
        assert "not what the log says" in refused.err and not (tmp_path / "r.json").exists()
    finally:
        tables.write_bytes(kept)
    assert len(reasons(case, entry)) == len(members(case))


def test_a_case_without_a_log(tmp_path):
    (tmp_path / "case").mkdir()
    assert "no log" in run("decide", tmp_path / "case", code=4).err
    assert "no log" in run("reasons", tmp_path / "case", "-o", tmp_path / "r.json", code=4).err


def test_more_than_a_hundred(tmp_path, schema):
    run("simulate", "romania-2024", "--scale", "0.01", "--seed", "11", "-o", tmp_path / "data")
    (tmp_path / "values.toml").write_text(VALUES)
    case = tmp_path / "case"
    files = [*(tmp_path / "data").glob("*.ndjson"), *(tmp_path / "data").glob("*.json")]
    run("investigate", *files, "-o", case, "-q")
    count = len(members(case))
    assert 100 < count <= 300
    decide(case, "values.toml", "Ana Ionescu")
    result = run("reasons", case, "-o", tmp_path / "r.json", "--json").json
    assert result["statements"] == count
    names = [path.split("/")[-1] for path in result["files"]]
    assert names == [f"r-{number + 1:03}.json" for number in range((count + 99) // 100)]
    batches = [json.loads((tmp_path / name).read_text())["statements"] for name in names]
    assert [len(batch) for batch in batches[:-1]] == [100] * (len(batches) - 1)
    assert len({s["puid"] for batch in batches for s in batch}) == count
    assert all(schema.is_valid(s) for batch in batches for s in batch)
    assert all("synthetic" in s["decision_facts"] for batch in batches for s in batch)
    assert agrees(case, [i for i, s in enumerate(entries(case)) if s.get("action") == "decision"][-1],
                  sum(batches, []))


def test_an_answer_holds_the_statements(case, schema):
    """Those that were decided before the answer was frozen, as they were then."""
    before = decide(case, "policy.toml").json["entry"]
    run("request", "receive", case, "--authority", "An Authority", "--basis", "dsa-67", "--received", "now",
        "--due", "24h", "--question", "What was decided?", "--id", "R9")
    run("request", "reply", case, "R9", "--question", 1, "--answer", "as enclosed", "--file",
        f"findings/reasons-{before}.json")
    # The statements' numbers are the same in every dossier, and would join those with pseudonyms.
    refused = run("request", "answer", case, "R9", "--profile", "public", code=2)
    assert "which the bag has not" in refused.err
    run("request", "answer", case, "R9", "--profile", "authority")
    findings = case / "answers" / "R9" / "data" / "findings"
    path = findings / f"reasons-{before}.json"
    statements = json.loads(path.read_text())["statements"]
    assert all(schema.is_valid(s) for s in statements) and agrees(case, before, statements)
    assert b"planted" not in path.read_bytes()
    known = {int(p.stem.split("-")[1]) for p in findings.glob("reasons-*.json")}
    log = entries(case)
    assert before in known and known == {i for i, s in enumerate(log) if s.get("action") == "decision"
                                         and s["run"] == log[before]["run"]}
    tlp = [o["name"] for o in json.loads((findings / "stix.json").read_text())["objects"]
           if o.get("definition_type") == "tlp"]
    assert tlp == ["TLP:AMBER"]


def test_takedown_table_knows_what_the_log_knows(tmp_path):
    """Who named accounts first, and which of them acted again after a decision had closed them."""
    plant(tmp_path / "posts.csv", group=8)
    (tmp_path / "values.toml").write_text(VALUES)
    case = tmp_path / "case"

    def takedown(run_name):
        run("report", case, "--run", run_name, "--takedown", "-q")
        with open(case / "runs" / run_name / "takedown.csv", newline="", encoding="utf-8") as file:
            return next(csv.DictReader(file))

    run("ingest", case, tmp_path / "posts.csv", "--map", MAP, "-q")
    run("decide", case, "--notice", "SOURCE_TRUSTED_FLAGGER", "--account", NOTICED, "--identity", "Some Flagger")
    run("detect", case, "-q")
    first = takedown("0001")
    assert first["detection_source"].startswith("1 of 8 accounts named first by a notice (SOURCE_TRUSTED_FLAGGER)")
    assert first["recidivist_accounts_removed"] == "0"
    run("decide", case, "F1", "--file", tmp_path / "values.toml", "--person", "Ana Ionescu")
    run("detect", case, "-q")
    # What they did before the decision, found once more, is no coming back.
    assert takedown("0002")["recidivist_accounts_removed"] == "0"
    # The same people do the same long after it: shifted to the year 2050.
    rows = list(csv.DictReader(open(tmp_path / "posts.csv", newline="", encoding="utf-8")))
    with open(tmp_path / "later.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, "time": int(row["time"]) + 800_000_000, "post": "later" + row["post"]})
    run("ingest", case, tmp_path / "later.csv", "--map", MAP, "-q")
    run("detect", case, "-q")
    assert takedown("0003")["recidivist_accounts_removed"] == "8"
    # The first run came before any decision, and its table still says so.
    assert takedown("0001")["recidivist_accounts_removed"] == "0"
