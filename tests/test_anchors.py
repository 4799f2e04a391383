"""test_anchors.py - a case's log witnessed and time-stamped, and what a rolled-back one meets."""
import os
import re
import shutil
import signal
import subprocess

import pytest

from authority import Authority, Server, openssl
from conftest import COMMAND, MAP, plant, run


class Witness:
    """lockstep witness, on a port that is free."""

    running = []

    def __init__(self, folder, name, logs):
        arguments = [COMMAND, "witness", folder, "--name", name, "--listen", "127.0.0.1:0", "--no-passphrase"]
        for log in logs:
            arguments += ["--log", log]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.running.append(self.process)
        self.url = self.process.stdout.readline().split()[-1]
        self.key = self.process.stdout.readline().split()[-1]
        self.name = name

    @property
    def options(self):
        return ["--witness", self.url, "--witness-key", self.key]

    def stop(self, how=signal.SIGINT):
        """What it said of its answers; Ctrl-C ends it well."""
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=20)
        assert self.process.returncode == 0 and out == ""
        return err


@pytest.fixture(autouse=True)
def no_witness_is_left():
    yield
    while Witness.running:
        process = Witness.running.pop()
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tsa") / "authority")


@pytest.fixture
def stamping(authority):
    server = Server(lambda path, body: (200, "application/timestamp-reply", authority.stamp(body)))
    yield server
    server.close()


@pytest.fixture
def case(tmp_path):
    plant(tmp_path / "posts.csv", posts=200)
    run("ingest", tmp_path / "case", tmp_path / "posts.csv", "--map", MAP)
    return tmp_path / "case"


def ingest_more(case, seed):
    plant(case.parent / f"more{seed}.csv", seed=seed, posts=50)
    run("ingest", case, case.parent / f"more{seed}.csv", "--map", MAP)


def checkpoint(case):
    return (case / "vault" / "checkpoint").read_text(encoding="utf-8")


def size_of(case):
    return int(checkpoint(case).splitlines()[1])


def test_two_witnesses_and_a_time_stamp(case, tmp_path, authority, stamping):
    vkey = case / "vault" / "signer.vkey"
    first, second = Witness(tmp_path / "w1", "one.example", [vkey]), Witness(tmp_path / "w2", "two.example/2", [vkey])
    tsa = ["--tsa", stamping.url, "--tsa-trust", authority.trust]
    before = size_of(case)
    out = run("anchor", case, *first.options, *second.options, *tsa, "--json").json
    assert out["size"] == before and out["published_size"] == before + 3 == size_of(case)
    assert [anchor["done"] for anchor in out["anchors"]] == [True] * 3
    assert [anchor["by"] for anchor in out["anchors"]] == ["one.example", "two.example/2", "/CN=Test authority"]
    # The checkpoint that lies there, which covers the statements, bears three signatures.
    assert len(re.findall("^— ", checkpoint(case), re.M)) == 3
    # What was stamped is the checkpoint of that size, and OpenSSL says so.
    anchors = case / "vault" / "anchors"
    assert stamping.asked[0][1] == "application/timestamp-query"
    openssl("ts", "-verify", "-data", anchors / f"{before}.checkpoint", "-in", anchors / f"{before}.1.tsr",
            "-CAfile", anchors / f"{before}.1.pem")
    told = run("log", case).out
    assert f"one.example signed the log of {before} entries at 20" in told, told
    assert f"/CN=Test authority stamped the log of {before} entries at 20" in told, told
    # Again with nothing new: nothing is asked or logged.
    again = run("anchor", case, *first.options, *second.options, "--json").json
    assert all(anchor["before"] for anchor in again["anchors"]) and size_of(case) == before + 3
    ingest_more(case, 2)
    assert len(re.findall("^— ", checkpoint(case), re.M)) == 1
    text = run("anchor", case, *first.options).out
    assert "one.example signed it at 20" in text and "FAILED" not in text
    # From the first size on, each request led on from what the witness knew: none was refused.
    said = first.stop()
    assert [line.split()[1] for line in said.splitlines()] == ["200"] * 4, said
    second.stop(signal.SIGTERM)


