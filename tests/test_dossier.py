"""test_dossier.py - what the writers make of nasty strings, held against schemas and foreign readers."""
import csv
import json
import os
import pathlib
import subprocess
import xml.etree.ElementTree as ElementTree

import jsonschema
import pytest

from conftest import COMMAND, MAP, SOURCE, plant, real, run

GEXF = "{http://gexf.net/1.3}"
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files that the writers' own test leaves behind."""
    test = pathlib.Path(COMMAND).parent / "tests" / "dossier_files_test"
    out = tmp_path_factory.mktemp("dossier")
    subprocess.run([test], check=True, capture_output=True,
                   env={**os.environ, "LOCKSTEP_TEST_OUT": str(out)})
    return out


@pytest.fixture(scope="module")
def validator():
    schema = json.loads((SOURCE / "docs/schema/findings.schema.json").read_text())
    kind = jsonschema.Draft202012Validator
    kind.check_schema(schema)
    return kind(schema)


@pytest.mark.parametrize("name", ["findings.json", "findings-empty.json"])
def test_findings_follow_the_schema(folder, validator, name):
    findings = json.loads((folder / name).read_bytes())
    errors = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(findings)]
    assert errors == []


def test_the_schema_refuses(folder, validator):
    """A schema that takes anything would prove nothing."""
    def damaged(change):
        findings = json.loads((folder / "findings.json").read_bytes())
        change(findings)
        return validator.is_valid(findings)

    assert damaged(lambda f: None)
    assert not damaged(lambda f: f.pop("synthetic"))
    assert not damaged(lambda f: f.update(more=1))
    assert not damaged(lambda f: f["findings"][0].update(p_value=1.5))
    assert not damaged(lambda f: f["findings"][0].update(confidence="certain"))
    assert not damaged(lambda f: f["findings"][0]["edges"][0].update(first="yesterday"))
    assert not damaged(lambda f: f["findings"][0]["kinds"].update(smell=1))


def test_findings_stand_alone(folder):
    """Edges name members and matches name posts of the same finding."""
    for finding in json.loads((folder / "findings.json").read_bytes())["findings"]:
        members = {member["account"] for member in finding["members"]}
        posts = {post["id"] for post in finding["posts"]}
        assert {edge[end] for edge in finding["edges"] for end in "ab"} <= members
        assert {match[end] for match in finding["matches"] for end in "ab"} == posts


@pytest.mark.parametrize("name", ["network.gexf", "empty.gexf"])
def test_gexf_is_valid(folder, name):
    done = subprocess.run(["xmllint", "--noout", "--relaxng", real("vectors/gexf/gexf.rng"),
                           folder / name], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def text_of(row):
    """What XML may say of a text of the report: its forbidden characters replaced."""
    return "".join(c if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd"
                   or c >= "\U00010000" else "\ufffd" for c in row)


def test_gexf_says_what_the_report_says(folder):
    report = json.loads((folder / "report.json").read_bytes())
    graph = ElementTree.parse(folder / "network.gexf").getroot().find(f"{GEXF}graph")
    titles = {a.get("title"): a.get("id") for a in graph.find(f"{GEXF}attributes[@class='node']")}
    nodes, edges = graph.find(f"{GEXF}nodes"), graph.find(f"{GEXF}edges")
    assert len(nodes) == len(report["nodes"]) and len(edges) == len(report["edges"])
    for node, said in zip(nodes, report["nodes"]):
        values = {v.get("for"): v.get("value") for v in node.find(f"{GEXF}attvalues")}
        assert values[titles["account_key"]] == text_of(said["id"])
        assert node.get("label") == text_of(said["id"] if said["handle"] is None else said["handle"])
        assert values.get(titles["followers"]) == (None if said["followers"] is None
                                                   else str(said["followers"]))
    for edge, said in zip(edges, report["edges"]):
        assert edge.get("source") == f"n{said['a']}" and edge.get("target") == f"n{said['b']}"
        assert float(edge.get("weight")) == said["occasions"]


def test_graphml_says_what_the_report_says(folder):
    report = json.loads((folder / "report.json").read_bytes())
    root = ElementTree.parse(folder / "network.graphml").getroot()
    keys = {(k.get("for"), k.get("attr.name")): k.get("id") for k in root.findall(f"{GRAPHML}key")}
    assert len(set(keys.values())) == len(keys)
    nodes = root.findall(f"{GRAPHML}graph/{GRAPHML}node")
    edges = root.findall(f"{GRAPHML}graph/{GRAPHML}edge")
    assert len(nodes) == len(report["nodes"]) and len(edges) == len(report["edges"])
    for node, said in zip(nodes, report["nodes"]):
        data = {d.get("key"): d.text or "" for d in node}
        assert data[keys["node", "account_key"]] == text_of(said["id"])
        assert data.get(keys["node", "display_name"]) == (None if said["name"] is None
                                                          else text_of(said["name"]))
    for edge, said in zip(edges, report["edges"]):
        data = {d.get("key"): d.text for d in edge}
        assert float(data[keys["edge", "p_value"]]) == said["p"]
        assert float(data[keys["edge", "weight"]]) == said["occasions"]


def test_csv_reads_in_python(folder):
    report = json.loads((folder / "report.json").read_bytes())
    with open(folder / "posts.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(report["posts"])
    for row, said in zip(rows, report["posts"]):
        text = row["text"][1:] if row["text"].startswith("'") else row["text"]
        assert text == (said["text"] or "").replace("\0", "\ufffd")
        assert row["text"][:1] not in ("=", "+", "-", "@", "\t", "\r", "\uff1d")
        assert int(row["offset_bytes"]) == said["offset"]


def test_page_is_one_document(folder):
    html = (folder / "report.html").read_text(encoding="utf-8")
    before, data = html.split('<script id="data" type="application/json">')
    data, after = data.split("</script>", 1)
    assert json.loads(data) == json.loads((folder / "report.json").read_bytes())
    assert before.lstrip().lower().startswith("<!doctype html>") and "</html>" in after


def test_a_whole_run(tmp_path, validator):
    """What the command writes, not only what the writers are handed."""
    plant(tmp_path / "posts.csv", posts=6000, accounts=400)
    run("investigate", tmp_path / "posts.csv", "--map", MAP, "-o", tmp_path / "case",
        "--gexf", "--graphml", "--csv", "--parquet")
    folder = tmp_path / "case" / "runs" / "0001"
    findings = json.loads((folder / "findings.json").read_bytes())
    assert [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(findings)] == []
    assert findings["findings"]
    html = (folder / "report.html").read_text(encoding="utf-8")
    report = json.loads(html.split('<script id="data" type="application/json">')[1].split("</script>")[0])
    for finding, said in zip(findings["findings"], report["findings"]):
        assert [report["nodes"][i]["id"] for i in said["members"]] == \
            [member["account"] for member in finding["members"]]
        assert said["p"] == finding["p_value"] and said["edges"] == len(finding["edges"])
    assert all(-1 <= node[axis] <= 1 for node in report["nodes"] for axis in "xy")
    for name in ("network.gexf", "network.graphml"):
        ElementTree.parse(folder / name)
    for table in ("nodes", "edges", "posts"):
        with open(folder / f"{table}.csv", encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == len(report[table])
        assert (folder / f"{table}.parquet").read_bytes()[:4] == b"PAR1"
