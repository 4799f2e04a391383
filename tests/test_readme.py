"""test_readme.py - what README, manual and --help say is so: commands run as written, options agree."""
import json
import os
import re
import subprocess

import pytest

from conftest import COMMAND, SOURCE, plant, run

README = (SOURCE / "README.md").read_text(encoding="utf-8")
MANUAL = (SOURCE / "man" / "lockstep.1").read_text(encoding="utf-8").replace("\\-", "-")
COMMANDS = ["init", "investigate", "ingest", "detect", "report", "explain", "evaluate", "calibrate", "verify", "coaction", "neartext", "hold", "erase", "log", "rebuild", "replay", "key", "request", "decide", "reasons", "anchor", "witness", "simulate"]
# One line of each that people and scripts lean on.
KEY_LINES = {
    "init": ["lockstep init CASE", "  --json           print one JSON object"],
    "investigate": ["lockstep investigate FILE... -o CASE", "  -o, --output CASE   the folder of the case, made new"],
    "ingest": ["lockstep ingest CASE FILE...", "  --zone +HH:MM       the offset of times without a zone (default UTC)"],
    "detect": ["lockstep detect CASE", "  --level P           chance of any false group (default 0.05)"],
    "report": ["lockstep report CASE", "  --gexf --graphml    the network, for Gephi and others"],
    "explain": ["lockstep explain CASE WHAT", "  --run ID            the run, e.g. 0001 (default: the latest)"],
    "evaluate": ["lockstep evaluate CASE --labels FILE", "  --picture FILE   write the curve of precision over recall, as SVG"],
    "calibrate": ["lockstep calibrate CASE [--copies N]", "  --json             print one JSON object"],
    "log": ["lockstep log CASE", "  --json              one JSON object on standard output"],
    "rebuild": ["lockstep rebuild CASE", "  -q, --quiet         no progress line"],
    "replay": ["lockstep replay CASE [RUN]", "  --run ID            the run, e.g. 0001 (default: the latest)"],
    "verify": ["lockstep verify CASE|BAG|LOG [--key VKEY]", "  --quick              leave sealed files encrypted"],
    "coaction": ["lockstep coaction --input FILE [--window 60s] [options]", "  --edges FILE          write the edges, .csv or .parquet"],
    "neartext": ["lockstep neartext --input FILE [--threshold 0.8] [--window 1h] [options]", "  --json                print one JSON object"],
    "hold": ["lockstep hold ACTION CASE [HOLD] [options]", "  --kinds LIST       posts,accounts,payments,files,findings"],
    "erase": ["lockstep erase CASE WHAT --reason TEXT [options]", "  --runs           remove the runs that name what was erased"],
    "key": ["lockstep key ACTION ...", "  --order FILE     enrol, retire: the order that others approve"],
    "request": ["lockstep request ACTION CASE [REQUEST] [options]", "  status CASE [R1]      the clock; exit code 7 where an answer is overdue"],
    "decide": ["lockstep decide CASE FINDING --file FILE [--person NAME]...", "  --file FILE      a policy's rules, or values that people chose"],
    "reasons": ["lockstep reasons CASE -o FILE", "  --decision ENTRY   the entry of the log that decided (default: the latest)"],
    "anchor": ["lockstep anchor CASE [--witness URL --witness-key VKEY]... [--tsa URL --tsa-trust PEM]...",
               "  --query FILE         write a time stamp query there"],
    "witness": ["lockstep witness DIR --name NAME --log VKEY [--listen ADDRESS:PORT]",
                "  --name NAME          of a new witness; stands beside its signatures"],
    "simulate": ["lockstep simulate SCENARIO -o DIR", "  --json           print one JSON object"],
}


