"""test_verify.py - lockstep verify by the command: what it says, how it ends, and what others' anchors add."""
import json
import os
import re
import shutil
import subprocess

import pytest

from conftest import COMMAND, MAP, SOURCE, plant, run
from test_anchors import Witness, authority, no_witness_is_left, stamping  # noqa: F401, pylint: disable=unused-import


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify")
    plant(folder / "posts.csv", posts=600)
    run("investigate", folder / "posts.csv", "--map", MAP, "-o", folder / "case", "--quiet")
    return folder / "case"


@pytest.fixture
def case(made, tmp_path):
    shutil.copytree(made, tmp_path / "case")
    shutil.copy(made.parent / "posts.csv", tmp_path)
    return tmp_path / "case"


def states(result):
    return {check["check"]: check["state"] for check in result.json["checks"]}


def flip(path, at=-10):
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(data)


def test_a_whole_case_holds_and_nothing_is_written(case):
    before = sorted((path, path.stat().st_mtime_ns, path.stat().st_size) for path in case.rglob("*"))
    result = run("verify", case, "--json")
    assert result.json["outcome"] == "holds"
    found = states(result)
    for name in ("checkpoint", "entries", "tiles", "signed", "journal", "statements", "disclosures", "files", "keys",
                 "runs", "exports", "store"):
        assert found[name] == "holds", name
    assert sorted((path, path.stat().st_mtime_ns, path.stat().st_size) for path in case.rglob("*")) == before
    text = run("verify", case).out
    assert "All that is claimed holds." in text and "name it with --key" in text
    # The same for any number of threads.
    assert run("verify", case, "--threads", 1).out == run("verify", case, "--threads", 4).out
    assert states(run("verify", case, "--quick", "--json"))["files"] == "skipped"


def test_each_part_that_is_changed_is_named(case, tmp_path):
    changes = {
        "files": next((case / "vault" / "blobs").glob("*/*")),
        "entries": next((case / "vault" / "tile" / "entries").glob("000.p/*")),
        "exports": case / "runs" / "0001" / "report.html",
        "checkpoint": case / "vault" / "checkpoint",
        "disclosures": sorted((case / "vault" / "disclosures").iterdir())[-1],
    }
    for name, path in changes.items():
        kept = path.read_bytes()
        flip(path)
        assert states(run("verify", case, "--json", code=5))[name] == "damaged", name
        path.write_bytes(kept)
    shutil.rmtree(case / "runs" / "0001")
    assert states(run("verify", case, "--json", code=6))["runs"] == "incomplete"
    os.remove(case / "store.duckdb")
    assert states(run("verify", case, "--json", code=6))["store"] == "incomplete"
    shutil.rmtree(case / "vault")
    run("verify", case, code=4)
    run("verify", tmp_path / "nothing", code=4)


def test_the_public_part_of_a_log_and_kept_checkpoints(case, tmp_path):
    vault, public = case / "vault", tmp_path / "public"
    shutil.copytree(vault / "tile", public / "tile")
    shutil.copy(vault / "checkpoint", public)
    run("verify", public, code=2)
    key = (vault / "signer.vkey").read_text(encoding="utf-8").strip()
    found = states(run("verify", public, "--key", key, "--json"))
    assert found["entries"] == "holds" and "journal" not in found and "files" not in found
    # An older state that was kept: the log must continue it.
    kept = tmp_path / "kept"
    shutil.copy(vault / "checkpoint", kept)
    old = tmp_path / "old"
    shutil.copytree(case, old)
    plant(tmp_path / "more.csv", seed=2, posts=50)
    run("ingest", case, tmp_path / "more.csv", "--map", MAP)
    assert states(run("verify", case, "--continues", kept, "--json"))["continues"] == "holds"
    shutil.copy(vault / "checkpoint", kept)
    os.remove(old / "vault.seen")
    run("verify", old)
    assert states(run("verify", old, "--continues", kept, "--json", code=5))["continues"] == "damaged"
    # Another key than the one that is trusted.
    other = key.replace(key[-3:], "AAA")
    assert run("verify", case, "--key", other, code=2).err
    run("key", "rotate", case)
    assert states(run("verify", case, "--key", key, "--json"))["succession"] == "holds"


