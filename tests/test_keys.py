"""test_keys.py - keys and passphrases by the command: never on its line, never from a file that others read."""
import os
import pty
import re
import select
import signal
import subprocess
import time

import pytest

from conftest import COMMAND, MAP, plant, run

PASSPHRASE = "correct horse battery"


def run_with(passphrase, *arguments, code=0, new=None, folder):
    """Runs with passphrases in files, as a script would."""
    environment = {**os.environ}
    for variable, text in ("LOCKSTEP_PASSPHRASE_FILE", passphrase), ("LOCKSTEP_NEW_PASSPHRASE_FILE", new):
        environment.pop(variable, None)
        if text is not None:
            path = folder / variable.lower()
            path.write_text(text + "\nsecond line\n", encoding="utf-8")
            path.chmod(0o600)
            environment[variable] = str(path)
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True, env=environment,
                          start_new_session=True, check=False)  # no terminal to ask on
    assert done.returncode == code, f"exit {done.returncode}, not {code}: {done.stderr}"
    return done


@pytest.fixture
def case(tmp_path):
    plant(tmp_path / "posts.csv", posts=200)
    run("ingest", tmp_path / "case", tmp_path / "posts.csv", "--map", MAP)
    return tmp_path / "case"


def ingest_more(case, passphrase=None, code=0, seed=9):
    plant(case.parent / f"more{seed}.csv", seed=seed, posts=50)
    return run_with(passphrase, "ingest", case, case.parent / f"more{seed}.csv", "--map", MAP, code=code,
                    folder=case.parent)


def test_a_passphrase_is_set_changed_and_taken_away(case, tmp_path):
    pem = case / "vault" / "signer.pem"
    assert pem.stat().st_mode & 0o777 == 0o600 and "not protected" in run("key", "show", case).out
    run_with(PASSPHRASE, "key", "protect", case, folder=tmp_path)
    assert "ENCRYPTED" in pem.read_text(encoding="utf-8") and pem.stat().st_mode & 0o777 == 0o600
    assert "protected by a passphrase" in run("key", "show", case).out
    assert "protected by a passphrase, and none was given" in ingest_more(case, None, code=2).stderr
    assert "passphrase is wrong" in ingest_more(case, "wrong horse battery", code=2).stderr
    ingest_more(case, PASSPHRASE)
    # OpenSSL opens the key: it is nobody's hostage.
    subprocess.run(["openssl", "pkey", "-in", pem, "-passin", "pass:" + PASSPHRASE, "-noout"], check=True)
    assert "at least 8" in run_with(PASSPHRASE, "key", "protect", case, new="short", code=2, folder=tmp_path).stderr
    run_with(PASSPHRASE, "key", "protect", case, new="another battery horse", folder=tmp_path)
    ingest_more(case, PASSPHRASE, code=2, seed=10)
    ingest_more(case, "another battery horse", seed=10)
    run_with("another battery horse", "key", "rotate", case, folder=tmp_path)
    assert "ENCRYPTED" in pem.read_text(encoding="utf-8")
    run_with("another battery horse", "key", "protect", case, "--no-passphrase", folder=tmp_path)
    ingest_more(case, None, seed=11)


def test_files_that_others_can_read_are_refused(case, tmp_path):
    run_with(PASSPHRASE, "key", "protect", case, folder=tmp_path)
    secret = tmp_path / "secret"
    secret.write_text(PASSPHRASE + "\n", encoding="utf-8")
    for mode in 0o640, 0o604, 0o666:
        secret.chmod(mode)
        done = subprocess.run([COMMAND, "key", "rotate", case], capture_output=True, text=True, check=False,
                              env={**os.environ, "LOCKSTEP_PASSPHRASE_FILE": str(secret)})
        assert done.returncode == 2 and "can be read by others" in done.stderr
    pem = case / "vault" / "signer.pem"
    pem.chmod(0o644)
    assert "chmod 600" in run_with(PASSPHRASE, "key", "rotate", case, code=3, folder=tmp_path).stderr
    pem.chmod(0o600)
    # There is no way to say it on the command line.
    help_text = run("key", "--help").out
    assert not re.search(r"--pass(?!phrase)|--passphrase", help_text.replace("--no-passphrase", ""))
    run("key", "rotate", case, "--passphrase", PASSPHRASE, code=2)


