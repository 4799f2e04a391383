"""test_interop.py - what lockstep writes, checked by programs that are not ours: Go's log library, OpenSSL,
bagit, stix2. tools/setup test installs them under .deps/interop."""
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess

import pytest

from authority import Authority, Server, openssl
from conftest import MAP, SOURCE, plant, run
from test_anchors import Witness

FOREIGN = SOURCE / ".deps" / "interop" / "bin"
FIXTURE = os.environ.get("LOCKSTEP_FIXTURE", str(SOURCE / "build" / "tests" / "interop_fixture"))

pytestmark = pytest.mark.skipif(not (FOREIGN / "interop").exists(), reason="tools/setup test has not run")


@pytest.fixture(autouse=True)
def no_witness_is_left():
    yield
    while Witness.running:
        process = Witness.running.pop()
        process.kill()
        process.wait()


def go(*arguments, code=0):
    """Go's log library; its answer, or what it complains of."""
    done = subprocess.run([FOREIGN / "interop", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stderr if code else json.loads(done.stdout)


def python(program, *arguments, code=0):
    """A program with bagit and stix2 at hand."""
    done = subprocess.run([FOREIGN / "python", "-c", program, *map(str, arguments)], capture_output=True, text=True,
                          check=False)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


VALIDATE = "import bagit, sys; bagit.Bag(sys.argv[1]).validate(processes=1)"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A log of 66,000 entries and what goes with it (tests/interop/fixture.c)."""
    folder = tmp_path_factory.mktemp("made") / "fixture"
    subprocess.run([FIXTURE, folder], check=True)
    return folder


@pytest.fixture
def case(tmp_path):
    plant(tmp_path / "posts.csv", posts=500)
    run("ingest", tmp_path / "case", tmp_path / "posts.csv", "--map", MAP)
    return tmp_path / "case"


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_a_deep_log(made):
    earlier = sorted(made.glob("checkpoint.*"))
    assert len(earlier) == 11
    answer = go("log", made / "log", made / "keys.vkeys", *earlier)
    assert answer["size"] == 66000 and answer["continues"] == 11 and answer["inclusions"] > 60
    assert answer["signers"] == ["example.org/interop", "witness.example"]


@pytest.mark.parametrize("name", ["tile/0/000", "tile/0/257.p/208", "tile/1/001.p/1", "tile/2/000.p/1",
                                  "tile/entries/123", "tile/entries/257.p/208", "checkpoint"])
def test_a_changed_log_is_noticed(made, tmp_path, name):
    shutil.copytree(made / "log", tmp_path / "log")
    go("log", tmp_path / "log", made / "keys.vkeys")
    flip(tmp_path / "log" / name, 20)
    go("log", tmp_path / "log", made / "keys.vkeys", code=1)


def test_another_history_is_noticed(made, tmp_path):
    """An older checkpoint with a root that never was, under a good signature of another log's key."""
    old = (made / "checkpoint.4096").read_text(encoding="utf-8").splitlines(keepends=True)
    other = (made / "checkpoint.4096").read_text(encoding="utf-8").replace("\n4096\n", "\n4095\n")
    (tmp_path / "forged").write_text(other, encoding="utf-8")
    assert "invalid signature" in go("log", made / "log", made / "keys.vkeys", tmp_path / "forged", code=1)
    assert old[1] == "4096\n"


def test_proof_files(made, tmp_path):
    proofs = sorted((made / "proofs").glob("*.tlog-proof"))
    assert len(proofs) == 9
    for proof in proofs:
        index = proof.name.split(".")[0]
        answer = go("proof", proof, made / "proofs" / index, made / "keys.vkeys")
        assert answer["index"] == int(index) and answer["size"] == 66000
    go("proof", proofs[0], made / "proofs" / "256", made / "keys.vkeys", code=1)
    text = (made / "proofs" / "256.tlog-proof").read_text(encoding="utf-8")
    (tmp_path / "moved").write_text(text.replace("index 256", "index 257"), encoding="utf-8")
    go("proof", tmp_path / "moved", made / "proofs" / "256", made / "keys.vkeys", code=1)


def openssl_verifies(public, message, signature, folder, good=True):
    (folder / "message").write_bytes(message)
    (folder / "signature").write_bytes(signature)
    done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in",
                           folder / "message", "-sigfile", folder / "signature"], capture_output=True, check=False)
    assert (done.returncode == 0) == good, done.stdout + done.stderr


def note_parts(path):
    """The text of a signed note, and its signatures by name."""
    text, lines = path.read_text(encoding="utf-8").rsplit("\n\n", 1)
    found = re.findall("^— (\\S+) (\\S+)$", lines, re.M)
    return (text + "\n").encode(), {name: base64.b64decode(line)[4:] for name, line in found}