def test_an_older_copy_is_refused(case, tmp_path):
    witness = Witness(tmp_path / "w", "one.example", [case / "vault" / "signer.vkey"])
    copy = tmp_path / "copy"
    shutil.copytree(case, copy)
    ingest_more(case, 3)
    run("anchor", case, *witness.options)
    # The backup goes on by itself: the log's owner sees nothing wrong, the witness does.
    refused = run("anchor", copy, *witness.options, code=3)
    assert "an older copy was put back" in refused.err
    for seed in range(4, 9):
        ingest_more(copy, seed)
    refused = run("anchor", copy, *witness.options, code=3)
    assert "contradicts what it signed" in refused.err
    assert not list((copy / "vault" / "anchors").glob("*.cosig"))
    said = witness.stop()
    assert " 409 " in said and " 422 " in said, said


def test_a_witness_that_lost_its_memory_or_never_had_one(case, tmp_path):
    vkey = (case / "vault" / "signer.vkey").read_text(encoding="utf-8").strip()
    witness = Witness(tmp_path / "w", "one.example", [vkey])
    run("anchor", case, *witness.options)
    # The case forgot what the witness knows: it asks twice.
    shutil.rmtree(case / "vault" / "anchors")
    ingest_more(case, 2)
    run("anchor", case, *witness.options)
    # A witness that was put back from an older copy of its own folder is told a longer story.
    witness.stop()
    for state in (tmp_path / "w" / "state").iterdir():
        state.unlink()
    witness = Witness(tmp_path / "w", "one.example", [])
    ingest_more(case, 3)
    run("anchor", case, *witness.options)
    said = witness.stop()
    assert " 409 " in said
    # Two programs do not run one witness; a witness keeps its name.
    witness = Witness(tmp_path / "w", "one.example", [])
    assert "another program runs" in run("witness", tmp_path / "w", code=3).err
    witness.stop()
    assert "is named one.example already" in run("witness", tmp_path / "w", "--name", "other", code=2).err
    stranger = Witness(tmp_path / "w2", "two.example", [])
    assert "does not know this log" in run("anchor", case, *stranger.options, code=3).err
    stranger.stop()


def test_rotation_and_witnesses(case, tmp_path):
    vkey = case / "vault" / "signer.vkey"
    witness = Witness(tmp_path / "w", "one.example", [vkey])
    run("anchor", case, *witness.options)
    run("key", "rotate", case)
    assert "verifier key" in run("anchor", case, *witness.options, code=3).err
    said = witness.stop()
    assert " 403 " in said
    witness = Witness(tmp_path / "w", "one.example", [vkey])
    run("anchor", case, *witness.options)
    assert len(re.findall("^— ", checkpoint(case), re.M)) == 2
    witness.stop()


def test_one_that_fails_does_not_stop_the_others(case, tmp_path, authority, stamping):
    witness = Witness(tmp_path / "w", "one.example", [case / "vault" / "signer.vkey"])
    dead = ["--witness", "http://127.0.0.1:1/", "--witness-key", witness.key]
    some = run("anchor", case, *dead, *witness.options, code=1)
    assert "nobody answers there" in some.out and "one.example signed it at" in some.out
    ingest_more(case, 2)
    before = size_of(case)
    assert "nobody answers there" in run("anchor", case, *dead, "--timeout", "2", code=1).err
    witness.stop()
    liar = Server(lambda path, body: (200, "text/plain", "— one.example AAAA\n".encode()))
    lies = run("anchor", case, "--witness", liar.url, "--witness-key", witness.key, code=3).err
    assert "no signature of its key" in lies
    liar.close()
    # An authority that answers for another text, or that nobody trusts.
    other = Server(lambda path, body: (200, "application/timestamp-reply", first))
    first = authority.stamp(run_query(tmp_path, b"another text"))
    assert "does not hold" in run("anchor", case, "--tsa", other.url, "--tsa-trust", authority.trust, code=3).err
    other.close()
    stranger = Authority(tmp_path / "stranger")
    assert "does not hold" in run("anchor", case, "--tsa", stamping.url, "--tsa-trust", stranger.trust, code=3).err
    huge = Server(lambda path, body: (200, "application/timestamp-reply", b"x" * 1000000))
    assert "more than" in run("anchor", case, "--tsa", huge.url, "--tsa-trust", authority.trust, code=3).err
    huge.close()
    assert size_of(case) == before


