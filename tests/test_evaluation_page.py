"""test_evaluation_page.py - the script that writes docs/evaluation.md runs, and the page is what it writes."""
import os
import re
import subprocess
import sys

from conftest import COMMAND, SOURCE

PAGE = (SOURCE / "docs" / "evaluation.md").read_text(encoding="utf-8")


def evaluation(*arguments):
    done = subprocess.run([sys.executable, SOURCE / "bench" / "evaluation.py", *arguments], capture_output=True, text=True,
                          env={**os.environ, "LOCKSTEP": str(COMMAND)}, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_measures_simulated_data():
    out = evaluation("--quick", "simulated")
    rows = {cells[0]: cells for line in out.splitlines() if line.startswith("| ")
            for cells in [[cell.strip() for cell in line.strip("|").split("|")]]}
    hits = {name: int(re.match(r"([\d,]+) of ", rows[name][2]).group(1).replace(",", "")) for name in
            ("findings", "anything at all", "*naive:* same text within 60 s, twice")}
    assert hits["anything at all"] >= hits["findings"] > 0
    assert int(rows["swarm"][1]) > 50 and int(rows["organic"][1]) > 1000


def test_the_page_has_every_table_and_its_picture():
    script = (SOURCE / "bench" / "evaluation.py").read_text(encoding="utf-8")
    parts = re.findall(r'"(\w+)": \(part_', script)
    tables = dict(re.findall(r"<!-- (\w+): by bench/evaluation.py -->\n(.*?)<!-- end -->", PAGE, re.S))
    assert set(tables) == {*parts, "mechanisms"} and len(parts) == 10  # the part "simulated" writes both
    for name, text in tables.items():
        assert "|---|" in text, f"{name} was not written"
    picture = (SOURCE / "docs" / "images" / "evasion.svg").read_text(encoding="utf-8")
    assert "Synthetic data, about nobody" in picture and picture.count("<path") > 20
    assert "images/evasion.svg" in PAGE


def test_help_and_what_is_not_there(tmp_path):
    done = subprocess.run([sys.executable, SOURCE / "bench" / "evaluation.py", "--help"], capture_output=True, text=True, check=False)
    assert "LOCKSTEP_DATA" in done.stderr
    env = {**os.environ, "LOCKSTEP": str(COMMAND), "LOCKSTEP_DATA": str(tmp_path)}
    out = subprocess.run([sys.executable, SOURCE / "bench" / "evaluation.py", "--quick", "mix", "github"], capture_output=True, text=True, env=env, check=True).stdout
    assert out.count("left out") == 2