def public_pem(verifier_key, path):
    """The PEM of a verifier key: RFC 8410 before its 32 bytes."""
    raw = base64.b64decode(verifier_key.strip().split("+", 2)[2])[1:]
    der = bytes.fromhex("302a300506032b6570032100") + raw
    path.write_text("-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der).decode() + "\n-----END PUBLIC KEY-----\n",
                    encoding="utf-8")
    return path


def test_openssl_checks_a_checkpoint_and_an_envelope(made, tmp_path):
    text, signatures = note_parts(made / "checkpoint.66000")
    openssl_verifies(made / "signer.pub", text, signatures["example.org/interop"], tmp_path)
    openssl_verifies(made / "signer.pub", text.replace(b"66000", b"66001"), signatures["example.org/interop"],
                     tmp_path, good=False)
    envelope = json.loads((made / "manifest.dsse").read_text(encoding="utf-8"))
    body, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
    openssl_verifies(made / "signer.pub", message, base64.b64decode(envelope["signatures"][0]["sig"]), tmp_path)
    statement = json.loads(body)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    for subject in statement["subject"]:
        digest = subprocess.run(["sha256sum", made / "bag" / subject["name"]], check=True, capture_output=True)
        assert digest.stdout.decode().split()[0] == subject["digest"]["sha256"]


def test_bagit_takes_a_bag(made, tmp_path):
    python(VALIDATE, made / "bag")
    for name in "data/one.txt", "README.txt", "manifest-sha512.txt", "bag-info.txt":
        shutil.copytree(made / "bag", tmp_path / "bag")
        flip(tmp_path / "bag" / name, 1)
        assert "BagValidationError" in python(VALIDATE, tmp_path / "bag", code=1)
        shutil.rmtree(tmp_path / "bag")


def test_a_case_anchored_and_its_key_changed(case, tmp_path):
    """A real case: its log under two keys in turn, a witness's signature, a token."""
    vault = case / "vault"
    authority = Authority(tmp_path / "authority")
    stamping = Server(lambda path, body: (200, "application/timestamp-reply", authority.stamp(body)))
    keys = tmp_path / "keys"
    keys.write_text((vault / "signer.vkey").read_text(encoding="utf-8"), encoding="utf-8")
    shutil.copy(vault / "checkpoint", tmp_path / "first")
    answer = go("log", vault, keys)
    assert answer["size"] == answer["inclusions"]
    witness = Witness(tmp_path / "w", "witness.example", [keys])
    run("key", "rotate", case)
    with keys.open("a", encoding="utf-8") as more:
        more.write((vault / "signer.vkey").read_text(encoding="utf-8") + witness.key + "\n")
    witness.stop()
    witness = Witness(tmp_path / "w", "witness.example", [vault / "signer.vkey"])
    run("anchor", case, *witness.options, "--tsa", stamping.url, "--tsa-trust", authority.trust)
    stamping.close()
    answer = go("log", vault, keys, tmp_path / "first", *sorted((vault / "anchors").glob("*.checkpoint")))
    assert answer["signers"][1:] == ["witness.example"] and answer["continues"] == 3
    # Each by OpenSSL alone: the checkpoint, what the witness signed, the token.
    text, signatures = note_parts(vault / "checkpoint")
    origin = text.decode().splitlines()[0]
    openssl_verifies(public_pem((vault / "signer.vkey").read_text(encoding="utf-8"), tmp_path / "signer.pub"), text,
                     signatures[origin], tmp_path)
    timed = signatures["witness.example"]
    signed = b"cosignature/v1\ntime %d\n" % int.from_bytes(timed[:8], "big") + text
    openssl_verifies(public_pem(witness.key, tmp_path / "witness.pub"), signed, timed[8:], tmp_path)
    token, = (vault / "anchors").glob("*.tsr")
    stamped = token.with_name(token.name.split(".")[0] + ".checkpoint")
    openssl("ts", "-verify", "-data", stamped, "-in", token, "-CAfile", authority.trust)


STIX = """
import json, stix2, sys
bundle = stix2.parse(open(sys.argv[1], encoding="utf-8").read(), allow_custom=False)
kinds = {}
for item in bundle.objects:
    kinds[item.type] = kinds.get(item.type, 0) + 1
print(json.dumps(kinds))
"""


