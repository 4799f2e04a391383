"""test_determinism.py - the same bytes for any number of threads."""
import hashlib
import json

from conftest import MAP, plant, run


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_one_and_many_threads_give_the_same_bytes(tmp_path):
    plant(tmp_path / "posts.csv", posts=8000, accounts=500)
    outputs = {}
    for threads in (1, 2, 5):
        case = tmp_path / f"case{threads}"
        run("investigate", tmp_path / "posts.csv", "--map", MAP, "-o", case, "--threads", threads,
            "--gexf", "--graphml", "--csv", "--stix", "--takedown")
        folder = case / "runs" / "0001"
        found = json.loads((folder / "findings.json").read_text())
        outputs[threads] = {name: digest(folder / name) for name in
                            ("network.gexf", "network.graphml", "stix.json", "takedown.csv", "edges.csv", "nodes.csv", "posts.csv",
                             "findings.json", "report.html")}
        assert found["findings"]
    assert outputs[1] == outputs[2] == outputs[5]