def test_anchors(case, tmp_path, authority, stamping):  # noqa: F811
    witness = Witness(tmp_path / "w", "one.example", [case / "vault" / "signer.vkey"])
    assert states(run("verify", case, "--json"))["anchors"] == "none"
    size = int((case / "vault" / "checkpoint").read_text(encoding="utf-8").splitlines()[1])
    run("anchor", case, *witness.options, "--tsa", stamping.url, "--tsa-trust", authority.trust)
    (tmp_path / "witnesses").write_text(witness.key + "\n", encoding="utf-8")
    trust = ["--witnesses", tmp_path / "witnesses", "--authorities", authority.trust]
    assert states(run("verify", case, *trust, "--json"))["anchors"] == "holds"
    text = run("verify", case, *trust).out
    assert "one.example cosigned" in text and "/CN=Test authority stamped" in text and "only the log names" not in text
    assert "only the log names" in run("verify", case).out
    anchors = case / "vault" / "anchors"
    for path in [path for path in anchors.iterdir() if path.suffix in (".tsr", ".cosig", ".checkpoint")]:
        kept = path.read_bytes()
        flip(path, at=len(kept) // 2)
        assert states(run("verify", case, *trust, "--json", code=5))["anchors"] == "damaged", path
        # Those that entries speak of; what was said of the entries themselves nobody logged yet.
        if path.name.startswith(f"{size}."):
            os.remove(path)
            code = 5 if path.suffix == ".checkpoint" else 6
            assert states(run("verify", case, *trust, "--json", code=code))["anchors"] != "holds", path
        path.write_bytes(kept)
    run("verify", case, *trust)


def test_hostile_names_cannot_drive_a_terminal(case):
    (case / "vault" / "\x1b[31mred\u202eder\nnext").write_text("x", encoding="utf-8")
    out = run("verify", case).out
    assert "\x1b" not in out and "\u202e" not in out and "is no part of a vault" in out
    told = json.loads(run("verify", case, "--json").out)
    assert told["outcome"] == "holds"


def test_interrupted_and_odd_arguments(case):
    run("verify", code=2)
    run("verify", case, case, code=2)
    run("verify", case, "--key", case / "none", code=2)
    run("verify", case, "--frob", code=2)
    (case / "keys").write_text("# nothing\n", encoding="utf-8")
    run("verify", case, "--key", case / "keys", code=2)
    done = subprocess.run([COMMAND, "verify", case / "runs"], capture_output=True, text=True, check=False)
    assert done.returncode == 4 and "holds no evidence" in done.stderr


def test_the_page_for_lawyers_runs_as_written(case, tmp_path):
    """Every command of docs/evidence.md that needs no more than a case, with other people's programs."""
    page = (SOURCE / "docs" / "evidence.md").read_text(encoding="utf-8")
    vault = case / "vault"
    for name, script in re.findall(r"```python\n# (\w+\.py)\n(.*?)```", page, re.S):
        (vault / name).write_text(script.replace("/tmp/", f"{tmp_path}/"), encoding="utf-8")
    lines = page.split("## Checking without lockstep")[1].split("### A time stamp")[0]
    lines = re.findall(r"^    ((?:python3 root|openssl|d=|printf|python3 -c|blob=|file=|echo).*)$", lines, re.M)
    assert len(lines) == 10
    done = subprocess.run(["bash", "-ec", "\n".join(lines).replace("/tmp/", f"{tmp_path}/")], cwd=vault, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "have the root that was signed" in done.stdout and "Signature Verified Successfully" in done.stdout
    assert '"actor"' in done.stdout or '"name"' in done.stdout
    out = done.stdout.splitlines()
    assert out[-2].split()[0] == out[-1] and len(out[-1]) == 64
    digest = out[[i for i, line in enumerate(out) if line.startswith("[")][-1] - 1]
    assert any(f'"{digest}"' in line for line in out)
    # The file that OpenSSL gave back is the one that came in.
    assert (tmp_path / "file").read_bytes() == (case.parent / "posts.csv").read_bytes()


def test_an_answer_that_was_handed_over(case, tmp_path):
    run("request", "receive", case, "--authority", "An Authority", "--basis", "dsa-67", "--received",
        "2024-12-05 18:00 Europe/Bucharest", "--due", "24h", "--question", "Which posts?")
    run("request", "reply", case, "R1", "--question", 1, "--answer", "as enclosed", "--records", "posts,accounts")
    run("request", "answer", case, "R1", "--profile", "authority")
    assert states(run("verify", case, "--json"))["answers"] == "holds"
    bag = tmp_path / "bag"
    shutil.copytree(case / "answers" / "R1", bag)
    key = (case / "vault" / "signer.vkey").read_text(encoding="utf-8").strip()
    result = run("verify", bag, "--key", key, "--json")
    found = {check["check"]: check for check in result.json["checks"]}
    for name in ("bag", "checkpoint", "manifest", "proofs", "statements", "disclosures", "records", "complete"):
        assert found[name]["state"] == "holds" and found[name]["says"], name
    posts = (bag / "data" / "records" / "posts.ndjson").read_text(encoding="utf-8").splitlines()
    accounts = (bag / "data" / "records" / "accounts.ndjson").read_text(encoding="utf-8").splitlines()
    assert found["records"]["checked"] == len(posts) + len(accounts) > 600
    files = sum(path.is_file() for path in (bag / "data").rglob("*"))
    assert found["manifest"]["checked"] == files == found["bag"]["checked"]
    # The same by the scripts of the page for lawyers, with OpenSSL and Python alone.
    page = (SOURCE / "docs" / "evidence.md").read_text(encoding="utf-8")
    for name, script in re.findall(r"```python\n# (signed\.py|proof\.py)\n(.*?)```", page, re.S):
        (tmp_path / name).write_text(script.replace("/tmp/", f"{tmp_path}/"), encoding="utf-8")
    python = ["/usr/bin/python3", str(tmp_path / "signed.py")]
    done = subprocess.run(python, cwd=bag, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "is the one that was signed for" in done.stdout, done.stderr
    for leaf in [json.loads(line)["leaf"] for line in posts[::100]]:
        python = ["/usr/bin/python3", str(tmp_path / "proof.py"), str(leaf)]
        done = subprocess.run(python, cwd=bag, capture_output=True, text=True, check=False)
        assert done.returncode == 0 and f"entry {leaf} stands in the log" in done.stdout, done.stderr
    # What was changed is named, in the bag and in the case.
    flip(bag / "data" / "records" / "posts.ndjson", at=30)
    found = states(run("verify", bag, "--json", code=5))
    assert found["bag"] == found["manifest"] == found["records"] == "damaged" and found["proofs"] == "holds"
    flip(case / "answers" / "R1" / "data" / "records" / "posts.ndjson", at=30)
    assert states(run("verify", case, "--json", code=5))["answers"] == "damaged"
    # A bag of somebody else's holds as a bag, and nothing in it is signed.
    for path in (bag / "data").iterdir():
        shutil.rmtree(path) if path.is_dir() else os.remove(path)
    for path in bag.glob("*manifest*"):
        os.remove(path)
    (bag / "data" / "x").write_text("x", encoding="utf-8")
    (bag / "bag-info.txt").write_text("", encoding="utf-8")
    for name, files in (("manifest", ["data/x"]), ("tagmanifest", ["bagit.txt"])):
        lines = subprocess.run(["sha512sum", *files], cwd=bag, capture_output=True, text=True, check=True).stdout
        (bag / f"{name}-sha512.txt").write_text(lines, encoding="utf-8")
    assert "nothing in it is signed" in run("verify", bag).out