def test_stix2_reads_a_bundle(tmp_path):
    plant(tmp_path / "posts.csv")
    run("investigate", tmp_path / "posts.csv", "--map", MAP, "-o", tmp_path / "case")
    run("report", tmp_path / "case", "--stix")
    bundle, = (tmp_path / "case" / "runs" / "0001").glob("*stix*")
    kinds = json.loads(python(STIX, bundle))
    assert kinds["user-account"] >= 6 and kinds["relationship"] and kinds["identity"] == 1, kinds
    broken = bundle.read_text(encoding="utf-8").replace('"spec_version": "2.1"', '"spec_version": "2.9"', 1) \
        .replace('"spec_version":"2.1"', '"spec_version":"2.9"', 1)
    (tmp_path / "broken.json").write_text(broken, encoding="utf-8")
    assert broken != bundle.read_text(encoding="utf-8")
    python(STIX, tmp_path / "broken.json", code=1)


def test_an_answer_to_a_request(tmp_path):
    """The whole of what an authority gets: bag, statements, proofs, envelope, bundle."""
    plant(tmp_path / "posts.csv")
    case = tmp_path / "case"
    run("investigate", tmp_path / "posts.csv", "--map", MAP, "-o", case)
    run("request", "receive", case, "--authority", "Example", "--basis", "dsa-67", "--question", "Which accounts?",
        "--received", "now", "--due", "24h")
    run("request", "reply", case, "R1", "--question", "1", "--answer", "These.", "--records", "posts", "--finding", "F1")
    # The state that is answered from is anchored before the bag is made.
    run("request", "answer", case, "R1", "--profile", "authority", "--freeze")
    authority = Authority(tmp_path / "authority")
    stamping = Server(lambda path, body: (200, "application/timestamp-reply", authority.stamp(body)))
    witness = Witness(tmp_path / "w", "witness.example", [case / "vault" / "signer.vkey"])
    run("anchor", case, *witness.options, "--tsa", stamping.url, "--tsa-trust", authority.trust)
    stamping.close()
    run("request", "answer", case, "R1", "--profile", "authority")
    bag, = (case / "answers").iterdir()
    python(VALIDATE, bag)
    log = bag / "data" / "log"
    token, = (log / "anchors").glob("*.tsr")
    openssl("ts", "-verify", "-data", log / "checkpoint", "-in", token, "-CAfile", authority.trust)
    text, _ = note_parts(log / "checkpoint")
    line, = (log / "anchors").glob("*.cosig")
    timed = base64.b64decode(line.read_text(encoding="utf-8").split()[2])[4:]
    openssl_verifies(public_pem(witness.key, tmp_path / "witness.pub"),
                     b"cosignature/v1\ntime %d\n" % int.from_bytes(timed[:8], "big") + text, timed[8:], tmp_path)
    (tmp_path / "witnesses").write_text(witness.key + "\n", encoding="utf-8")
    said = run("verify", bag, "--witnesses", tmp_path / "witnesses", "--authorities", authority.trust).out
    assert "witness.example" in said and "Test authority" in said, said
    # Every statement that was handed over stands in the log, says Go's library.
    keys, statement = bag / "data" / "log" / "signer.vkey", tmp_path / "statement"
    lines = (bag / "data" / "log" / "statements").read_text(encoding="utf-8").splitlines()
    proofs = {int(path.name.split(".")[0]): path for path in (bag / "data" / "proofs").rglob("*.tlog-proof")}
    assert len(proofs) == len(lines) > 1000
    for line in lines[::len(lines) // 20]:
        index, text = line.split(" ", 1)
        statement.write_text(text, encoding="utf-8")
        answer = go("proof", proofs[int(index)], statement, keys)
        assert answer["index"] == int(index)
        statement.write_text(text.replace("disclose", "disclosE"), encoding="utf-8")
        if "disclose" in text:
            go("proof", proofs[int(index)], statement, keys, code=1)
    # The envelope by OpenSSL, and each of its digests.
    envelope = json.loads((bag / "manifest.dsse.json").read_text(encoding="utf-8"))
    body, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    public = public_pem(keys.read_text(encoding="utf-8"), tmp_path / "signer.pub")
    openssl_verifies(public, b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body),
                     base64.b64decode(envelope["signatures"][0]["sig"]), tmp_path)
    named = {subject["name"]: subject["digest"]["sha256"] for subject in json.loads(body)["subject"]}
    there = {str(path.relative_to(bag)): hashlib.sha256(path.read_bytes()).hexdigest()
             for path in (bag / "data").rglob("*") if path.is_file()}
    assert named == there
    python(STIX, bag / "data" / "findings" / "stix.json")
    # The log of the case goes on from the checkpoint that was handed over.
    run("explain", case, "F1")
    assert go("log", case / "vault", keys, bag / "data" / "log" / "checkpoint")["continues"] == 1
    # And it is all held together: a changed record is noticed.
    flip(bag / "data" / "records" / "posts.ndjson", 100)
    assert "BagValidationError" in python(VALIDATE, bag, code=1)
