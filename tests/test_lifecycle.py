"""test_lifecycle.py - sleepers by the command alone, on synthetic data whose truth is known."""
import csv
import json

import pytest

from conftest import run


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sleepers")
    run("simulate", "romania-2024", "--scale", "0.01", "--seed", "11", "-o", folder / "data")
    files = sorted((folder / "data").glob("*.ndjson")) + sorted((folder / "data").glob("*.json"))
    summary = run("investigate", *files, "-o", folder / "case", "--json").json
    with open(folder / "data" / "labels.csv", encoding="utf-8", newline="") as file:
        labels = {row["account_key"]: row for row in csv.DictReader(file)}
    findings = json.loads((folder / "case" / "runs" / "0001" / "findings.json").read_text())
    return folder / "case", summary, findings, labels


def test_who_woke_is_of_the_swarm(simulated):
    _, summary, findings, labels = simulated
    life = findings["lifecycle"]
    populations = [labels[one["account"]]["population"] for one in life["awakenings"]]
    asleep = sum(name in ("swarm", "sleepers") for name in populations)
    assert asleep >= 60  # of 258, half of which wake too late or do too little
    assert asleep >= 0.95 * len(populations)  # q 0.05
    for one in life["awakenings"]:  # a session of posts is one act
        assert one["acts_before"] + one["acts_after"] <= int(labels[one["account"]]["posts"])
    assert summary["lifecycle"]["awakenings"] == life["awakenings_total"] == len(populations)
    assert summary["lifecycle"]["cohorts"] == len(life["cohorts"])


def test_the_common_morning_is_a_cohort(simulated):
    """The truth: 45 % of the swarm and all sleepers wake on 11 November."""
    life = simulated[2]["lifecycle"]
    cohort = life["cohorts"][0]
    assert cohort["of"] == "awakening" and cohort["p_value"] <= 0.01
    assert cohort["first"] >= "2024-11-10" and cohort["last"] < "2024-11-14"
    inside = [one for one in life["awakenings"] if one["woke_cohort"] == 0]
    assert len(inside) == cohort["accounts"] > 5 * cohort["expected"]


def test_explain_says_when(simulated):
    case, _, findings, _ = simulated
    one = next(one for one in findings["lifecycle"]["awakenings"] if one["woke_cohort"] is not None)
    text = run("explain", case, one["account"]).out
    assert f"Woke up {one['woke']}" in text and "woke with" in text
    assert run("explain", case, one["account"], "--json").json["woke"] == one["woke"]
