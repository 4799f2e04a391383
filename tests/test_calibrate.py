"""test_calibrate.py - false alarms on shuffled data: what is promised is kept, and the numbers fit each other."""
import os
import signal
import subprocess
import time

import pytest

from conftest import COMMAND, MAP, plant, real, run


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calibrate")
    run("simulate", "romania-2024", "--scale", "0.003", "--seed", "5", "-o", folder / "data")
    files = sorted((folder / "data").glob("*.ndjson")) + sorted((folder / "data").glob("*.json"))
    run("investigate", *files, "-o", folder / "case", "--copies", "19")
    return folder / "case"


def test_promises_are_kept_where_nothing_is_to_be_found(case):
    """The case itself is full of findings; its shuffled copies are not."""
    runs = os.listdir(case / "runs")
    result = run("calibrate", case, "--copies", "6", "--group-copies", "19", "--json").json
    assert "calibrate 6 shuffled sets" in run("log", case).out
    assert os.listdir(case / "runs") == runs  # makes no run
    tests = {test["name"]: test for test in result["whole"]["tests"]}
    assert set(tests) == {"findings", "moderate", "high", "coaction", "lifecycle", "cohorts", "registrations", "recruitment", "swarm", "bursts", "scripts", "relays", "relayers", "anybody"}
    for name, test in tests.items():
        if name in ("relays", "relayers"):
            assert test["not_observable"] and test["sets"] == 0
            continue
        assert test["sets"] == 6 and test["alarms"] <= 2 and test["kept"] is (None if name == "anybody" else True), test
        assert test["found"] <= 6 * test["most"] and (test["most"] > 0) == (test["alarms"] > 0)
    assert tests["findings"]["promised"] == pytest.approx(0.09) and tests["anybody"]["promised"] is None
    assert tests["anybody"]["found"] >= tests["findings"]["found"] >= tests["moderate"]["found"] >= tests["high"]["found"]
    assert sum(result["whole"]["findings"].values()) >= tests["findings"]["alarms"]
    tests = {test["name"]: test for test in result["tests"]}
    assert set(tests) == {"groups", "pairs", "lifecycle", "cohorts", "recruitment", "swarm", "bursts", "scripts", "script-times", "relays", "relayers"}
    assert {one["name"] for one in result["untried"]} >= {"habits", "members", "lineage"} and all(one["why"] for one in result["untried"])
    assert result["sets"] == 6 and result["copies"] == 19
    assert tests["relays"]["not_observable"] and tests["relayers"]["not_observable"]  # one channel
    for test in tests.values():
        if test["name"] in ("relays", "relayers"):
            continue
        assert test["not_observable"] is None and test["sets"] == 6
        assert test["rate"] == test["alarms"] / 6 and test["rate_low"] - 1e-9 <= test["rate"] <= test["rate_high"]
        assert test["kept"] and test["alarms"] <= 2, test
        assert (test["found"] > 0) == (test["alarms"] > 0)
    assert run("calibrate", case, "--copies", "6", "--group-copies", "19", "--json", "--threads", "1").json == result
    text = run("calibrate", case, "--copies", "2", "--group-copies", "19", "--seed", "4").out
    assert "The whole run, fusion and all" in text and "any finding of high confidence" in text
    assert "No rate is promised" in text and "any group of accounts" in text and "kept" in text


def test_what_cannot_be_seen_is_said(tmp_path):
    plant(tmp_path / "planted.csv")
    run("investigate", tmp_path / "planted.csv", "--map", MAP, "-o", tmp_path / "case", "--copies", "19")
    result = run("calibrate", tmp_path / "case", "--copies", "2", "--group-copies", "19", "--json").json
    tests = {test["name"]: test for test in result["tests"]}
    assert tests["groups"]["sets"] == 2 and tests["groups"]["kept"] is not None
    for name in ("recruitment", "swarm", "bursts"):
        assert tests[name]["not_observable"] and tests[name]["sets"] == 0 and tests[name]["kept"] is None
    assert "not observable: no post in the data answers another" in run(
        "calibrate", tmp_path / "case", "--copies", "1", "--group-copies", "19").out


def test_channels_moved_to_other_days_repeat_nobody(tmp_path):
    """Real channels of strong habits: countdowns in the same words at the same hours."""
    run("ingest", tmp_path / "case", real("data/telegram_pump_dev.ndjson.zst"))
    tests = {test["name"]: test for test in run("calibrate", tmp_path / "case", "--only", "url", "--copies", "4", "--group-copies", "19", "--json").json["tests"]}
    for name in ("relays", "relayers"):
        assert tests[name]["sets"] == 4 and tests[name]["alarms"] <= 1


def test_wrong_use(tmp_path, case):
    assert "name a case" in run("calibrate", code=2).err
    assert "no value for --copies" in run("calibrate", case, "--copies", "0", code=2).err
    assert "no option" in run("calibrate", case, "--labels", code=2).err
    run("calibrate", tmp_path / "none", code=4)


def test_ctrl_c_ends_it(case):
    process = subprocess.Popen([COMMAND, "calibrate", case, "--copies", "100000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130 and not out
