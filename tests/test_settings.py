"""test_settings.py - case.toml: written by init, read by ingest, detect and investigate."""
import json

import pytest

from conftest import MAP, plant, run


def options_of(case, run_id="0001"):
    findings = json.loads((case / "runs" / run_id / "findings.json").read_text())
    return {option["name"]: option["value"] for option in findings["options"]}


def test_init_writes_what_is_read(tmp_path):
    case = tmp_path / "case"
    out = run("init", case).out
    assert "case.toml" in out and "investigate FILE... -o" in out
    text = (case / "case.toml").read_text()
    assert run("init", case, code=2).err.count("is there already") == 1
    assert (case / "case.toml").read_text() == text
    plant(tmp_path / "posts.csv", posts=300)
    # As written nothing is in force.
    run("investigate", tmp_path / "posts.csv", "--map", MAP, "-o", case, "--quiet")
    assert not [name for name in options_of(case) if name.startswith("case.")]
    # With every # of a setting taken away all of it is, and all of it is sound.
    lines = [line[2:] if line.startswith("# ") and (" = " in line or line.startswith("# [[")) else line
             for line in text.splitlines()]
    (case / "case.toml").write_text("\n".join(lines) + "\n")
    run("detect", case, "--quiet")
    run("report", case, "--findings")
    options = options_of(case, "0002")
    assert options["case.rates"] == "1 EUR = 1.085 USD 2024-11-01 (central bank)"
    assert options["case.zones"] == "telegram-desktop +02:00"
    assert options["case.dates"] == "election day 2024-11-24"
    assert "hashtag within 10s" in options["kinds"] and "url within 1m" in options["kinds"]


def test_windows_take_effect_and_the_command_line_comes_first(tmp_path):
    case = tmp_path / "case"
    run("init", case)
    (case / "case.toml").write_text('[windows]\nall = "30m"\ntext = "45s"\n')
    plant(tmp_path / "posts.csv", posts=300)
    run("investigate", tmp_path / "posts.csv", "--map", MAP, "-o", case, "--quiet")
    by_file = options_of(case)
    assert "text within 45s" in by_file["kinds"] and "url within 30m" in by_file["kinds"]
    run("detect", case, "--quiet", "--window", "2m")
    run("report", case, "--findings")
    assert "text within 2m" in options_of(case, "0002")["kinds"]


def test_zones_take_effect(tmp_path):
    case = tmp_path / "case"
    run("init", case)
    (case / "case.toml").write_text('[zones]\npayments = "+02:00"\n')
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("payer,payee,amount,currency,time\na,b,10,EUR,2024-11-01 10:00:00\n")
    assert run("ingest", case, ledger, "--json").json["payments"] == 1
    posts = tmp_path / "posts.csv"
    plant(posts, posts=50)
    run("ingest", case, posts, "--map", MAP)


@pytest.mark.parametrize("command", ["ingest", "detect", "investigate"])
def test_a_misspelt_setting_stops(tmp_path, command):
    case = tmp_path / "case"
    posts = tmp_path / "posts.csv"
    plant(posts, posts=50)
    if command == "detect":
        run("ingest", case, posts, "--map", MAP)
    else:
        run("init", case)
    (case / "case.toml").write_text('[windows]\nhashtags = "10s"\n')
    arguments = {"ingest": ("ingest", case, posts, "--map", MAP), "detect": ("detect", case),
                 "investigate": ("investigate", posts, "--map", MAP, "-o", case)}[command]
    err = run(*arguments, code=2).err
    assert "case.toml: line 2: 'hashtags' is no kind of object; is 'hashtag' meant?" in err
    assert not (case / "runs").exists()