def options_of(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


@pytest.fixture(scope="module")
def helps():
    return {command: run(command, "--help").out for command in COMMANDS}


def test_readme_commands_run_as_written(tmp_path):
    """Each line is run in a folder that has build/lockstep and the files that it names."""
    lines = re.findall(r"^    (build/lockstep .+)$", README, re.M)
    assert len(lines) >= 3
    (tmp_path / "build").mkdir()
    os.symlink(COMMAND, tmp_path / "build" / "lockstep")
    plant(tmp_path / "planted.csv")
    text = (tmp_path / "planted.csv").read_text(encoding="utf-8")
    (tmp_path / "posts.csv").write_text(
        text.replace("account,time,text,post,hashtag", "author_id,created,body,id,tag", 1), encoding="utf-8")
    run("simulate", "romania-2024", "--scale", "0.002", "-o", tmp_path / "data")
    number = 0
    for line in lines:
        line = line.split("    #")[0].replace("FILE...", "data/*.ndjson data/*.json")
        if "investigate" in line:
            number += 1
        # The README reuses one name; here a case for each.
        line = re.sub(r"\bcase\b", f"case{number}", line)
        done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        assert done.stdout and not done.stderr
    findings = json.loads((tmp_path / "case1/runs/0001/findings.json").read_text(encoding="utf-8"))
    assert findings["findings"]
    assert (tmp_path / "case1/runs/0001/report.html").stat().st_size > 0


def test_readme_names_what_there_is(helps):
    assert options_of(README) <= options_of("".join(helps.values()) + "--help")
    for name in re.findall(r"`((?:docs|web|tools|fuzz|bench)/[\w./-]*|[A-Z]+\.md)`", README):
        assert (SOURCE / name).exists(), name
    for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (SOURCE / name).stat().st_size > 0, name


def test_the_map_of_the_code_is_true():
    """Every folder is on the map, and the table of who includes what is what the sources say."""
    text = (SOURCE / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.split("## Who includes what")[1]
    written = {name: set(re.findall(r"`(\w+)`", targets))
               for name, targets in re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.M)}
    real = {}
    for folder in (SOURCE / "src").iterdir():
        sources = [path.read_text(encoding="utf-8") for path in folder.glob("*.[ch]")
                   if not path.name.endswith("_test.c") and not path.name.startswith("test_")]
        real[folder.name] = {target for source in sources
                             for target in re.findall(r'#include "(\w+)/', source)} - {folder.name}
    assert written == real
    ranks = re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.M)
    assert {name for _, name in ranks} == set(real)
    checked = (SOURCE / "tools" / "check-ranks").read_text(encoding="utf-8")
    assert all(f"{name}:{rank}" in checked for rank, name in ranks)
    tracked = subprocess.run(["git", "-C", SOURCE, "ls-files"], capture_output=True, text=True, check=False)
    folders = {line.split("/")[0] for line in tracked.stdout.splitlines() if "/" in line} - {"src"}
    assert all(f"| `{name}` |" in text for name in folders)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(helps, command):
    lines = helps[command].splitlines()
    for line in KEY_LINES[command]:
        assert line in lines
    assert max(map(len, lines)) <= 100
    assert all(line == line.rstrip() for line in lines)
    # However it is asked for, and with no argument at all the way to it is shown.
    assert run("help", command).out == helps[command]
    assert f"Try 'lockstep {command} --help'." in run(command, code=2).err


def test_manual_and_help_have_the_same_options(helps):
    in_help = options_of("".join(helps.values()))
    in_manual = options_of(re.sub(r"\\f[A-Z]", "", MANUAL)) - {"--version"}
    assert in_help == in_manual


def test_first_help_lists_every_command():
    text = run("--help").out
    assert [line.split()[0] for line in text.split("commands:\n")[1].splitlines()[:len(COMMANDS)]] == COMMANDS
    assert run(code=2).err == text
    assert "no command" in run("dance", code=2).err
    assert "no command" in run("help", "dance", code=2).err


def test_an_answer_that_does_not_arrive_is_a_failure():
    with open("/dev/full", "wb") as full:
        assert subprocess.run([COMMAND, "--help"], stdout=full, stderr=subprocess.DEVNULL, check=False).returncode == 1