def talk(arguments, lines):
    """Runs on a terminal of its own and types a line whenever a colon asks for one; all that was shown."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.pop("LOCKSTEP_PASSPHRASE_FILE", None)
        os.execv(COMMAND, [COMMAND, *map(str, arguments)])
    shown, waiting, until = b"", list(lines), time.time() + 10
    answered = 0
    while time.time() < until:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        elif waiting and len(re.findall(rb"(?:Passphrase of|New passphrase for|Once more, for) [^:]*: ",
                                        shown)) > answered:
            answered += 1
            os.write(terminal, waiting.pop(0).encode() + b"\n")
    if time.time() >= until:
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown.decode()


def test_asked_on_the_terminal_without_echo(case, tmp_path):
    code, shown = talk(["key", "protect", case], [PASSPHRASE, PASSPHRASE])
    assert code == 0 and PASSPHRASE not in shown and "New passphrase for" in shown, shown
    code, shown = talk(["key", "protect", case], [PASSPHRASE, "one thing is typed", "another is typed"])
    assert code == 2 and "two different passphrases" in shown, shown
    code, shown = talk(["key", "rotate", case], ["wrong" + "\x7f" * 5 + PASSPHRASE])
    assert code == 0 and PASSPHRASE not in shown and shown.count("Passphrase of") == 1, shown
    code, shown = talk(["key", "rotate", case], ["\x03"])
    assert code == 2 and "none was given" in shown


def test_two_people_enrol_a_third(case, tmp_path):
    for name in "ana", "radu", "ioana":
        out = run_with(PASSPHRASE, "key", "new", tmp_path / f"{name}.pem", "--name", name, folder=tmp_path).stdout
        assert out == (tmp_path / f"{name}.vkey").read_text(encoding="utf-8")
        assert (tmp_path / f"{name}.pem").stat().st_mode & 0o777 == 0o600
    run_with(PASSPHRASE, "key", "new", tmp_path / "ana.pem", code=2, folder=tmp_path)
    run("key", "enrol", case, tmp_path / "ana.vkey", "--name", "Ana Pop")
    order = tmp_path / "order.json"
    assert "--order" in run("key", "enrol", case, tmp_path / "radu.vkey", code=2).err

    def approve(who, order):
        # Another machine: nothing there but the order and the key.
        return run_with(PASSPHRASE, "key", "sign", order, "--key", tmp_path / f"{who}.pem", folder=tmp_path).stdout

    run("key", "enrol", case, tmp_path / "radu.vkey", "--order", order)
    assert "nobody yet" in run("key", "sign", order).out
    assert "1 enrolled key, and 0 signed" in run("key", "enrol", case, tmp_path / "radu.vkey", "--order", order,
                                                 code=2).err
    approve("radu", order)
    assert "and 0 signed" in run("key", "enrol", case, tmp_path / "radu.vkey", "--order", order, code=2).err
    approve("ana", order)
    run("key", "enrol", case, tmp_path / "radu.vkey", "--order", order)
    third = tmp_path / "third.json"
    run("key", "enrol", case, tmp_path / "ioana.vkey", "--order", third)
    approve("ana", third)
    assert "2 enrolled keys, and 1 signed" in run("key", "enrol", case, tmp_path / "ioana.vkey", "--order", third,
                                                  code=2).err
    assert "  ana\n  radu" in approve("radu", third)
    changed = third.read_text(encoding="utf-8").replace("enrol", "retire")
    (tmp_path / "changed.json").write_text(changed, encoding="utf-8")
    (tmp_path / "changed.json.approval").write_bytes((tmp_path / "third.json.approval").read_bytes())
    run("key", "retire", case, "ana", "--order", tmp_path / "changed.json", code=3)
    run("key", "enrol", case, tmp_path / "ioana.vkey", "--name", "Ioana", "--order", third)
    # The three are in the register; the names of the people are not in the log in the clear.
    shown = run("key", "show", case, "--json").json
    approvers = [key for key in shown["keys"] if key["role"] == "approver"]
    assert [key["person"] for key in approvers] == ["Ana Pop", None, "Ioana"]
    assert shown["approvals_needed"] == 2
    bundles = b"".join(path.read_bytes() for path in (case / "vault" / "tile").rglob("*") if path.is_file())
    assert b"ioana+" in bundles and b"Ana Pop" not in bundles and b"Ioana" not in bundles
    # A lost key is retired by the two others.
    last = tmp_path / "last.json"
    run("key", "retire", case, "ana", "--order", last)
    approve("radu", last), approve("ioana", last)
    run("key", "retire", case, "ana", "--order", last)
    assert "until" in run("key", "show", case).out
    told = run("log", case).out
    assert "the log begins, signed by lockstep/" in told and "name: Ana Pop" in told
    assert re.search(r"from here on by ioana\+\S+, as others approved", told)
    assert re.search(r"ana\+\S+ approves orders no more, as others approved", told), told


def test_a_rotated_log_still_verifies(case):
    before = (case / "vault" / "signer.vkey").read_text(encoding="utf-8")
    run("key", "rotate", case)
    after = (case / "vault" / "signer.vkey").read_text(encoding="utf-8")
    assert before != after and (case / "vault" / "retired.vkeys").read_text(encoding="utf-8") == before
    assert before.split("+")[0] == after.split("+")[0]
    ingest_more(case)
    run("verify", case)
    run("key", "show", case.parent / "none", code=4)