def run_query(folder, data):
    (folder / "data").write_bytes(data)
    openssl("ts", "-query", "-data", folder / "data", "-sha256", "-cert", "-out", folder / "q")
    return (folder / "q").read_bytes()


def test_without_a_network(case, tmp_path, authority):
    size = size_of(case)
    run("anchor", case, "--query", tmp_path / "query.tsq")
    (tmp_path / "reply.tsr").write_bytes(authority.stamp((tmp_path / "query.tsq").read_bytes()))
    ingest_more(case, 2)  # the log goes on while the query is under way
    assert "--tsa-trust" in run("anchor", case, "--token", tmp_path / "reply.tsr", code=2).err \
        or "certificates" in run("anchor", case, "--token", tmp_path / "reply.tsr", code=2).err
    out = run("anchor", case, "--token", tmp_path / "reply.tsr", "--tsa-trust", authority.trust, "--json").json
    assert out["size"] == size and out["anchors"][0]["done"]
    anchors = case / "vault" / "anchors"
    assert (anchors / f"{size}.1.tsr").read_bytes() == (tmp_path / "reply.tsr").read_bytes()
    openssl("ts", "-verify", "-data", anchors / f"{size}.checkpoint", "-in", anchors / f"{size}.1.tsr",
            "-CAfile", authority.trust)
    # A token that somebody's own program asked for, of the checkpoint that stands.
    run("anchor", case, "--query", tmp_path / "unused")
    size = size_of(case)
    stamped = (anchors / f"{size}.checkpoint").read_bytes()
    (tmp_path / "own.tsr").write_bytes(authority.stamp(run_query(tmp_path, stamped)))
    out = run("anchor", case, "--token", tmp_path / "own.tsr", "--tsa-trust", authority.trust, "--json").json
    assert out["size"] == size
    # One of something else is not taken, nor is garbage.
    (tmp_path / "else.tsr").write_bytes(authority.stamp(run_query(tmp_path, b"else")))
    (tmp_path / "garbage.tsr").write_bytes(os.urandom(500))
    for name in "else.tsr", "garbage.tsr":
        assert "answers no query" in run("anchor", case, "--token", tmp_path / name, "--tsa-trust", authority.trust,
                                         code=3).err


def test_strangers_on_the_way(case, tmp_path, authority, monkeypatch):
    """TLS with a certificate that nobody vouches for; proxies that are named, and such that are not."""
    witness = Witness(tmp_path / "w", "one.example", [case / "vault" / "signer.vkey"])
    impostor = Server(lambda path, body: (200, "text/plain", b""),
                      (authority.folder / "root.pem", authority.folder / "root.key"))
    refused = run("anchor", case, "--witness", impostor.url, "--witness-key", witness.key, code=1).err
    assert "certificate does not hold" in refused and not impostor.asked
    impostor.close()
    proxy = Server(lambda path, body: (404, "text/plain", b""))
    run("anchor", case, "--witness", "http://witness.example/here", "--witness-key", witness.key, "--proxy", proxy.url,
        code=3)
    assert proxy.asked[0][0] == "http://witness.example/here/add-checkpoint"
    proxy.close()
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    run("anchor", case, *witness.options)


def test_options_that_make_no_sense(case, tmp_path):
    for arguments in ([], ["--witness", "http://a/"], ["--witness-key", "x"], ["--tsa", "http://a/"],
                      ["--witness", "ftp://a/", "--witness-key", (case / "vault" / "signer.vkey")],
                      ["--witness", "http://a/", "--witness-key", (case / "vault" / "signer.vkey")],
                      ["--witness", "http://a/", "--witness-key", "no key"], ["--timeout", "x"], ["--nonsense"]):
        run("anchor", case, *arguments, code=2)
    run("anchor", tmp_path / "none", "--query", tmp_path / "q", code=4)
    for arguments in ([], [tmp_path / "w"], [tmp_path / "w", "--name", "a b", "--no-passphrase"],
                      [tmp_path / "w", "--name", "a", "--no-passphrase", "--listen", "localhost:1"],
                      [tmp_path / "w", "--listen", "127.0.0.1:99999"]):
        run("witness", *arguments, code=2)
