"""test_evaluate.py - a run against labels: the command's numbers against numbers made from findings.json."""
import csv
import json
import re
import xml.etree.ElementTree as tree

import pytest

from conftest import MAP, plant, run


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate")
    members = plant(folder / "posts.csv")
    run("investigate", folder / "posts.csv", "--map", MAP, "-o", folder / "case", "--quiet")
    findings = json.loads((folder / "case/runs/0001/findings.json").read_text())["findings"]
    with open(folder / "posts.csv", newline="") as file:
        accounts = sorted({row["account"] for row in csv.DictReader(file)})
    return folder, set(members), accounts, findings


def write(path, rows, header=("account_key", "label")):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def test_numbers_are_those_of_the_findings(case):
    folder, members, accounts, findings = case
    labels = write(folder / "labels.csv", [(f"other:{a}", int(a in members)) for a in accounts])
    result = run("evaluate", folder / "case", "--labels", labels, "--json").json
    assert "evaluate labels.csv in run 0001" in run("log", folder / "case").out  # who compares has looked
    found = [m["account"].split(":", 1)[1] for f in findings for m in f["members"]]
    right = [a for a in found if a in members]
    assert found
    measured = result["accounts"]
    assert measured["found"] == len(found) and measured["right"] == len(right)
    assert measured["precision"] == pytest.approx(len(right) / len(found))
    assert measured["recall"] == pytest.approx(len(right) / len(members))
    innocent = len(accounts) - len(members)
    assert measured["false_alarms_per_10000"] == pytest.approx(1e4 * (len(found) - len(right)) / innocent)
    for name in ("precision", "recall", "false_alarms_per_10000"):
        low, high = measured[f"{name}_interval"]
        assert low <= measured[name] <= high and low < high
    pairs = [sum(m["account"].split(":", 1)[1] in members for m in f["members"]) for f in findings]
    assert result["pairs"]["right"] == sum(n * (n - 1) // 2 for n in pairs)
    assert result["pairs"]["labelled"] == len(members) * (len(members) - 1) // 2
    assert result["groups"]["found"] == len(findings)
    assert result["labels"]["unlabelled"] == 0
    curve = measured["curve"]
    assert curve and all(a["flagged"] < b["flagged"] and a["recall"] <= b["recall"]
                         for a, b in zip(curve, curve[1:]))
    assert 0 < measured["average_precision"] <= 1
    for one in curve:
        assert one["precision_low"] <= one["precision"] + 1e-12
        assert one["precision"] <= one["precision_high"] + 1e-12


def test_the_same_again_and_another_seed(case):
    folder, *_ = case
    arguments = ("evaluate", folder / "case", "--labels", folder / "labels.csv", "--json")
    assert run(*arguments, "--threads", 1).out == run(*arguments, "--threads", 4).out
    other = run(*arguments, "--seed", 9).json
    assert other["accounts"]["precision"] == run(*arguments).json["accounts"]["precision"]


def test_groups_and_who_is_not_there(case):
    folder, members, accounts, _ = case
    rows = [(f"other:{a}", int(a in members), "swarm" if a in members else "") for a in accounts[5:]]
    rows += [("other:nobody", 1, "swarm"), ("tiktok:no-one", 0, "")]
    labels = write(folder / "groups.csv", rows, ("account_key", "label", "group"))
    result = run("evaluate", folder / "case", "--labels", labels, "--json").json
    assert result["labels"]["coordinated_without_posts"] == 1
    assert result["labels"]["innocent_without_posts"] == 1
    assert result["labels"]["unlabelled"] == 5
    assert result["labels"]["coordinated"] == len(members & set(accounts[5:]))
    assert result["groups"]["recall"] == 1 and result["groups"]["labelled"] == 1
    text = run("evaluate", folder / "case", "--labels", labels).out
    assert "labelled groups that one is mostly of" in text and "2 more (1 coordinated) have none" in text


def test_the_picture_stands_alone(case):
    folder, *_ = case
    picture = folder / "curve.svg"
    out = run("evaluate", folder / "case", "--labels", folder / "labels.csv", "--picture", picture).out
    assert f"Picture: {picture}" in out
    text = picture.read_text()
    root = tree.fromstring(text)
    assert root.tag.endswith("svg")
    assert not re.search(r"(?:href|src|url\(|<script)", text)
    assert all(-1 <= float(n) <= 2000 for n in re.findall(r"(?<=[ML ])-?\d+\.\d+", text))


@pytest.mark.parametrize("rows, header, words", [
    ([("other:user1", "yes")], ("account_key", "label"), "line 2 is neither 0 nor 1"),
    ([("user1", "1")], ("account_key", "label"), "no key with its platform"),
    ([("other:user1", "1"), ("other:user1", "0")], ("account_key", "label"), "another label than before"),
    ([("x:1", "1")], ("account_key", "label"), "none of the 1 labelled accounts"),
    ([], ("account_key", "label"), "holds no labels"),
    ([("other:user1", "1")], ("key", "label"), "no column 'account_key'"),
])
def test_labels_that_cannot_be_taken(case, rows, header, words):
    folder, *_ = case
    labels = write(folder / "bad.csv", rows, header)
    result = run("evaluate", folder / "case", "--labels", labels, code=3)
    assert words in result.err


def test_usage(case, tmp_path):
    folder, *_ = case
    assert "name the labels" in run("evaluate", folder / "case", code=2).err
    assert "name a case" in run("evaluate", code=2).err
    run("evaluate", tmp_path / "none", "--labels", folder / "labels.csv", code=4)
    run("evaluate", folder / "case", "--labels", folder / "labels.csv", "--run", "0099", code=4)
    assert "no value for --seed" in run("evaluate", folder / "case", "--labels", "x", "--seed", "-1", code=2).err
