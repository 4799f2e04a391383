"""test_vault.py - a case's vault through the command: sealed, logged, made again, repeated."""
import base64
import csv
import hashlib
import json
import os
import re
import shutil
import subprocess

import pytest

from conftest import MAP, plant, run


def entries(case):
    return json.loads(run("log", case, "--json").out)


def of_kind(case, kind):
    return [entry["statement"] for entry in entries(case) if entry["statement"]["kind"] == kind]


def disclosed(entry):
    return {value["name"]: value["value"] for value in entry["disclosed"]}


@pytest.fixture
def case(tmp_path):
    """Two files by two calls, and a run with settings."""
    path = tmp_path / "case"
    for number, name in enumerate(["a.csv", "b.csv"]):
        plant(tmp_path / name, seed=number + 1)
        text = (tmp_path / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(re.sub(r",p(\d+),", rf",p{number}x\1,", text), encoding="utf-8")
    run("init", path)
    settings = (path / "case.toml").read_text(encoding="utf-8")
    (path / "case.toml").write_text(settings.replace('title = ""', 'title = "A title that is nobody\'s business"'), encoding="utf-8")
    run("ingest", path, tmp_path / "a.csv", "--map", MAP)
    run("ingest", path, tmp_path / "b.csv", "--map", MAP, "--max-rejects", "0.25")
    run("detect", path, "--copies", "19", "--level", "0.05", "--seed", "7")
    return path


def test_everything_leaves_a_statement(case, tmp_path):
    run("report", case, "--csv")
    run("explain", case, "F1")
    log = entries(case)
    assert [entry["index"] for entry in log] == list(range(6))
    assert [entry["statement"]["kind"] for entry in log] == ["key", "import", "import", "derive", "export", "access"]
    one = log[2]["statement"]
    assert one["format"] == "csv" and one["size_bytes"] == (tmp_path / "b.csv").stat().st_size
    assert one["reading"]["map"] == dict(part.split("=") for part in MAP.split(","))
    assert one["reading"]["rejects_share_max"] == "0.25"
    assert one["counts"]["rows"] == one["counts"]["posts"] > 3000
    hidden = disclosed(log[2])
    assert hidden["name"] == "b.csv"
    assert hidden["sha256"] == hashlib.sha256((tmp_path / "b.csv").read_bytes()).hexdigest()
    derived = log[3]["statement"]
    assert derived["options"] == {"copies": 19, "level": "0.050000000000000003"} and derived["seed"] == "7"
    assert derived["inputs"] == {"files": 2, "imports": [1, 2], "tree_size": 3}
    assert "nobody's business" in disclosed(log[3])["case_toml"]
    files = {file["name"]: file["sha256"] for file in log[4]["statement"]["files"]}
    assert set(files) == {"nodes.csv", "edges.csv", "posts.csv", "payment_sums.csv", "scripts.csv", "script_accounts.csv"}
    for name, digest in files.items():
        assert hashlib.sha256((case / "runs/0001" / name).read_bytes()).hexdigest() == digest
    assert disclosed(log[5])["asked"] == "F1"
    assert all(disclosed(entry)["actor"] for entry in log)


def test_the_log_tells_nothing_personal(case):
    account = run("explain", case, "F1", "--json").json["members"][0]["account"]
    run("explain", case, account)
    assert disclosed(entries(case)[-1])["asked"] == account
    public = b"".join(path.read_bytes() for path in (case / "vault/tile").rglob("*") if path.is_file())
    # With its quotes, as a statement would have it: two letters alone come about by chance in digests.
    for text in (b"b.csv", b"business", b"planted", b'"F1"', account.encode(), b"root", os.environ.get("USER", "root").encode()):
        assert text not in public, text
    sealed = b"".join(path.read_bytes() for path in (case / "vault/blobs").rglob("*") if path.is_file())
    assert b"planted" not in sealed


def test_only_the_owner_reads(case):
    assert (case / "vault").stat().st_mode & 0o777 == 0o700
    for folder in ("keys", "disclosures"):
        for path in (case / "vault" / folder).rglob("*"):
            assert path.is_dir() or path.stat().st_mode & 0o777 == 0o600


def test_sealed_files_come_back_by_openssl(case, tmp_path):
    for entry, name in zip(entries(case)[1:3], ["a.csv", "b.csv"]):
        blob = entry["statement"]["blob"]
        text = (case / "vault/keys" / blob[:2] / blob[2:]).read_text(encoding="utf-8")
        key = re.search(r"^key ([0-9a-f]{64})$", text, re.M)[1]
        salt = bytes.fromhex(re.search(r"^salt ([0-9a-f]{32})$", text, re.M)[1])
        subprocess.run(["openssl", "enc", "-d", "-aes-256-ctr", "-K", key, "-iv", "0", "-in",
                        case / "vault/blobs" / blob[:2] / blob[2:], "-out", tmp_path / "back"], check=True,
                       stderr=subprocess.DEVNULL)
        assert (tmp_path / "back").read_bytes() == (tmp_path / name).read_bytes()
        digest = hashlib.sha256((tmp_path / "back").read_bytes()).digest()
        assert hashlib.sha256(salt + digest).hexdigest() == blob


def test_a_file_known_already_is_not_sealed_twice(case, tmp_path):
    blobs = sorted((case / "vault/blobs").rglob("*"))
    shutil.copy(tmp_path / "a.csv", tmp_path / "again.csv")
    assert "in the case already" in run("ingest", case, tmp_path / "again.csv", "--map", MAP).out
    assert sorted((case / "vault/blobs").rglob("*")) == blobs
    assert len(of_kind(case, "import")) == 2


def test_a_refused_call_leaves_nothing(case, tmp_path):
    before = sorted((case / "vault").rglob("*"))
    (tmp_path / "good.csv").write_text((tmp_path / "a.csv").read_text(encoding="utf-8").replace(",p0x", ",p9x"), encoding="utf-8")
    (tmp_path / "bad.csv").write_text("nothing,that,is\nknown,at,all\n", encoding="utf-8")
    run("ingest", case, tmp_path / "good.csv", tmp_path / "bad.csv", "--map", MAP, code=3)
    after = [path for path in sorted((case / "vault").rglob("*")) if path.is_file()]
    assert after == [path for path in before if path.is_file()]
    assert len(of_kind(case, "import")) == 2
    run("ingest", tmp_path / "new", tmp_path / "good.csv", tmp_path / "bad.csv", "--map", MAP, code=3)
    assert not (tmp_path / "new").exists()


def test_rebuild_gives_the_same_store(case):
    told = run("rebuild", case, "--json").json
    assert told["files"] == 2 and told["gone"] == 0 and told["digest"] == told["digest_before"]
    os.remove(case / "store.duckdb")
    assert "rebuild" in run("explain", case, "F1", code=4).err
    assert run("rebuild", case, "--json").json == {**told, "digest_before": None}
    assert run("rebuild", case, "--json").json == told
    (case / "store.duckdb").write_bytes(b"not a database")
    assert run("rebuild", case, "--json").json == {**told, "digest_before": None}
    assert not (case / "vault/work").exists()
    run("explain", case, "F1")


def test_the_next_ingest_takes_what_the_store_lacks(case, tmp_path):
    """A store that was put back from before the second file, and one that is gone."""
    digest = run("rebuild", case, "--json").json["digest"]
    run("ingest", tmp_path / "other", tmp_path / "a.csv", "--map", MAP)
    os.remove(case / "store.duckdb")
    told = run("ingest", case, tmp_path / "a.csv", "--map", MAP)
    assert "2 files were logged in the vault" in told.err and "already" in told.out
    assert run("rebuild", case, "--json").json["digest_before"] == digest


def test_erased_and_changed_files_are_told(case):
    blob = of_kind(case, "import")[1]["blob"]
    path = case / "vault/blobs" / blob[:2] / blob[2:]
    bytes_ = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(bytes([bytes_[0] ^ 1]) + bytes_[1:])
    store = (case / "store.duckdb").read_bytes()
    assert "not as sealed" in run("rebuild", case, code=3).err
    assert (case / "store.duckdb").read_bytes() == store
    (case / "vault/keys" / blob[:2] / blob[2:]).unlink()
    told = run("rebuild", case)
    assert "1 file is not here any more" in told.out and "b.csv (entry 2)" in told.err
    assert "ANOTHER CONTENT" in told.out


def test_replay(case, tmp_path):
    told = run("replay", case, "--json").json
    assert told["same"] and told["run"] == "0001" and not told["from_sealed_files"]
    assert run("replay", case, "0001", "--threads", "1", "--json").json == told
    # The digest is that of findings.json without the name of the run.
    run("report", case, "--findings")
    text = (case / "runs/0001/findings.json").read_text(encoding="utf-8").replace('"run": "0001"', '"run": ""')
    assert hashlib.sha256(text.encode()).hexdigest() == told["logged"]
    # Later files and settings do not matter: the run is repeated on what it had.
    plant(tmp_path / "c.csv", seed=3)
    run("ingest", case, tmp_path / "c.csv", "--map", MAP)
    (case / "case.toml").unlink()
    later = run("replay", case, "1", "--json").json
    assert later == {**told, "from_sealed_files": True}
    assert not (case / "vault/work").exists() and sorted(os.listdir(case / "runs")) == ["0001"]
    run("detect", case, "--copies", "19")
    assert [run("replay", case, name, "--json").json["same"] for name in ("0001", "0002")] == [True, True]
    run("replay", case, "0009", code=4)
    # Without a file it had the run is another.
    blob = of_kind(case, "import")[1]["blob"]
    (case / "vault/keys" / blob[:2] / blob[2:]).unlink()
    told = run("replay", case, "0001", code=5)
    assert "NOT THE SAME" in told.out and "1 of its files" in told.out


def test_who_acts(case, monkeypatch):
    monkeypatch.setenv("LOCKSTEP_ACTOR", "A. Nalyst")
    run("explain", case, "F1")
    assert disclosed(entries(case)[-1])["actor"] == "A. Nalyst"
    assert run("log", case).out.splitlines()[-1].endswith("explain F1 in run 0001, by A. Nalyst")


def test_an_older_vault_is_noticed(case, tmp_path):
    shutil.copytree(case / "vault", tmp_path / "kept")
    plant(tmp_path / "c.csv", seed=3)
    run("ingest", case, tmp_path / "c.csv", "--map", MAP)
    run("explain", case, "F1")
    shutil.rmtree(case / "vault")
    shutil.copytree(tmp_path / "kept", case / "vault")
    for seen in (True, False):  # what the case remembers, and what the store knows
        assert "older copy" in run("ingest", case, tmp_path / "a.csv", "--map", MAP, code=3).err
        if seen:
            assert "not logged" in run("explain", case, "F1").err
            (case / "vault.seen").unlink()
    shutil.rmtree(case / "vault")
    assert "no vault" in run("ingest", case, tmp_path / "a.csv", "--map", MAP, code=3).err
    assert "no vault" in run("detect", case, code=3).err


def test_a_reader_without_a_pen(case):
    """Where the vault cannot be written (here: it lost its verifier key) reading goes on, and says what it is."""
    os.rename(case / "vault/signer.vkey", case / "vault/signer.gone")
    assert "not logged" in run("explain", case, "F1").err
    assert "put CASE/vault back" in run("ingest", case, case / "case.toml", code=3).err
    assert (case / "vault/blobs").is_dir()


@pytest.mark.parametrize("packed", [None, "gzip", "zstd"])
def test_a_post_leads_to_its_bytes(tmp_path, packed):
    """From findings.json and posts.csv to entry, file and bytes, by lockstep and by the commands that it names."""
    plant(tmp_path / "a.csv")
    content = (tmp_path / "a.csv").read_bytes()
    name = "a.csv"
    if packed:
        name += {"gzip": ".gz", "zstd": ".zst"}[packed]
        (tmp_path / name).write_bytes(subprocess.run([packed, "-c"], input=content, capture_output=True, check=True).stdout)
    case = tmp_path / "case"
    run("investigate", tmp_path / name, "--map", MAP, "-o", case, "--csv")
    findings = json.loads((case / "runs/0001/findings.json").read_text(encoding="utf-8"))
    assert findings["files"][0]["leaf"] == 1
    posts = findings["findings"][0]["posts"]
    with open(case / "runs/0001/posts.csv", encoding="utf-8", newline="") as table:
        rows = {row["post_key"]: row for row in csv.DictReader(table)}
    for post in posts[:3]:
        row = content[post["offset_bytes"]:][:post["length_bytes"]]
        assert post["file"] == name and post["leaf"] == 1
        assert rows[post["id"]]["leaf"] == "1" and rows[post["id"]]["offset_bytes"] == str(post["offset_bytes"])
        told = run("explain", case, "post:" + post["id"], "--json").json
        assert base64.b64decode(told["raw_base64"]) == row and post["text"].encode() in row
        assert told["raw_sha256"] == hashlib.sha256(row).hexdigest()
        assert (told["leaf"], told["offset"], told["length"]) == (1, post["offset_bytes"], post["length_bytes"])
        assert told["sha256"] == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        text = run("explain", case, "post:" + post["id"].split(":", 1)[1]).out
        command = "\n".join(line[2:] for line in text.splitlines() if line.startswith("  "))
        shown = subprocess.run(["sh", "-c", command], cwd=case, capture_output=True, check=True).stdout
        assert shown == row
    account = posts[0]["account"]
    edge = run("explain", case, account + "," + next(p["account"] for p in posts if p["account"] != account)).out
    assert "; entry 1 of the log" in edge
    run("explain", case, "post:nobody", code=4)
    blob = of_kind(case, "import")[0]["blob"]
    (case / "vault/keys" / blob[:2] / blob[2:]).unlink()
    assert "was erased" in run("explain", case, "post:" + posts[0]["id"]).out


@pytest.mark.parametrize("store", ["older", "gone"])
@pytest.mark.parametrize("command", ["ingest", "detect"])
def test_an_older_store_does_not_bring_back_what_was_erased(case, tmp_path, store, command):
    shutil.copy(case / "store.duckdb", tmp_path / "older")
    digest = run("rebuild", case, "--json").json["digest"]
    run("erase", case, "--account", "other:planted1", "--reason", "asked for")
    erased = run("rebuild", case, "--json").json
    assert erased["digest"] == erased["digest_before"] != digest
    run("explain", case, "planted1", code=4)
    if store == "older":
        shutil.copy(tmp_path / "older", case / "store.duckdb")
    elif command == "ingest":
        os.remove(case / "store.duckdb")
    else:
        return
    arguments = [tmp_path / "a.csv", "--map", MAP] if command == "ingest" else ["--copies", "19"]
    if command == "ingest":
        (tmp_path / "a.csv").write_text("account,time,text,post,hashtag\nsomebody,1730000000,a new text,n1,tag\n", encoding="utf-8")
    told = run(command, case, *arguments)
    assert "something was erased" in told.err
    run("explain", case, "other:planted1", code=4)
    if command == "detect":
        assert run("rebuild", case, "--json").json["digest_before"] == erased["digest"]