HOSTILE = "\x1b[31mred\u202eder\u009b0m\nnext"


def test_what_comes_from_outside_cannot_drive_a_terminal(tmp_path):
    """File names, arguments, accounts and texts with escape sequences, shown by every command."""
    members = plant(tmp_path / "plain.csv")
    text = (tmp_path / "plain.csv").read_text(encoding="utf-8")
    name = '"' + HOSTILE + '"'
    # The strongest pair is shown by coaction: both its accounts are hostile.
    text = text.replace(members[0], name).replace(members[1], '"' + HOSTILE + '2"')
    (tmp_path / HOSTILE).write_text(text.replace("babaki", HOSTILE[:-5]),
                                    encoding="utf-8")
    rows = "".join(f'"{HOSTILE}{i % 2 + 3}",{1730000000 + i},the same text {"abcdefghijklmnop"[i // 2]},h{i},x\n'
                   for i in range(32))
    with open(tmp_path / HOSTILE, "a", encoding="utf-8") as out:
        out.write(rows)
    case = tmp_path / ("case" + HOSTILE)
    mapping = "account=account,time=time,text=text,post=post,hashtag=hashtag"
    shown = run("investigate", tmp_path / HOSTILE, "--map", mapping, "-o", case)
    shown_too = [run("explain", case, HOSTILE), run("explain", case, "F1"), run("report", case),
                 run("explain", case, HOSTILE, "--json"), run("detect", case, "--copies", "19"),
                 run("detect", case, "--window", HOSTILE, code=2), run("detect", case, HOSTILE, code=2),
                 run("explain", case, "x" + HOSTILE, code=4), run("ingest", case, tmp_path / ("x" + HOSTILE), code=1),
                 run("coaction", tmp_path / HOSTILE, "--map", mapping, "--chance", "any"), run("detect", "--" + HOSTILE, code=2),
                 run("coaction", "--" + HOSTILE, code=2), run("simulate", HOSTILE, "-o", "x", code=2), run(HOSTILE, code=2)]
    for result in [shown, *shown_too]:
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]",
                             result.out + result.err), (result.out + result.err)
    assert all(result.err.count("\n") <= 2 for result in shown_too)


def test_advice_can_be_pasted(tmp_path):
    """The command that is advised runs, whatever the case is called."""
    plant(tmp_path / "posts.csv")
    out = run("investigate", "posts.csv", "--map", "account=account,time=time,text=text", "-o",
              "it's a case", cwd=tmp_path).out
    advice = re.search(r"^Ask why: +(.*)$", out, re.M).group(1)
    done = subprocess.run(["sh", "-c", advice], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.startswith("F1")


def test_accounts_are_found_by_any_name(tmp_path):
    members = plant(tmp_path / "posts.csv")
    text = (tmp_path / "posts.csv").read_text(encoding="utf-8")
    (tmp_path / "posts.csv").write_text(text.replace(members[0], '"a,b"'), encoding="utf-8")
    run("investigate", tmp_path / "posts.csv", "--map", "account=account,time=time,text=text",
        "-o", tmp_path / "case")
    by_key = run("explain", tmp_path / "case", "other:a,b").out
    assert run("explain", tmp_path / "case", "a,b").out == by_key and "Member of" in by_key
    edge = run("explain", tmp_path / "case", f"a,b,{members[1]}").out
    assert "a,b" in edge and "pairs of posts" in edge
    assert "same account" in run("explain", tmp_path / "case", f"{members[1]},{members[1]}", code=4).err


def test_copies_too_few_for_the_level_are_refused(tmp_path):
    plant(tmp_path / "posts.csv", posts=200)
    run("ingest", tmp_path / "case", tmp_path / "posts.csv", "--map", "account=account,time=time,text=text")
    assert "at least 19" in run("detect", tmp_path / "case", "--copies", "18", code=2).err
    run("detect", tmp_path / "case", "--copies", "19")
    assert not (tmp_path / "case" / "runs" / "0002").exists()
