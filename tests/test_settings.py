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


def test_newsrooms_explain_what_they_share(tmp_path):
    """A synthetic group that posts the same links: a finding, until case.toml says who they are."""
    plant(tmp_path / "posts.csv")
    lines = (tmp_path / "posts.csv").read_text().splitlines()
    for i, line in enumerate(lines):
        if line.startswith("planted"):
            account, at, text, post, tag = line.split(",")
            lines[i] = f"{account},{at},{text} https://wire.example/{'-'.join(text.split()[:3])},{post},{tag}"
    (tmp_path / "posts.csv").write_text("\n".join(lines) + "\n")
    case = tmp_path / "case"
    run("init", case)
    run("investigate", tmp_path / "posts.csv", "--map", MAP, "-o", case, "--quiet")
    found = json.loads((case / "runs" / "0001" / "findings.json").read_text())["findings"]
    assert len(found) == 1 and found[0]["confidence"] in ("moderate", "high") and len(found[0]["members"]) == 8
    keys = [member["account"] for member in found[0]["members"]]
    (case / "case.toml").write_text(f"[case]\nnewsrooms = {json.dumps(keys[:7])}\n")
    said = run("detect", case, "--quiet").out
    assert "\n  F1   explained p 0.0" in said and "No findings" not in said.splitlines()[0]
    run("report", case, "--findings")
    explained = json.loads((case / "runs" / "0002" / "findings.json").read_text())["findings"]
    assert [finding["confidence"] for finding in explained] == ["explained"]
    news = next(one for one in explained[0]["alternatives"] if one["name"] == "news_syndication")
    assert news["verdict"] == "speaks for" and "newsrooms by case.toml" in news["measured"]
    assert explained[0]["p_value"] == found[0]["p_value"] and not explained[0]["techniques"]
    # One who is known is not enough.
    (case / "case.toml").write_text(f"[case]\nnewsrooms = {json.dumps(keys[:1])}\n")
    run("detect", case, "--quiet")
    run("report", case, "--findings")
    third = json.loads((case / "runs" / "0003" / "findings.json").read_text())["findings"]
    assert third[0]["confidence"] == found[0]["confidence"]
